"""Changes are whole or not there: killed, refused or failing at any instant."""

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from disk_snapshots import failing_at, killed_at, snapshot

from toolhive_plugins import MemoryTree
from toolhive_plugins_clients import FileEdit
from toolhive_plugins_installs import ChangedMeanwhileError, DiskError, JournalError, disk
from toolhive_plugins_installs.executor import EditFile, Executor, PutTree, Step, TakeTree

NEW = MemoryTree({".claude-plugin/plugin.json": b'{"name": "b"}', "bin/run": b"new"})


@pytest.fixture(autouse=True)
def _unwatched() -> Iterator[None]:
    yield
    disk.watcher = None


@pytest.fixture
def tmp_path(memory: Path) -> Path:
    return memory


def prepare(home: Path) -> None:
    """A home with a folder to replace, one to take, and files to change, remove and add."""
    (home / "skills" / "old").mkdir(parents=True)
    (home / "skills" / "old" / "file").write_bytes(b"old")
    (home / "skills" / "gone" / "deep").mkdir(parents=True)
    (home / "skills" / "gone" / "deep" / "file").write_bytes(b"gone")
    (home / "settings.json").write_bytes(b"{}")
    (home / "settings.json").chmod(0o600)
    (home / "removed.json").write_bytes(b"[]")
    (home / "emptied").mkdir()
    (home / "emptied" / "last").write_bytes(b"x")


def steps(home: Path) -> list[Step]:
    """A change of every kind."""
    return [
        PutTree(home / "skills" / "old", NEW),
        PutTree(home / "new" / "folder" / "plugin", NEW),
        TakeTree(home / "skills" / "gone"),
        TakeTree(home / "skills" / "never-there"),
        EditFile(FileEdit(home / "settings.json", b"{}", b'{"a": 1}', 0o600)),
        EditFile(FileEdit(home / "removed.json", b"[]", None)),
        EditFile(FileEdit(home / "other" / "added.yaml", None, b"x", 0o644), ".toolhive.lock.0123456789abcdef.tmp"),
        TakeTree(home / "emptied" / "last-folder"),
        EditFile(FileEdit(home / "emptied" / "last", b"x", None)),
    ]


def executor(root: Path) -> Executor:
    (root / "ours").mkdir(parents=True, exist_ok=True)
    return Executor(root / "ours")


def act(root: Path) -> None:
    executor(root).execute("a test", steps(root / "home"), [root / "home" / "emptied"])


def test_does_all_of_it_and_leaves_nothing_else(tmp_path: Path) -> None:
    prepare(tmp_path / "home")
    act(tmp_path)
    found = snapshot(tmp_path)
    files = {path: content for path, (kind, _, content) in found.items() if kind == "file"}
    assert files == {
        "home/skills/old/.claude-plugin/plugin.json": b'{"name": "b"}',
        "home/skills/old/bin/run": b"new",
        "home/new/folder/plugin/.claude-plugin/plugin.json": b'{"name": "b"}',
        "home/new/folder/plugin/bin/run": b"new",
        "home/settings.json": b'{"a": 1}',
        "home/other/added.yaml": b"x",
    }
    assert found["home/settings.json"][1] == 0o600
    assert "home/emptied" not in found


def test_a_kill_at_any_change_leaves_all_or_nothing_once_the_next_run_came(tmp_path: Path) -> None:
    for at in range(1, 200):
        root = tmp_path / str(at)
        prepare(root / "home")
        before = snapshot(root / "home")
        (root / "ours").mkdir()
        killed = killed_at(at, lambda root=root: act(root))  # type: ignore[misc]
        said = executor(root).recover()
        after = snapshot(root / "home")
        if said.startswith("finished") or not killed:
            assert "skills/gone" not in after
        else:
            assert after == before, f"at change {at}: {said}"
            act(root)
        done = snapshot(root / "home")
        assert not [path for path in done if Path(path).name.startswith((".thv-plugin", ".settings", ".toolhive"))]
        assert done["settings.json"][2] == b'{"a": 1}'
        assert list((root / "ours").iterdir()) == []
        if not killed:
            assert at > 15
            return
    pytest.fail("it never ended")


def test_a_second_kill_while_taking_back_is_taken_back_too(tmp_path: Path) -> None:
    prepare(tmp_path / "template")
    before = snapshot(tmp_path / "template")
    for first in (17, 20):
        for second in range(1, 60):
            root = tmp_path / f"{first}-{second}"
            shutil.copytree(tmp_path / "template", root / "home")
            (root / "home" / "settings.json").chmod(0o600)
            (root / "ours").mkdir()
            assert killed_at(first, lambda root=root: act(root))  # type: ignore[misc]
            again = killed_at(second, lambda root=root: executor(root).recover())  # type: ignore[misc]
            said = executor(root).recover()
            assert snapshot(root / "home") == before, f"killed at {first} and {second}: {said}"
            if not again:
                break


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_failure_at_any_change_restores_everything(tmp_path: Path, number: int) -> None:
    for at in range(1, 200):
        root = tmp_path / str(at)
        prepare(root / "home")
        before = snapshot(root / "home")
        runner = executor(root)
        failed = failing_at(at, number)
        try:
            act(root)
        except DiskError as error:
            disk.watcher = None
            assert error.errno == number
            assert snapshot(root / "home") == before
        except JournalError:
            pytest.fail("a single failure cannot keep it from being taken back")
        disk.watcher = None
        runner.recover()
        if not failed:
            return
    pytest.fail("it never ended")


