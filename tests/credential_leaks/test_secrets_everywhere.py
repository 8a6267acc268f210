"""No credential is in anything that we write: logs, errors and what they carry, reprs, processes' arguments, files.

Unique secrets are planted, in every way that Docker keeps them, and pushes and pulls are made to succeed and to fail, at a
registry that knows the secrets and says them back wherever it can. Then everything is searched for them, in every form.
"""

import base64
import json
import logging
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from planted_secrets import IDENTITY, KINDS, PASSWORD, REGISTRY_TOKEN, ClientFor, Evidence, Kind, all_forms
from registry_artifacts import plugin
from registry_simulator import Answer, Exchange, Simulator

from toolhive_artifact import Digest, ToolhiveError
from toolhive_plugins_registry import Credential, Registry
from toolhive_plugins_store import Store

SECRETS = all_forms(PASSWORD, IDENTITY, REGISTRY_TOKEN, "issued-token-1", "issued-token-2")

_kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def _push_and_pull(client: Registry, simulator: Simulator, folder: Path, evidence: Evidence) -> int:
    """Push one plugin and pull another; take in what goes wrong and all that is left behind. Return how much failed."""
    failed = 0
    with Store(folder / "store") as store:
        plugin(b"mine\n").keep(store, "mine")
        digest = store.resolve("mine")
        ref = plugin(b"theirs\n").serve(simulator)
        for operation in (
            lambda: client.push(store, Digest.parse(digest), f"{simulator.host}/acme/hello:mine"),
            lambda: client.pull(store, ref),
        ):
            try:
                operation()
            except ToolhiveError as error:
                failed += 1
                evidence.take_error(error)
    evidence.take_objects()
    evidence.said += [repr(client), repr(client.__dict__)]
    return failed


@_kinds
def test_success_leaves_no_secret(
    kind: Kind, simulator: Simulator, client_for: ClientFor, tmp_path: Path, evidence: Evidence
) -> None:
    client = client_for(kind)
    assert _push_and_pull(client, simulator, tmp_path / "work", evidence) == 0
    assert evidence.log, "the log was listened to"
    assert any(request.authorization for request in simulator.seen.requests), "a secret was in use"
    assert not evidence.leaks(SECRETS)


def test_what_is_written_anywhere_is_found(tmp_path: Path, evidence: Evidence) -> None:
    """The search itself: a secret in the log, an error's argument and cause, a file, a name, a file that is gone again."""

    def found() -> int:
        return len(evidence.leaks([PASSWORD]))

    logging.getLogger("urllib3").debug("sent %s", PASSWORD)
    assert found() == 1
    evidence.log.clear()
    try:
        try:
            raise ValueError(PASSWORD)
        except ValueError as cause:
            raise OSError("no") from cause
    except OSError as error:
        evidence.take_error(error)
    assert found() >= 3
    evidence.said.clear()
    kind = type("Telling", (), {"__module__": "toolhive_plugins_registry", "__repr__": lambda _: PASSWORD})
    telling = kind()
    evidence.take_objects()
    assert found() == 1
    del telling
    evidence.said.clear()
    for place in ("work", "tmp", "home"):
        (tmp_path / place / "file").write_text(f"a {PASSWORD} b")
        assert found() == 1
        (tmp_path / place / "file").unlink()
        assert found() == 1, "the file is gone, and what was in it is known"
        evidence.said.clear()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "deep").write_text(PASSWORD)
    assert found() == 1
    evidence.said.clear()
    (tmp_path / "work" / all_forms(PASSWORD)[1]).touch()
    assert evidence.leaks(all_forms(PASSWORD))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.helper], ids=lambda kind: kind.name)
def test_helper_is_asked_without_a_secret(
    kind: Kind, simulator: Simulator, client_for: ClientFor, tmp_path: Path, evidence: Evidence
) -> None:
    _push_and_pull(client_for(kind), simulator, tmp_path / "work", evidence)
    asked = (tmp_path / "programs" / "asked").read_text()
    assert asked.startswith(f"{tmp_path}/programs/docker-credential-planted get\n{simulator.host}")
    assert not [form for form in SECRETS if form in asked]


Echo = Callable[[Exchange, str], Answer | None]


def _error(status: int) -> Echo:
    def answer(exchange: Exchange, text: str) -> Answer:
        body = json.dumps({"errors": [{"code": text, "message": f"no {text} for you"}]}).encode()
        return Answer(status, body, (("Retry-After", "0"), ("X-Echo", text)))

    return answer


def _header(name: str, form: str = "{}", status: int = 200) -> Echo:
    return lambda _, text: Answer(status, b"{}", ((name, form.format(text)),))


def _raw(form: bytes) -> Echo:
    def answer(exchange: Exchange, text: str) -> None:
        with suppress(OSError):
            exchange.raw(form.replace(b"{}", text.encode()))

    return answer


def _manifest(form: str) -> Echo:
    def answer(_: Exchange, text: str) -> Answer:
        body = form.replace("{}", json.dumps(text)[1:-1]).encode()
        return Answer(200, body, (("Content-Type", "application/vnd.oci.image.index.v1+json"),))

    return answer


