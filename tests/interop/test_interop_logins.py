"""Logins that docker's other clients write and read, at Debian's docker-registry with an htpasswd file."""

import json
import subprocess
from pathlib import Path

import pytest
from programs import required, run
from real_registry import PASSWORD, USERNAME, RealRegistry

from toolhive_plugins_interfaces import RegistryAuthError
from toolhive_plugins_registry import Credential, DockerCredentialStore, Registry


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Docker's configuration, and no other."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path / "config.json"


@pytest.fixture
def logged_in(config: Path, login_registry: RealRegistry) -> Path:
    """Docker's configuration with a login of ours."""
    with Registry(plain_http=True) as client:
        assert client.check_login(login_registry.host, Credential(USERNAME, PASSWORD))
    assert DockerCredentialStore().store(login_registry.host, Credential(USERNAME, PASSWORD)) == str(config)
    return config


def log_in_with(program: str, *arguments: str) -> None:
    """Have another program log in."""
    command = [required(program), "login", *arguments, "--username", USERNAME, "--password-stdin"]
    done = subprocess.run(command, input=PASSWORD, text=True, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_skopeo_reads_our_login(logged_in: Path, login_registry: RealRegistry) -> None:
    command = ("login", "--get-login", "--authfile", str(logged_in), login_registry.host)
    assert run("skopeo", *command).strip() == USERNAME
    # Without --authfile it looks at Docker's file, too.
    assert run("skopeo", "login", "--get-login", login_registry.host).strip() == USERNAME


def test_oras_uses_our_login(logged_in: Path, login_registry: RealRegistry) -> None:
    run("oras", "repo", "ls", "--plain-http", login_registry.host)


def test_oras_forgets_our_login_and_we_theirs(logged_in: Path, login_registry: RealRegistry) -> None:
    run("oras", "logout", login_registry.host)
    assert not DockerCredentialStore().get(login_registry.host)
    log_in_with("oras", "--plain-http", login_registry.host)
    assert DockerCredentialStore().get(login_registry.host) == Credential(USERNAME, PASSWORD)
    DockerCredentialStore().erase(login_registry.host)
    assert json.loads(logged_in.read_text())["auths"] == {}


def test_we_read_the_login_of_oras(config: Path, login_registry: RealRegistry) -> None:
    log_in_with("oras", "--plain-http", login_registry.host)
    found = DockerCredentialStore().get(login_registry.host)
    assert (found, found.source) == (Credential(USERNAME, PASSWORD), str(config))


@pytest.mark.parametrize("namespace", ["", "/team"])
def test_we_read_the_login_of_skopeo(
    login_registry: RealRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, namespace: str
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    (tmp_path / "run").mkdir()
    log_in_with("skopeo", "--tls-verify=false", login_registry.host + namespace)
    store = DockerCredentialStore()
    found = store.get(login_registry.host, "team/app")
    assert found == Credential(USERNAME, PASSWORD)
    assert found.source == str(tmp_path / "run" / "containers" / "auth.json")
    assert bool(store.get(login_registry.host)) == (not namespace)
    with Registry(plain_http=True) as client:
        with pytest.raises(Exception, match="HTTP 404"):
            client.resolve(f"{login_registry.host}/team/app:v1")
        if namespace:
            with pytest.raises(RegistryAuthError, match=r"asks for a login.*asked anonymously"):
                client.resolve(f"{login_registry.host}/other/app:v1")


def test_a_wrong_password_is_not_accepted(login_registry: RealRegistry) -> None:
    with Registry(plain_http=True) as client, pytest.raises(RegistryAuthError, match="asked as ann") as caught:
        client.check_login(login_registry.host, Credential(USERNAME, "a-wrong-password"))
    assert "a-wrong-password" not in str(caught.value)
