"""Installing and uninstalling: whole, and taken back byte for byte."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from disk_snapshots import Snapshot, failing_at, killed_at, snapshot
from worlds import Asked, World

from toolhive_plugins import Compat, Packager, ToolhiveError, default_package_options
from toolhive_plugins_clients import Method
from toolhive_plugins_installs import (
    BusyError,
    DeclinedError,
    DiskError,
    FolderTakenError,
    GrowthError,
    JournalError,
    ListRequest,
    NoClientError,
    NotInstalledError,
    Place,
    RecordsError,
    Status,
    Unattended,
    UntrustedError,
    disk,
    info,
    list_installed,
    parse_lock_file,
)


@pytest.fixture
def tmp_path(memory: Path) -> Path:
    return memory


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.build()
    return made


@pytest.fixture(autouse=True)
def _unwatched() -> Iterator[None]:
    yield
    disk.watcher = None


def test_installs_into_both_clients_and_takes_everything_back(world: World) -> None:
    (world.home / ".claude" / "settings.json").write_text('{\n  // mine\n  "model": "x"\n}\n')
    before = snapshot(world.home)
    done = world.install()
    assert done.status is Status.INSTALLED
    assert {each.client for each in done.clients} == {"claude-code", "codex"}
    assert (world.skills / "demo" / ".claude-plugin" / "plugin.json").is_file()
    assert (world.home / ".agents/plugins/toolhive/demo/README.md").is_file()
    world.uninstall()
    assert snapshot(world.home) == before
    assert world.site.book.read().installations == ()
    assert world.site.book.read().files == ()


def test_a_client_that_refuses_the_plugin_is_named(world: World) -> None:
    schema = "https://agent-plugins.org/schemas/1.0.0/plugin.schema.json"
    folder = world.root / "source" / "demo-1.0.0"
    (folder / "plugin.json").write_text(f'{{"$schema": "{schema}", "name": "other", "version": "1.0.0"}}')
    options = evolve(default_package_options(), compat=Compat.TOOLHIVE_CORE)  # The other profile would refuse it.
    world.store.tag(Packager(world.store).package(str(folder), options).index_digest, "demo")
    done = world.install()
    (note,) = done.notes
    assert "Codex refuses it" in note
    assert "'other'" in note


def test_the_marketplace_method_keeps_the_users_settings_byte_for_byte(world: World) -> None:
    settings = world.home / ".claude" / "settings.json"
    settings.write_bytes(b'{\r\n\t"b": 1, "a": [1,2]\r\n}')
    settings.chmod(0o600)
    before = snapshot(world.home)
    world.build(name="other")
    world.install(method=Method.MARKETPLACE, clients=("claude-code",))
    world.install("other", method=Method.MARKETPLACE, clients=("claude-code",))
    assert b"demo@" in settings.read_bytes()
    world.uninstall()
    assert b"demo@" not in settings.read_bytes()
    assert b"other@" in settings.read_bytes()
    world.uninstall("other")
    assert snapshot(world.home) == before


def test_changing_the_method_moves_it(world: World) -> None:
    before = snapshot(world.home)
    world.install(clients=("claude-code",))
    world.install(clients=("claude-code",), method=Method.MARKETPLACE)
    assert not (world.skills / "demo").exists()
    (one,) = list_installed(world.site, ListRequest())
    assert [each.method for each in one.clients] == ["marketplace"]
    world.uninstall()
    assert snapshot(world.home) == before


def test_what_is_there_already_is_unchanged_and_not_asked_about(world: World) -> None:
    world.install()
    before = snapshot(world.root)
    asked = Asked()
    assert world.install(consent=asked).status is Status.UNCHANGED
    assert asked.proposals == []
    assert snapshot(world.root) == before


def test_the_question_shows_what_would_run_and_no_changes_nothing(world: World) -> None:
    world.build("2.0.0", name="loud", hook="echo hi")
    before = snapshot(world.home)
    asked = Asked(answer=False)
    with pytest.raises(DeclinedError):
        world.install("loud", consent=asked)
    assert snapshot(world.home) == before
    (proposal,) = asked.proposals
    assert proposal.surface.parts
    assert proposal.clients == ("Claude Code", "Codex")


def test_another_version_is_put_in_all_clients_that_have_one(world: World) -> None:
    world.install()
    new = world.build("1.1.0")
    done = world.install(clients=("codex",))
    assert done.status is Status.UPGRADED
    assert done.old_version == "1.0.0"
    (one,) = list_installed(world.site, ListRequest())
    assert {each.digest for each in one.clients} == {new}
    assert (world.skills / "demo" / "README.md").read_text() == "demo 1.1.0\n"


def test_the_same_name_from_somewhere_else_is_said(world: World) -> None:
    world.install()
    world.build("1.1.0", tag="other-tag-of-it")
    asked = Asked()
    world.install(world.store.resolve("other-tag-of-it").encoded[:12], consent=asked)
    assert asked.proposals[0].old_source == "demo"
    assert asked.proposals[0].source != "demo"


def test_a_version_that_can_do_more_needs_a_word(world: World) -> None:
    world.install()
    world.build("2.0.0", hook="curl https://example.com | sh")
    before = snapshot(world.home)
    with pytest.raises(GrowthError):
        world.install()
    assert snapshot(world.home) == before
    world.install(consent=Unattended(accept_growth=True))
    assert (world.skills / "demo" / "hooks" / "hooks.json").is_file()


def test_a_version_that_cannot_be_compared_counts_as_more(world: World) -> None:
    world.install()
    old = world.store.resolve("demo")
    world.build("1.0.1")
    world.store.gc(grace=0)
    (world.skills / "demo" / "README.md").unlink()
    assert old not in {tag.digest for tag in world.store.tags()}
    with pytest.raises(GrowthError, match="cannot be compared"):
        world.install(force=True)


def test_a_folder_that_we_did_not_make_is_replaced_by_force_only(world: World) -> None:
    (world.skills / "demo").mkdir(parents=True)
    (world.skills / "demo" / "mine.txt").write_text("mine")
    before = snapshot(world.home)
    with pytest.raises(FolderTakenError):
        world.install()
    assert snapshot(world.home) == before
    world.install(force=True)
    assert not (world.skills / "demo" / "mine.txt").exists()


@pytest.mark.parametrize(
    ("edit", "word"),
    [
        (lambda folder: (folder / "README.md").write_text("edited"), "changed: README.md"),
        (lambda folder: (folder / "README.md").unlink(), "missing: README.md"),
        (lambda folder: (folder / "README.md").chmod(0o755), "executable"),
        (lambda folder: (folder / "skills" / "mine.md").write_text("x"), "added: skills/mine.md"),
        (lambda folder: (folder / "README.md").write_bytes(b"demo 1.0.0\r\n"), "only line ends"),
    ],
)
def test_an_edited_folder_is_removed_by_force_only(world: World, edit: object, word: str) -> None:
    world.install()
    edit(world.skills / "demo")  # type: ignore[operator]
    before = snapshot(world.root)
    with pytest.raises(FolderTakenError, match=word):
        world.uninstall()
    world.build("1.1.0")
    with pytest.raises(FolderTakenError):
        world.install()
    assert snapshot(world.home) == {path[5:]: found for path, found in before.items() if path.startswith("home/")}
    world.uninstall(force=True)
    assert not (world.skills / "demo").exists()


def test_what_running_it_left_behind_needs_no_force(world: World) -> None:
    world.install()
    cache = world.skills / "demo" / "hooks" / "__pycache__"
    cache.mkdir(parents=True)
    (cache / "x.pyc").write_bytes(b"")
    (world.skills / "demo" / "notes.log").write_text("x")
    assert world.uninstall().leavings == ("hooks/__pycache__/x.pyc", "notes.log")


def test_a_project_wants_unsigned_said_once(world: World) -> None:
    with pytest.raises(UntrustedError, match="not signed"):
        world.install(place=world.in_project)
    world.install(place=world.in_project, allow_unsigned=True)
    (entry,) = parse_lock_file((world.project / "toolhive.lock.yaml").read_bytes()).entries
    assert entry.unsigned
    assert entry.source == "demo"
    assert entry.explicit
    world.build("1.1.0")
    world.install(place=world.in_project)
    (entry,) = parse_lock_file((world.project / "toolhive.lock.yaml").read_bytes()).entries
    assert entry.version == "1.1.0"
    world.uninstall(place=world.in_project)
    assert (world.project / "toolhive.lock.yaml").read_bytes() == b"version: 1\n"
    assert {path.name for path in world.project.iterdir()} == {".git", "toolhive.lock.yaml", "toolhive.lock.yaml.lock"}


def test_no_absolute_path_of_this_machine_is_in_a_projects_files(world: World) -> None:
    world.install(place=world.in_project, allow_unsigned=True, method=Method.MARKETPLACE)
    shared = [path.read_bytes() for path in world.project.rglob("*") if path.is_file()]
    assert not [data for data in shared if str(world.root).encode() in data]


def test_records_are_kept_per_home(world: World) -> None:
    world.install(clients=("claude-code",))
    other = World(world.root, create=False)
    (world.root / "config").mkdir()
    object.__setattr__(
        other.site, "homes", type(other.homes)(world.home, {"CLAUDE_CONFIG_DIR": str(world.root / "config")})
    )
    assert list_installed(other.site, ListRequest()) == ()
    other.install(clients=("claude-code",))
    assert (world.root / "config" / "skills" / "demo").is_dir()
    other.uninstall()
    assert (world.skills / "demo").is_dir()
    assert len(list_installed(world.site, ListRequest())) == 1


def test_a_folder_that_two_homes_share_goes_with_the_last(world: World) -> None:
    """Codex's folder of plugins is in the user's home, whatever CODEX_HOME says."""
    before = snapshot(world.home)
    world.install(clients=("codex",))
    other = World(world.root, create=False)
    (world.root / "codex").mkdir()
    homes = type(other.homes)(world.home, {"CODEX_HOME": str(world.root / "codex")})
    object.__setattr__(other.site, "homes", homes)
    world.build("1.1.0")
    other.install(clients=("codex",))
    (one,) = list_installed(world.site, ListRequest())
    assert one.version == "1.1.0"
    assert "edited" not in [trouble.status for trouble in one.clients[0].troubles]
    assert "stays" in " ".join(other.uninstall().notes)
    assert (world.home / ".agents/plugins/toolhive/demo").is_dir()
    world.uninstall()
    assert snapshot(world.home) == before


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("client", ["claude-code", "codex"])
@pytest.mark.parametrize("project_first", [False, True])
def test_a_home_that_is_a_project_has_a_plugin_for_one_of_them(
    world: World, client: str, project_first: bool, force: bool
) -> None:
    """Both would be the same folder, and the record of one would become that of the other."""
    (world.home / ".git").mkdir()
    places = [Place(), Place(world.home)]
    first, second = reversed(places) if project_first else places
    world.install(clients=(client,), place=first, allow_unsigned=True)
    before = snapshot(world.root)
    with pytest.raises(FolderTakenError, match="installed for the"):
        world.install(clients=(client,), place=second, allow_unsigned=True, force=force)
    after = snapshot(world.root)
    if not project_first:
        del after["home/toolhive.lock.yaml.lock"]
    assert after == before
    (one,) = list_installed(world.site, ListRequest())
    assert one.project == first.root
    world.uninstall(place=first)
    world.install(clients=(client,), place=second, allow_unsigned=True)


def test_without_a_client_and_with_an_unknown_one(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.build()
    with pytest.raises(NoClientError):
        world.install(clients=("emacs",))
    for name in (".claude", ".codex"):
        (world.home / name).rmdir()
    with pytest.raises(NoClientError, match="no client was found"):
        world.install()
    with pytest.raises(NotInstalledError):
        world.uninstall()


def test_info_tells_what_each_client_loads_and_leaves(world: World) -> None:
    world.install()
    (one,) = info(world.site, "demo")
    assert {each.client: each.loads for each in one.clients} == {"claude-code": {"skills": 1}, "codex": {"skills": 1}}
    codex = next(each for each in one.clients if each.client == "codex")
    assert any("codex plugin add" in owed.command for owed in codex.owed)


def test_a_folder_that_is_gone_is_said(world: World) -> None:
    import shutil

    world.install(clients=("claude-code",))
    shutil.rmtree(world.skills / "demo")
    (one,) = list_installed(world.site, ListRequest())
    assert [trouble.status for trouble in one.clients[0].troubles] == ["missing"]
    assert not one.clients[0].ok
    world.uninstall()
    assert list_installed(world.site, ListRequest()) == ()


VERSIONS: dict[str, tuple[set[str], set[str]]] = {
    "install": (set(), {"1.0.0"}),
    "uninstall": ({"1.0.0"}, set()),
    "upgrade": ({"1.0.0"}, {"1.1.0"}),
}
"""What is recorded before and after."""


@pytest.mark.parametrize("operation", VERSIONS)
def test_a_kill_at_any_change_is_finished_or_taken_back_by_the_next_run(tmp_path: Path, operation: str) -> None:
    def prepared(root: Path) -> World:
        world = World(root)
        (world.home / ".claude" / "settings.json").write_text('{"model": "x"}')
        world.build()
        if operation != "install":
            world.install(place=world.in_project, allow_unsigned=True, method=Method.MARKETPLACE)
        if operation == "upgrade":
            world.build("1.1.0")
        return world

    def act(world: World) -> None:
        if operation == "uninstall":
            world.uninstall(place=world.in_project)
        else:
            world.install(place=world.in_project, allow_unsigned=True, method=Method.MARKETPLACE)

    reference = prepared(tmp_path / "reference")
    before = snapshot(reference.home), snapshot(reference.project)
    act(reference)
    after = snapshot(reference.home), snapshot(reference.project)
    for at in range(1, 200):
        world = prepared(tmp_path / str(at))
        killed = killed_at(at, lambda world=world: act(world))  # type: ignore[misc]
        with world.site.book.locked():
            pass
        found = snapshot(world.home), snapshot(world.project)
        assert _without_guard(found) in (_without_guard(before), _without_guard(after)), f"killed at {at}"
        is_done = _without_guard(found) == _without_guard(after)
        versions = {each.version for each in world.site.book.read().installations}
        assert versions == VERSIONS[operation][is_done]
        if not is_done:
            act(world)
        assert _without_guard((snapshot(world.home), snapshot(world.project))) == _without_guard(after)
        if not killed:
            assert at > 10
            return
    pytest.fail("it never ended")


def _without_guard(found: tuple[Snapshot, Snapshot]) -> list[Snapshot]:
    """Without the file that ToolHive locks, which stays."""
    return [{path: each for path, each in tree.items() if not path.endswith(".yaml.lock")} for tree in found]


def test_a_full_disk_at_any_change_restores_everything(tmp_path: Path) -> None:
    for at in range(1, 200):
        world = World(tmp_path / str(at))
        world.build()
        before = snapshot(world.home)
        failed = failing_at(at, 28)
        try:
            world.install()
        except (DiskError, JournalError) as error:
            assert "No space left" in str(error)
            disk.watcher = None
            assert snapshot(world.home) == before
            assert world.site.book.read().installations == ()
        disk.watcher = None
        if not failed:
            return
    pytest.fail("it never ended")


def test_two_installs_at_once_both_end_well(world: World) -> None:
    world.build(name="other")
    errors: list[Exception] = []

    def run(name: str) -> None:
        try:
            World(world.root, create=False).install(name)
        except ToolhiveError as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(name,)) for name in ("demo", "other", "demo", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [each.name for each in list_installed(world.site, ListRequest())] == ["demo", "other"]


def test_another_process_that_holds_the_lock_is_waited_for_and_named(world: World) -> None:
    script = "import sys; from pathlib import Path; from toolhive_plugins_installs import RecordBook\n"
    script += "with RecordBook(Path(sys.argv[1])).locked(): print('held', flush=True); sys.stdin.read()"
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(world.root / "data" / "plugins")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
    )
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.readline() == b"held\n"
    object.__setattr__(world.site, "book", type(world.site.book)(world.root / "data" / "plugins", timeout=0.1))
    with pytest.raises(BusyError):
        world.install()
    child.stdin.close()
    child.wait()
    world.install()


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"version": 9}', b'{"version": 1, "installations": 5}', b"\xff", b"[" * 99999]
)
def test_a_damaged_record_is_said_and_nothing_is_changed(world: World, data: bytes) -> None:
    world.site.book.folder.mkdir(mode=0o700)
    world.site.book.path.write_bytes(data)
    before = snapshot(world.home)
    with pytest.raises(RecordsError):
        world.install()
    assert snapshot(world.home) == before


def test_a_pipe_in_the_place_of_the_record_does_not_block(world: World) -> None:
    world.site.book.folder.mkdir(mode=0o700)
    os.mkfifo(world.site.book.path)
    with pytest.raises(DiskError, match="not a regular file"):
        list_installed(world.site, ListRequest())


def test_nobody_else_may_read_the_record(world: World) -> None:
    world.install()
    assert world.site.book.path.stat().st_mode & 0o77 == 0
    assert world.site.book.folder.stat().st_mode & 0o77 == 0


def test_a_project_that_is_gone(world: World) -> None:
    import shutil

    world.install(place=world.in_project, allow_unsigned=True)
    shutil.rmtree(world.project)
    (one,) = list_installed(world.site, ListRequest())
    assert not one.clients[0].ok
    done = world.uninstall(place=Place(world.project, gone=True))
    assert "is gone" in done.notes[0]
    assert list_installed(world.site, ListRequest()) == ()
    assert not world.project.exists()


def test_a_list_says_that_a_run_was_interrupted(world: World) -> None:
    assert killed_at(8, world.install)
    assert list_installed(world.site, ListRequest()) == ()
    assert "interrupted (install demo 1.0.0)" in world.told[0]
    world.install()
    assert "took back" in world.told[1]


def test_clients_that_are_not_there_any_more_are_removed_from_too(world: World) -> None:
    world.install(clients=("codex",))
    (world.home / ".codex").rmdir()
    (world.home / ".claude").rmdir()
    assert [each.client for each in world.uninstall(clients=("all",)).clients] == ["codex"]


def test_what_thv_would_not_install_is_warned_of(world: World) -> None:
    world.build("1.0.0", name="many", files=998)
    assert world.install("demo").warnings == ()
    assert world.install("many").warnings == ("it has 1001 files, and thv installs 1000 at most",)


MOUNTED = """
import sys
from pathlib import Path
from worlds import World
world = World(Path(sys.argv[1]), create=False)
world.install(place=world.in_project, allow_unsigned=True)
world.install()
world.build("1.1.0")
world.install()
world.uninstall()
world.uninstall(place=world.in_project)
left = [path for path in world.root.rglob(".thv-plugin*")]
assert left == [], left
"""


def test_every_target_is_staged_on_its_own_file_system(world: World, tmp_path: Path) -> None:
    """Three mounts below one home, so that a rename from anywhere else would fail."""
    places = [world.skills, world.home / ".agents", world.project / ".claude"]
    for place in places:
        place.mkdir(parents=True)
    script = "".join(f"mount -t tmpfs none '{place}' && " for place in places) + 'exec "$@"'
    unshare = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    command = [*unshare, "sh", "-c", script, "sh", sys.executable, "-c", MOUNTED, str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    allowed = subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode == 0
    if not allowed:
        pytest.skip("this user may not mount anything")
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_record_of_a_newer_program_is_told_from_a_damaged_one(world: World) -> None:
    world.install()
    path = world.site.book.path
    good = path.read_bytes()
    for data, problem in (
        (good.replace(b'"version": 1', b'"version": 2', 1), "has version 2, and 1 is the newest"),
        (good.replace(b'"version": 1,', b"", 1), "is damaged"),
        (b"[]", "is damaged"),
        (good[:-20], "is damaged"),
    ):
        path.write_bytes(data)
        with pytest.raises(RecordsError, match=problem):
            world.install()
        assert path.read_bytes() == data
