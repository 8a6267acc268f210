"""Registries and token services that are after credentials, or will not be satisfied."""

import gc
import json
import logging
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from certificates import Authority, context
from client_parts import ClientMaker, FakeClock, Logins
from hostile_pull import Puller
from registry_artifacts import plugin
from registry_simulator import Answer, Exchange, Login, Simulator, basic, for_ever

from toolhive_artifact import ToolhiveError
from toolhive_plugins_interfaces import (
    CredentialError,
    RegistryAuthError,
    RegistryConnectionError,
    RegistryError,
    RegistryResponseError,
)
from toolhive_plugins_registry import Credential, Registry
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.http_transport import HttpTransport
from toolhive_plugins_registry.transport import Body, Response
from toolhive_plugins_registry.trust import Trust
from toolhive_plugins_registry.urls import Url
from toolhive_plugins_store import Store

PASSWORD = "correct-horse-battery"
IDENTITY = "identity-token-of-ann"


@pytest.fixture
def private(simulator: Simulator, logins: Logins) -> Simulator:
    """A registry that wants a token, and a user who may have one."""
    simulator.login = Login()
    logins.known[simulator.host] = Credential("ann", PASSWORD)
    return simulator


@pytest.fixture
def elsewhere() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


def challenge(value: str, status: int = 401) -> Answer:
    return Answer(status, b"{}", (("WWW-Authenticate", value),))


# Logging in as it should be


def test_anonymous_pull_gets_an_anonymous_token(simulator: Simulator, client: Registry, store: Store) -> None:
    simulator.login = Login()
    artifact = plugin()
    assert client.pull(store, artifact.serve(simulator)) == artifact.digest
    (asked,) = simulator.seen.matching("GET", "/token")
    assert asked.query == {"service": "registry.test", "scope": "repository:acme/hello:pull"}
    assert not asked.authorization


def test_password_is_exchanged_for_a_token_once(private: Simulator, client: Registry, store: Store) -> None:
    artifact = plugin()
    assert client.pull(store, artifact.serve(private)) == artifact.digest
    (asked,) = private.seen.matching("GET", "/token")
    assert asked.authorization == f"Basic {basic('ann', PASSWORD)}"
    others = [request.authorization for request in private.seen.requests if request.path != "/token"]
    assert others[0] == ""
    assert set(others[1:]) == {"Bearer issued-token-1"}


def test_push_asks_for_the_right_to_push(private: Simulator, client: Registry, store: Store) -> None:
    artifact = plugin()
    artifact.keep(store)
    client.push(store, artifact.digest, f"{private.host}/acme/hello:v1")  # type: ignore[arg-type]  # any digest text
    scopes = [request.query["scope"] for request in private.seen.matching("GET", "/token")]
    assert set(scopes) == {"repository:acme/hello:pull,push"}


def test_identity_token_is_exchanged_by_form(
    private: Simulator, logins: Logins, client: Registry, store: Store
) -> None:
    logins.known[private.host] = Credential(refresh_token=IDENTITY)
    artifact = plugin()
    assert client.pull(store, artifact.serve(private)) == artifact.digest
    (asked,) = private.seen.matching("POST", "/token")
    assert b"grant_type=refresh_token" in asked.body
    assert not asked.query


def test_registry_token_is_sent_as_it_is(private: Simulator, logins: Logins, client: Registry, store: Store) -> None:
    assert private.login is not None
    private.login.tokens["ready-made-token"] = "repository:acme/hello:pull"
    logins.known[private.host] = Credential(access_token="ready-made-token")
    artifact = plugin()
    assert client.pull(store, artifact.serve(private)) == artifact.digest
    assert not private.seen.matching("GET", "/token")


def test_registry_token_that_is_refused_is_not_sent_again(private: Simulator, logins: Logins, puller: Puller) -> None:
    logins.known[private.host] = Credential(access_token="stale-token-stale")
    error = puller.refuses(plugin().serve(private), RegistryAuthError, "did not accept the registry token")
    assert "stale-token" not in str(error)


def test_basic_login_is_sent_after_it_was_asked_for(private: Simulator, client: Registry, store: Store) -> None:
    private.login = Login(scheme="basic")
    artifact = plugin()
    assert client.pull(store, artifact.serve(private)) == artifact.digest
    authorizations = [request.authorization for request in private.seen.requests]
    assert authorizations[0] == ""
    assert set(authorizations[1:]) == {f"Basic {basic('ann', PASSWORD)}"}


