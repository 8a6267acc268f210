"""What one process has of a store: its lock, its view of index.json, its session and its flushing threads."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import CHECK_OR_REPAIR, CorruptStoreError
from toolhive_plugins_store.index_keeper import IndexKeeper
from toolhive_plugins_store.layout import LAYOUT_DOCUMENT, Layout, check_marker, has_blobs, look, require_folder
from toolhive_plugins_store.locking import StoreLock
from toolhive_plugins_store.notes import Notes

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor
    from pathlib import Path

    from toolhive_plugins_store.graph import Graph
    from toolhive_plugins_store.sessions import Session

_FLUSHERS = 4
"""Threads that flush files. They spend their time waiting; more of them gained nothing (docs/reliability.md)."""


class Workspace:
    """Belongs to one process: a fork needs its own, since threads and locks do not come along."""

    def __init__(self, root: str, lock_timeout: float) -> None:
        self.pid = os.getpid()
        self.layout = Layout(root)
        self.keeper = IndexKeeper(self.layout)
        self.notes = Notes(self.layout)
        self._lock = StoreLock(self.layout.lock, lock_timeout)
        self._session: Session | None = None
        self._flushers: ThreadPoolExecutor | None = None
        self._ready = False

    @cached_property
    def graph(self) -> "Graph":
        """What reaches what; made on first need, for listing builds needs none, nor attrs, which it loads."""
        from toolhive_plugins_store.graph import Graph

        return Graph(self.layout)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store's lock, in a store that is laid out."""
        if not (self._ready and look(self.layout.marker)):
            self._lay_out()
        with self._lock.held():
            self.layout.check_folders()
            yield

    @contextmanager
    def locked_as_it_is(self) -> Iterator[None]:
        """Hold the store's lock, whatever state the store is in."""
        require_folder(self.layout.private)
        _fs.make_folder(self.layout.private)
        with self._lock.held():
            yield

    @property
    def open_session(self) -> "Session | None":
        """The session, where there is one."""
        return self._session

    def session(self) -> "Session":
        """Return this process's session, begun on first need. Takes the store's lock for that."""
        if self._session is None:
            with self.locked():
                if self._session is None:
                    from toolhive_plugins_store.sessions import Session

                    self._session = Session(self.layout)
        return self._session

    def in_background(self, action: Callable[[], None]) -> "Future[None]":
        """Run what waits for the disk in another thread."""
        if self._flushers is None:
            from concurrent.futures import ThreadPoolExecutor  # lazily: it imports logging

            self._flushers = ThreadPoolExecutor(_FLUSHERS, "store-flusher")
        return self._flushers.submit(action)

    def close(self) -> None:
        """End the session and the threads, in the process that began them."""
        if self.pid != os.getpid():
            return
        session, self._session = self._session, None
        if session is not None:
            session.close()
        flushers, self._flushers = self._flushers, None
        if flushers is not None:
            flushers.shutdown()

    def _lay_out(self) -> None:
        """Make what is missing of the layout, index.json before anything that could need it, and `oci-layout` last.

        Whoever made what is there may have been killed before it was flushed; so all of it is flushed where there is
        no `oci-layout` yet, and the names of the folders in any case.
        """
        layout = self.layout
        if look(layout.marker) is None:
            _make_folders(layout.root)
        require_folder(layout.private)
        _fs.make_folder(layout.private)
        with self._lock.held():
            is_laid_out = check_marker(layout)
            if look(layout.index) is None:
                if has_blobs(layout):
                    raise CorruptStoreError(
                        "it is gone and the blobs are not", where=layout.index, remedy=CHECK_OR_REPAIR
                    )
                self.keeper.make_empty()
            for folder in (layout.blobs, layout.sha256):
                require_folder(folder)
                _fs.make_folder(folder)
            for folder in (layout.blobs, layout.top):
                _fs.sync_folder(folder)
            if not is_laid_out:
                self.write_marker()
                _fs.sync_folder(layout.top)
        self._ready = True

    def write_marker(self) -> None:
        """Write `oci-layout` where there is none. The caller holds the lock."""
        if look(self.layout.marker) is not None:
            return
        path = self.layout.marker_new
        _fs.remove(path)
        file = _fs.create(path)
        try:
            _fs.write(file, LAYOUT_DOCUMENT, path)
            _fs.sync(file, path)
        finally:
            os.close(file)
        _fs.rename(path, self.layout.marker)


def _make_folders(path: "Path") -> None:
    """Make a folder and those above it, each durably before the next, so that only the last of them can be unflushed."""
    missing: list[Path] = []
    while not path.exists():
        missing.append(path)
        path = path.parent
    if os.access(path.parent, os.R_OK):  # a folder of others can only be passed through, perhaps
        _fs.sync_folder(str(path.parent))
    for folder in reversed(missing):
        _fs.make_folder(str(folder))
        _fs.sync_folder(str(folder.parent))
