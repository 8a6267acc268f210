"""Opens a marketplace, wherever it is, and the plugins that it lists."""

import os
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Final, Protocol

from attrs import field, frozen

from toolhive_plugins import (
    CommitNotFoundError,
    GitError,
    LastChange,
    PluginFormat,
    PluginTree,
    Repository,
    Snapshot,
    clone_bare,
    open_snapshot,
    shown,
    snapshot_of,
)
from toolhive_plugins_marketplaces.addresses import GitAddress, is_private, looks_like_address, parse_git_address
from toolhive_plugins_marketplaces.document import (
    MARKETPLACE_PATH,
    MAX_MARKETPLACE_SIZE,
    Entry,
    Marketplace,
    read_marketplace,
)
from toolhive_plugins_marketplaces.errors import Hint, InvalidMarketplaceError, RefusedEntryError
from toolhive_plugins_marketplaces.formats import with_claude_manifest, with_other_formats
from toolhive_plugins_marketplaces.made_manifests import complete_plugin
from toolhive_plugins_marketplaces.places import CommitPlace, FolderPlace, Place
from toolhive_plugins_marketplaces.sources import ArchiveSource, CommandSource, GitSource, NpmSource, PathSource

INCLUDABLE: Final = ("npm", "archive")
"""The kinds of source that are read only where that was asked for."""

_LFS_POINTER: Final = b"version https://git-lfs.github.com/spec/"
_MAX_LFS_POINTER: Final = 1024


class FetchFolder(Protocol):
    """Fetches a package or an archive."""

    def __call__(self, source: NpmSource | ArchiveSource, folder: Path, *, private: bool) -> None:
        """Extract a source to a folder, which is made; `private` tells whether hosts of private networks may be asked."""
        ...


@frozen
class OpenPlugin:
    """A plugin of a marketplace, opened."""

    tree: PluginTree
    """Its files, with the manifest that it has or was made."""

    made: bool
    """Whether the manifest was made from the entry, or completed by it."""

    change: LastChange | None
    """The last commit that changed its folder; None if it does not come from git."""

    source_url: str
    """The address of its repository; empty if it has none."""

    adapted: tuple[str, ...] = ()
    """The formats that something was made for, sorted."""


@frozen
class OpenMarketplace:
    """A marketplace, as long as it is open. Threads may share it."""

    marketplace: Marketplace
    place: Place
    source: str
    """Its address, without what may be a password; empty for a folder."""

    revision: str
    """Its commit; empty for a plain folder."""

    include: Collection[str]
    repositories: "_Repositories" = field(repr=False)
    fetch: FetchFolder | None = field(repr=False, default=None)

    @contextmanager
    def open(self, entry: Entry, formats: Collection[PluginFormat] = ()) -> Iterator[OpenPlugin]:
        """Open a plugin.

        Args:
            entry: the marketplace's.
            formats: those that it is given where it lacks them.

        Raises:
            AdaptError: a format cannot say what the plugin is.
            RefusedEntryError: it is not read, or cannot be, or a client would refuse the entry.
            PluginError, GitError: its files cannot be packaged, or not be had.
        """
        with ExitStack() as stack:
            place, path, url = self._locate(entry, stack)
            tree = stack.enter_context(place.open(path))
            tree, first = with_claude_manifest(tree, formats)
            whole, made = complete_plugin(entry, tree, is_root=isinstance(entry.source, PathSource) and not path)
            whole, rest = with_other_formats(whole, formats)
            _refuse_pointers(whole)
            if whole.manifest.name != entry.name:
                problem = (
                    f"plugin.json calls it {shown(whole.manifest.name)!r}: an artifact bears its plugin's own name"
                )
                raise RefusedEntryError(problem, where=entry.name)
            yield OpenPlugin(whole, made, place.last_change(path), url, tuple(sorted((*first, *rest))))

    def _locate(self, entry: Entry, stack: ExitStack) -> tuple[Place, str, str]:
        """Return where a plugin is: the root, the folder in it, and the address of the repository."""
        source = entry.source
        if isinstance(source, PathSource):
            return self.place, source.path, self.source
        if isinstance(source, GitSource):
            return self.repositories.place(source, entry.name), source.path, str(source.address)
        if isinstance(source, CommandSource):
            raise RefusedEntryError(f"comes from a command, which is never run: {source}", where=entry.name)
        if source.kind not in self.include or self.fetch is None:
            raise RefusedEntryError(
                f"comes from {'an archive' if source.kind == 'archive' else 'an npm package'}, which was not asked for",
                where=entry.name,
                remedy=f"Include sources of the kind {source.kind}",
                hint=Hint.INCLUDE_SOURCE,
            )
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="thv-plugin-"))) / "plugin"
        self.fetch(source, folder, private=self.repositories.private)
        return FolderPlace(str(folder)), "", ""


