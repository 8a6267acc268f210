"""A directory that others change while it is packaged gives an error or a state that each file was in, and never leads outside.

First by plan: one change, right before one system call of ours, for every change and every call in turn. Then by chance: a process
that changes things as fast as it can, under a seed. Whatever we open is looked at: nothing outside is among it.
"""

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from attrs import define, field

from toolhive_artifact import FileSource, extract_tar, tar_chunks
from toolhive_plugins_content import component_inventory, discover_components, open_plugin_directory
from toolhive_plugins_interfaces import PluginError

_CALLS = ("open", "stat", "scandir", "fstat", "read", "readlink")
_MANIFEST = ".claude-plugin/plugin.json"
_FILES = {
    _MANIFEST: b'{"name":"x"}',
    "commands/a.md": b"---\ndescription: mine\n---\n",
    "d/e/file": b"mine" * 100,
    "hooks/hooks.json": b'{"hooks":{}}',
    "z": b"mine",
}
_SECRET = b"this is outside"


def _write(root: Path) -> None:
    for path, content in _FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    (root / "link").symlink_to("d/e/file")


@define
class Watch:
    """Counts our system calls, lets something happen before one of them, and looks at all that is opened."""

    forbidden: set[tuple[int, int]]
    """Device and inode of what is outside."""
    before: int = -1
    event: Callable[[], object] = lambda: None
    calls: int = 0
    busy: bool = False
    opened_outside: list[str] = field(factory=list)

    def install(self, patch: pytest.MonkeyPatch) -> None:
        for name in _CALLS:
            patch.setattr(os, name, self._watched(name, getattr(os, name)))

    def _watched(self, name: str, real: Callable[..., object]) -> Callable[..., object]:
        fstat = os.fstat

        def call(*args: object, **kwargs: object) -> object:
            if self.busy:
                return real(*args, **kwargs)
            if self.calls == self.before:
                self.busy = True
                try:
                    self.event()
                except OSError as error:
                    raise AssertionError("the change itself failed") from error
                self.busy = False
            self.calls += 1
            result = real(*args, **kwargs)
            if name == "open" and isinstance(result, int):
                found = fstat(result)
                if (found.st_dev, found.st_ino) in self.forbidden:
                    self.opened_outside.append(str(args[0]))
            return result

        return call


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the plugin, with the same names in it."""
    folder = tmp_path / "outside"
    for path in (*_FILES, "file", "a.md", "plugin.json", "hooks.json", "e/file"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b'{"name":"%b"}' % _SECRET)
    return folder


def _inodes(folder: Path) -> set[tuple[int, int]]:
    return {(found.st_dev, found.st_ino) for found in (path.stat() for path in [folder, *folder.rglob("*")])}


def _read(root: Path) -> dict[str, bytes]:
    """Do with a directory all that packaging does, and return what the layer holds."""
    with open_plugin_directory(str(root)) as plugin:
        component_inventory(plugin, plugin.manifest)
        discover_components(plugin, plugin.manifest)
        sources = [
            FileSource(file.path, file.size, file.mode, partial(plugin.chunks, file.path))
            for file in plugin.files.values()
        ]
        return {file.path: file.content for file in extract_tar(b"".join(tar_chunks(sources)))}


def _grow(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b"+")


def _remove_and(path: Path, make: Callable[[Path], object]) -> None:
    path.unlink()
    make(path)


def _swap_for_link(path: Path, outside: Path) -> None:
    path.rename(path.parent / f".moved-{path.name}")
    path.symlink_to(outside)


def _swap_for_new_folder(path: Path, outside: Path) -> None:
    path.rename(path.parent / f".moved-{path.name}")
    shutil.copytree(outside, path)


_CHANGES: dict[str, Callable[[Path, Path], object]] = {
    "a file grows": lambda root, _: _grow(root / "d/e/file"),
    "a file shrinks": lambda root, _: os.truncate(root / "d/e/file", 3),
    "a file is emptied": lambda root, _: os.truncate(root / "z", 0),
    "a file is written anew": lambda root, _: (root / "d/e/file").write_bytes(b"YOUR" * 100),
    "a file is removed": lambda root, _: (root / "z").unlink(),
    "a file becomes a link": lambda root, out: _swap_for_link(root / "d/e/file", out / "file"),
    "a file becomes a fifo": lambda root, _: _remove_and(root / "z", os.mkfifo),
    "a file becomes a folder": lambda root, _: _remove_and(root / "z", Path.mkdir),
    "a file appears": lambda root, _: (root / "d/new").write_bytes(b"new"),
    "a link leads elsewhere": lambda root, _: _remove_and(root / "link", lambda path: path.symlink_to("z")),
    "a link leads out": lambda root, out: _remove_and(root / "link", lambda path: path.symlink_to(out / "file")),
    "a link becomes a file": lambda root, _: _remove_and(root / "link", lambda path: path.write_bytes(b"new")),
    "a link appears": lambda root, out: (root / "d/new").symlink_to(out / "file"),
    "a folder becomes a link": lambda root, out: _swap_for_link(root / "d", out),
    "an inner folder becomes a link": lambda root, out: _swap_for_link(root / "d/e", out),
    "a folder becomes another": lambda root, out: _swap_for_new_folder(root / "d", out),
    "a folder is renamed": lambda root, _: (root / "d").rename(root / "f"),
    "a folder moves up": lambda root, _: (root / "d/e").rename(root / "e"),
    "a folder moves out": lambda root, out: (root / "d").rename(out.parent / "moved"),
    "a component's folder becomes a link": lambda root, out: _swap_for_link(root / "hooks", out),
    "the manifest is written anew": lambda root, _: (root / _MANIFEST).write_bytes(b'{"name":"y"}'),
    "the manifest becomes a link": lambda root, out: _swap_for_link(root / _MANIFEST, out / "plugin.json"),
    "the manifest's folder becomes a link": lambda root, out: _swap_for_link(root / ".claude-plugin", out),
    "the directory becomes a link": lambda root, out: _swap_for_link(root, out),
    "the directory is renamed": lambda root, _: root.rename(root.parent / f"{root.name}-renamed"),
}
_STATES = {
    _MANIFEST: {b'{"name":"x"}', b'{"name":"y"}'},
    "d/e/file": {b"mine" * 100, b"YOUR" * 100, b"mine" * 100 + b"+", b"min"},
    "link": {b"mine" * 100, b"YOUR" * 100, b"mine" * 100 + b"+", b"min", b"mine", b"new"},
    "z": {b"mine", b""},
}


def _check(content: dict[str, bytes], *, may_hold: bytes = b"new") -> None:
    """Hold what was packaged to what each file ever was."""
    assert _MANIFEST in content
    for path, data in content.items():
        moved = "d/" + path[2:] if path.startswith("f/") else "d/" + path if path.startswith("e/") else path
        states = _STATES.get(moved) or {_FILES.get(moved, may_hold)}
        assert data in states, f"{path} never held that"


@pytest.mark.parametrize("change", _CHANGES)
def test_a_change_before_any_system_call_gives_an_error_or_a_snapshot(
    change: str, tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = snapshots = 0
    for before in itertools.count():
        root = tmp_path / f"plugin{before}"
        _write(root)
        target = tmp_path / f"outside{before}"
        target.mkdir()
        shutil.copytree(outside, target / "outside")
        watch = Watch(_inodes(target), before, partial(_CHANGES[change], root, target / "outside"))
        with monkeypatch.context() as patch:
            watch.install(patch)
            try:
                content = _read(root)
            except PluginError:
                errors += 1
            else:
                snapshots += 1
                _in_order(change, content)
        # Before it is open, the directory is whatever the caller's own path leads to.
        assert not watch.opened_outside or (before == 0 and change == "the directory becomes a link")
        if watch.calls <= before:
            break
    assert snapshots, "after the last call, nothing can go wrong"
    assert errors + snapshots > 30, "there were calls to interfere with"


def _in_order(change: str, content: dict[str, bytes]) -> None:
    if change == "the directory becomes a link" and any(_SECRET in data for data in content.values()):
        # The caller's own path is followed when it is opened; then all of it is the other directory, and nothing of this one.
        assert all(_SECRET in data for data in content.values())
        return
    if change == "a folder becomes another":
        content = {
            path: data for path, data in content.items() if not (path.startswith(("d/", "link")) and _SECRET in data)
        }
    _check(content)
    assert not any(_SECRET in data for data in content.values())


_RACER = """
import os, random, sys, time
root, outside, seed, turns = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
chance = random.Random(seed)
os.chdir(root)
def whole(path, letter, size):
    with open(outside + "/.new", "wb") as file:
        file.write(letter * size)
    os.replace(outside + "/.new", path)
