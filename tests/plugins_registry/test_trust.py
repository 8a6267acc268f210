"""Whose certificates are trusted, and which certificate is presented."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import Authority, context, openssl
from client_parts import ClientMaker
from hostile_pull import Puller
from registry_artifacts import plugin
from registry_simulator import Simulator

from toolhive_plugins_interfaces import RegistryConnectionError
from toolhive_plugins_registry import trust
from toolhive_plugins_store import Store


@pytest.fixture
def server(authority: Authority) -> Iterator[Simulator]:
    """A registry whose certificate the test's own authority signed."""
    with Simulator(tls=context(authority.certificate("127.0.0.1"))) as running:
        plugin().serve(running)
        yield running


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The user's own certs.d."""
    monkeypatch.setattr(trust, "_SYSTEM_FOLDERS", ())
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / ".config" / "containers" / "certs.d"


@pytest.fixture
def secure(make_client: ClientMaker, store: Store) -> Puller:
    return Puller(make_client(plain_http=False), store)


def pulls(secure: Puller, server: Simulator) -> bool:
    return bool(secure.client.pull(secure.store, f"{server.host}/acme/hello:v1"))


def refuses(secure: Puller, server: Simulator, words: str) -> RegistryConnectionError:
    return secure.refuses(f"{server.host}/acme/hello:v1", RegistryConnectionError, words)


def test_unknown_authority_is_refused(secure: Puller, server: Simulator, folder: Path) -> None:
    error = refuses(secure, server, "certificate is not trusted")
    assert error.hint == "trust-certificate"
    assert not server.seen.requests


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_file_that_a_variable_names_is_trusted(
    secure: Puller, server: Simulator, authority: Authority, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(authority.ca_file))
    assert pulls(secure, server)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_DIR"])
def test_directory_that_a_variable_names_is_trusted(
    secure: Puller,
    server: Simulator,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variable: str,
) -> None:
    found = subprocess.run(
        ["openssl", "x509", "-hash", "-noout", "-in", str(authority.ca_file)],
        check=True,
        capture_output=True,
        text=True,
    )
    (tmp_path / "certs").mkdir()
    absent = "/absent/certs:" if variable == "SSL_CERT_DIR" else ""
    shutil.copy(authority.ca_file, tmp_path / "certs" / f"{found.stdout.strip()}.0")
    monkeypatch.setenv(variable, f"{absent}{tmp_path / 'certs'}")
    assert pulls(secure, server)


def test_all_variables_count_and_a_caller_that_names_a_file_overrides_them(
    make_client: ClientMaker,
    secure: Puller,
    server: Simulator,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    other = Authority.make(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other.ca_file))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    refuses(Puller(make_client(plain_http=False, ca_file=other.ca_file), secure.store), server, "is not trusted")
    assert pulls(secure, server)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
def test_file_that_cannot_be_used_is_named_with_its_variable(
    secure: Puller,
    server: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variable: str,
    content: bytes | None,
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv(variable, str(path))
    error = refuses(secure, server, r"cannot be read from .*ca\.pem")
    assert variable in error.remedy


def test_certs_d_adds_an_authority_for_one_registry(
    secure: Puller, server: Simulator, authority: Authority, folder: Path
) -> None:
    refuses(secure, server, "certificate is not trusted")
    (folder / server.host).mkdir(parents=True)
    shutil.copy(authority.ca_file, folder / server.host / "ca.crt")
    secure.client.close()
    fresh = Puller(type(secure.client)(), secure.store)
    assert pulls(fresh, server)
    with Simulator(tls=server.tls) as another:
        plugin().serve(another)
        refuses(fresh, another, "certificate is not trusted")


def test_certs_d_presents_a_client_certificate(
    make_client: ClientMaker, store: Store, authority: Authority, folder: Path
) -> None:
    tls = context(authority.certificate("127.0.0.1"))
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(authority.ca_file)
    with Simulator(tls=tls) as server:
        plugin().serve(server)
        mine = folder / server.host
        mine.mkdir(parents=True)
        shutil.copy(authority.ca_file, mine / "ca.crt")
        refuses(Puller(make_client(plain_http=False), store), server, "TLS failed|broke")
        pair = authority.certificate("client.example")
        shutil.copy(pair.with_suffix(".crt"), mine / "client.cert")
        without_key = Puller(make_client(plain_http=False), store)
        refuses(without_key, server, r"client\.cert has no key\. Put its key at .*client\.key")
        shutil.copy(pair.with_suffix(".key"), mine / "client.key")
        assert pulls(Puller(make_client(plain_http=False), store), server)


def test_key_that_is_encrypted_is_named_and_nobody_is_asked(
    secure: Puller, server: Simulator, authority: Authority, folder: Path
) -> None:
    mine = folder / server.host
    mine.mkdir(parents=True)
    pair = authority.certificate("client.example")
    shutil.copy(pair.with_suffix(".crt"), mine / "client.cert")
    openssl(
        *("pkcs8", "-topk8", "-in", str(pair.with_suffix(".key")), "-out", str(mine / "client.key")),
        *("-passout", "pass:secret"),
    )
    refuses(secure, server, "encrypted")


def test_system_without_certificates_gets_mozillas(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = ssl.DefaultVerifyPaths("", "", "", "", "", "")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: empty)
    made = trust._system_context()
    assert made.verify_mode == ssl.CERT_REQUIRED
    assert made.check_hostname
    assert made._ctx.cert_store_stats()["x509_ca"] > 50  # type: ignore[attr-defined]  # truststore has no public way to ask