def test_bearer_is_preferred_where_both_are_offered(private: Simulator, client: Registry, store: Store) -> None:
    artifact = plugin()
    ref = artifact.serve(private)
    both = f'Basic realm="x, y", Bearer realm="{private.url}/token",service="registry.test"'
    private.poison("GET", "/manifests/v1", lambda _: challenge(both), times=1)
    assert client.pull(store, ref) == artifact.digest
    assert len(private.seen.matching("GET", "/token")) == 1


def test_login_of_one_repository_serves_the_next_without_a_challenge(
    private: Simulator, client: Registry, store: Store
) -> None:
    client.pull(store, plugin().serve(private, "acme/one"))
    before = len(private.seen.requests)
    client.pull(store, plugin(b"two\n").serve(private, "acme/two"))
    after = private.seen.requests[before:]
    assert after[0].path == "/token"
    assert all(request.authorization for request in after)


def test_token_that_expires_is_replaced_before_it_does(
    private: Simulator, client: Registry, store: Store, fake_clock: FakeClock
) -> None:
    assert private.login is not None
    private.login.expires_in = 300
    client.pull(store, plugin().serve(private))
    fake_clock.advance(280)
    client.pull(store, plugin(b"two\n").serve(private, tag="v2"))
    assert private.login.issued == 2
    assert len([r for r in private.seen.requests if not r.authorization]) == 1


def test_token_that_stops_working_in_the_middle_of_a_pull_is_replaced(
    private: Simulator, client: Registry, store: Store
) -> None:
    assert private.login is not None
    artifact = plugin()
    ref = artifact.serve(private)
    tokens = private.login.tokens

    def revoke(exchange: Exchange) -> Answer:
        tokens.clear()
        return exchange.honest()

    private.poison("GET", "/blobs/", revoke, times=1)
    assert client.pull(store, ref) == artifact.digest
    assert private.login.issued == 2


# Those who will not be satisfied


def test_registry_that_asks_for_a_login_none_is_known_for_is_named(simulator: Simulator, puller: Puller) -> None:
    simulator.login = Login(scheme="basic")
    puller.refuses(plugin().serve(simulator), RegistryAuthError, "no credentials are known for it.*Log in")


def test_wrong_password_is_not_tried_again(private: Simulator, logins: Logins, puller: Puller) -> None:
    private.login = Login(scheme="basic")
    logins.known[private.host] = Credential("ann", "wrong-password")
    error = puller.refuses(plugin().serve(private), RegistryAuthError, "did not accept the credentials")
    assert "wrong-password" not in str(error)
    assert len(private.seen.requests) == 2


def test_wrong_password_is_forgotten_so_that_a_new_login_counts(
    private: Simulator, logins: Logins, puller: Puller
) -> None:
    private.login = Login(scheme="basic")
    logins.known[private.host] = Credential("ann", "wrong-password")
    artifact = plugin()
    ref = artifact.serve(private)
    puller.refuses(ref, RegistryAuthError, "did not accept")
    logins.known[private.host] = Credential("ann", PASSWORD)
    assert puller.client.pull(puller.store, ref) == artifact.digest


def test_registry_that_never_accepts_a_token_is_given_up(private: Simulator, puller: Puller) -> None:
    ref = plugin().serve(private)
    bearer = f'Bearer realm="{private.url}/token",service="registry.test"'
    private.poison("GET", "/manifests/", lambda _: challenge(bearer))
    puller.refuses(ref, RegistryAuthError, "HTTP 401")
    assert len(private.seen.matching("GET", "/manifests/")) <= 3
    assert len(private.seen.matching("GET", "/token")) <= 3


def test_registry_that_asks_for_ever_new_scopes_is_given_up(private: Simulator, puller: Puller) -> None:
    ref = plugin().serve(private)

    def more(exchange: Exchange) -> Answer:
        number = len(private.seen.requests)
        return challenge(f'Bearer realm="{private.url}/token",scope="repository:other{number}:pull"')

    private.poison("GET", "/manifests/", more)
    puller.refuses(ref, RegistryAuthError, "HTTP 401")
    assert len(private.seen.matching("GET", "/manifests/")) <= 3


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Negotiate",
        "Digest realm=x",
        "Bearer",
        'Bearer realm=""',
        "Bearer realm",
        '"',
        "," * 5000,
        "Bearer " + "x=y," * 5000,
    ],
)
def test_challenge_that_cannot_be_answered_is_refused(private: Simulator, puller: Puller, value: str) -> None:
    ref = plugin().serve(private)
    private.poison("GET", "/manifests/", lambda _: challenge(value))
    puller.refuses(ref, RegistryAuthError, "not supported")


