"""Extract: all or nothing, nowhere else, and only under its own name."""

import contextlib
import os
import signal
import stat
import sys
from pathlib import Path
from unittest.mock import ANY

import pytest
from service_plugins import COMPLETE, minimal, write_plugin

from toolhive_plugins import FileEntry, Store, compress_tar
from toolhive_plugins_service import (
    BuildRequest,
    DestinationError,
    ExtractRequest,
    NameMismatchError,
    NotAPluginError,
    Service,
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_files_are_as_they_were_packaged(service: Service, complete: str, here: Path) -> None:
    build = service.build(BuildRequest(complete))
    extracted = service.extract(ExtractRequest("complete"))
    assert extracted.directory == str(here / "complete")
    assert (extracted.files, extracted.digest, extracted.replaced) == (len(COMPLETE), build.digest, False)
    assert tree(here / "complete") == tree(Path(complete))
    assert [path.name for path in here.iterdir()] == ["complete"]


def test_only_executable_files_are_executable_and_nothing_is_writable_for_others(
    service: Service, complete: str, here: Path
) -> None:
    service.build(BuildRequest(complete))
    old = os.umask(0)
    try:
        service.extract(ExtractRequest("complete"))
    finally:
        os.umask(old)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (here / "complete").rglob("*") if path.is_file()}
    assert {name for name, mode in modes.items() if mode == 0o755} == {"start.sh"}
    assert {mode for name, mode in modes.items() if name != "start.sh"} == {0o644}


def test_umask_is_honoured(service: Service, complete: str, here: Path) -> None:
    service.build(BuildRequest(complete))
    old = os.umask(0o077)
    try:
        service.extract(ExtractRequest("complete"))
    finally:
        os.umask(old)
    assert stat.S_IMODE((here / "complete" / "scripts" / "start.sh").stat().st_mode) == 0o700


def test_what_stands_there_is_left_alone(service: Service, complete: str, here: Path) -> None:
    service.build(BuildRequest(complete))
    (here / "complete").mkdir()
    (here / "complete" / "mine").write_text("x")
    for replace in (False, True):  # a directory that is no plugin is not replaced even when asked
        with pytest.raises(DestinationError):
            service.extract(ExtractRequest("complete", replace=replace))
    assert tree(here) == {"complete/mine": b"x"}


def test_empty_directory_and_missing_parents_are_no_hindrance(service: Service, complete: str, here: Path) -> None:
    service.build(BuildRequest(complete))
    (here / "empty").mkdir()
    service.extract(ExtractRequest("complete", "empty"))
    service.extract(ExtractRequest("complete", "a/b/c"))
    assert tree(here / "empty") == tree(here / "a" / "b" / "c") == tree(Path(complete))


def test_plugin_is_replaced_when_asked(service: Service, complete: str, here: Path) -> None:
    service.build(BuildRequest(complete))
    write_plugin(here / "complete", minimal() | {"old.md": "x"})
    with pytest.raises(DestinationError, match="not empty"):
        service.extract(ExtractRequest("complete"))
    assert service.extract(ExtractRequest("complete", replace=True)).replaced
    assert tree(here / "complete") == tree(Path(complete))
    assert [path.name for path in here.iterdir()] == ["complete"]


@pytest.mark.parametrize("kind", ["link to a directory", "dangling link", "file"])
def test_links_and_files_in_the_way_are_not_followed_or_replaced(
    service: Service, complete: str, here: Path, tmp_path: Path, kind: str
) -> None:
    service.build(BuildRequest(complete))
    elsewhere = tmp_path / "elsewhere"
    if kind == "file":
        (here / "complete").write_text("x")
    else:
        if kind == "link to a directory":
            elsewhere.mkdir()
        (here / "complete").symlink_to(elsewhere)
    with pytest.raises(DestinationError):
        service.extract(ExtractRequest("complete", replace=True))
    assert not elsewhere.exists() or not any(elsewhere.iterdir())


