"""Reads a plugin from a commit: each file has the very bytes of its blob.

What attributes, filters and line-end settings would make of a blob in a work tree does not count, nor does what git ignores or does not
track. So whoever has the commit reads the same.
"""

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice

from toolhive_artifact.errors import shown
from toolhive_plugins_content.blobs import blob_sizes, read_blobs
from toolhive_plugins_content.commit_listing import (
    MAX_LISTING,
    MAX_TARGET,
    entries_of,
    is_looked_at,
    parse_listing,
)
from toolhive_plugins_content.commits import find_commit_directory
from toolhive_plugins_content.findings import Findings, FirstFault
from toolhive_plugins_content.git import Repository
from toolhive_plugins_content.plugin import PluginTree, manifest_too_large
from toolhive_plugins_content.plugin_manifest import (
    MANIFEST_PATH,
    MAX_PLUGIN_MANIFEST_SIZE,
    PluginManifest,
    parse_plugin_manifest,
)
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.selection import (
    MANIFEST_FOLDER,
    MAX_FILES,
    MAX_TOTAL_SIZE,
    EntryKind,
    Selection,
    refused_kind,
    select,
)
from toolhive_plugins_content.spool import Spool
from toolhive_plugins_content.tree import FileTree, PluginFile
from toolhive_plugins_interfaces.errors import (
    InvalidPluginFileError,
    InvalidPluginManifestError,
    PluginError,
    PluginManifestMissingError,
)
from toolhive_plugins_interfaces.interfaces import Compat


