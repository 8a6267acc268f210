"""Registries, and what is in front of them, that are odd but not hostile."""

import socket

import pytest
from client_parts import ClientMaker, Logins
from hostile_pull import Puller
from registry_artifacts import large_plugin, plugin
from registry_simulator import Answer, Exchange, Login, Simulator, digest_of

from toolhive_plugins_interfaces import RegistryAuthError, RegistryConnectionError, RegistryError, RegistryResponseError
from toolhive_plugins_registry import Credential, Registry
from toolhive_plugins_store import Store

PAGE = Answer(body=b"<html>log in</html>", headers=(("Content-Type", "text/html; charset=utf-8"),))


def to(location: str, status: int = 307) -> Answer:
    return Answer(status, headers=(("Location", location),))


@pytest.fixture
def kept(store: Store) -> Store:
    plugin().keep(store)
    return store


def push(client: Registry, store: Store, simulator: Simulator) -> None:
    client.push(store, store.resolve("hello"), f"{simulator.host}/acme/hello:v1")


# Login pages and gateways


def test_login_page_that_a_redirect_leads_to_is_named_with_both_urls(
    simulator: Simulator, names: None, puller: Puller
) -> None:
    with Simulator(name="login.example") as sso:
        ref = plugin().serve(simulator)
        sso.poison("GET", "/", lambda _: PAGE)
        simulator.poison("GET", "/manifests/", lambda _: to(f"{sso.url}/sso?token=secret", 302))
        error = puller.refuses(ref, RegistryResponseError, f"from {sso.url}/sso: a login page or a gateway answered")
    assert error.where == f"{simulator.url}/v2/acme/hello/manifests/v1"
    assert "secret" not in str(error)


def test_page_in_a_layers_place_is_named(simulator: Simulator, puller: Puller) -> None:
    artifact = large_plugin()
    ref = artifact.serve(simulator)
    simulator.poison("GET", digest_of(artifact.layers[0]), lambda _: PAGE)
    puller.refuses(ref, RegistryResponseError, "a login page or a gateway answered")


@pytest.mark.parametrize(("method", "path"), [("PUT", "/manifests/"), ("PUT", "/uploads/")])
def test_page_in_answer_to_an_upload_is_no_success(
    simulator: Simulator, client: Registry, kept: Store, method: str, path: str
) -> None:
    simulator.poison(method, path, lambda _: PAGE)
    with pytest.raises(RegistryResponseError, match="a login page or a gateway answered"):
        push(client, kept, simulator)
    assert ("acme/hello", "v1") not in simulator.manifests


def test_page_of_a_gateway_that_forbids_is_named(simulator: Simulator, puller: Puller) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/", lambda _: Answer(403, PAGE.body, PAGE.headers))
    puller.refuses(ref, RegistryAuthError, "HTTP 403 and a web page: a login page or a gateway")


def test_page_of_a_token_service_is_named(simulator: Simulator, puller: Puller) -> None:
    simulator.login = Login()
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/token", lambda _: PAGE)
    puller.refuses(ref, RegistryAuthError, "without a usable token: it sent a web page")


def test_redirect_of_an_upload_is_named_with_where_it_leads(
    simulator: Simulator, names: None, client: Registry, kept: Store
) -> None:
    simulator.poison("POST", "/uploads/", lambda _: to("http://127.0.0.1:9/login?next=secret", 302))
    with pytest.raises(RegistryResponseError, match=r"HTTP 302, a redirect to http://127.0.0.1:9/login, ") as caught:
        push(client, kept, simulator)
    assert "secret" not in str(caught.value)


# Object stores behind a registry


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405])
def test_object_store_that_refuses_head_does_not_end_a_push(
    simulator: Simulator, names: None, client: Registry, kept: Store, status: int
) -> None:
    with Simulator(name="bucket.example") as bucket:
        bucket.poison("HEAD", "/", lambda _: Answer(status))
        simulator.poison("HEAD", "/", lambda exchange: to(f"{bucket.url}{exchange.request.path}?sig=x"))
        push(client, kept, simulator)
    assert simulator.manifests["acme/hello", "v1"][1] == kept.get_manifest(kept.resolve("hello"))


def test_registry_that_forbids_head_itself_ends_a_push(simulator: Simulator, client: Registry, kept: Store) -> None:
    simulator.poison("HEAD", "/", lambda _: Answer(403))
    with pytest.raises(RegistryAuthError, match="HTTP 403"):
        push(client, kept, simulator)


# A Location without the port


@pytest.fixture
def nothing_on_port_80() -> None:
    """No test of these may depend on what this machine serves."""
    with socket.socket() as sock:
        if sock.connect_ex(("127.0.0.1", 80)) == 0:
            pytest.skip("something listens on port 80 of this machine")


def test_upload_location_that_leaves_out_the_port_is_named(
    simulator: Simulator, client: Registry, kept: Store, nothing_on_port_80: None
) -> None:
    def without_port(exchange: Exchange) -> Answer:
        honest = exchange.honest()
        location = dict(honest.headers)["Location"].replace(simulator.host, simulator.name)
        return Answer(honest.status, headers=(("Location", location),))

    simulator.poison("POST", "/uploads/", without_port)
    with pytest.raises(RegistryConnectionError) as caught:
        push(client, kept, simulator)
    assert f"leaves out its port {simulator.port}" in caught.value.problem
    assert "external URL" in caught.value.remedy


def test_redirect_that_leaves_out_the_port_is_named(
    simulator: Simulator, puller: Puller, nothing_on_port_80: None
) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/", lambda _: to("http://127.0.0.1/v2/x"))
    puller.refuses(ref, RegistryConnectionError, f"leaves out its port {simulator.port}")


# Limits of the caller


def test_timeouts_and_retries_are_the_callers(simulator: Simulator, make_client: ClientMaker, store: Store) -> None:
    from toolhive_plugins_registry import RetryPolicy

    simulator.poison("GET", "/manifests/", lambda _: Answer(503))
    with pytest.raises(RegistryError, match=r"HTTP 503 \(2 attempts\)"):
        make_client(retries=RetryPolicy(attempts=2)).pull(store, f"{simulator.host}/acme/hello:v1")
    assert len(simulator.seen.requests) == 2


def test_login_of_another_origin_is_asked_for_with_no_credentials_of_ours(
    simulator: Simulator, names: None, client: Registry, logins: Logins, kept: Store
) -> None:
    """An object store's 401 to HEAD is not a challenge of the registry's."""
    logins.known[simulator.host] = Credential("ann", "correct-horse-battery")
    with Simulator(name="bucket.example") as bucket:
        bucket.poison("HEAD", "/", lambda _: Answer(401, headers=(("WWW-Authenticate", 'Basic realm="x"'),)))
        simulator.poison("HEAD", "/blobs/", lambda exchange: to(f"{bucket.url}{exchange.request.path}"))
        push(client, kept, simulator)
        assert not any(request.authorization for request in bucket.seen.requests)
    assert not logins.asked
