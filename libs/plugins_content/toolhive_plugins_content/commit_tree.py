"""Reads a plugin from a commit: each file has the very bytes of its blob.

What attributes, filters and line-end settings would make of a blob in a work tree does not count, nor does what git ignores or does not
track. So whoever has the commit reads the same.
"""

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from toolhive_artifact.errors import shown
from toolhive_plugins_content.blobs import blob_sizes, read_blobs
from toolhive_plugins_content.commit_listing import (
    MAX_LISTING,
    MAX_TARGET,
    GitObject,
    entries_of,
    is_looked_at,
    parse_listing,
)
from toolhive_plugins_content.commits import find_commit_directory
from toolhive_plugins_content.findings import FirstFault
from toolhive_plugins_content.git import Repository
from toolhive_plugins_content.plugin import PluginTree, manifest_too_large
from toolhive_plugins_content.plugin_manifest import (
    MANIFEST_PATH,
    MAX_PLUGIN_MANIFEST_SIZE,
    PluginManifest,
    parse_plugin_manifest,
)
from toolhive_plugins_content.selection import MANIFEST_FOLDER, EntryKind, Selection, refused_kind, select
from toolhive_plugins_content.spool import Spool
from toolhive_plugins_interfaces.errors import InvalidPluginFileError, PluginManifestMissingError
from toolhive_plugins_interfaces.interfaces import Compat


class CommitTree(PluginTree):
    """A plugin's directory as a commit has it; the first fault ends the reading.

    Args:
        repository: has the commit.
        tree: the ID of the tree that the directory is.
        compat: the profile, which says which hidden files belong to the plugin, and with which permission bits.
        where: the directory's name in errors.
        needs_manifest: whether a directory without a manifest is refused; else `manifest` raises where there is none.

    Raises: as `open_plugin_commit`.
    """

    def __init__(
        self, repository: Repository, tree: str, compat: Compat, where: str, *, needs_manifest: bool = True
    ) -> None:
        self.findings = FirstFault()
        self.folder = posixpath.basename(posixpath.normpath(where))
        self._repository = repository
        self._spool = Spool()
        try:
            listing = repository.run("ls-tree", "-r", "-z", "--full-tree", tree, limit=MAX_LISTING)
            objects = parse_listing(listing)
            looked_at = [item for item in objects.values() if is_looked_at(item, compat)]
            sizes = blob_sizes(repository, (item.id for item in looked_at))
            self._where = where
            self._manifest = self._read_manifest(objects, sizes) if needs_manifest or MANIFEST_PATH in objects else None
            links = {item.id for item in looked_at if item.kind is EntryKind.LINK}
            targets = self._read_all(
                {name: sizes[name] for name in links if sizes.get(name, MAX_TARGET + 1) <= MAX_TARGET}
            )
            texts = {name: data.decode("utf-8", "surrogateescape") for name, data in targets.items()}
            selection = select(entries_of(objects.values(), sizes, texts, compat), compat, self.findings)
            self._take(selection, objects)
        except BaseException:
            self._spool.close()
            raise

    @property
    def manifest(self) -> PluginManifest:
        """See PluginTree."""
        if self._manifest is None:
            raise self._missing()
        return self._manifest

    def chunks(self, path: str) -> Iterator[bytes]:
        """See FileTree."""
        return self._spool.chunks(self._ids[path])

    def head(self, path: str) -> bytes:
        """See FileTree."""
        return self._spool.head(self._ids[path])

    def close(self) -> None:
        """Release the temporary file."""
        self._spool.close()

    def _missing(self) -> PluginManifestMissingError:
        return PluginManifestMissingError(
            f"the commit has no {MANIFEST_PATH} in that directory",
            where=shown(self._where),
            remedy="Name the directory that holds it, or commit it first",
        )

    def _read_manifest(self, objects: Mapping[str, GitObject], sizes: Mapping[str, int]) -> PluginManifest:
        folder, item = objects.get(MANIFEST_FOLDER), objects.get(MANIFEST_PATH)
        if folder is not None and folder.kind is EntryKind.LINK:
            raise refused_kind(MANIFEST_FOLDER, EntryKind.LINK)
        if item is None:
            raise self._missing()
        if item.kind is not EntryKind.FILE:
            raise refused_kind(MANIFEST_PATH, item.kind)
        if item.id not in sizes:
            raise InvalidPluginFileError(
                "is not in the repository", where=MANIFEST_PATH, remedy="Fetch it: this is a partial clone"
            )
        if sizes[item.id] > MAX_PLUGIN_MANIFEST_SIZE:
            raise manifest_too_large(sizes[item.id])
        return parse_plugin_manifest(self._read_all({item.id: sizes[item.id]})[item.id])

    def _read_all(self, sizes: Mapping[str, int]) -> dict[str, bytes]:
        """Return the content of small blobs, by ID."""
        return {name: b"".join(content) for name, content in read_blobs(self._repository, sizes)} if sizes else {}

    def _take(self, selection: Selection, objects: Mapping[str, GitObject]) -> None:
        self.files = {file.path: file for file in selection.files}
        self.left_out = selection.left_out
        self.irregular = selection.irregular
        self._ids = {file.path: objects[file.read_from].id for file in selection.files}
        sizes = {self._ids[file.path]: file.size for file in selection.files}
        for name, content in read_blobs(self._repository, sizes):
            self._spool.add(name, content)


@contextmanager
def open_plugin_commit(directory: str, revision: str = "HEAD", compat: Compat = Compat.NONE) -> Iterator[CommitTree]:
    """Read a plugin's directory as a commit has it.

    Args:
        directory: an absolute path in a git work tree, whose files may be others than those of the commit.
        revision: names the commit: HEAD, a branch, a tag, an ID.
        compat: the profile, which says which hidden files belong to the plugin, and with which permission bits.

    Raises:
        PluginError: there is no such directory or commit, or it cannot be packaged; the subclass says why.
        GitError: git is not installed, or failed.
    """
    found = find_commit_directory(directory, revision)
    with CommitTree(found.repository, found.tree, compat, directory) as tree:
        yield tree