_ECHOES: dict[str, Echo] = {
    "in an error of 400": _error(400),
    "in an error of 403": _error(403),
    "in an error of 404": _error(404),
    "in an error of 429": _error(429),
    "in an error of 500": _error(500),
    "in the way to log in": _header("WWW-Authenticate", 'Bearer realm="{}",service="{}"', 401),
    "in an unknown way to log in": _header("WWW-Authenticate", "Negotiate {}", 401),
    "in the path of a realm": _header("WWW-Authenticate", 'Bearer realm="http://evil.test/{}"', 401),
    "in the host of a realm": _header("WWW-Authenticate", 'Bearer realm="https://{}.test/x"', 401),
    "in a digest": _header("Docker-Content-Digest", "sha256:{}"),
    "in a media type": _header("Content-Type", "application/{}"),
    "in a content coding": _header("Content-Encoding", "{}"),
    "in the path of a redirect": _header("Location", "ftp://x/{}", 307),
    "in the scheme of a redirect": _header("Location", "{}://x/", 307),
    "in the user of a redirect": _header("Location", "http://{}@x/", 307),
    "in the query of a redirect": _header("Location", "/v2/?{}", 307),
    "in a path on the registry": _header("Location", "/v2/{}", 307),
    "in an upload's place": _header("Location", "https://x:99999/{}", 202),
    "in the length": _header("Content-Range", "bytes {}"),
    "in the reason": _raw(b"HTTP/1.1 403 {}\r\nContent-Length: 0\r\n\r\n"),
    "in place of HTTP": _raw(b"{}\r\n\r\n"),
    "in the status": _raw(b"HTTP/1.1 {}\r\n\r\n"),
    "in a malformed header": _raw(b"HTTP/1.1 200 OK\r\n{}\r\nContent-Length: 0\r\n\r\n"),
    "in the length of the body": _raw(b"HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n"),
    "in the size of a chunk": _raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}\r\n\r\n"),
    "as a document": _manifest("{}"),
    "as a key": _manifest('{"{}":1,"{}":2}'),
    "as an artifact type": _manifest('{"schemaVersion":2,"artifactType":"{}","manifests":[]}'),
    "as its own media type": _manifest('{"schemaVersion":2,"mediaType":"{}","manifests":[]}'),
    "as a digest": _manifest('{"schemaVersion":2,"manifests":[{"mediaType":"x","digest":"{}","size":1}]}'),
    "as a listed media type": _manifest(
        '{"schemaVersion":2,"manifests":[{"mediaType":"{}","digest":"sha256:' + "0" * 64 + '","size":1}]}'
    ),
}


def _forms_of(authorization: str) -> list[str]:
    """Return what a registry can say back of a login: as it came, as it reads, and as a URL has it."""
    value = authorization.partition(" ")[2]
    said = [value]
    if authorization.startswith("Basic "):
        said.append(base64.b64decode(value).decode().partition(":")[2])
    return [*said, *(quote(text, safe="") for text in said)]


@pytest.mark.parametrize("echo", _ECHOES)
@pytest.mark.parametrize("kind", KINDS[:4], ids=lambda kind: kind.name)
def test_what_a_registry_says_back_is_not_repeated(
    kind: Kind, echo: str, simulator: Simulator, client_for: ClientFor, tmp_path: Path, evidence: Evidence
) -> None:
    client = client_for(kind)
    echoed = 0

    def answer(exchange: Exchange) -> Answer | None:
        nonlocal echoed
        given = exchange.request.authorization
        if not given:
            return exchange.honest()
        echoed += 1
        forms = _forms_of(given)
        return _ECHOES[echo](exchange, forms[len(simulator.seen.requests) % len(forms)])

    simulator.poison("*", "^/v2/", answer)
    failed = _push_and_pull(client, simulator, tmp_path / "work", evidence)
    assert echoed, "the registry said it back"
    assert failed, "and that was no answer to go on with"
    assert not evidence.leaks(SECRETS)


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
@pytest.mark.parametrize("kind", KINDS[1:3], ids=lambda kind: kind.name)
def test_what_a_token_service_says_back_is_not_repeated(
    kind: Kind, status: int, simulator: Simulator, client_for: ClientFor, tmp_path: Path, evidence: Evidence
) -> None:
    client = client_for(kind)

    def answer(exchange: Exchange) -> Answer:
        given = exchange.request.authorization
        secret = IDENTITY if "identitytoken" in kind.entry else PASSWORD
        said = " ".join((exchange.request.body.decode(), secret, given, *(_forms_of(given) if given else ())))
        body = json.dumps({"errors": [{"code": "DENIED", "message": said}], "details": said}).encode()
        return Answer(status, body, (("X-Echo", said),))

    simulator.poison("*", "^/token", answer)
    assert _push_and_pull(client, simulator, tmp_path / "work", evidence) == 2
    assert not evidence.leaks(SECRETS)


@_kinds
def test_a_connection_that_breaks_leaves_no_secret(
    kind: Kind, simulator: Simulator, client_for: ClientFor, tmp_path: Path, evidence: Evidence
) -> None:
    client = client_for(kind)
    simulator.poison("*", "/blobs/", lambda exchange: exchange.reset())
    assert _push_and_pull(client, simulator, tmp_path / "work", evidence) == 2
    assert not evidence.leaks(SECRETS)


def test_no_value_prints_its_secret() -> None:
    credential = Credential("ann", PASSWORD, IDENTITY, REGISTRY_TOKEN)
    text = f"{credential} {credential!r}"
    assert not [form for form in SECRETS if form in text]
