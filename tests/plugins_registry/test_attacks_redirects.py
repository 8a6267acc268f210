"""Registries that send us elsewhere, and certificates of other names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import Authority, context
from client_parts import ClientMaker, Logins
from hostile_pull import Puller
from registry_artifacts import large_plugin, plugin
from registry_simulator import Answer, Exchange, Login, Simulator, digest_of

from toolhive_plugins_interfaces import (
    RegistryAuthError,
    RegistryConnectionError,
    RegistryResponseError,
)
from toolhive_plugins_registry import Credential, Registry
from toolhive_plugins_store import Store


def to(location: str, status: int = 307) -> Answer:
    return Answer(status, headers=(("Location", location),))


@pytest.fixture
def elsewhere() -> Iterator[Simulator]:
    """Another host, as far as a client can tell: another port."""
    with Simulator() as running:
        yield running


@pytest.fixture
def public(names: None) -> Iterator[Simulator]:
    """A registry with a public name."""
    with Simulator(name="registry.example") as running:
        yield running


# Where a redirect may lead


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_layer_on_another_host_is_fetched_there_without_credentials(
    simulator: Simulator, elsewhere: Simulator, make_client: ClientMaker, logins: Logins, store: Store, status: int
) -> None:
    simulator.login = Login(scheme="basic")
    logins.known[simulator.host] = Credential(simulator.login.username, simulator.login.password)
    artifact = large_plugin()
    ref = artifact.serve(simulator)
    elsewhere.poison("GET", "/signed", lambda _: Answer(body=artifact.layers[0]))
    simulator.poison(
        "GET",
        digest_of(artifact.layers[0]),
        lambda exchange: (
            to(f"{elsewhere.url}/signed?Signature=s3cr3t", status)
            if exchange.request.authorization
            else exchange.honest()
        ),
    )
    assert make_client().pull(store, ref) == artifact.digest
    assert [request.query for request in elsewhere.seen.requests] == [{"Signature": "s3cr3t"}]
    assert not elsewhere.seen.requests[0].authorization


def test_redirect_within_the_registry_keeps_the_credentials(
    simulator: Simulator, make_client: ClientMaker, logins: Logins, store: Store
) -> None:
    simulator.login = Login(scheme="basic")
    logins.known[simulator.host] = Credential(simulator.login.username, simulator.login.password)
    artifact = plugin()
    ref = artifact.serve(simulator)
    real = f"/v2/acme/hello/manifests/{artifact.digest}"
    simulator.poison(
        "GET", "/manifests/v1", lambda exchange: to(real) if exchange.request.authorization else exchange.honest()
    )
    assert make_client().pull(store, ref) == artifact.digest


def test_way_back_from_another_host_carries_no_credentials(
    simulator: Simulator, elsewhere: Simulator, make_client: ClientMaker, logins: Logins, puller: Puller
) -> None:
    simulator.login = Login(scheme="basic")
    logins.known[simulator.host] = Credential(simulator.login.username, simulator.login.password)
    ref = plugin().serve(simulator)
    elsewhere.poison("GET", "/back", lambda _: to(f"{simulator.url}/steal"))
    simulator.poison(
        "GET", "/manifests/v1", lambda e: to(f"{elsewhere.url}/back") if e.request.authorization else e.honest()
    )
    simulator.poison("GET", "/steal", lambda _: Answer(418))
    Puller(make_client(), puller.store).refuses(ref, RegistryResponseError, "HTTP 418")
    assert [request.authorization for request in simulator.seen.matching("GET", "/steal")] == [""]


def test_challenge_from_where_a_redirect_led_is_not_answered(
    simulator: Simulator, elsewhere: Simulator, make_client: ClientMaker, logins: Logins, puller: Puller
) -> None:
    credential = Credential("ann", "hunter22hunter22")
    logins.known.update({simulator.host: credential, elsewhere.host: credential})
    ref = plugin().serve(simulator)
    elsewhere.login = Login(scheme="basic")
    simulator.poison("GET", "/manifests/v1", lambda _: to(f"{elsewhere.url}/v2/acme/hello/manifests/v1"))
    Puller(make_client(), puller.store).refuses(ref, RegistryAuthError, "HTTP 401")
    assert not logins.asked
    assert [request.authorization for request in elsewhere.seen.requests] == [""]


def test_redirect_in_a_circle_is_refused(simulator: Simulator, puller: Puller) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/v1", lambda exchange: to(exchange.request.path))
    puller.refuses(ref, RegistryResponseError, "redirected more than 5 times")
    assert len(simulator.seen.requests) == 6


def test_redirect_to_ever_new_places_is_refused(simulator: Simulator, elsewhere: Simulator, puller: Puller) -> None:
    ref = plugin().serve(simulator)

    def onward(exchange: Exchange) -> Answer:
        other = elsewhere if exchange.request.server and exchange.handler.simulator is simulator else simulator
        return to(f"{other.url}/hop{len(simulator.seen.requests)}")

    simulator.poison("GET", "/manifests/v1|/hop", onward)
    elsewhere.poison("GET", "/hop", onward)
    puller.refuses(ref, RegistryResponseError, "redirected more than 5 times")


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "file://localhost/etc/shadow",
        "ftp://ftp.example/x",
        "unix:///run/docker.sock",
        "data:application/json,{}",
        "javascript:alert(1)",
        "gopher://x.example:70/_",
        "http+unix://%2Frun%2Fdocker.sock/x",
    ],
)
def test_redirect_to_another_scheme_is_refused(simulator: Simulator, puller: Puller, location: str) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/v1", lambda _: to(location))
    puller.refuses(ref, RegistryResponseError, "of the scheme")


@pytest.mark.parametrize(
    "location",
    [
        "http://user:secret@host.example/x",
        "http://registry.example@evil.example/x",
        "http://",
        "http:///x",
        "http://ho st/x",
        "http://host:99999/x",
        "http://host:0/x",
        "http://[::1/x",
        "http://h\u00f6st/x",
        "http://host\\@evil.example/",
        "//\\evil.example/x",
        "http://%31%32%37.0.0.1/",
        "/" + "x" * 20_000,
    ],
)
def test_redirect_to_a_malformed_url_is_refused(simulator: Simulator, puller: Puller, location: str) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/v1", lambda _: to(location))
    error = puller.refuses(ref, RegistryResponseError, "named a (malformed )?URL|endless headers")
    assert "secret" not in str(error)


def test_redirect_without_a_location_is_refused(simulator: Simulator, puller: Puller) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(307))
    puller.refuses(ref, RegistryResponseError, "without a Location")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "sub.localhost",
        "LOCALHOST.",
        "127.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::]",
        "10.1.2.3",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "[fe80::1]",
        "[fd00::1]",
        "0.0.0.0",
    ],
)
def test_redirect_from_a_public_name_to_a_private_address_is_refused(
    public: Simulator, puller: Puller, host: str
) -> None:
    ref = plugin().serve(public)
    public.poison("GET", "/manifests/v1", lambda _: to(f"http://{host}:1/latest/meta-data"))
    puller.refuses(ref, RegistryResponseError, "private address")


def test_redirect_to_another_public_name_is_followed(
    public: Simulator, names: None, client: Registry, store: Store
) -> None:
    artifact = large_plugin()
    ref = artifact.serve(public)
    with Simulator(name="cdn.example") as cdn:
        cdn.poison("GET", "/blob", lambda _: Answer(body=artifact.layers[0]))
        public.poison("GET", digest_of(artifact.layers[0]), lambda _: to(f"{cdn.url}/blob"))
        assert client.pull(store, ref) == artifact.digest


def test_signature_in_a_redirect_is_not_in_the_error(
    simulator: Simulator, elsewhere: Simulator, puller: Puller
) -> None:
    artifact = large_plugin()
    ref = artifact.serve(simulator)
    simulator.poison("GET", digest_of(artifact.layers[0]), lambda _: to(f"{elsewhere.url}/x?Signature=s3cr3ts1gnature"))
    elsewhere.poison("GET", "/x", lambda _: Answer(403))
    error = puller.refuses(ref, RegistryAuthError, "HTTP 403")
    assert "s3cr3ts1gnature" not in str(error)


# TLS


@pytest.fixture(scope="session")
def right_name(authority: Authority) -> Path:
    return authority.certificate("127.0.0.1", "registry.example", "cdn.example")


def test_certificate_of_a_given_authority_is_accepted(
    authority: Authority, right_name: Path, make_client: ClientMaker, store: Store
) -> None:
    with Simulator(tls=context(right_name)) as secure:
        artifact = plugin()
        ref = artifact.serve(secure)
        assert make_client(plain_http=False, ca_file=authority.ca_file).pull(store, ref) == artifact.digest


def test_given_authority_goes_before_the_one_in_the_environment(
    authority: Authority, right_name: Path, make_client: ClientMaker, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/at/all.pem")
    with Simulator(tls=context(right_name)) as secure:
        artifact = plugin()
        ref = artifact.serve(secure)
        assert make_client(plain_http=False, ca_file=authority.ca_file).pull(store, ref) == artifact.digest


def test_certificate_of_an_authority_named_in_the_environment_is_accepted(
    authority: Authority, right_name: Path, make_client: ClientMaker, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_file))
    with Simulator(tls=context(right_name)) as secure:
        artifact = plugin()
        ref = artifact.serve(secure)
        assert make_client(plain_http=False).pull(store, ref) == artifact.digest


def test_certificate_of_another_name_is_refused(authority: Authority, make_client: ClientMaker, puller: Puller) -> None:
    with Simulator(tls=context(authority.certificate("other.example"))) as secure:
        ref = plugin().serve(secure)
        client = make_client(plain_http=False, ca_file=authority.ca_file)
        Puller(client, puller.store).refuses(ref, RegistryConnectionError, "certificate is not trusted.*mismatch")
        assert not secure.seen.requests


def test_certificate_of_an_unknown_authority_is_refused(
    right_name: Path, make_client: ClientMaker, puller: Puller, fake_clock: object
) -> None:
    with Simulator(tls=context(right_name)) as secure:
        ref = plugin().serve(secure)
        client = make_client(plain_http=False)
        Puller(client, puller.store).refuses(ref, RegistryConnectionError, "certificate is not trusted")
        assert not secure.seen.requests


def test_authority_file_that_is_missing_is_named(make_client: ClientMaker, puller: Puller, tmp_path: Path) -> None:
    client = make_client(plain_http=False, ca_file=tmp_path / "absent.pem")
    Puller(client, puller.store).refuses("127.0.0.1:1/acme/hello:v1", RegistryConnectionError, r"absent\.pem")


def test_registry_that_speaks_plain_http_is_not_spoken_to_in_plain_http(
    simulator: Simulator, make_client: ClientMaker, puller: Puller
) -> None:
    ref = plugin().serve(simulator)
    client = make_client(plain_http=False)
    Puller(client, puller.store).refuses(ref, RegistryConnectionError, "TLS failed|broke")
    assert not simulator.seen.requests


def test_registry_that_speaks_tls_is_not_understood_in_plain_http(
    authority: Authority, right_name: Path, puller: Puller
) -> None:
    with Simulator(tls=context(right_name)) as secure:
        ref = plugin().serve(secure)
        puller.refuses(ref, (RegistryConnectionError, RegistryResponseError), "broke|HTTP")


def test_redirect_from_tls_to_plain_http_is_refused(
    authority: Authority, right_name: Path, simulator: Simulator, make_client: ClientMaker, puller: Puller
) -> None:
    with Simulator(tls=context(right_name)) as secure:
        artifact = large_plugin()
        ref = artifact.serve(secure)
        artifact.serve(simulator)
        layer = digest_of(artifact.layers[0])
        secure.poison("GET", layer, lambda _: to(f"{simulator.url}/v2/acme/hello/blobs/{layer}"))
        client = make_client(plain_http=False, ca_file=authority.ca_file)
        Puller(client, puller.store).refuses(ref, RegistryResponseError, "leads to plain HTTP")
        assert not simulator.seen.requests


def test_redirect_between_tls_hosts_is_followed(
    authority: Authority, right_name: Path, names: None, make_client: ClientMaker, store: Store
) -> None:
    with (
        Simulator(name="registry.example", tls=context(right_name)) as secure,
        Simulator(name="cdn.example", tls=context(right_name)) as cdn,
    ):
        artifact = large_plugin()
        ref = artifact.serve(secure)
        cdn.poison("GET", "/blob", lambda _: Answer(body=artifact.layers[0]))
        secure.poison("GET", digest_of(artifact.layers[0]), lambda _: to(f"{cdn.url}/blob"))
        client = make_client(plain_http=False, ca_file=authority.ca_file)
        assert client.pull(store, ref) == artifact.digest


def test_connection_that_breaks_in_the_tls_handshake_is_given_up(
    simulator: Simulator, make_client: ClientMaker, puller: Puller
) -> None:
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def hang_up() -> None:
            for _ in range(3):
                connection, _address = listener.accept()
                connection.recv(100)
                connection.close()

        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        client = make_client(plain_http=False)
        Puller(client, puller.store).refuses(
            f"127.0.0.1:{port}/acme/hello:v1", RegistryConnectionError, r"TLS failed|broke"
        )
        thread.join(5)