class CommitTree(PluginTree):
    """A plugin's directory as a commit has it.

    Args:
        repository: has the commit.
        tree: the ID of the tree that the directory is.
        compat: the profile, which says which hidden files belong to the plugin, and with which permission bits.
        where: the directory's name in errors.
        findings: takes what is wrong with the plugin; None ends the reading at the first fault.
        needs_manifest: whether a directory without a manifest is at fault, and not read; else `manifest` raises where there is none.

    Raises: as `open_plugin_commit`.
    """

    def __init__(
        self,
        repository: Repository,
        tree: str,
        compat: Compat,
        where: str,
        findings: Findings | None = None,
        *,
        needs_manifest: bool = True,
    ) -> None:
        self.findings = FirstFault() if findings is None else findings
        self.folder = posixpath.basename(posixpath.normpath(where))
        self._repository = repository
        self._spool = Spool()
        try:
            listing = repository.run("ls-tree", "-r", "-z", "--full-tree", tree, limit=MAX_LISTING)
            self._objects = parse_listing(listing)
            looked_at = [item for item in self._objects.values() if is_looked_at(item, compat)]
            sizes = blob_sizes(repository, (item.id for item in looked_at))
            self._manifest = self._read_manifest(sizes, where, needs_manifest=needs_manifest)
            if needs_manifest and isinstance(self._manifest, PluginManifestMissingError):  # It is some other directory.
                self._take(Selection((), (), ()))
                return
            links = {item.id for item in looked_at if item.kind is EntryKind.LINK}
            targets = self._read_all(
                {name: sizes[name] for name in links if sizes.get(name, MAX_TARGET + 1) <= MAX_TARGET}
            )
            texts = {name: data.decode("utf-8", "surrogateescape") for name, data in targets.items()}
            selection = select(entries_of(self._objects.values(), sizes, texts, compat), compat, self.findings)
            self._take(selection)
        except BaseException:
            self._spool.close()
            raise

    @property
    def manifest(self) -> PluginManifest:
        """See PluginTree."""
        if isinstance(self._manifest, PluginError):
            raise self._manifest
        return self._manifest

    def chunks(self, path: str) -> Iterator[bytes]:
        """See FileTree."""
        return self._spool.chunks(self._ids[path])

    def head(self, path: str) -> bytes:
        """See FileTree."""
        return self._spool.head(self._ids[path])

    def as_clients_read_it(self) -> FileTree:
        """See PluginTree."""
        from toolhive_plugins_content.client_view import ClientView, hidden_client_paths

        document = self._manifest.document if isinstance(self._manifest, PluginManifest) else None
        paths = dict.fromkeys(hidden_client_paths(self.left_out, self._hidden_in, document))
        items = [
            item
            for path in paths
            if path not in self.files and (item := self._objects.get(path)) and item.kind is EntryKind.FILE
        ]
        sizes = blob_sizes(self._repository, (item.id for item in items))
        hidden: dict[str, PluginFile] = {}
        total = 0
        for item in items:
            size = sizes.get(item.id)
            if size is not None and total + size <= MAX_TOTAL_SIZE:
                total += size
                hidden[item.path] = PluginFile(item.path, size, 0o755 if item.executable else 0o644)
        self._keep({self._objects[path].id: file.size for path, file in hidden.items()})
        return ClientView(self, hidden, lambda file: self._spool.chunks(self._objects[file.path].id))

    def close(self) -> None:
        """Release the temporary file."""
        self._spool.close()

    def _hidden_in(self, folder: str) -> list[str]:
        return list(islice((path for path in self._objects if path.startswith(folder + "/")), MAX_FILES))

    def _read_manifest(
        self, sizes: Mapping[str, int], where: str, *, needs_manifest: bool
    ) -> PluginManifest | PluginError:
        """Return the manifest, or why it cannot be read, which is among the findings then."""
        try:
            return parse_plugin_manifest(self._manifest_bytes(sizes, where))
        except PluginManifestMissingError as missing:
            fault = self._if_marketplace(missing)
            if needs_manifest:
                self.findings.refuse(Rule.MANIFEST_MISSING, fault)
            return fault
        except InvalidPluginFileError as error:
            self.findings.refuse(Rule.IRREGULAR_FILE, error, error.where)
            return error
        except InvalidPluginManifestError as error:
            if sizes[self._objects[MANIFEST_PATH].id] > MAX_PLUGIN_MANIFEST_SIZE:
                self.findings.refuse(Rule.MANIFEST_SIZE, error, MANIFEST_PATH)
            elif self.findings.ends_at_first_fault:
                raise
            return error  # Validation says of each field what is wrong with it.

    def _if_marketplace(self, missing: PluginManifestMissingError) -> PluginManifestMissingError:
        from toolhive_plugins_content.marketplace_root import MARKETPLACE_PATH, MAX_MARKETPLACE_SIZE, of_marketplace

        item = self._objects.get(MARKETPLACE_PATH)
        if item is None or item.kind is not EntryKind.FILE:
            return missing
        sizes = blob_sizes(self._repository, [item.id])
        if sizes.get(item.id, MAX_MARKETPLACE_SIZE + 1) > MAX_MARKETPLACE_SIZE:
            return missing
        return of_marketplace(self._read_all(sizes)[item.id], missing)

    def _manifest_bytes(self, sizes: Mapping[str, int], where: str) -> bytes:
        folder, item = self._objects.get(MANIFEST_FOLDER), self._objects.get(MANIFEST_PATH)
        if folder is not None and folder.kind is EntryKind.LINK:
            raise refused_kind(MANIFEST_FOLDER, EntryKind.LINK)
        if item is None:
            raise PluginManifestMissingError(
                f"the commit has no {MANIFEST_PATH} in that directory",
                where=shown(where),
                remedy="Name the directory that holds it, or commit it first",
            )
        if item.kind is not EntryKind.FILE:
            raise refused_kind(MANIFEST_PATH, item.kind)
        if item.id not in sizes:
            raise InvalidPluginFileError(
                "is not in the repository", where=MANIFEST_PATH, remedy="Fetch it: this is a partial clone"
            )
        if sizes[item.id] > MAX_PLUGIN_MANIFEST_SIZE:
            raise manifest_too_large(sizes[item.id])
        return self._read_all({item.id: sizes[item.id]})[item.id]

    def _read_all(self, sizes: Mapping[str, int]) -> dict[str, bytes]:
        """Return the content of small blobs, by ID."""
        return {name: b"".join(content) for name, content in read_blobs(self._repository, sizes)} if sizes else {}

    def _take(self, selection: Selection) -> None:
        self.left_out = selection.left_out
        self.irregular = selection.irregular
        files = tuple(self._readable(selection))
        self.files = {file.path: file for file in files}
        self._ids = {file.path: self._objects[file.read_from].id for file in files}
        self._keep({self._ids[file.path]: file.size for file in files})

    def _readable(self, selection: Selection) -> Iterator[PluginFile]:
        """Yield the files to read: no manifest that is refused, and no more than a plugin may have, however many there are."""
        total = 0
        for file in selection.files:
            if file.path == MANIFEST_PATH:
                if file.size <= MAX_PLUGIN_MANIFEST_SIZE:
                    yield file
            elif (total := total + file.size) <= MAX_TOTAL_SIZE:
                yield file

    def _keep(self, sizes: Mapping[str, int]) -> None:
        """Read blobs into the spool, by ID."""
        for name, content in read_blobs(self._repository, sizes) if sizes else ():
            self._spool.add(name, content)


@contextmanager
def open_plugin_commit(
    directory: str,
    revision: str = "HEAD",
    compat: Compat = Compat.NONE,
    findings: Findings | None = None,
    *,
    needs_manifest: bool = True,
) -> Iterator[CommitTree]:
    """Read a plugin's directory as a commit has it.

    Args:
        directory: an absolute path in a git work tree, whose files may be others than those of the commit.
        revision: names the commit: HEAD, a branch, a tag, an ID.
        compat: the profile, which says which hidden files belong to the plugin, and with which permission bits.
        findings: takes what is wrong with the plugin. None means that the first fault which keeps it from being packaged is raised.
        needs_manifest: as in `open_plugin_directory`.

    Raises:
        PluginError: there is no such directory or commit, or it cannot be packaged (only without `findings`); the subclass says why.
        GitError: git is not installed, or failed.
    """
    found = find_commit_directory(directory, revision)
    with CommitTree(found.repository, found.tree, compat, directory, findings, needs_manifest=needs_manifest) as tree:
        yield tree
