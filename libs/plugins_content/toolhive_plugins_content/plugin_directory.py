"""Reads a plugin from a directory: its manifest, its files, what is left out and what is wrong with it."""

import posixpath
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

from attrs import evolve, frozen

from toolhive_plugins_content.directory import OpenDirectory, changed
from toolhive_plugins_content.errors import ChangedFileError
from toolhive_plugins_content.findings import Findings, FirstFault
from toolhive_plugins_content.plugin import Irregular, PluginTree
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH, PluginManifest, parse_plugin_manifest
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.selection import MAX_FILES, Selection, select
from toolhive_plugins_content.tree import FileTree, PluginFile, path_bytes
from toolhive_plugins_content.walk import walk
from toolhive_plugins_interfaces.errors import (
    InvalidPluginFileError,
    InvalidPluginManifestError,
    PluginError,
    PluginManifestMissingError,
)
from toolhive_plugins_interfaces.interfaces import Compat

SETTLE_TIME: Final = 0.012
"""The time that must pass between the last change of a file and reading it, in seconds."""


@frozen
class _ManifestFile:
    """The manifest as it was read, or why it could not be."""

    parsed: PluginManifest | PluginError
    content: bytes = b""
    file: PluginFile | None = None
    """None if its content could not be read."""


class PluginDirectory(PluginTree):
    """A plugin's directory, read and held open."""

    def __init__(
        self, directory: OpenDirectory, manifest: _ManifestFile, selection: Selection, findings: Findings
    ) -> None:
        self.files = {file.path: file for file in selection.files}
        self.left_out = selection.left_out
        self.irregular = selection.irregular
        self.findings = findings
        self._directory = directory
        self._manifest = manifest

    @property
    def manifest(self) -> PluginManifest:
        """See PluginTree."""
        if isinstance(self._manifest.parsed, PluginError):
            raise self._manifest.parsed
        return self._manifest.parsed

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield the content of one of `files`.

        Raises:
            InvalidPluginFileError: it cannot be read, or is not what it was when it was listed.
        """
        if path == MANIFEST_PATH:
            return iter((self._manifest.content,))
        return self._directory.chunks(self.files[path])

    def head(self, path: str) -> bytes:
        """Return how one of `files` begins; see FileTree."""
        return super().head(path) if path == MANIFEST_PATH else self._directory.head(self.files[path])

    def as_clients_read_it(self) -> FileTree:
        """See PluginTree. The tree shares this one's open directory, and is of use only as long as this one is."""
        from toolhive_plugins_content.client_view import (  # lazily: packaging needs neither
            ClientView,
            hidden_client_paths,
        )

        document = self._manifest.parsed.document if isinstance(self._manifest.parsed, PluginManifest) else None
        hidden: dict[str, PluginFile] = {}
        for path in hidden_client_paths(
            self.left_out, lambda folder: self._directory.files_in(folder, MAX_FILES), document
        ):
            if path not in self.files and path not in hidden:
                file = self._directory.file_at(path)
                if file is not None:
                    hidden[path] = file
        return ClientView(self, hidden, self._directory.chunks)


@contextmanager
def open_plugin_directory(
    path: str, compat: Compat = Compat.NONE, findings: Findings | None = None, *, needs_manifest: bool = True
) -> Iterator[PluginDirectory]:
    """Read a plugin's directory, and hold it open so that its files' content can be read.

    Args:
        path: an absolute path.
        compat: the profile, which says which hidden files belong to the plugin, and with which permission bits.
        findings: takes what is wrong with the directory. None means that the first fault which keeps the plugin from being packaged
            is raised: faults of the manifest first, then those of the files in the order of their paths, as in toolhive-core.
        needs_manifest: whether a directory without a manifest is at fault, and not walked; else `manifest` raises where there is none.

    Raises:
        InvalidPluginDirError: there is no such directory, or it may not be read.
        PluginError: the directory cannot be packaged (only without `findings`); the subclass says why.
    """
    findings = FirstFault() if findings is None else findings
    with OpenDirectory(path) as directory:
        manifest = _read_manifest(directory, findings, needs_manifest=needs_manifest)
        selection = Selection((), (), ())
        if not needs_manifest or not isinstance(
            manifest.parsed, PluginManifestMissingError
        ):  # Else it is some other directory.
            with closing(walk(directory, compat)) as entries:
                selection = _with_manifest(select(entries, compat, findings), manifest, findings)
            if selection.files and _let_settle(selection):
                _check_manifest_again(directory, manifest, findings)
            if not findings.ends_at_first_fault:
                selection = _readable(selection, directory, findings)
        plugin = PluginDirectory(directory, manifest, selection, findings)
        plugin.folder, plugin.directory = posixpath.basename(posixpath.normpath(path)), path
        yield plugin