class _Repositories:
    """The repositories of one marketplace, each cloned once.

    Args:
        folder: an empty folder that nobody else uses.
        private: whether those on private networks may be asked.
    """

    def __init__(self, folder: Path, *, private: bool) -> None:
        self._folder = folder
        self.private = private
        """Whether those on private networks may be asked."""
        self._lock = Lock()
        self._locks: dict[str, Lock] = {}
        self._clones: dict[str, CommitPlace | Exception] = {}

    def place(self, source: GitSource, name: str) -> CommitPlace:
        """Return a repository at the commit that a source names."""
        with self._lock:
            lock = self._locks.setdefault(source.address.text, Lock())
        with lock:
            root = self._clone(source.address, name)
        try:
            snapshot = snapshot_of(root.snapshot.repository, source.commit or source.ref or "HEAD")
        except CommitNotFoundError as error:
            raise RefusedEntryError(
                f"{error.problem} in {source.address}: {source.commit or source.ref}", where=name
            ) from error
        return CommitPlace(snapshot)

    def _clone(self, address: GitAddress, name: str) -> CommitPlace:
        known = self._clones.get(address.text)
        if known is None:
            try:
                known = self._fetch(address, name)
            except (GitError, RefusedEntryError) as error:
                known = error
            self._clones[address.text] = known
        if isinstance(known, Exception):
            raise known
        return known

    def _fetch(self, address: GitAddress, name: str) -> CommitPlace:
        if not self.private and is_private(address.host):
            raise RefusedEntryError(
                f"is on this machine or a private network, {address}, and the marketplace is not", where=name
            )
        return CommitPlace(clone(address, self._folder / f"{len(self._clones)}-{os.urandom(4).hex()}", follow=False))


def clone(address: GitAddress, folder: Path, *, follow: bool) -> Snapshot:
    """Clone a repository, and return its default branch's commit.

    Raises:
        GitError: git failed. What it says of the address is told without a password.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        clone_bare(address.text, str(folder), follow_redirects=follow)
        return snapshot_of(Repository(str(folder), bare=True))
    except GitError as error:
        error.problem = error.problem.replace(address.text, address.shown)
        error.args = (error.problem,)
        error.where = address.shown
        raise


@contextmanager
def open_marketplace(
    text: str, *, revision: str = "", include: Collection[str] = (), fetch: FetchFolder | None = None
) -> Iterator[OpenMarketplace]:
    """Open a marketplace.

    Args:
        text: a folder, a local git repository, or the address of one; `#REF` may follow an address.
        revision: names the commit: a branch, a tag, an ID; empty for the newest.
        include: which of INCLUDABLE are read.
        fetch: fetches those.

    Raises:
        InvalidMarketplaceError: there is no marketplace, or a malformed one.
        AddressError: the address is malformed, or of another protocol.
        GitError: git failed.
        CommitNotFoundError: there is no such commit.
    """
    with TemporaryDirectory(prefix="thv-plugin-") as scratch:
        folder = Path(scratch)
        if looks_like_address(text):
            address_text, _, ref = text.partition("#")
            address = parse_git_address(address_text)
            root = clone(address, folder / "marketplace", follow=True)
            if revision or ref:
                root = snapshot_of(root.repository, revision or ref)
            place: Place = CommitPlace(root)
            source, commit, private = str(address), root.commit, is_private(address.host)
        else:
            place, source, commit, private = _local(text, revision)
        data = place.read(MARKETPLACE_PATH, MAX_MARKETPLACE_SIZE)
        where = f"{source or shown(text)}: {MARKETPLACE_PATH}"
        if data is None:
            raise InvalidMarketplaceError(
                f"there is no {MARKETPLACE_PATH}",
                where=source or shown(text),
                remedy="Name the folder or repository of a marketplace",
            )
        repositories = _Repositories(folder / "repositories", private=private)
        yield OpenMarketplace(read_marketplace(data, where), place, source, commit, include, repositories, fetch)


def _local(text: str, revision: str) -> tuple[Place, str, str, bool]:
    directory = str(Path(text).absolute())
    if not Path(directory).is_dir():
        raise InvalidMarketplaceError(
            "there is no such folder", where=shown(text), remedy="Name a folder, or an address: https://host/path"
        )
    try:
        snapshot = open_snapshot(directory, revision or "HEAD")
        if snapshot is not None and (revision or snapshot.read(MARKETPLACE_PATH, MAX_MARKETPLACE_SIZE) is not None):
            return CommitPlace(snapshot), "", snapshot.commit, False
    except CommitNotFoundError:
        if revision:
            raise
    if revision:
        raise InvalidMarketplaceError("is in no git repository, and a revision was named", where=shown(text))
    return FolderPlace(directory), "", "", False


def _refuse_pointers(plugin: PluginTree) -> None:
    for path, file in plugin.files.items():
        if file.size <= _MAX_LFS_POINTER and plugin.head(path).startswith(_LFS_POINTER):
            raise RefusedEntryError(
                f"{shown(path)} is a pointer of Git LFS, not the file itself", where=shown(plugin.folder)
            )
