"""A simulated registry, a store, and a client that never sleeps."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from certificates import Authority
from client_parts import ClientMaker, FakeClock, Logins
from hostile_pull import Puller
from registry_artifacts import plugin
from registry_simulator import Simulator

from toolhive_plugins_registry import Registry, RetryPolicy, Timeouts
from toolhive_plugins_store import Store


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No proxies, certificates or Docker logins of whoever runs the tests."""
    certificates = ("requests_ca_bundle", "curl_ca_bundle", "ssl_cert_file", "ssl_cert_dir")
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", *certificates):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def fake_clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def logins() -> Logins:
    return Logins()


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def make_client(fake_clock: FakeClock, logins: Logins) -> Iterator[ClientMaker]:
    """Makes clients that speak plain HTTP, wait for nothing and give up soon; arguments are `Registry`'s."""
    made: list[Registry] = []

    def make(**changes: Any) -> Registry:
        arguments: dict[str, Any] = {
            "plain_http": True,
            "credential_store": logins,
            "timeouts": Timeouts(connect=5, read=5, exchange=20, operation=120),
            "retries": RetryPolicy(attempts=3),
            "clock": fake_clock.clock(),
            **changes,
        }
        made.append(Registry(**arguments))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: ClientMaker) -> Registry:
    return make_client()


@pytest.fixture
def hasty_client(make_client: ClientMaker) -> Registry:
    """A client with half a second for everything."""
    return make_client(timeouts=Timeouts(connect=0.5, read=0.4, exchange=0.5, slowest=1e9, operation=0.6))


@pytest.fixture
def puller(client: Registry, store: Store) -> Puller:
    """Pulls into a store that holds something already."""
    plugin(b"here before\n").keep(store, "here-before")
    return Puller(client, store)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every name under .example resolve to the loopback address."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return resolve("127.0.0.1" if str(name).endswith(".example") else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    import os

    if shutil.which("openssl") is None:
        reason = "openssl, which makes the test certificates, is not installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return Authority.make(tmp_path_factory.mktemp("authority"))