@pytest.mark.parametrize("status", [401, 403])
def test_refusal_names_no_secret_that_the_registry_quotes(
    private: Simulator, puller: Puller, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ref = plugin().serve(private)

    def quote(exchange: Exchange) -> Answer:
        if not exchange.request.authorization:
            return exchange.honest()
        text = f"no: {exchange.request.authorization} {PASSWORD} {basic('ann', PASSWORD)}"
        body = json.dumps({"errors": [{"code": "DENIED", "message": text}]}).encode()
        return Answer(status if status == 403 else 418, body, (("X-Malformed\x0b", text),))

    private.poison("GET", "/manifests/", quote)
    error = puller.refuses(ref, RegistryError, "HTTP 4")
    said = str(error) + repr(error) + "".join(traceback.format_exception(error)) + caplog.text
    assert "issued-token" not in said
    assert PASSWORD not in said
    assert basic("ann", PASSWORD) not in said


# Token services


def test_credentials_are_not_sent_to_a_token_service_on_another_host(
    private: Simulator, names: None, puller: Puller, logins: Logins
) -> None:
    with Simulator(name="evil.example", login=private.login) as evil:
        assert private.login is not None
        private.login.realm = f"{evil.url}/token"
        error = puller.refuses(
            plugin().serve(private), RegistryAuthError, "token service on another host, evil.example"
        )
        assert error.hint == "trust-token-host"
        assert not evil.seen.requests


class Rerouted:
    """The network, but what goes to port 443 of any host reaches one of the tests' own, which cannot have that port."""

    def __init__(self, port: int, ca_file: Path) -> None:
        self._port = port
        self._network = HttpTransport(trust=Trust(ca_file))

    def send(
        self, method: str, url: Url, headers: Mapping[str, str], body: Body | None, deadline: Deadline
    ) -> Response:
        port = self._port if url.port == 443 else url.port
        response = self._network.send(method, Url(url.scheme, url.host, port, url.target), headers, body, deadline)
        response.url = url
        return response

    def close(self) -> None:
        self._network.close()


@pytest.mark.parametrize("realm_host", ["auth.acme.example", "acme.example", "registry.acme.example"])
def test_credentials_are_sent_to_port_443_of_the_same_domain(
    names: None, make_client: ClientMaker, logins: Logins, store: Store, authority: Authority, realm_host: str
) -> None:
    tls = context(authority.certificate("registry.acme.example", realm_host))
    with (
        Simulator(name="registry.acme.example", login=Login(), tls=tls) as registry,
        Simulator(name=realm_host, login=registry.login, tls=tls) as tokens,
    ):
        assert registry.login is not None
        registry.login.realm = f"https://{realm_host}/token"
        logins.known[registry.host] = Credential("ann", PASSWORD)
        client = make_client(
            plain_http=False, transport=Rerouted(int(tokens.url.rpartition(":")[2]), authority.ca_file)
        )
        artifact = plugin()
        assert client.pull(store, artifact.serve(registry)) == artifact.digest
        assert tokens.seen.requests[0].authorization


@pytest.mark.parametrize("realm_host", ["auth.acme.example", "registry.acme.example"])
def test_credentials_are_not_sent_to_another_port_of_the_same_domain(
    names: None, puller: Puller, logins: Logins, realm_host: str
) -> None:
    with (
        Simulator(name="registry.acme.example", login=Login()) as registry,
        Simulator(name=realm_host, login=registry.login) as tokens,
    ):
        assert registry.login is not None
        registry.login.realm = f"{tokens.url}/token"
        logins.known[registry.host] = Credential("ann", PASSWORD)
        error = puller.refuses(plugin().serve(registry), RegistryAuthError, f"another host, {tokens.host}")
        assert error.hint == "trust-token-host"
        assert not tokens.seen.requests


@pytest.mark.parametrize("realm_host", ["evilacme.example", "acme.example.evil.example", "example"])
def test_credentials_are_not_sent_to_a_domain_that_only_looks_the_same(
    monkeypatch: pytest.MonkeyPatch, names: None, puller: Puller, logins: Logins, realm_host: str
) -> None:
    with Simulator(name="registry.acme.example", login=Login()) as registry:
        assert registry.login is not None
        registry.login.realm = f"http://{realm_host}:1/token"
        logins.known[registry.host] = Credential("ann", PASSWORD)
        puller.refuses(plugin().serve(registry), RegistryAuthError, "token service on another host")


def test_credentials_are_sent_to_a_token_service_that_was_named(
    private: Simulator, names: None, make_client: ClientMaker, store: Store
) -> None:
    with Simulator(name="sso.example", login=private.login) as sso:
        assert private.login is not None
        private.login.realm = f"{sso.url}/token"
        artifact = plugin()
        client = make_client(token_hosts=["SSO.example"])
        assert client.pull(store, artifact.serve(private)) == artifact.digest


def test_anonymous_token_may_come_from_another_host(
    simulator: Simulator, names: None, client: Registry, store: Store
) -> None:
    simulator.login = Login()
    with Simulator(name="tokens.example", login=simulator.login) as tokens:
        simulator.login.realm = f"{tokens.url}/token"
        artifact = plugin()
        assert client.pull(store, artifact.serve(simulator)) == artifact.digest
        assert not tokens.seen.requests[0].authorization


@pytest.mark.parametrize(
    "realm",
    ["file:///etc/passwd", "ftp://x.example/", "http://user:pw@x.example/", "http://x y/", "http://[/", "x" * 17_000],
)
def test_realm_that_is_no_web_address_is_refused(private: Simulator, puller: Puller, realm: str) -> None:
    ref = plugin().serve(private)
    private.poison("GET", "/manifests/", lambda _: challenge(f'Bearer realm="{realm}"'))
    puller.refuses(ref, (RegistryResponseError, RegistryAuthError), "URL|not supported")


def test_realm_in_plain_http_is_refused_unless_plain_http_was_asked_for(
    puller: Puller, make_client: ClientMaker, logins: Logins, authority: Authority, tmp_path: Path
) -> None:
    with Simulator(tls=context(authority.certificate("127.0.0.1"))) as secure:
        logins.known[secure.host] = Credential("ann", PASSWORD)
        secure.login = Login(realm=f"http://{secure.host}/token")
        client = make_client(plain_http=False, ca_file=authority.ca_file)
        Puller(client, puller.store).refuses(plugin().serve(secure), RegistryResponseError, "leads to plain HTTP")


@pytest.mark.parametrize("credential", [Credential("ann", PASSWORD), Credential(refresh_token=IDENTITY)])
@pytest.mark.parametrize("status", [302, 307, 308])
def test_token_service_that_redirects_to_another_host_gets_nobody_there(
    private: Simulator, elsewhere: Simulator, logins: Logins, puller: Puller, credential: Credential, status: int
) -> None:
    logins.known[private.host] = credential
    ref = plugin().serve(private)
    private.poison("*", "/token", lambda _: Answer(status, headers=(("Location", f"{elsewhere.url}/token"),)))
    puller.refuses(ref, RegistryAuthError, "redirects to another host|HTTP 302")
    assert not elsewhere.seen.requests


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"token":""}',
        b'{"token":7}',
        b'{"token":"a b"}',
        b'{"token":"a\\r\\nX-Injected: yes"}',
        b'{"token":"\\u00e9"}',
        b'{"token":"' + b"x" * 70_000 + b'"}',
        b'{"token":"' + b"x" * 200_000 + b'"}',
        b"[" * 100_000,
    ],
)
def test_token_that_cannot_be_used_is_refused(private: Simulator, puller: Puller, body: bytes) -> None:
    ref = plugin().serve(private)
    private.poison("GET", "/token", lambda _: Answer(body=body))
    puller.refuses(ref, RegistryAuthError, "without a usable token")


