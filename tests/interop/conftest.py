"""Real registries, a store, and the artifacts of tests/plugins_registry."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import Authority
from programs import required
from real_registry import KnownLogin, RealRegistry, running_registry

from toolhive_plugins_registry import Registry
from toolhive_plugins_store import Store


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No proxies, certificates or Docker logins of whoever runs the tests."""
    certificates = ("requests_ca_bundle", "curl_ca_bundle", "ssl_cert_file", "ssl_cert_dir")
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", *certificates):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    for name in ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def plain_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    with running_registry(tmp_path_factory.mktemp("plain")) as registry:
        yield registry


@pytest.fixture(scope="session")
def login_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    with running_registry(tmp_path_factory.mktemp("login"), login=True) as registry:
        yield registry


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    required("openssl")
    return Authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def tls_registry(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[RealRegistry]:
    certificate = authority.certificate("127.0.0.1")
    with running_registry(tmp_path_factory.mktemp("tls"), certificate=certificate, login=True) as registry:
        yield registry


@pytest.fixture
def client() -> Iterator[Registry]:
    with Registry(plain_http=True, credential_store=KnownLogin()) as made:
        yield made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def other_store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "other") as opened:
        yield opened