for turn in range(turns):
    n = chance.randrange(6)
    folder, file = f"d{n}", f"d{n}/file"
    letter = bytes([97 + turn % 26])
    if chance.random() < 0.1:
        time.sleep(chance.random() / 10)
    try:
        kind = chance.randrange(7)
        if kind == 0: whole(file, letter, chance.randrange(200_000))
        elif kind == 1:
            with open(file, "wb") as f: f.write(letter * chance.randrange(200_000))
        elif kind == 2: os.truncate(file, chance.randrange(os.path.getsize(file) + 1))
        elif kind == 3:
            os.rename(file, outside + "/.kept"); os.symlink(outside + "/file", file); os.unlink(file); os.rename(outside + "/.kept", file)
        elif kind == 4:
            os.rename(folder, outside + "/.folder"); os.symlink(outside, folder); os.unlink(folder); os.rename(outside + "/.folder", folder)
        elif kind == 5: os.rename(folder, "x"); os.rename("x", folder)
        else:
            os.mkfifo(folder + "/fifo"); os.unlink(folder + "/fifo")
    except OSError:
        pass
"""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_process_that_changes_everything_gives_errors_or_whole_files(
    seed: int, tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file only ever holds one repeated letter, so that a torn one would show; what is outside would, too.

    The process pauses now and then, so that some attempts come to their end and others do not.
    """
    root = tmp_path / "plugin"
    _write(root)
    for number in range(6):
        (root / f"d{number}").mkdir()
        (root / f"d{number}" / "file").write_bytes(b"a" * 100_000)
    watch = Watch(_inodes(outside))
    watch.install(monkeypatch)
    racer = subprocess.Popen([sys.executable, "-c", _RACER, str(root), str(outside), str(seed), "20000"])
    try:
        done = refused = 0
        for _ in _while_running(racer, 2000):
            if done >= 30 and refused >= 30:
                break
            try:
                content = _read(root)
            except PluginError:
                refused += 1
                continue
            done += 1
            for number in range(6):
                data = content.get(f"d{number}/file", b"")
                assert data == data[:1] * len(data), "a torn file"
            assert not any(_SECRET in data for data in content.values())
    finally:
        racer.kill()
        racer.wait()
    assert not watch.opened_outside
    assert done, "no attempt came to its end"
    assert refused, "no attempt was interfered with"


def _while_running(process: "subprocess.Popen[bytes]", most: int) -> Iterator[int]:
    """Count until the process ends, or to `most`."""
    for number in range(most):
        if process.poll() is not None:
            return
        yield number
