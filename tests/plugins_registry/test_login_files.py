"""The files of docker, podman, skopeo and oras: which counts, and what a login writes into them."""

import base64
import json
import os
import stat
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolhive_plugins_interfaces import CredentialError
from toolhive_plugins_registry import Credential, DockerCredentialStore
from toolhive_plugins_registry.json_edits import names_in, put, remove

HUB = "registry-1.docker.io"
HUB_KEYS = [
    f"{scheme}{host}{path}"
    for host in ("docker.io", "index.docker.io", "registry-1.docker.io")
    for scheme in ("", "http://", "https://")
    for path in ("", "/", "/v1", "/v1/", "/v2/")
]


def auth(username: str, password: str = "p") -> dict[str, str]:
    return {"auth": base64.b64encode(f"{username}:{password}".encode()).decode()}


def write(path: Path, config: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(config if isinstance(config, str) else json.dumps(config))
    return path


def auths(user: str, host: str = "r.example") -> dict[str, Any]:
    return {"auths": {host: auth(user)}}


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Each place where a login may be, in the order in which they count."""
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "named" / "a.json"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    return {
        "REGISTRY_AUTH_FILE": tmp_path / "named" / "a.json",
        "docker": tmp_path / "home" / ".docker" / "config.json",
        "runtime": tmp_path / "run" / "containers" / "auth.json",
        "podman": tmp_path / "home" / ".config" / "containers" / "auth.json",
    }


def test_files_count_in_their_order(places: dict[str, Path]) -> None:
    for name, path in reversed(places.items()):
        write(path, auths(name))
        found = DockerCredentialStore().get("r.example")
        assert (found.username, found.source) == (name, str(path))
        assert found.described == f"as {name} from {path}"


def test_the_next_file_is_asked_where_one_does_not_know(places: dict[str, Path]) -> None:
    write(places["REGISTRY_AUTH_FILE"], {"auths": {"r.example": {}, "other.example": auth("x")}})
    write(places["docker"], "")
    write(places["podman"], auths("podman"))
    assert DockerCredentialStore().get("r.example").username == "podman"


def test_a_broken_file_of_podman_stops_nobody_whom_docker_knows(places: dict[str, Path]) -> None:
    write(places["docker"], auths("docker"))
    write(places["runtime"], "{")
    store = DockerCredentialStore()
    assert store.namespace("r.example", "a/b") == ""
    assert store.get("r.example").username == "docker"
    with pytest.raises(CredentialError, match=r"auth\.json.*not a JSON document"):
        store.get("other.example")


@pytest.mark.parametrize("key", HUB_KEYS)
def test_all_spellings_of_docker_hub_are_known(tmp_path: Path, key: str) -> None:
    path = write(tmp_path / "config.json", auths("ann", host=key))
    assert DockerCredentialStore(path).get(HUB).username == "ann"


def test_dockers_own_spelling_of_docker_hub_counts_first(tmp_path: Path) -> None:
    config = {"auths": {"docker.io": auth("other"), "https://index.docker.io/v1/": auth("ann")}}
    assert DockerCredentialStore(write(tmp_path / "config.json", config)).get(HUB).username == "ann"


@pytest.mark.parametrize(
    ("repository", "username"),
    [
        ("team/app", "team"),
        ("team/sub/app", "sub"),
        ("team/sub", "sub"),
        ("team", "team"),
        ("teams/app", "host"),
        ("other/team/sub", "host"),
        ("", "host"),
    ],
)
@pytest.mark.parametrize("host", ["r.example:5000", HUB])
def test_the_longest_namespace_counts(tmp_path: Path, host: str, repository: str, username: str) -> None:
    name = "docker.io" if host == HUB else host
    entries = {name: auth("host"), f"{name}/team": auth("team"), f"{name}/team/sub": auth("sub")}
    store = DockerCredentialStore(write(tmp_path / "config.json", {"auths": entries}))
    assert store.get(host, repository).username == username
    assert store.get(host, store.namespace(host, repository)).username == username


def test_a_namespaced_login_is_not_that_of_the_host(tmp_path: Path) -> None:
    store = DockerCredentialStore(write(tmp_path / "config.json", {"auths": {"r.example/team": auth("team")}}))
    assert not store.get("r.example")
    assert not store.get("r.example", "other/app")


@pytest.mark.parametrize("text", ["", " \r\n\t"])
def test_an_empty_file_is_no_configuration(tmp_path: Path, text: str) -> None:
    assert not DockerCredentialStore(write(tmp_path / "config.json", text)).get("r.example")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_named(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "config.json"
    path.write_text("{}", encoding=encoding)
    with pytest.raises(CredentialError, match=r"byte order mark.*Save it as UTF-8 without one"):
        DockerCredentialStore(path)


def test_what_is_not_a_file_is_an_error_at_once(tmp_path: Path) -> None:
    fifo = tmp_path / "config.json"
    os.mkfifo(fifo)
    started = time.monotonic()
    for path in (fifo, Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(CredentialError, match="cannot be read: not a regular file"):
            DockerCredentialStore(path)
    assert time.monotonic() - started < 5


# Writing


def test_a_login_is_written_as_docker_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.json"
    store = DockerCredentialStore(path)
    assert store.store("ghcr.io", Credential("ann", "p:w\udcff")) == str(path)
    assert store.store(HUB, Credential("ann", "hub")) == str(path)
    assert path.read_text() == (
        '{\n\t"auths": {\n\t\t"ghcr.io": {\n\t\t\t"auth": "YW5uOnA6d/8="\n\t\t},\n'
        '\t\t"https://index.docker.io/v1/": {\n\t\t\t"auth": "YW5uOmh1Yg=="\n\t\t}\n\t}\n}\n'
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert store.get("ghcr.io") == Credential("ann", "p:w\udcff")
    assert store.get(HUB) == Credential("ann", "hub")
    assert [each.name for each in path.parent.iterdir()] == ["config.json"]


def test_everything_else_in_the_file_stays_byte_for_byte(tmp_path: Path) -> None:
    before = (
        '{ "HttpHeaders" : {"a":1e1,"b" : "\\u00e9"},\r\n"auths":{"x":{"auth":"eDp5"} , "ghcr.io":{}},"z":[ ] }\n\n'
    )
    path = write(tmp_path / "config.json", before)
    path.chmod(0o644)
    store = DockerCredentialStore(path)
    store.store("ghcr.io", Credential("ann", "p"))
    assert path.read_bytes().decode().startswith(before[:65])
    assert path.read_bytes().decode().endswith('},"z":[ ] }\n\n')
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    erased = store.erase("ghcr.io")
    assert (erased.erased_from, erased.still_in) == ((str(path),), ())
    assert path.read_bytes().decode() == before.replace(' , "ghcr.io":{}', "")


def test_a_login_replaces_the_one_under_another_spelling(tmp_path: Path) -> None:
    old = {"docker.io": auth("old"), "https://docker.io": auth("old"), "docker.io/team": auth("team")}
    path = write(tmp_path / "config.json", {"auths": old})
    store = DockerCredentialStore(path)
    store.store(HUB, Credential("ann", "p"))
    assert list(json.loads(path.read_text())["auths"]) == ["docker.io/team", "https://index.docker.io/v1/"]
    store.erase(HUB)
    assert list(json.loads(path.read_text())["auths"]) == ["docker.io/team"]


def test_links_are_followed_to_the_last_target(tmp_path: Path) -> None:
    target = write(tmp_path / "dotfiles" / "real.json", {"auths": {}})
    (tmp_path / "second.json").symlink_to("dotfiles/real.json")
    (tmp_path / "config.json").symlink_to(tmp_path / "second.json")
    DockerCredentialStore(tmp_path / "config.json").store("ghcr.io", Credential("ann", "p"))
    assert "ghcr.io" in target.read_text()
    assert (tmp_path / "config.json").is_symlink()
    assert (tmp_path / "second.json").is_symlink()
    assert not target.is_symlink()


@pytest.mark.parametrize("text", ["{", "[]", '{"auths": 7}', "\ufeff{}"])
def test_a_malformed_file_is_not_written(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "config.json", "{}")
    store = DockerCredentialStore(path)
    write(path, text)
    with pytest.raises(CredentialError, match=r"config\.json"):
        store.store("ghcr.io", Credential("ann", "secret-password"))
    with pytest.raises(CredentialError, match=r"config\.json"):
        store.erase("ghcr.io")
    assert path.read_text() == text


def test_a_file_that_cannot_be_written_is_named_without_the_password(tmp_path: Path) -> None:
    write(tmp_path / "file", "{}")
    with pytest.raises(CredentialError, match="cannot be written: ") as caught:
        DockerCredentialStore(tmp_path / "file" / "config.json").store("ghcr.io", Credential("ann", "secret-password"))
    assert "secret-password" not in str(caught.value)


def test_what_other_files_hold_is_told_after_a_logout(places: dict[str, Path]) -> None:
    for path in places.values():
        write(path, auths("ann"))
    erased = DockerCredentialStore().erase("r.example")
    first, *others = map(str, places.values())
    assert (erased.erased_from, erased.still_in) == ((first,), tuple(others))


def test_a_file_that_cannot_be_read_does_not_stop_a_logout(places: dict[str, Path]) -> None:
    write(places["REGISTRY_AUTH_FILE"], auths("ann"))
    write(places["runtime"], "{")
    write(places["podman"], auths("ann"))
    assert DockerCredentialStore().erase("r.example").still_in == (str(places["podman"]),)


@pytest.fixture
def keychain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A credential helper that keeps what it is given in a folder; return the folder."""
    kept = tmp_path / "kept"
    programs = tmp_path / "programs"
    kept.mkdir()
    programs.mkdir()
    program = programs / "docker-credential-keep"
    program.write_text(
        f"""#!{sys.executable}
import json, os, pathlib, sys
file = lambda server: pathlib.Path({str(kept)!r}, server.replace("/", "_"))
said = sys.stdin.read()
if sys.argv[1:] == ["store"]:
    file(json.loads(said)["ServerURL"]).write_text(said)
elif not file(said.strip()).exists():
    sys.exit(print("credentials not found in native keychain") or 1)
elif sys.argv[1:] == ["get"]:
    print(file(said.strip()).read_text())
else:
    file(said.strip()).unlink()
"""
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return kept


@pytest.mark.parametrize("config", [{"credsStore": "keep"}, {"credHelpers": {"ghcr.io": "keep", "docker.io": "keep"}}])
def test_a_login_goes_to_the_helper_and_no_password_to_the_file(
    tmp_path: Path, keychain: Path, config: dict[str, Any]
) -> None:
    path = write(tmp_path / "config.json", {**config, "auths": {"ghcr.io": auth("old"), "x": {}}})
    store = DockerCredentialStore(path)
    for host, key in (("ghcr.io", "ghcr.io"), (HUB, "https://index.docker.io/v1/")):
        assert store.store(host, Credential("ann", 'p"\u00e9')) == "credential helper docker-credential-keep"
        assert store.get(host) == Credential("ann", 'p"\u00e9')
        assert (keychain / key.replace("/", "_")).exists()
        assert store.erase(host).erased_from == ("credential helper docker-credential-keep",)
        assert not store.get(host)
        assert store.erase(host).erased_from == ()
    assert json.loads(path.read_text()) == {**config, "auths": {"x": {}}}


def test_a_helper_with_what_podman_stored_for_docker_hub_is_understood(tmp_path: Path, keychain: Path) -> None:
    (keychain / "docker.io").write_text(json.dumps({"ServerURL": "docker.io", "Username": "ann", "Secret": "p"}))
    path = write(tmp_path / "config.json", {"credsStore": "keep"})
    assert DockerCredentialStore(path).get(HUB) == Credential("ann", "p")


@pytest.mark.parametrize("password", ["\udcff", "x" * 50_000])
def test_a_password_that_a_helper_cannot_have_is_refused(tmp_path: Path, keychain: Path, password: str) -> None:
    store = DockerCredentialStore(write(tmp_path / "config.json", {"credsStore": "keep"}))
    with pytest.raises(CredentialError, match="takes only passwords in UTF-8") as caught:
        store.store("ghcr.io", Credential("ann", password))
    assert password not in str(caught.value)
    assert not list(keychain.iterdir())


# Laws of editing

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
_DOCUMENTS = st.builds(
    lambda document, auths: document if auths is None else {**document, "auths": auths},
    st.dictionaries(st.text(max_size=4).filter(lambda name: name != "auths"), _VALUES, max_size=4),
    st.none() | st.dictionaries(st.text(max_size=4), _VALUES, max_size=4),
)
_LAYOUTS = st.sampled_from([{}, {"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}, {"ensure_ascii": False}])


@given(_DOCUMENTS, _LAYOUTS, st.text(max_size=4), _VALUES)
def test_a_member_is_put_and_nothing_else_changes(
    document: dict[str, Any], layout: dict[str, Any], name: str, value: Any
) -> None:
    text = json.dumps(document, **layout)
    edited = put(text, "auths", name, value)
    assert json.loads(edited) == {**document, "auths": {**document.get("auths", {}), name: value}}
    assert put(edited, "auths", name, value) == edited
    if name not in document.get("auths", {}):
        removed = json.loads(remove(edited, "auths", name))
        assert removed == {**document, "auths": document.get("auths", {})}


@given(_DOCUMENTS, _LAYOUTS, st.data())
def test_a_member_is_removed_and_nothing_else_changes(
    document: dict[str, Any], layout: dict[str, Any], data: st.DataObject
) -> None:
    text = json.dumps(document, **layout)
    names = names_in(text, "auths")
    assert list(names) == list(document.get("auths", {}))
    name = data.draw(st.sampled_from([*names, "not there"]))
    left = {key: value for key, value in document.get("auths", {}).items() if key != name}
    expected = {**document, "auths": left} if "auths" in document else document
    assert json.loads(remove(text, "auths", name)) == expected
