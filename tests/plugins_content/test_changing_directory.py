"""A directory that changes while it is read gives an error or what each file held at one moment, and never leads outside."""

import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from plugin_folders import MANIFEST, make_plugin, write

from toolhive_plugins_content import PluginDirectory, open_plugin_directory
from toolhive_plugins_interfaces import InvalidPluginFileError, PluginError

_SIZE = 1024 * 1024


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the plugin with files that are none of ours."""
    folder = tmp_path / "outside"
    write(folder, "file", "secret".ljust(_SIZE))
    write(folder, "plugin.json", {"name": "secret"})
    return folder


def _read_all(directory: PluginDirectory) -> dict[str, bytes]:
    return {path: b"".join(directory.chunks(path)) for path in directory.paths}


def _change_of(change: str, file: Path, outside: Path) -> None:
    """Change the file in one of the ways that others may."""
    if change == "grows":
        with file.open("ab") as stream:
            stream.write(b"x")
    elif change == "shrinks":
        os.truncate(file, 1)
    elif change == "is rewritten in the same size":
        file.write_bytes(b"y" * file.stat().st_size)
    elif change == "is rewritten and dated back":
        status = file.stat()
        file.write_bytes(b"y" * status.st_size)
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    elif change == "is replaced by a file of the same size":
        other = write(outside, "other", b"z" * file.stat().st_size)
        other.replace(file)
    elif change == "is replaced by a link":
        file.unlink()
        file.symlink_to(outside / "file")
    elif change == "is replaced by a fifo":
        file.unlink()
        os.mkfifo(file)
    elif change == "is replaced by a folder":
        file.unlink()
        file.mkdir()
    elif change == "is made executable":
        file.chmod(0o755)
    elif change == "is removed":
        file.unlink()
    elif change == "has its folder replaced by a link":
        file.parent.rename(outside / "moved")
        file.parent.symlink_to(outside)
    else:
        file.parent.rename(outside / "moved")
        file.parent.mkdir()


_CHANGES = [
    "grows",
    "shrinks",
    "is rewritten in the same size",
    "is rewritten and dated back",
    "is replaced by a file of the same size",
    "is replaced by a link",
    "is replaced by a fifo",
    "is replaced by a folder",
    "is made executable",
    "is removed",
    "has its folder replaced by a link",
    "has its folder moved away",
]


@pytest.mark.parametrize("change", _CHANGES)
def test_file_that_changes_after_it_was_listed_is_an_error(plugin: Path, outside: Path, change: str) -> None:
    make_plugin(plugin, {"d/file": "mine".ljust(_SIZE)})
    with open_plugin_directory(str(plugin)) as directory:
        _change_of(change, plugin / "d/file", outside)
        with pytest.raises(InvalidPluginFileError) as caught:
            _read_all(directory)
    assert caught.value.where == "d/file"
    assert "changed" in caught.value.problem


@pytest.mark.parametrize("change", ["grows", "is rewritten in the same size", "is made executable"])
def test_file_that_changes_while_it_is_read_is_an_error(plugin: Path, outside: Path, change: str) -> None:
    make_plugin(plugin, {"d/file": "mine".ljust(_SIZE)})
    with open_plugin_directory(str(plugin)) as directory:
        chunks = directory.chunks("d/file")
        next(chunks)
        _change_of(change, plugin / "d/file", outside)
        with pytest.raises(InvalidPluginFileError, match="changed"):
            list(chunks)


def test_component_file_that_changes_is_an_error_to_its_reader_too(plugin: Path, outside: Path) -> None:
    make_plugin(plugin, {"hooks/hooks.json": {}})
    with open_plugin_directory(str(plugin)) as directory:
        _change_of("grows", plugin / "hooks/hooks.json", outside)
        with pytest.raises(InvalidPluginFileError):
            directory.read("hooks/hooks.json", 1000)


def _during_the_wait(monkeypatch: pytest.MonkeyPatch, plugin: Path, event: Callable[[], object]) -> list[float]:
    """Let it be the moment of the plugin's last change, and `event` happen instead of each wait; return the waits' seconds."""
    waits: list[float] = []
    now = max(path.stat().st_ctime_ns for path in plugin.rglob("*") if path.is_file())
    monkeypatch.setattr(time, "time_ns", lambda: now)

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        event()

    monkeypatch.setattr(time, "sleep", sleep)
    return waits


def test_write_that_may_still_be_under_way_is_waited_for_and_seen(
    plugin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plugin(plugin, {"a.md": "half of the"})
    waits = _during_the_wait(monkeypatch, plugin, lambda: write(plugin, "a.md", "whole of it"))
    with open_plugin_directory(str(plugin)) as directory, pytest.raises(InvalidPluginFileError, match="changed"):
        _read_all(directory)
    assert waits == [0.012]


def test_write_of_the_manifest_that_may_still_be_under_way_is_seen(
    plugin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plugin(plugin)
    _during_the_wait(monkeypatch, plugin, lambda: write(plugin, MANIFEST, {"name": "whole"}))
    with pytest.raises(InvalidPluginFileError, match="changed"), open_plugin_directory(str(plugin)):
        pass


def test_directory_at_rest_is_not_waited_for(plugin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_plugin(plugin)
    waits = _during_the_wait(monkeypatch, plugin, lambda: None)
    later = time.time_ns() + 12_000_000
    monkeypatch.setattr(time, "time_ns", lambda: later)
    with open_plugin_directory(str(plugin)):
        pass
    assert waits == []


def test_file_dated_into_the_future_is_waited_for_no_longer_than_another(
    plugin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plugin(plugin)
    os.utime(plugin / MANIFEST, (2**32, 2**32))
    waits = _during_the_wait(monkeypatch, plugin, lambda: None)
    with open_plugin_directory(str(plugin)):
        pass
    assert waits == [0.012]


def test_manifest_is_packaged_as_it_was_parsed(plugin: Path) -> None:
    make_plugin(plugin, name="before")
    with open_plugin_directory(str(plugin)) as directory:
        write(plugin, MANIFEST, {"name": "after!"})
        assert directory.manifest.name == "before"
        assert b"before" in _read_all(directory)[MANIFEST]


def _during(monkeypatch: pytest.MonkeyPatch, name: bytes, event: Callable[[], None]) -> None:
    """Let `event` happen once, at the moment when something called `name` is about to be opened."""
    real_open = os.open
    pending = [event]

    def meddled(path: str | bytes, *args: int, **kwargs: int) -> int:
        if path == name and pending:
            pending.pop()()
        return real_open(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", meddled)


def test_folder_swapped_for_a_link_during_the_walk_is_not_followed(
    plugin: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plugin(plugin, {"d/file": "mine", "z/file": "mine"})

    def swap() -> None:
        (plugin / "z").rename(plugin.parent / "z")
        (plugin / "z").symlink_to(outside)

    _during(monkeypatch, b"z", swap)
    with pytest.raises(InvalidPluginFileError, match="changed"), open_plugin_directory(str(plugin)):
        pass


def test_manifest_folder_swapped_for_a_link_is_not_followed(
    plugin: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plugin(plugin)

    def swap() -> None:
        (plugin / ".claude-plugin").rename(plugin / "x")
        (plugin / ".claude-plugin").symlink_to(outside)

    _during(monkeypatch, b".claude-plugin", swap)
    with pytest.raises(PluginError), open_plugin_directory(str(plugin)):
        pass


def test_plugin_that_is_moved_while_it_is_read_is_read_to_the_end(plugin: Path, outside: Path) -> None:
    make_plugin(plugin, {"a/file": "mine", "b/file": "mine"})
    with open_plugin_directory(str(plugin)) as directory:
        plugin.rename(plugin.parent / "moved")
        plugin.symlink_to(outside)
        assert _read_all(directory)["b/file"] == b"mine"


@pytest.mark.parametrize("error", [errno.EIO, errno.EACCES, errno.EMFILE])
@pytest.mark.parametrize("call", ["open", "read", "fstat"])
def test_failure_to_read_names_the_file(plugin: Path, monkeypatch: pytest.MonkeyPatch, call: str, error: int) -> None:
    make_plugin(plugin, {"d/file": "mine"})
    with open_plugin_directory(str(plugin)) as directory, monkeypatch.context() as patch:
        chunks = directory.chunks("d/file")
        patch.setattr(os, call, _failing(error))
        with pytest.raises(InvalidPluginFileError) as caught:
            next(chunks)
    assert caught.value.where == "d/file"
    assert os.strerror(error) in caught.value.problem


@pytest.mark.parametrize("error", [errno.EIO, errno.EACCES, errno.EMFILE])
@pytest.mark.parametrize("call", ["stat", "scandir"])
def test_failure_to_list_is_one_of_our_errors(
    plugin: Path, monkeypatch: pytest.MonkeyPatch, call: str, error: int
) -> None:
    make_plugin(plugin, {"d/file": "mine"})
    with monkeypatch.context() as patch:
        patch.setattr(os, call, _failing(error))
        with pytest.raises(InvalidPluginFileError) as caught, open_plugin_directory(str(plugin)):
            pass
    assert os.strerror(error) in caught.value.problem


def _failing(error: int) -> Callable[..., None]:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(error, os.strerror(error))

    return fail


def test_directory_that_a_thread_keeps_changing_gives_whole_files_or_errors(plugin: Path, outside: Path) -> None:
    """Each file only ever holds one repeated letter, so that a torn one would show; now and then there is a pause."""
    letters = [bytes([letter]) * 300_000 for letter in range(ord("a"), ord("k"))]
    make_plugin(plugin, {f"d{number}/file": letters[number] for number in range(5)})
    stop = threading.Event()

    def meddle() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            if turn % 40 == 0:
                stop.wait(0.05)
            folder = plugin / f"d{turn % 5}"
            file = folder / "file"
            if turn % 3 == 0:
                file.write_bytes(letters[turn % 10])
            elif turn % 3 == 1:
                write(outside, "new", letters[turn % 10]).replace(file)
            else:
                folder.rename(outside / "folder")
                folder.symlink_to(outside)
                folder.unlink()
                (outside / "folder").rename(folder)

    meddler = threading.Thread(target=meddle)
    meddler.start()
    whole = refused = 0
    try:
        for _ in range(2000):
            if whole >= 10 and refused >= 10:
                break
            try:
                with open_plugin_directory(str(plugin)) as directory:
                    contents = _read_all(directory)
            except PluginError:
                refused += 1
                continue
            del contents[MANIFEST]
            whole += 1
            assert all(len(set(content)) <= 1 for content in contents.values())
            assert not any(b"secret" in content for content in contents.values())
    finally:
        stop.set()
        meddler.join()
    assert whole, "no attempt came to its end"
    assert refused, "no attempt was interfered with"


def test_what_was_read_of_a_small_file_is_what_is_read_again(plugin: Path) -> None:
    """The rules, the inventory and the archive are about the same bytes."""
    make_plugin(plugin, {"small": "mine", "large": "mine".ljust(_SIZE)})
    with open_plugin_directory(str(plugin)) as directory:
        assert directory.head("small") == b"mine"
        assert directory.head("large").startswith(b"mine")
        write(plugin, "small", "other")
        write(plugin, "large", "other".ljust(_SIZE))
        assert b"".join(directory.chunks("small")) == b"mine"
        with pytest.raises(InvalidPluginFileError):
            b"".join(directory.chunks("large"))


def test_no_more_than_a_mebibyte_of_small_files_is_kept(plugin: Path) -> None:
    size = 32 * 1024
    make_plugin(plugin, {f"file-{number:02}": "x" * size for number in range(40)})
    with open_plugin_directory(str(plugin)) as directory:
        _read_all(directory)
        for path in directory.paths:
            write(plugin, path, "y" * size) if path != MANIFEST else None
        kept = 0
        for path in directory.paths[1:]:
            try:
                kept += b"".join(directory.chunks(path)) == b"x" * size
            except InvalidPluginFileError:
                continue
    assert 0 < kept <= 32
