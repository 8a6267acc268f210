"""The network is a parameter: a registry client over a transport that opens no socket."""

from collections.abc import Mapping

import pytest
from attrs import Factory, define
from client_parts import Logins
from registry_artifacts import plugin
from registry_simulator import Request, Simulator

from toolhive_plugins_registry import Registry
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.transport import Body, Response
from toolhive_plugins_registry.urls import Url
from toolhive_plugins_store import Store


@define
class MemoryTransport:
    """Hands requests to a simulator that does not listen."""

    simulator: Simulator
    seen: list[str] = Factory(list)
    closed: int = 0

    def send(
        self, method: str, url: Url, headers: Mapping[str, str], body: Body | None, deadline: Deadline
    ) -> Response:
        self.seen.append(f"{method} {url.path}")
        sent = b"".join(body.chunks()) if body is not None else b""
        query = dict(part.partition("=")[::2] for part in url.target.partition("?")[2].split("&") if part)
        query = {key: value.replace("%3A", ":").replace("%2B", "+") for key, value in query.items()}
        lower = {name.lower(): value for name, value in headers.items()}
        answer = self.simulator.answer(Request(method, url.path, query, lower, sent, "memory"))
        assert isinstance(answer.body, bytes)
        names = {name: value.replace("http://memory.test", "") for name, value in answer.headers}
        content = b"" if method == "HEAD" else answer.body
        return Response(url, answer.status, {**names, "Content-Length": str(len(answer.body))}, iter((content,)))

    def close(self) -> None:
        self.closed += 1


class _Silent(Simulator):
    @property
    def url(self) -> str:
        return "http://memory.test"


def test_push_and_pull_go_through_the_given_transport(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("a socket was opened"))
    transport = MemoryTransport(_Silent())
    artifact = plugin()
    artifact.keep(store)
    with Registry(plain_http=True, credential_store=Logins(), transport=transport) as registry:
        registry.push(store, store.resolve("hello"), "memory.test/acme/hello:v1")
        other = Store(store.root.parent / "other")
        assert registry.pull(other, "memory.test/acme/hello:v1") == artifact.digest
    assert transport.seen[-1].startswith("GET ")
    assert transport.closed == 1
