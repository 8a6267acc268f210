"""The folders that are handed out: read-only, checked, written again, swept; and what a tag may not bring unasked."""

import os
import shutil
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from disk_snapshots import killed_at
from plugin_folders import make_plugin, write
from service_plugins import StoreRegistry

from toolhive_plugins import Digest, NameMismatchError, Packager, RegistryClient, Store
from toolhive_plugins_installs import HandedOut, PluginFolders, Resolver, disk, hand_out
from toolhive_plugins_installs.errors import BusyError, DiskError, GrowthError
from toolhive_plugins_installs.plugin_folders import KEEP

HOOK = {"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "./run.sh"}]}]}}
FILES = {"README.md": "hello\n", "skills/greet/SKILL.md": "---\nname: greet\n---\nGreet.\n"}


def offline() -> RegistryClient:
    raise AssertionError("the registry was asked")


@pytest.fixture
def folders(store: Store) -> PluginFolders:
    return PluginFolders(store.root, timeout=20)


@pytest.fixture
def path(store: Store, folders: PluginFolders) -> Callable[..., HandedOut]:
    """Hands out, where the store has everything."""

    def call(text: str, *, accept_growth: bool = False) -> HandedOut:
        return hand_out(folders, store, lambda: Resolver(store, offline), text, accept_growth=accept_growth)

    return call


def build(store: Store, folder: Path, tag: str = "demo", **files: object) -> Digest:
    """Build a plugin with an executable and a hidden file."""
    shutil.rmtree(folder, ignore_errors=True)
    make_plugin(folder, {**FILES, ".mcp.json": {"mcpServers": {}}}, version="1.0.0")
    for name, content in files.items():
        write(folder, name.replace("__", "/").replace("hooks_json", "hooks.json"), content)
    write(folder, "scripts/run.sh", "#!/bin/sh\n", 0o755)
    digest = Packager(store).package(str(folder)).index_digest
    store.tag(digest, tag)
    return digest


def modes(folder: Path) -> dict[str, int]:
    return {str(each.relative_to(folder)): stat.S_IMODE(each.lstat().st_mode) for each in [folder, *folder.rglob("*")]}


def test_the_folder_is_named_as_the_plugin_and_read_only(
    store: Store, tmp_path: Path, path: Callable[..., HandedOut]
) -> None:
    digest = build(store, tmp_path / "demo")
    old = os.umask(0o077)
    try:
        found = path(digest)
    finally:
        os.umask(old)
    folder = Path(found.path)
    assert folder.is_absolute()
    assert (folder.name, found.name, found.version, found.digest) == ("demo", "demo", "1.0.0", digest)
    assert (folder / "README.md").read_text() == "hello\n"
    assert {path: mode for path, mode in modes(folder).items() if mode != 0o555} == {
        ".claude-plugin/plugin.json": 0o444,
        ".mcp.json": 0o444,
        "README.md": 0o444,
        "skills/greet/SKILL.md": 0o444,
    }
    assert "scripts/run.sh" in modes(folder)


def test_a_folder_that_is_as_it_was_is_handed_out_again(
    store: Store, tmp_path: Path, path: Callable[..., HandedOut]
) -> None:
    digest = build(store, tmp_path / "demo")
    first = path(digest)
    moment = Path(first.path, "README.md").stat().st_ctime_ns
    again = path(digest[len("sha256:") :][:20])
    assert (first.extracted, again.extracted, again.path) == (True, False, first.path)
    assert Path(first.path, "README.md").stat().st_ctime_ns == moment


def test_a_sound_folder_needs_neither_store_nor_registry(store: Store, tmp_path: Path, folders: PluginFolders) -> None:
    remote = StoreRegistry(Store(tmp_path / "remote"))
    digest = build(remote.remote, tmp_path / "demo", "example.com/me/demo:1")
    remote.remote.tag(digest, f"example.com/me/demo@{digest}")
    text = f"example.com/me/demo@{digest}"
    first = hand_out(folders, store, lambda: Resolver(store, lambda: remote), text)
    assert remote.pulled == [text]
    shutil.rmtree(store.root)
    with Store(store.root) as empty:
        again = hand_out(folders, empty, lambda: Resolver(empty, offline), text)
    assert (again.path, again.extracted, again.reference) == (first.path, False, text)


def test_a_sound_folder_under_another_repositorys_name_is_refused(
    store: Store, tmp_path: Path, folders: PluginFolders
) -> None:
    digest = build(store, tmp_path / "demo")
    hand_out(folders, store, lambda: Resolver(store, offline), digest)
    with pytest.raises(NameMismatchError):
        hand_out(folders, store, lambda: Resolver(store, offline), f"example.com/me/popular@{digest}")


def test_folders_are_made_where_there_is_not_even_a_data_home(store: Store, tmp_path: Path) -> None:
    digest = build(store, tmp_path / "demo")
    folders = PluginFolders(tmp_path / "home/.local/share/toolhive/plugins")
    assert Path(hand_out(folders, store, lambda: Resolver(store, offline), digest).path).is_dir()


def changed(folder: Path) -> None:
    (folder / "README.md").chmod(0o644)
    (folder / "README.md").write_text("HELLO\n")
    (folder / "README.md").chmod(0o444)


def appended(folder: Path) -> None:
    (folder / "scripts/run.sh").chmod(0o755)
    with (folder / "scripts/run.sh").open("a") as file:
        file.write("evil\n")
    (folder / "scripts/run.sh").chmod(0o555)


def missing(folder: Path) -> None:
    folder.chmod(0o755)
    (folder / "README.md").unlink()
    folder.chmod(0o555)


def extra(folder: Path) -> None:
    (folder / "skills").chmod(0o755)
    write(folder, "skills/evil/SKILL.md")
    for each in (folder / "skills/evil", folder / "skills"):
        each.chmod(0o555)
    (folder / "skills/evil/SKILL.md").chmod(0o444)


def extra_folder(folder: Path) -> None:
    folder.chmod(0o755)
    (folder / "hooks").mkdir(mode=0o555)
    folder.chmod(0o555)


def writable_file(folder: Path) -> None:
    (folder / "README.md").chmod(0o644)


def executable_file(folder: Path) -> None:
    (folder / "README.md").chmod(0o555)


def writable_folder(folder: Path) -> None:
    (folder / "skills").chmod(0o755)


def link(folder: Path) -> None:
    folder.chmod(0o755)
    (folder / "README.md").rename(folder.parent / "README.md")
    (folder / "README.md").symlink_to(folder.parent / "README.md")
    folder.chmod(0o555)


def pipe(folder: Path) -> None:
    folder.chmod(0o755)
    (folder / "README.md").unlink()
    os.mkfifo(folder / "README.md", 0o444)
    folder.chmod(0o555)


def folder_is_a_link(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to(folder.with_name("elsewhere"))


def entry_is_a_link(folder: Path) -> None:
    entry = folder.parent
    entry.rename(entry.with_name("elsewhere"))
    entry.symlink_to(entry.with_name("elsewhere"))


def entry_is_a_file(folder: Path) -> None:
    disk.remove_tree(folder.parent)
    folder.parent.write_text("x")


def no_folder(folder: Path) -> None:
    disk.remove_tree(folder)


def record_is_damaged(folder: Path) -> None:
    (folder.parent / "record.json").write_text('{"name": ')


def record_names_another_place(folder: Path) -> None:
    text = (folder.parent / "record.json").read_text()
    (folder.parent / "record.json").write_text(text.replace('"name": "demo"', '"name": "../demo"'))


def record_is_a_pipe(folder: Path) -> None:
    (folder.parent / "record.json").unlink()
    os.mkfifo(folder.parent / "record.json")


def record_is_of_another_shape(folder: Path) -> None:
    (folder.parent / "record.json").write_text('{"name": 5, "files": []}' * 1)


DAMAGES = [
    changed,
    appended,
    missing,
    extra,
    extra_folder,
    writable_file,
    executable_file,
    writable_folder,
    link,
    pipe,
    folder_is_a_link,
    entry_is_a_link,
    entry_is_a_file,
    no_folder,
    record_is_damaged,
    record_names_another_place,
    record_is_a_pipe,
    record_is_of_another_shape,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_what_differs_in_anything_is_written_again(
    store: Store, tmp_path: Path, path: Callable[..., HandedOut], damage: Callable[[Path], None]
) -> None:
    digest = build(store, tmp_path / "demo")
    folder = Path(path(digest).path)
    before = modes(folder)
    damage(folder)
    again = path(digest)
    assert (again.path, again.extracted) == (str(folder), True)
    assert modes(folder) == before
    assert (folder / "README.md").read_text() == "hello\n"
    assert not folder.is_symlink()
    assert not folder.parent.is_symlink()
    assert path(digest).extracted is False
    assert not [each for each in folder.parent.parent.iterdir() if each.name.startswith(".")]


def test_two_at_once_write_once(store: Store, tmp_path: Path, path: Callable[..., HandedOut]) -> None:
    digest = build(store, tmp_path / "demo")
    results: list[HandedOut] = []
    threads = [threading.Thread(target=lambda: results.append(path(digest))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({result.path for result in results}) == 1
    assert sorted(result.extracted for result in results) == [False] * 5 + [True]


def test_a_lock_that_is_not_given_up_is_told(store: Store, tmp_path: Path, path: Callable[..., HandedOut]) -> None:
    digest = build(store, tmp_path / "demo")
    path(digest)
    other = PluginFolders(store.root)
    with other.locked(), pytest.raises(BusyError):
        hand_out(PluginFolders(store.root, timeout=0.1), store, lambda: Resolver(store, offline), digest)


@pytest.mark.parametrize("damaged", [False, True], ids=["new", "damaged"])
def test_a_kill_at_any_disk_change_leaves_nothing_half_done(store: Store, tmp_path: Path, damaged: bool) -> None:
    digest = build(store, tmp_path / "demo")
    reference = f"example.com/me/demo@{digest}"
    digests = PluginFolders(store.root).folder / "digests"

    def act() -> HandedOut:
        return hand_out(PluginFolders(store.root), store, lambda: Resolver(store, offline), reference)

    kills = 0
    for step in range(1, 40):
        if damaged:
            changed(Path(act().path))
        elif digests.exists():
            disk.remove_tree(digests.parent)
        if not killed_at(step, act):
            break
        kills += 1
        for each in digests.glob("[0-9a-f]*"):  # What is in place is whole.
            assert (each / "record.json").exists()
            assert min(path.name for path in (each / "demo").iterdir()) == ".claude-plugin"
        assert Path(act().path, "README.md").read_text() == "hello\n"
        assert modes(Path(act().path))["README.md"] == 0o444
    assert kills > 5
    act()
    disk.remove_tree(digests / digest.encoded)
    act()
    assert [each.name for each in digests.iterdir()] == [digest.encoded]


def test_a_full_disk_leaves_what_was_there(
    store: Store, tmp_path: Path, path: Callable[..., HandedOut], monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = build(store, tmp_path / "demo")
    folder = Path(path(digest).path)
    changed(folder)

    def full(operation: disk.Operation, _: Path) -> None:
        if operation is disk.Operation.WRITE_TREE:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "watcher", full)
    with pytest.raises(DiskError, match="No space"):
        path(digest)
    monkeypatch.setattr(disk, "watcher", None)
    assert (folder / "README.md").read_text() == "HELLO\n"
    assert path(digest).extracted is True


def test_what_nobody_asks_for_is_swept_after_the_documented_time(store: Store, tmp_path: Path) -> None:
    moment = time.time()
    folders = PluginFolders(store.root, now=lambda: moment)
    old, used = build(store, tmp_path / "demo", "old"), build(store, tmp_path / "demo", "used", **{"a.md": "a"})
    resolver = lambda: Resolver(store, offline)  # noqa: E731
    first, second = (Path(hand_out(folders, store, resolver, digest).path) for digest in (old, used))
    for folder in (first, second):
        os.utime(folder.parent / "record.json", (moment, moment))
    write(first.parent.parent, ".new-left/demo/x.md")
    moment += KEEP
    hand_out(folders, store, resolver, used)
    moment += 1
    assert first.exists()
    hand_out(folders, store, resolver, build(store, tmp_path / "demo", "new", **{"b.md": "b"}))
    assert not first.parent.exists()
    assert second.exists()
    assert not (first.parent.parent / ".new-left").exists()


def test_a_tag_that_can_do_more_is_not_handed_out_until_accepted(
    store: Store, tmp_path: Path, path: Callable[..., HandedOut]
) -> None:
    first = build(store, tmp_path / "demo")
    assert path("demo").digest == first
    second = build(store, tmp_path / "demo", hooks__hooks_json=HOOK)
    for _ in range(2):
        with pytest.raises(GrowthError, match="SessionStart") as caught:
            path("demo")
        assert first in caught.value.problem
        assert caught.value.where == second
    assert path(second).digest == second, "a digest is what its user saw"
    assert path("demo", accept_growth=True).digest == second
    assert path("demo").digest == second


def test_a_tag_that_can_do_the_same_or_less_is_handed_out(
    store: Store, tmp_path: Path, path: Callable[..., HandedOut]
) -> None:
    build(store, tmp_path / "demo", hooks__hooks_json=HOOK)
    path("demo")
    second = build(store, tmp_path / "demo", **{"notes.txt": "more\n"})
    assert path("demo").digest == second
    third = build(store, tmp_path / "demo", hooks__hooks_json=HOOK)
    with pytest.raises(GrowthError):
        path("demo")
    assert path("demo", accept_growth=True).digest == third


def test_what_was_handed_out_and_is_gone_everywhere_counts_as_less(
    store: Store, tmp_path: Path, folders: PluginFolders
) -> None:
    build(store, tmp_path / "demo")
    hand_out(folders, store, lambda: Resolver(store, offline), "demo")
    disk.remove_tree(folders.folder / "digests")
    shutil.rmtree(store.root)
    with Store(store.root) as fresh:
        build(fresh, tmp_path / "demo", **{"notes.txt": "other\n"})
        with pytest.raises(GrowthError, match="cannot be compared"):
            hand_out(folders, fresh, lambda: Resolver(fresh, offline), "demo")
        assert hand_out(folders, fresh, lambda: Resolver(fresh, offline), "demo", accept_growth=True).extracted


def test_the_old_version_is_read_from_the_store_where_its_folder_is_gone(
    store: Store, tmp_path: Path, folders: PluginFolders, path: Callable[..., HandedOut]
) -> None:
    first = build(store, tmp_path / "demo")
    store.tag(first, "kept")
    path("demo")
    disk.remove_tree(folders.folder / "digests")
    build(store, tmp_path / "demo", hooks__hooks_json=HOOK)
    with pytest.raises(GrowthError, match="SessionStart"):
        path("demo")