def test_token_answer_without_end_is_cut_off(private: Simulator, puller: Puller) -> None:
    ref = plugin().serve(private)
    private.poison("GET", "/token", lambda _: Answer(body=for_ever(b" " * 1000, private.stopping)))
    puller.refuses(ref, RegistryAuthError, "without a usable token")


@pytest.mark.parametrize("life", [b"-5", b"0", b'"x"', b"1e400", b"99999999999999999999", b"null"])
def test_nonsense_in_a_tokens_life_is_ignored(private: Simulator, client: Registry, store: Store, life: bytes) -> None:
    assert private.login is not None
    private.login.tokens["good-token"] = "repository:acme/hello:pull"
    private.poison("GET", "/token", lambda _: Answer(body=b'{"token":"good-token","expires_in":' + life + b"}"))
    artifact = plugin()
    assert client.pull(store, artifact.serve(private)) == artifact.digest


@pytest.mark.parametrize("status", [400, 401, 403])
def test_token_service_that_refuses_is_not_asked_again(private: Simulator, puller: Puller, status: int) -> None:
    ref = plugin().serve(private)
    private.poison("GET", "/token", lambda _: Answer(status, PASSWORD.encode()))
    error = puller.refuses(ref, RegistryAuthError, f"refused with HTTP {status} .asked as ann")
    assert PASSWORD not in str(error)
    assert len(private.seen.matching("GET", "/token")) == 1


