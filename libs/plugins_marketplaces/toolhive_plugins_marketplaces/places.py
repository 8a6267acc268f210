"""Where the files of plugins are read from: a folder, or a commit of a repository."""

import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from attrs import frozen

from toolhive_plugins import (
    LastChange,
    PluginTree,
    Snapshot,
    open_plugin_directory,
    resolve_path,
    shown,
)
from toolhive_plugins_marketplaces.errors import RefusedEntryError


class Place(Protocol):
    """A root that plugins are in, each in a folder."""

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the content of a file, at most `limit` bytes; None if there is none."""
        ...

    def open(self, path: str) -> AbstractContextManager[PluginTree]:
        """Open the plugin that is in a folder, with or without a manifest."""
        ...

    def last_change(self, path: str) -> LastChange | None:
        """Return the last commit that changed a folder; None where there are no commits."""
        ...


@frozen
class CommitPlace:
    """A folder of a repository as a commit has it."""

    snapshot: Snapshot

    def read(self, path: str, limit: int) -> bytes | None:
        """See Place."""
        return self.snapshot.read(path, limit)

    @contextmanager
    def open(self, path: str) -> Iterator[PluginTree]:
        """See Place."""
        with self.snapshot.open(path, needs_manifest=False) as tree:
            yield tree

    def last_change(self, path: str) -> LastChange | None:
        """See Place."""
        return self.snapshot.last_change(path)


@frozen
class FolderPlace:
    """A folder on disk. Nothing in it is reached through a link."""

    root: str
    """An absolute path."""

    def read(self, path: str, limit: int) -> bytes | None:
        """See Place."""
        try:
            with Path(self._inside(path)).open("rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    return None
                data = file.read(limit + 1)
        except OSError:
            return None
        if len(data) > limit:
            raise RefusedEntryError(f"is larger than {limit} bytes", where=shown(path))
        return data

    @contextmanager
    def open(self, path: str) -> Iterator[PluginTree]:
        """See Place."""
        with open_plugin_directory(self._inside(path), needs_manifest=False) as tree:
            yield tree

    def last_change(self, path: str) -> LastChange | None:  # noqa: ARG002 - the protocol's name
        """See Place."""
        return None

    def _inside(self, path: str) -> str:
        """Return the absolute path of something that is reached through folders alone."""
        resolved = resolve_path(path) if path else ""
        if resolved is None:
            raise RefusedEntryError("leads out of the marketplace", where=shown(path))
        found = self.root
        for part in resolved.split("/") if resolved else ():
            found = f"{found}/{part}"
            try:
                is_link = stat.S_ISLNK(os.lstat(found).st_mode)
            except OSError:
                break
            if is_link:
                raise RefusedEntryError(
                    "is, or leads through, a symbolic link, which is not followed", where=shown(path)
                )
        return f"{self.root}/{resolved}" if resolved else self.root
