"""The disk fails at each call that changes it, in turn, once or from then on. The error names the file; nothing that
was there is lost; and the same operation works as soon as the disk does."""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from crash_injection import fault_at_each_change
from store_samples import assert_whole, build, leftovers, make_sample, stored
from store_scenarios import SCENARIOS, Scenario

from toolhive_artifact import Digest
from toolhive_plugins_store import Store, StoreError, StoreIOError, _fs


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_fault_at_any_change_loses_nothing(scenario: Scenario, for_good: bool, scratch: Path) -> None:
    fault_at_each_change(scenario, scratch, for_good=for_good)


@pytest.fixture
def small_files() -> Iterator[Callable[[int], None]]:
    """Let the kernel refuse to make files larger than so many bytes."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_real_refusal_to_write(store: Store, root: Path, small_files: Callable[[int], None]) -> None:
    kept = build(store, "kept")
    before = (root / "index.json").read_bytes()
    small_files(1000)
    with pytest.raises(StoreIOError, match="File too large") as caught:
        store.put_blob_chunks([b"x" * 800, b"y" * 800])
    assert caught.value.errno == errno.EFBIG
    with pytest.raises(StoreIOError):
        build(store, "large", make_sample("large", size=5000))
    assert stored(root) == set(kept.blobs)
    assert (root / "index.json").read_bytes() == before
    small_files(2**40)
    build(store, "large", make_sample("large", size=5000))
    store.close()
    assert leftovers(root) == []


def test_a_real_lack_of_open_files(store: Store, root: Path) -> None:
    resource = pytest.importorskip("resource")
    kept = build(store, "kept")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, before[1]))
    try:
        with pytest.raises(StoreIOError, match="ulimit -n") as caught:
            store.get_blob(kept.digest)
        assert caught.value.errno == errno.EMFILE
        with pytest.raises(StoreIOError):
            build(store, "new")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert store.get_blob(kept.digest) == kept.index
    build(store, "new")
    assert store.check() == ()


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for root in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with Store(root) as store:
            with pytest.raises(StoreError, match=str(tmp_path)):
                store.put_blob(b"a")
            with pytest.raises(StoreError, match=str(tmp_path)):
                store.list_tags()


@pytest.fixture
def other_user() -> Iterator[None]:
    """Go on as a user who owns nothing here, as root may."""
    if sys.platform == "win32" or os.geteuid() != 0:
        pytest.skip("only root can become another user, and root is refused nothing")
    os.setegid(65534)
    os.seteuid(65534)
    yield
    os.seteuid(0)
    os.setegid(0)


@pytest.fixture
def public_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that everyone can reach."""
    root = tmp_path_factory.mktemp("public")
    for folder in (root, *list(root.parents)[:2]):
        folder.chmod(0o755)
    return root / "store"


@pytest.mark.usefixtures("plain_umask")
def test_a_store_of_another_user_is_read_and_not_changed(public_root: Path, request: pytest.FixtureRequest) -> None:
    with Store(public_root) as store:
        kept = build(store, "kept")
    request.getfixturevalue("other_user")
    with Store(public_root) as store:
        assert store.list_tags() == ["kept"]
        assert store.get_blob(kept.digest) == kept.index
        assert store.check() == ()
        for act in (
            lambda: store.put_blob(b"new"),
            lambda: store.tag(kept.digest, "new"),
            lambda: store.delete_tag("kept"),
            lambda: store.delete_build("kept"),
            lambda: store.gc(),
            lambda: store.repair(),
        ):
            with pytest.raises(StoreIOError, match=r"Permission denied.*Give this user permission") as caught:
                act()
            assert caught.value.errno == errno.EACCES
            assert str(public_root) in str(caught.value)
    assert_whole(public_root, {"kept": kept})


@pytest.mark.usefixtures("plain_umask")
def test_files_that_cannot_be_read_are_named(public_root: Path, request: pytest.FixtureRequest) -> None:
    with Store(public_root) as store:
        kept = build(store, "kept")
    blob = public_root / "blobs" / "sha256" / kept.layer_digest.encoded
    blob.chmod(0)
    request.getfixturevalue("other_user")
    with Store(public_root) as store:
        with pytest.raises(StoreIOError, match=str(blob)):
            store.get_blob(kept.layer_digest)
        (problem,) = store.check()
        assert problem.where == str(blob)
        assert "Permission denied" in problem.problem


@pytest.mark.usefixtures("plain_umask")
def test_files_are_as_readable_as_the_umask_lets_them_be(store: Store, root: Path) -> None:
    sample = build(store, "a")
    assert (root / "index.json").stat().st_mode & 0o777 == 0o644
    assert (root / "oci-layout").stat().st_mode & 0o777 == 0o644
    assert root.stat().st_mode & 0o777 == 0o755
    for digest in sample.blobs:
        assert (root / "blobs" / "sha256" / digest.encoded).stat().st_mode & 0o777 == 0o444
    os.umask(0o077)
    private = store.put_blob(b"private")
    assert (root / "blobs" / "sha256" / Digest.of(b"private").encoded).stat().st_mode & 0o777 == 0o400
    assert store.get_blob(private) == b"private"


def test_a_disk_without_hard_links(store: Store, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    samples = {f"t{number}": build(store, f"t{number}") for number in range(5)}
    store.delete_build("t0")
    del samples["t0"]
    assert_whole(root, samples)
    assert store.check() == ()
    store.close()
    assert leftovers(root) == []


def test_no_two_names_of_the_store_differ_in_case_only(store: Store, root: Path) -> None:
    """File systems that fold case keep `A` and `a` in one place. Tags that differ in case only are no file names."""
    upper, lower = build(store, "Tag"), build(store, "tag")
    assert_whole(root, {"Tag": upper, "tag": lower})
    names = [str(path) for path in root.rglob("*")]
    assert len({name.casefold() for name in names}) == len(names)


CHANGING_EVENTS = frozenset(
    {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.utime", "os.truncate", "os.chmod"}
)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="an audit hook stays until the process ends")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_change_goes_through_the_watched_calls(scenario: Scenario, scratch: Path) -> None:
    """The tests above and those of kills are worth what the list of watched calls is worth. The interpreter's own
    audit events tell of every file that is opened for writing, renamed or removed."""
    root = scratch / "store"
    scenario.prepare(root)
    child = os.fork()
    if child == 0:
        announced: list[str] = []
        unseen: list[tuple[str, str]] = []

        def audit(event: str, arguments: tuple[object, ...]) -> None:
            path = str(arguments[0]) if arguments else ""
            changes = event in CHANGING_EVENTS and not (event == "os.mkdir" and Path(path).exists())
            if event == "open" and isinstance(arguments[2], int):
                changes = bool(arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
            if changes and path.startswith(str(root)):
                named = [*arguments[:2], path]
                if not any(str(name) in announced[-4:] for name in named) and not path.endswith("index.spare"):
                    unseen.append((event, path))

        _fs.watcher = lambda operation, path: announced.append(path)
        sys.addaudithook(audit)
        code = 1
        try:
            with Store(root) as store:
                scenario.act(store)
            code = 0 if announced and not unseen else 2
            if unseen:
                os.write(2, f"not announced: {unseen}".encode())
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
