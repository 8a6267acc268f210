"""Docker's configuration and helpers, beyond what the vectors say."""

import json
import os
import pickle
import time
from pathlib import Path
from typing import Any

import pytest

from toolhive_plugins_interfaces import CredentialError
from toolhive_plugins_registry import Credential, CredentialStore, DockerCredentialStore


def write(path: Path, config: Any) -> Path:
    path.write_text(config if isinstance(config, str) else json.dumps(config))
    return path


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a credential helper of a script, and a store that asks it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def make(script: str, *, timeout: float = 20.0) -> DockerCredentialStore:
        program = folder / "docker-credential-test"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        config = write(tmp_path / "config.json", {"credsStore": "test"})
        return DockerCredentialStore(config, helper_timeout=timeout)

    return make


def test_docker_store_is_a_credential_store(tmp_path: Path) -> None:
    store: CredentialStore = DockerCredentialStore(tmp_path / "absent.json")
    assert not store.get("ghcr.io")


def test_configuration_is_found_where_docker_config_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "config.json", {"auths": {"ghcr.io": {"username": "u", "password": "p"}}})
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert DockerCredentialStore().get("ghcr.io") == Credential("u", "p")


def test_configuration_is_found_in_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".docker").mkdir()
    write(tmp_path / ".docker" / "config.json", {"auths": {"ghcr.io": {"username": "u", "password": "p"}}})
    monkeypatch.setenv("HOME", str(tmp_path))
    assert DockerCredentialStore().get("ghcr.io") == Credential("u", "p")


@pytest.mark.parametrize(
    "config",
    [
        "[]",
        '"text"',
        '{"credsStore": 7}',
        '{"credHelpers": []}',
        '{"credHelpers": {"r": 7}}',
        '{"auths": "x"}',
        "[" * 100_000,
        "\x00",
        '{"a":1}{',
    ],
)
def test_malformed_configuration_is_named(tmp_path: Path, config: str) -> None:
    path = write(tmp_path / "config.json", config)
    with pytest.raises(CredentialError, match=r"config\.json"):
        DockerCredentialStore(path)


@pytest.mark.parametrize(
    "entry", [[], 7, "x", {"auth": 7}, {"username": []}, {"identitytoken": {}}, {"auth": "YQ="}, {"auth": "YTpi=="}]
)
def test_malformed_entry_is_named_when_it_is_asked_for(tmp_path: Path, entry: Any) -> None:
    path = write(tmp_path / "config.json", {"auths": {"ghcr.io": entry, "other": {"auth": "dTpw"}}})
    store = DockerCredentialStore(path)
    assert store.get("other") == Credential("u", "p")
    with pytest.raises(CredentialError, match=r"config\.json"):
        store.get("ghcr.io")


def test_error_about_a_configuration_quotes_none_of_it(tmp_path: Path) -> None:
    path = write(tmp_path / "config.json", '{"auths": {"ghcr.io": {"auth": "hunter2hunter2} hunter2hunter2')
    with pytest.raises(CredentialError) as caught:
        DockerCredentialStore(path)
    assert "hunter2" not in str(caught.value)
    path = write(tmp_path / "config.json", {"auths": {"ghcr.io": {"auth": "aHVudGVyMmh1bnRlcjI="}}})
    with pytest.raises(CredentialError) as caught:
        DockerCredentialStore(path).get("ghcr.io")
    assert "hunter2" not in str(caught.value)
    assert "aHVudGVy" not in str(caught.value)


def test_configuration_that_is_a_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="cannot be read"):
        DockerCredentialStore(tmp_path)


def test_configuration_without_end_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(CredentialError):
        DockerCredentialStore("/dev/zero")


def test_field_names_are_folded_as_go_folds_them(tmp_path: Path) -> None:
    path = write(tmp_path / "config.json", {"auths": {"ghcr.io": {"AUTH": "dTpw", "IdentityToken": "t"}}})
    assert DockerCredentialStore(path).get("ghcr.io") == Credential("u", "p", "t")


def test_password_of_any_bytes_survives(tmp_path: Path) -> None:
    from toolhive_plugins_registry.redaction import basic

    path = write(tmp_path / "config.json", {"auths": {"ghcr.io": {"auth": "dTr/gA=="}}})
    assert basic(DockerCredentialStore(path).get("ghcr.io")) == "dTr/gA=="


