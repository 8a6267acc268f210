"""Every Docker configuration that toolhive-core was shown yields what it yielded there."""

import json
from pathlib import Path

import pytest

from toolhive_plugins_interfaces import CredentialError
from toolhive_plugins_registry import DockerCredentialStore

_VECTORS = [
    json.loads(line) for line in Path(__file__).with_name("credentials.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture
def helpers_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that comes first on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def test_there_are_31_credential_vectors() -> None:
    assert len(_VECTORS) == 31


@pytest.mark.parametrize("vector", _VECTORS, ids=lambda vector: str(vector["name"]))
def test_configuration_yields_what_it_yields_in_toolhive_core(
    vector: dict[str, object], helpers_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, helpers, host, want = vector["config"], vector["helpers"], vector["host"], vector["want"]
    assert isinstance(helpers, dict)
    assert isinstance(host, str)
    assert isinstance(want, dict)
    for name, script in helpers.items():
        helper = helpers_folder / name
        helper.write_text(script, encoding="utf-8")
        helper.chmod(0o755)
    if config is not None:
        text = config if isinstance(config, str) else json.dumps(config)
        (tmp_path / "config.json").write_text(text, encoding="utf-8")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    if "error" in want:
        _assert_error(str(want["stage"]), host)
        return
    got = DockerCredentialStore().get(host)
    assert {
        "username": got.username,
        "password": got.password,
        "refresh_token": got.refresh_token,
        "access_token": got.access_token,
    } == want


def _assert_error(stage: str, host: str) -> None:
    """Expect the error where toolhive-core has it: when the configuration is read, or when it is asked."""
    if stage == "store":
        with pytest.raises(CredentialError):
            DockerCredentialStore()
        return
    store = DockerCredentialStore()
    with pytest.raises(CredentialError):
        store.get(host)
