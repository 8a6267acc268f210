"""Targets: what registries, token services, credential helpers and Docker's configuration say, and references.

No answer comes from a network here. A planted secret must never come back in a message.
"""

import contextlib
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Final, cast

from fuzz_laws import attempt, check_error, text_of
from urllib3.util import parse_url

from toolhive_artifact import Digest, ToolhiveError
from toolhive_plugins_interfaces import CredentialError, RegistryAuthError
from toolhive_plugins_registry import Credential, DockerCredentialStore, RetryPolicy, Timeouts, parse_reference
from toolhive_plugins_registry.addresses import is_loopback, is_private
from toolhive_plugins_registry.authentication import RegistryCredential
from toolhive_plugins_registry.challenges import parse_challenges
from toolhive_plugins_registry.client import Client
from toolhive_plugins_registry.credential_helpers import parse_answer as parse_helper_answer
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.policies import Clock
from toolhive_plugins_registry.proxies import Proxies
from toolhive_plugins_registry.redaction import Secrets
from toolhive_plugins_registry.redirect_policy import RedirectPolicy
from toolhive_plugins_registry.remote import Actions, RemoteRepository
from toolhive_plugins_registry.tokens import TokenRequest, TokenService, merge_scopes
from toolhive_plugins_registry.transport import Body, Response, Transport
from toolhive_plugins_registry.urls import Url, registry_url

_SECRET: Final = "s3cret-planted-for-the-test"
_HOSTS: Final = ("registry.example", "ghcr.io", "localhost:5000", "registry-1.docker.io", "x")


def challenge(data: bytes) -> None:
    """Challenges have plain schemes; their scopes merge into no more than was there."""
    text = data.decode("latin-1")
    challenges = parse_challenges(text)
    assert len(challenges) <= len(text)
    for found in challenges:
        assert found.scheme == found.scheme.lower()
        assert found.scheme.isascii()
        scopes = found.parameters.get("scope", "").split()
        merged = merge_scopes(scopes)
        assert merge_scopes(merged) == merged
        assert sum(map(len, merged)) <= sum(map(len, scopes))
        follow(found.parameters.get("realm", "").encode("latin-1"))


def follow(data: bytes) -> None:
    """A URL that is followed is one that the HTTP library understands as the very same host, and keeps to the policy."""
    for plain_http in (True, False):
        policy = RedirectPolicy(registry_url("registry.example", plain_http=plain_http), plain_http)
        with contextlib.suppress(ToolhiveError):
            url = policy.follow(data.decode("latin-1"), policy.home.at("/v2/acme/x/blobs/uploads/"), "a redirect")
            assert url.scheme == "https" or plain_http
            assert not is_private(url.host)
            theirs = parse_url(str(url))
            assert (theirs.host or "").lower() == url.host
            assert (theirs.port or {"http": 80, "https": 443}[url.scheme]) == url.port
            assert theirs.auth is None
            assert policy.follow(str(url), policy.home, "a redirect") == url
            if policy.may_send_credentials(url):
                assert url.host == "registry.example" or (url.port == 443 and url.host.endswith(".registry.example"))


def refusal(data: bytes) -> None:
    """Status, Retry-After and body of an error, each on its line, become a message that says nothing secret."""
    status, _, rest = data.partition(b"\n")
    retry_after, _, body = rest.partition(b"\n")
    number = 400 + (int(status[:3]) if status[:3].isdigit() else 0) % 200
    secrets = Secrets()
    secrets.add_credential(Credential("ann", _SECRET))
    said = _response(number, {"Retry-After": retry_after.decode("latin-1")}, body)
    try:
        _client(secrets).check(said, 200)
    except ToolhiveError as error:
        check_error(error)
        assert _SECRET not in str(error)
        retry = getattr(error, "retry_after", None)
        assert retry is None or retry >= 0
    else:
        raise AssertionError("an error was taken for a success")


def _client(secrets: Secrets) -> Client:
    policy = RedirectPolicy(registry_url("registry.example", plain_http=False), plain_http=False)
    nobody = cast("Transport", None)
    credential = RegistryCredential(_no_store, "x", secrets)
    return Client(nobody, policy, credential, secrets, Timeouts(), RetryPolicy(), Clock())


def _response(status: int, headers: dict[str, str], body: bytes) -> Response:
    return Response(registry_url("registry.example", plain_http=False), status, headers, iter((body,)))


def _no_store() -> DockerCredentialStore:
    return DockerCredentialStore(os.devnull)


def token_answer(data: bytes) -> None:
    """A token that is taken can stand in a header, and lives at least as long as the specification says."""
    policy = RedirectPolicy(registry_url("registry.example", plain_http=False), plain_http=False)
    said = _response(200, {}, data)
    service = TokenService(lambda *_: said, policy, Secrets(), lambda: 0.0)
    request = TokenRequest(policy.home.at("/token"), "registry", ("repository:x:pull",))
    token = attempt(lambda: service.fetch(request, Credential(), Deadline(1.0, Clock())))
    if isinstance(token, type):
        assert token is RegistryAuthError
        return
    assert token.value.isascii()
    assert not any(char.isspace() for char in token.value)
    assert token.expires_at >= 54.0


