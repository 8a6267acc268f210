"""Proxies: who is reached through one, and what is said when a proxy is at fault."""

import sys
from pathlib import Path

import pytest
from certificates import Authority, context
from client_parts import ClientMaker, FakeClock
from hostile_pull import Puller
from proxy_simulator import ProxySimulator
from registry_artifacts import large_plugin, plugin
from registry_simulator import Answer, Simulator, digest_of

from toolhive_plugins_interfaces import RegistryConnectionError, RegistryNotFoundError, RegistryResponseError
from toolhive_plugins_registry.proxies import Proxies
from toolhive_plugins_registry.redirect_policy import RedirectPolicy
from toolhive_plugins_registry.urls import Url, registry_url
from toolhive_plugins_store import Store

PASSWORD = "pr0xy-password"
REF = "registry.example/acme/hello:v1"


def url_of(host: str) -> Url:
    home = registry_url("registry.acme.example", plain_http=False)
    return RedirectPolicy(registry_url("127.0.0.1", plain_http=False), plain_http=True).follow(
        f"https://{host}/", home, ""
    )


def is_proxied(host: str, no_proxy: str) -> bool:
    return Proxies({"https_proxy": "http://proxy.test:3128", "no_proxy": no_proxy}).proxy_for(url_of(host)) is not None


@pytest.mark.parametrize(
    ("host", "no_proxy"),
    [
        ("registry.acme.test", "acme.test"),
        ("acme.test", "acme.test"),
        ("registry.acme.test", ".acme.test"),
        ("registry.acme.test", "*.acme.test"),
        ("a.b.acme.test", "*.acme.test"),
        ("registry.acme.test", "ACME.Test"),
        ("registry.acme.test.", "acme.test"),
        ("registry.acme.test:5000", "acme.test:5000"),
        ("registry.acme.test:5000", "registry.acme.test"),
        ("registry.acme.test", "acme.test:443"),
        ("registry.acme.test", "other.test, acme.test"),
        ("registry.acme.test", "other.test acme.test"),
        ("registry.acme.test", "*"),
        ("10.1.2.3", "10.0.0.0/8"),
        ("10.1.2.3:5000", "10.0.0.0/8"),
        ("10.1.2.3", "10.1.2.3"),
        ("10.1.2.3:5000", "10.1.2.3:5000"),
        ("[fd00::1]", "fd00::/8"),
        ("[fd00::1]", "fd00::1"),
        ("[fd00::1]:5000", "[fd00::1]:5000"),
        ("localhost:5000", ""),
        ("sub.localhost", ""),
        ("127.0.0.1:5000", ""),
        ("127.9.9.9", ""),
        ("2130706433", ""),
        ("0x7f.1", ""),
        ("[::1]", ""),
        ("[::ffff:127.0.0.1]", ""),
    ],
)
def test_host_is_reached_without_a_proxy(host: str, no_proxy: str) -> None:
    assert not is_proxied(host, no_proxy)


@pytest.mark.parametrize(
    ("host", "no_proxy"),
    [
        ("registry.acme.test", ""),
        ("registry.acme.test", "registry.acme"),
        ("notacme.test", "acme.test"),
        ("notacme.test", ".acme.test"),
        ("notacme.test", "*acme.test"),
        ("registry.acme.test:5000", "acme.test:443"),
        ("registry.acme.test", "10.0.0.0/8"),
        ("11.1.2.3", "10.0.0.0/8"),
        ("11.1.2.3", "1.2.3"),
        ("[fd00::1]", "10.0.0.0/8"),
        ("registry.acme.test", "/, ., :, [, ]"),
        ("localhost.acme.test", "localhost"),
    ],
)
def test_host_is_reached_through_a_proxy(host: str, no_proxy: str) -> None:
    assert is_proxied(host, no_proxy)


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({"https_proxy": "http://a.test", "HTTPS_PROXY": "http://b.test"}, "https_proxy"),
        ({"HTTPS_PROXY": "http://b.test", "all_proxy": "http://c.test"}, "HTTPS_PROXY"),
        ({"https_proxy": " ", "ALL_PROXY": "http://c.test"}, "ALL_PROXY"),
        ({"ALL_PROXY": "c.test:8080"}, "ALL_PROXY"),
    ],
)
def test_first_variable_that_is_set_names_the_proxy(environment: dict[str, str], variable: str) -> None:
    proxy = Proxies(environment).proxy_for(url_of("registry.acme.test"))
    assert proxy is not None
    assert proxy.variable == variable