def test_token_service_in_trouble_is_waited_for(
    private: Simulator, client: Registry, store: Store, fake_clock: FakeClock
) -> None:
    private.poison("GET", "/token", lambda _: Answer(503), times=2)
    artifact = plugin()
    assert client.pull(store, artifact.serve(private)) == artifact.digest
    assert len(fake_clock.waits) == 2


def test_token_service_in_trouble_for_ever_is_given_up(private: Simulator, puller: Puller) -> None:
    ref = plugin().serve(private)
    private.poison("GET", "/token", lambda _: Answer(500))
    puller.refuses(ref, RegistryResponseError, "HTTP 500")
    assert len(private.seen.matching("GET", "/token")) == 3


def test_token_service_that_hangs_up_is_given_up(private: Simulator, puller: Puller) -> None:
    ref = plugin().serve(private)
    private.poison("GET", "/token", lambda exchange: exchange.reset())
    puller.refuses(ref, RegistryConnectionError, "broke")


# Other ways to lose a secret


def test_netrc_is_not_looked_into(
    simulator: Simulator, client: Registry, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password from-netrc\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    client.pull(store, plugin().serve(simulator))
    assert not [request for request in simulator.seen.requests if request.authorization]


def test_credentials_are_not_asked_for_unless_the_registry_asks(
    simulator: Simulator, client: Registry, store: Store, logins: Logins
) -> None:
    logins.known[simulator.host] = Credential("ann", PASSWORD)
    client.pull(store, plugin().serve(simulator))
    assert not logins.asked


def test_credential_store_that_fails_is_named(simulator: Simulator, make_client: ClientMaker, puller: Puller) -> None:
    class Broken:
        def get(self, registry_host: str) -> Credential:
            raise CredentialError("the keychain is locked", where=registry_host)

    simulator.login = Login()
    client = make_client(credential_store=Broken())
    Puller(client, puller.store).refuses(plugin().serve(simulator), CredentialError, "keychain is locked")


def test_no_secret_is_in_any_repr_or_log(
    private: Simulator, client: Registry, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client.pull(store, plugin().serve(private))
    ours = [o for o in gc.get_objects() if str(type(o).__module__).startswith("toolhive_plugins_registry")]
    said = "".join(repr(thing) for thing in ours) + caplog.text + repr(client)
    assert "issued-token" not in said
    assert PASSWORD not in said
    assert basic("ann", PASSWORD) not in said


def test_secrets_are_not_in_the_store(private: Simulator, client: Registry, store: Store) -> None:
    client.pull(store, plugin().serve(private))
    for path in store.root.rglob("*"):
        if path.is_file():
            assert b"issued-token" not in path.read_bytes()
            assert PASSWORD.encode() not in path.read_bytes()


def test_signed_urls_are_not_in_the_log(
    simulator: Simulator, elsewhere: Simulator, client: Registry, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    artifact = plugin()
    ref = artifact.serve(simulator)
    elsewhere.poison("GET", "/m", lambda _: Answer(body=artifact.root, headers=(("Content-Type", artifact.root_type),)))
    simulator.poison(
        "GET",
        "/manifests/v1",
        lambda _: Answer(307, headers=(("Location", f"{elsewhere.url}/m?Signature=s3cr3ts1gn"),)),
    )
    client.pull(store, ref)
    assert "urllib3" in caplog.text or not caplog.records
    assert "s3cr3ts1gn" not in caplog.text


def test_errors_of_ours_are_all_of_one_family() -> None:
    for error in (RegistryAuthError, RegistryConnectionError, RegistryResponseError, CredentialError):
        assert issubclass(error, ToolhiveError)