def reference(data: bytes) -> None:
    """A reference prints as something that reads as the same, and names a host that can be asked, or is refused."""
    found = attempt(lambda: parse_reference(text_of(data)))
    if isinstance(found, type):
        return
    assert parse_reference(str(found)) == found
    for plain_http in (True, False):
        url = attempt(partial(registry_url, found.host, plain_http=plain_http))
        if not isinstance(url, type):
            assert url.target == "/"
            theirs = parse_url(str(url))
            assert (theirs.host or "").lower() == url.host


def docker_config(data: bytes) -> None:
    """Docker's configuration: what cannot be read is a CredentialError, and no word of the file is in it."""
    path = _config_file()
    path.write_bytes(data)
    try:
        store = DockerCredentialStore(path, helper_timeout=0.01)
        for host in _HOSTS:
            with contextlib.suppress(CredentialError):
                credential = store.get(host)
                assert _SECRET not in repr(credential)
                assert bool(credential) in (True, False)
    except CredentialError as error:
        check_error(error)
        assert _SECRET not in str(error)


@cache
def _config_file(_thread: int = threading.get_ident()) -> Path:
    memory = Path("/dev/shm")
    folder = tempfile.mkdtemp(prefix="fuzz-", dir=memory if memory.is_dir() else None)
    return Path(folder, "config.json")


def helper_answer(data: bytes) -> None:
    """A helper's answer is a credential, or an error that says nothing of it."""
    try:
        answer = parse_helper_answer("test", data)
    except CredentialError as error:
        assert error.problem == "answered with something other than a credential"
        assert error.__context__ is None
        return
    assert isinstance(answer.username, str)
    assert isinstance(answer.secret, str)


def tag_list(data: bytes) -> None:
    """A page of tags, and on the first line where the next is: valid tags once each, from this registry alone, or an error."""
    link, _, body = data.partition(b"\n")
    asked: list[Url] = []

    def send(method: str, url: Url, headers: Mapping[str, str], sent: Body | None, deadline: Deadline) -> Response:
        asked.append(url)
        more = {"Link": link.decode("latin-1")} if len(asked) == 1 else {}
        return Response(url, 200, more, iter((body,)))

    repository = _repository(send)
    tags = attempt(repository.tags)
    assert {url.origin for url in asked} == {repository_url.origin}
    if not isinstance(tags, type):
        assert len(tags) == len(set(tags))
        for tag in tags:
            assert parse_reference(f"registry.example/x:{tag}").reference == tag


def referrer_list(data: bytes) -> None:
    """Referrers have digests and sizes, and are found by their type, or there is an error."""

    def send(method: str, url: Url, headers: Mapping[str, str], sent: Body | None, deadline: Deadline) -> Response:
        return Response(url, 200, {}, iter((data,)))

    found = attempt(lambda: _repository(send).referrers(Digest.of(b"")))
    if isinstance(found, type):
        return
    for entry in found:
        assert Digest.parse(entry.digest) == entry.digest
        assert entry.size >= 0
        assert entry in _repository(send).referrers(Digest.of(b""), entry.artifact_type)


def proxy_variables(data: bytes) -> None:
    """Three lines, `https_proxy`, `no_proxy` and a host: a proxy whose URL shows no password, none, or an error without one."""
    proxy, no_proxy, host = (*text_of(data).split("\n", 2), "", "")[:3]
    environment = {"https_proxy": proxy, "no_proxy": no_proxy}
    url = attempt(lambda: registry_url(host, plain_http=False))
    if isinstance(url, type):
        return
    userinfo = proxy.rpartition("@")[0].rpartition("://")[2]
    try:
        found = Proxies(environment).proxy_for(url)
    except ToolhiveError as error:
        check_error(error)
        assert len(userinfo) < 8 or userinfo not in str(error)
        return
    if found is not None:
        assert not is_private(url.host) or not is_loopback(url.host)
        assert "@" not in found.url
        assert 0 < found.port < 65536
        assert all("\r" not in text and "\n" not in text for text in found.headers.values())


class _Sender:
    """A transport that answers by a function."""

    def __init__(self, send: Callable[..., Response]) -> None:
        self.send = send

    def close(self) -> None:
        """Nothing to close."""


def _repository(send: Callable[..., Response]) -> RemoteRepository:
    secrets = Secrets()
    policy = RedirectPolicy(repository_url, plain_http=False)
    credential = RegistryCredential(_no_store, "x", secrets)
    client = Client(_Sender(send), policy, credential, secrets, Timeouts(), RetryPolicy(attempts=1), Clock())
    return RemoteRepository(client, parse_reference("registry.example/x"), Actions.PULL, Deadline(60.0, Clock()))


repository_url: Final = registry_url("registry.example", plain_http=False)