@pytest.mark.parametrize("name", ["../evil", "/bin/sh", "a/b", "", " ", "a b", "x\ny", "-x", "a\\b", "\u00e9"])
def test_name_of_a_helper_is_never_a_path(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "config.json", {"credHelpers": {"ghcr.io": name}, "credsStore": name})
    store = DockerCredentialStore(path)
    if not name:
        assert not store.get("ghcr.io")
        return
    with pytest.raises(CredentialError, match="not the name of a credential helper"):
        store.get("ghcr.io")


def test_helper_that_hangs_is_ended_with_all_it_started(helper: Any, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    store = helper(f"sleep 600 & echo $! $$ > {pids}; wait", timeout=1.5)
    started = time.monotonic()
    with pytest.raises(CredentialError, match=r"docker-credential-test.*within 1.5 seconds"):
        store.get("ghcr.io")
    assert time.monotonic() - started < 10
    for pid in pids.read_text().split():
        while _is_running(int(pid)) and time.monotonic() < started + 10:
            os.sched_yield()  # it was killed, and the kernel is about to say so
        assert not _is_running(int(pid))


def _is_running(pid: int) -> bool:
    """Whether a process runs; one that is dead but not yet waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def test_helper_whose_child_keeps_its_output_open_is_ended(helper: Any) -> None:
    store = helper("sleep 600 & echo '{}'; exit 0", timeout=0.5)
    with pytest.raises(CredentialError, match=r"within 0\.5 seconds"):
        store.get("ghcr.io")


def test_helper_that_never_stops_talking_is_ended(helper: Any) -> None:
    store = helper(
        "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done"
    )
    with pytest.raises(CredentialError, match="more than a mebibyte"):
        store.get("ghcr.io")


def test_helper_that_does_not_listen_is_understood(helper: Any) -> None:
    store = helper('exec <&-; echo \'{"Username":"u","Secret":"s"}\'')
    assert store.get("ghcr.io") == Credential("u", "s")


@pytest.mark.parametrize(
    "script",
    [
        "echo secret-answer; exit 3",
        "echo '{\"Username\":7}'",
        "echo '[\"secret-answer\"]'",
        "echo '{' secret-answer",
        "kill -9 $$",
        ":",
    ],
)
def test_helper_that_fails_is_named_and_not_quoted(helper: Any, script: str) -> None:
    with pytest.raises(CredentialError, match="docker-credential-test") as caught:
        helper(script).get("ghcr.io")
    assert "secret-answer" not in str(caught.value)


def test_helper_that_cannot_be_run_is_named(helper: Any, tmp_path: Path) -> None:
    store = helper("")
    program = tmp_path / "bin" / "docker-credential-test"
    program.write_bytes(b"\x7fELF nonsense")
    with pytest.raises(CredentialError, match=r"cannot be run|exit status"):
        store.get("ghcr.io")


def test_helper_is_not_told_on_its_command_line(helper: Any, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    store = helper(f'echo "$*" > {seen}; echo "{{}}"')
    assert not store.get("ghcr.io")
    assert seen.read_text() == "get\n"


def test_repr_shows_no_secret(tmp_path: Path) -> None:
    credential = Credential("visible-user", "hidden-password", "hidden-refresh", "hidden-access")
    assert "hidden" not in repr(credential)
    assert "hidden" not in str(credential)
    path = write(tmp_path / "config.json", {"auths": {"ghcr.io": {"auth": "dTpoaWRkZW4="}}})
    assert repr(DockerCredentialStore(path)) == f"DockerCredentialStore({str(path)!r})"


def test_error_survives_a_pickle(tmp_path: Path) -> None:
    with pytest.raises(CredentialError) as caught:
        DockerCredentialStore(tmp_path)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_no_home_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(CredentialError, match="home directory"):
        DockerCredentialStore()


def test_environment_is_handed_on_to_a_helper(helper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "AWS_PROFILE", "work")
    store = helper('echo "{\\"Username\\":\\"$AWS_PROFILE\\",\\"Secret\\":\\"s\\"}"')
    assert store.get("ghcr.io") == Credential("work", "s")