def test_proxy_header_of_a_cgi_request_names_no_proxy() -> None:
    plain = registry_url("registry.acme.test", plain_http=True)
    assert Proxies({"HTTP_PROXY": "http://evil.test", "REQUEST_METHOD": "GET"}).proxy_for(plain) is None
    assert Proxies({"HTTP_PROXY": "http://proxy.test"}).proxy_for(plain) is not None


@pytest.fixture
def certificate(authority: Authority) -> Path:
    return authority.certificate("registry.example")


@pytest.fixture
def secure_puller(make_client: ClientMaker, authority: Authority, store: Store) -> Puller:
    return Puller(make_client(plain_http=False, ca_file=authority.ca_file), store)


def test_registry_is_reached_through_a_tunnel(
    certificate: Path, secure_puller: Puller, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = plugin()
    with (
        Simulator(name="registry.example", tls=context(certificate)) as registry,
        ProxySimulator(("127.0.0.1", registry.port), login=f"ann:{PASSWORD}@x") as proxy,
    ):
        artifact.serve(registry)
        monkeypatch.setenv("HTTPS_PROXY", proxy.url_for(f"ann:{PASSWORD}%40x"))
        assert secure_puller.client.pull(secure_puller.store, REF) == artifact.digest
    assert set(proxy.connects) == {"registry.example:443"}


def test_registry_is_reached_through_a_proxy_that_speaks_tls(
    certificate: Path, authority: Authority, secure_puller: Puller, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = large_plugin()
    with (
        Simulator(name="registry.example", tls=context(certificate)) as registry,
        ProxySimulator(("127.0.0.1", registry.port), tls=context(authority.certificate("127.0.0.1"))) as proxy,
    ):
        artifact.serve(registry)
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert secure_puller.client.pull(secure_puller.store, REF) == artifact.digest
        registry.poison("GET", digest_of(artifact.layers[0]), lambda _: Answer(404))
        other = Store(secure_puller.store.root.parent / "other")
        with pytest.raises(RegistryNotFoundError, match="HTTP 404"):
            secure_puller.client.pull(other, REF)
    assert set(proxy.connects) == {"registry.example:443"}


@pytest.mark.parametrize("status", [403, 502])
def test_web_page_of_a_plain_proxy_is_its_own_matter(
    puller: Puller, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    with ProxySimulator(refusal=status) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        puller.refuses(REF, RegistryConnectionError, f"from http_proxy.*the proxy refused with HTTP {status}")
    assert len(proxy.connects) == (1 if status == 403 else 3)


@pytest.mark.parametrize("userinfo", ["", f"ann:{PASSWORD}"])
def test_proxy_that_wants_another_login_is_named_and_asked_once(
    secure_puller: Puller, monkeypatch: pytest.MonkeyPatch, fake_clock: FakeClock, userinfo: str
) -> None:
    with ProxySimulator(login="ann:right") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url_for(userinfo) if userinfo else proxy.url)
        words = "did not accept the user name" if userinfo else "asks for a user name"
        error = secure_puller.refuses(REF, RegistryConnectionError, rf"proxy http.*from HTTPS_PROXY.*{words}.*407")
    assert error.hint == "check-proxy"
    assert PASSWORD not in str(error)
    assert len(proxy.connects) == 1
    assert not fake_clock.waits


def test_proxy_that_forbids_the_host_is_named_and_asked_once(
    secure_puller: Puller, monkeypatch: pytest.MonkeyPatch, fake_clock: FakeClock
) -> None:
    with ProxySimulator(refusal=403) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        secure_puller.refuses(REF, RegistryConnectionError, r"from https_proxy\): the proxy refused with HTTP 403")
    assert proxy.connects == ["registry.example:443"]
    assert not fake_clock.waits


def test_proxy_in_trouble_is_asked_again_and_named(secure_puller: Puller, monkeypatch: pytest.MonkeyPatch) -> None:
    with ProxySimulator(refusal=502) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        secure_puller.refuses(REF, RegistryConnectionError, r"https_proxy.*HTTP 502 \(3 attempts\)")
    assert len(proxy.connects) == 3


def test_proxy_that_cannot_be_reached_is_named(secure_puller: Puller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", f"http://ann:{PASSWORD}@127.0.0.1:1")
    error = secure_puller.refuses(REF, RegistryConnectionError, r"proxy http://127.0.0.1:1 \(from ALL_PROXY\).*refused")
    assert PASSWORD not in str(error)


def test_proxy_whose_name_does_not_resolve_is_named(secure_puller: Puller, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    secure_puller.refuses(REF, RegistryConnectionError, r"proxy http://proxy.test:3128.*name cannot be resolved")


def test_proxy_that_sends_endless_headers_is_given_up(secure_puller: Puller, monkeypatch: pytest.MonkeyPatch) -> None:
    with ProxySimulator(extra=b"X-Filler: " + b"x" * 60_000 + b"\r\n" + b"Y: z\r\n" * 30_000) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        secure_puller.refuses(REF, RegistryResponseError, "endless headers")


def test_login_that_a_plain_proxy_asks_for_is_its_own_matter(
    puller: Puller, monkeypatch: pytest.MonkeyPatch, fake_clock: FakeClock
) -> None:
    with ProxySimulator(login="ann:right") as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        puller.refuses(REF, RegistryConnectionError, "from http_proxy.*asks for a user name")
    assert len(proxy.connects) == 1
    assert not fake_clock.waits


def test_socks_proxy_without_its_package_is_named(secure_puller: Puller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "socks", None)
    monkeypatch.delitem(sys.modules, "urllib3.contrib.socks", raising=False)
    monkeypatch.setenv("ALL_PROXY", f"socks5://ann:{PASSWORD}@127.0.0.1:1080")
    error = secure_puller.refuses(REF, RegistryConnectionError, "from ALL_PROXY.*PySocks")
    assert PASSWORD not in str(error)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (f"http://ann:{PASSWORD}@[::1", "not a valid URL"),
        (f"http://ann:{PASSWORD}@proxy.test:99999", "not a valid URL"),
        (f"http://ann:{PASSWORD}@proxy.test:{PASSWORD}", "not a valid URL"),
        (f"http://ann:{PASSWORD}@", "not a valid URL"),
        (f"http://ann:{PASSWORD} x@proxy.test", "not a valid URL"),
        (f"ftp://ann:{PASSWORD}@proxy.test", "scheme 'ftp'"),
    ],
)
def test_malformed_proxy_is_named_by_its_variable(
    secure_puller: Puller, monkeypatch: pytest.MonkeyPatch, value: str, words: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    error = secure_puller.refuses(REF, RegistryConnectionError, f"environment variable HTTPS_PROXY: .*{words}")
    assert PASSWORD not in str(error)
    assert error.__context__ is None


def test_credentials_for_this_machine_never_reach_a_proxy(
    simulator: Simulator, puller: Puller, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = plugin()
    with ProxySimulator() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        ref = artifact.serve(simulator)
        assert puller.client.pull(puller.store, ref) == artifact.digest
        assert puller.client.pull(puller.store, ref.replace("127.0.0.1", "localhost")) == artifact.digest
    assert not proxy.connects