def test_ctrl_c_at_any_change_restores_everything(tmp_path: Path) -> None:
    for at in range(1, 200):
        root = tmp_path / str(at)
        prepare(root / "home")
        before = snapshot(root / "home")
        runner = executor(root)
        seen: list[Path] = []

        def watch(operation: str, path: Path, at: int = at, seen: list[Path] = seen) -> None:
            seen.append(path)
            if len(seen) == at:
                raise KeyboardInterrupt

        disk.watcher = watch
        try:
            act(root)
        except KeyboardInterrupt:
            disk.watcher = None
            done = runner.recover().startswith("finished")
            assert done or snapshot(root / "home") == before
        disk.watcher = None
        if len(seen) < at:
            return
    pytest.fail("it never ended")


def test_a_disk_that_stays_broken_is_reported_and_repaired_by_the_next_run(tmp_path: Path) -> None:
    for at in range(1, 200):
        root = tmp_path / str(at)
        prepare(root / "home")
        before = snapshot(root / "home")
        runner = executor(root)
        failed = failing_at(at, errno.EIO, for_good=True)
        finished = False
        try:
            act(root)
            finished = True
        except (DiskError, JournalError):
            pass
        disk.watcher = None
        said = runner.recover()
        if finished or said.startswith("finished"):
            assert "skills/gone" not in snapshot(root / "home")
        else:
            assert snapshot(root / "home") == before
        if not failed:
            return
    pytest.fail("it never ended")


def test_a_file_that_changed_since_the_plan_stops_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    prepare(home)
    planned = steps(home)
    (home / "removed.json").write_bytes(b"[1]")
    before = snapshot(home)
    with pytest.raises(ChangedMeanwhileError):
        executor(tmp_path).execute("a test", planned)
    assert snapshot(home) == before


def test_what_somebody_wrote_after_a_kill_is_theirs(tmp_path: Path) -> None:
    home = tmp_path / "home"
    prepare(home)
    (tmp_path / "ours").mkdir()
    number = next(at for at in range(1, 99) if not _killed_before_removal(tmp_path / "probe", at))
    assert killed_at(number, lambda: act(tmp_path))
    assert (home / "settings.json").read_bytes() == b'{"a": 1}'
    (home / "settings.json").write_bytes(b"theirs")
    executor(tmp_path).recover()
    assert (home / "settings.json").read_bytes() == b"theirs"
    assert (home / "skills" / "old" / "file").read_bytes() == b"old"


def _killed_before_removal(root: Path, at: int) -> bool:
    """Whether a kill at that change comes before the settings are replaced."""
    shutil.rmtree(root, ignore_errors=True)
    prepare(root / "home")
    (root / "ours").mkdir()
    killed_at(at, lambda: act(root))
    return (root / "home" / "settings.json").read_bytes() == b"{}"


@pytest.mark.parametrize("what", ["link", "pipe", "file"])
def test_what_is_in_the_way_of_a_folder_is_refused(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "home" / "plugin"
    folder.parent.mkdir()
    if what == "link":
        (tmp_path / "elsewhere").mkdir()
        folder.symlink_to(tmp_path / "elsewhere")
    elif what == "pipe":
        os.mkfifo(folder)
    else:
        folder.write_bytes(b"")
    before = snapshot(tmp_path / "home")
    with pytest.raises(DiskError, match="not a folder"):
        executor(tmp_path).execute("a test", [PutTree(folder, NEW)])
    assert snapshot(tmp_path / "home") == before


@pytest.mark.parametrize("what", ["link", "pipe", "folder"])
def test_what_is_in_the_way_of_a_file_is_refused(tmp_path: Path, what: str) -> None:
    file = tmp_path / "home" / "settings.json"
    file.parent.mkdir()
    if what == "link":
        (tmp_path / "elsewhere").write_bytes(b"x")
        file.symlink_to(tmp_path / "elsewhere")
    elif what == "pipe":
        os.mkfifo(file)
    else:
        file.mkdir()
    with pytest.raises(DiskError):
        executor(tmp_path).execute("a test", [EditFile(FileEdit(file, None, b"{}"))])


def test_a_read_only_folder_fails_before_anything_changed(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    home = tmp_path / "home"
    prepare(home)
    before = snapshot(home)
    (home / "skills").chmod(0o500)
    with pytest.raises(DiskError):
        act(tmp_path)
    (home / "skills").chmod(0o755)
    assert snapshot(home) == before


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{",
        b'{"version": 2}',
        b'{"version": 1, "phase": "done"}',
        b'{"version": 1, "phase": "done", "what": "", "steps": [], "made": ["../x"], "empty": []}',
        (
            b'{"version": 1, "phase": "done", "what": "", "made": [], "empty": [], "steps": [{"target": "/a/b", '
            b'"staged": "/etc/passwd", "aside": "/a/.x", "is_tree": true, "replaces": true, "puts": true}]}'
        ),
        b"[" * 100_000,
    ],
)
def test_a_journal_that_we_did_not_write_is_not_acted_on(tmp_path: Path, data: bytes) -> None:
    runner = executor(tmp_path)
    (tmp_path / "ours" / "journal.json").write_bytes(data)
    with pytest.raises(JournalError, match="cannot be read"):
        runner.recover()