def _read_manifest(directory: OpenDirectory, findings: Findings, *, needs_manifest: bool) -> _ManifestFile:
    try:
        content, file = directory.read_manifest()
    except PluginManifestMissingError as missing:
        if not needs_manifest:
            return _ManifestFile(missing)
        from toolhive_plugins_content.marketplace_root import if_marketplace

        fault = if_marketplace(directory, missing)
        findings.refuse(Rule.MANIFEST_MISSING, fault)
        return _ManifestFile(fault)
    except InvalidPluginManifestError as error:
        findings.refuse(Rule.MANIFEST_SIZE, error, MANIFEST_PATH)
        return _ManifestFile(error)
    except InvalidPluginFileError as error:
        findings.refuse(_rule_of(error), error, error.where)
        return _ManifestFile(error)
    try:
        return _ManifestFile(parse_plugin_manifest(content), content, file)
    except InvalidPluginManifestError as error:
        if findings.ends_at_first_fault:
            raise
        return _ManifestFile(error, content, file)  # Validation says of each field what is wrong with it.


def _with_manifest(selection: Selection, manifest: _ManifestFile, findings: Findings) -> Selection:
    """Replace the manifest that the walk found with the one that was read, which must be in the same state."""
    files = [file for file in selection.files if file.path != MANIFEST_PATH]
    if manifest.file is not None:
        listed = next((file for file in selection.files if file.path == MANIFEST_PATH), manifest.file)
        if listed.stamp != manifest.file.stamp:
            findings.refuse(Rule.CHANGED_FILE, changed(MANIFEST_PATH), MANIFEST_PATH)
        files.append(manifest.file)
    return evolve(selection, files=tuple(sorted(files, key=lambda file: path_bytes(file.path))))


def _let_settle(selection: Selection) -> bool:
    """Wait until no file has changed for SETTLE_TIME; return whether it was necessary.

    A write sets a file's times when it begins, in steps of up to 10 ms. So a file that was written a moment ago may be half written,
    and the other half would leave no trace. After the wait, every further write shows.
    """
    newest = max(max(file.stamp[3:]) for file in selection.files if file.stamp)
    age = (time.time_ns() - newest) / 1e9
    if age >= SETTLE_TIME:
        return False
    time.sleep(min(SETTLE_TIME - age, SETTLE_TIME))
    return True


def _check_manifest_again(directory: OpenDirectory, manifest: _ManifestFile, findings: Findings) -> None:
    if manifest.file is None:
        return
    try:
        content, file = directory.read_manifest()
        is_same = (content, file.stamp) == (manifest.content, manifest.file.stamp)
    except PluginError:
        is_same = False
    if not is_same:
        findings.refuse(Rule.CHANGED_FILE, changed(MANIFEST_PATH), MANIFEST_PATH)


def _readable(selection: Selection, directory: OpenDirectory, findings: Findings) -> Selection:
    """Return the selection without the files that cannot be opened, as packaging would find when it reads them."""
    files: list[PluginFile] = []
    irregular = list(selection.irregular)
    for file in selection.files:
        try:
            if file.path != MANIFEST_PATH:
                directory.head(file)
            files.append(file)
        except InvalidPluginFileError as error:
            findings.refuse(_rule_of(error), error, file.path)
            irregular.append(Irregular(file.path, "a file that cannot be read"))
    return evolve(
        selection, files=tuple(files), irregular=tuple(sorted(irregular, key=lambda item: path_bytes(item.path)))
    )


def _rule_of(error: InvalidPluginFileError) -> Rule:
    if isinstance(error, ChangedFileError):
        return Rule.CHANGED_FILE
    return Rule.UNREADABLE_FILE if isinstance(error.__cause__, OSError) else Rule.IRREGULAR_FILE