def test_failure_half_way_leaves_nothing(
    service: Service, complete: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.build(BuildRequest(complete))
    real = os.fsync
    calls = []

    def failing(fd: int) -> None:
        calls.append(fd)
        if len(calls) == 4:
            raise OSError(28, "No space left on device")
        real(fd)

    monkeypatch.setattr("toolhive_plugins_service.extraction.os.fsync", failing)
    with pytest.raises(DestinationError, match="No space left"):
        service.extract(ExtractRequest("complete"))
    assert list(here.iterdir()) == []


@pytest.fixture(params=["exchange in one step", "two steps"])
def steps(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether the system can exchange two directories in one step."""
    if request.param == "two steps":
        monkeypatch.setattr("toolhive_plugins_content.replacing._exchange", lambda *_: False)
    elif sys.platform not in ("linux", "darwin"):
        pytest.skip("this system cannot")
    return str(request.param)


@pytest.mark.usefixtures("steps")
def test_a_replaced_plugin_is_the_new_one_and_nothing_is_left(service: Service, complete: str, here: Path) -> None:
    service.build(BuildRequest(complete))
    write_plugin(here / "complete", minimal() | {"old.md": "x"})
    assert service.extract(ExtractRequest("complete", replace=True)).replaced
    assert tree(here / "complete") == tree(Path(complete))
    assert [path.name for path in here.iterdir()] == ["complete"]


def test_failure_while_replacing_puts_the_old_one_back(
    service: Service, complete: str, here: Path, monkeypatch: pytest.MonkeyPatch, steps: str
) -> None:
    service.build(BuildRequest(complete))
    write_plugin(here / "complete", minimal() | {"old.md": "x"})
    real = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError(5, "Input/output error")
        return real(self, target)

    def failing_exchange(*_: object) -> bool:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "rename", failing)
    if steps != "two steps":
        monkeypatch.setattr("toolhive_plugins_content.replacing._exchange", failing_exchange)
    with pytest.raises(DestinationError):
        service.extract(ExtractRequest("complete", replace=True))
    assert (here / "complete" / "old.md").read_text() == "x"
    assert [path.name for path in here.iterdir()] == ["complete"]


@pytest.mark.usefixtures("steps")
def test_an_interruption_while_replacing_leaves_one_of_the_two(
    service: Service, complete: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C at every step of the replacement, real signals, not only where Python would raise."""
    service.build(BuildRequest(complete))
    real = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        moved = real(self, target)
        signal.raise_signal(signal.SIGINT)
        return moved

    monkeypatch.setattr(Path, "rename", interrupted)
    for name in ("first", "second"):
        write_plugin(here / name, minimal() | {"old.md": "x"})
        with contextlib.suppress(KeyboardInterrupt):
            service.extract(ExtractRequest("complete", name, replace=True))
        assert tree(here / name) in (tree(Path(complete)), {".claude-plugin/plugin.json": ANY, "old.md": b"x"})
    assert sorted(path.name for path in here.iterdir()) == ["first", "second"]


def test_an_old_plugin_that_cannot_be_put_back_is_kept_and_named(
    service: Service, complete: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.build(BuildRequest(complete))
    write_plugin(here / "complete", minimal() | {"old.md": "x"})
    real = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if target.name == "old":
            return real(self, target)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "rename", failing)
    monkeypatch.setattr("toolhive_plugins_content.replacing._exchange", lambda *_: False)
    with pytest.raises(DestinationError, match="put back") as raised:
        service.extract(ExtractRequest("complete", replace=True))
    (kept,) = here.rglob("old.md")
    assert str(kept.parent) in raised.value.remedy


def test_what_was_written_but_not_flushed_is_told_as_that(
    service: Service, complete: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.build(BuildRequest(complete))

    def failing(_: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("toolhive_plugins_service.extraction.sync_folder", failing)
    monkeypatch.setattr("toolhive_plugins_service.extraction.write_files", lambda _, root: root.mkdir())
    with pytest.raises(DestinationError, match="power cut"):
        service.extract(ExtractRequest("complete"))
    assert (here / "complete").is_dir()


MANIFEST = FileEntry(".claude-plugin/plugin.json", b'{"name":"complete"}')


@pytest.mark.parametrize(
    "path",
    [
        *(
            "nul",
            "NUL.txt",
            "docs/Con",
            "aux.tar.gz",
            "com1",
            "LPT9.md",
            "COM\u00b9",
            "a/prn /b",
            "nul .x",
            "conin$",
            "CLOCK$",
        ),
        *("c:evil", "C:/evil", "readme.md:hidden", "a/b:c/d", ":", "plugin.json::$DATA"),
    ],
)
def test_a_name_that_windows_reads_as_something_else_is_refused_everywhere(
    service: Service, complete: str, here: Path, path: str
) -> None:
    forge(service.store, service, complete, [MANIFEST, FileEntry(path, b"x")], "odd")
    with pytest.raises(NotAPluginError, match="drive, a device or a stream"):
        service.extract(ExtractRequest("odd", "a/new/folder"))
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    "path", ["console", "null.txt", "com", "com10", "lpt.md", "auxiliary/x", "x.con", ".nul", "a nul"]
)
def test_names_that_only_look_like_those_are_fine(service: Service, complete: str, here: Path, path: str) -> None:
    forge(service.store, service, complete, [MANIFEST, FileEntry(path, b"x")], "odd")
    assert service.extract(ExtractRequest("odd", "out")).files == 2
    assert (here / "out" / path).read_bytes() == b"x"


def test_files_may_be_128_folders_deep_and_no_deeper(service: Service, complete: str, here: Path) -> None:
    forge(service.store, service, complete, [MANIFEST, FileEntry("d/" * 128 + "x", b"x")], "deep")
    assert service.extract(ExtractRequest("deep", "out")).files == 2
    for depth in (129, 2000):
        forge(service.store, service, complete, [MANIFEST, FileEntry("d/" * depth + "x", b"x")], "deeper")
        with pytest.raises(NotAPluginError, match="folders deep"):
            service.extract(ExtractRequest("deeper", "nothing"))
    assert [path.name for path in here.iterdir()] == ["out"]


def test_plugin_must_be_named_as_its_repository_is(service: Service, complete: str, here: Path) -> None:
    service.build(BuildRequest(complete))
    for ref in ("example.com/acme/popular:v1", "example.com/acme/complete:v1"):
        service.push("complete", ref)
    with pytest.raises(NameMismatchError, match="popular"):
        service.extract(ExtractRequest("example.com/acme/popular:v1"))
    service.pull("example.com/acme/popular:v1")
    with pytest.raises(NameMismatchError, match="popular"):
        service.extract(ExtractRequest("example.com/acme/popular:v1"))
    assert list(here.iterdir()) == []
    assert service.extract(ExtractRequest("example.com/acme/complete:v1")).name == "complete"


def forge(store: Store, service: Service, complete: str, files: list[FileEntry], tag: str) -> None:
    """Tag an artifact whose labels are those of the complete plugin and whose layer holds `files`."""
    import json

    build = service.build(BuildRequest(complete))
    layer = compress_tar(files)
    index = json.loads(store.get_manifest(build.digest))
    for entry in index["manifests"]:
        manifest = json.loads(store.get_manifest(entry["digest"]))
        manifest["layers"][0] |= {"digest": store.put_blob(layer), "size": len(layer)}
        data = json.dumps(manifest).encode()
        entry |= {"digest": store.put_manifest(data), "size": len(data)}
    store.tag(store.put_manifest(json.dumps(index).encode()), tag)


def test_label_and_manifest_must_agree_on_the_name(service: Service, complete: str, here: Path) -> None:
    forge(
        service.store, service, complete, [FileEntry(".claude-plugin/plugin.json", b'{"name":"evil"}')], "complete:v2"
    )
    with pytest.raises(NameMismatchError, match="evil"):
        service.extract(ExtractRequest("complete:v2"))
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("name", ["../up", "a/b", ".", "-x", "a\x1b[31m"])
def test_a_name_that_is_no_folders_needs_a_directory(service: Service, tmp_path: Path, here: Path, name: str) -> None:
    service.build(BuildRequest(write_plugin(tmp_path / "p", minimal(name)), tag="odd"))
    with pytest.raises(DestinationError):
        service.extract(ExtractRequest("odd"))
    assert list(here.iterdir()) == []
    assert service.extract(ExtractRequest("odd", "fine")).files == 1
