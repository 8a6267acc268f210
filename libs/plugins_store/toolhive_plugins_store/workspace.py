"""What one process needs of a store: its lock, its view of index.json and its session."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import CorruptStoreError, Hint
from toolhive_plugins_store.index_keeper import IndexKeeper
from toolhive_plugins_store.layout import LAYOUT_DOCUMENT, Layout, check_marker, has_blobs, look, require_folder

if TYPE_CHECKING:
    from toolhive_plugins_store.background import Background
    from toolhive_plugins_store.cache import Cache
    from toolhive_plugins_store.graph import Graph
    from toolhive_plugins_store.locking import StoreLock
    from toolhive_plugins_store.notices import Notify
    from toolhive_plugins_store.sessions import Session


class Workspace:
    """Belongs to one process: a forked child needs its own, since it does not inherit threads and locks.

    What only some operations need is made on first use, so that listing builds imports little.
    """

    def __init__(self, root: str, lock_timeout: float, notify: "Notify | None" = None) -> None:
        self.pid = os.getpid()
        self.layout = Layout(root)
        self.keeper = IndexKeeper(self.layout, notify)
        self._notify = notify
        self._lock_timeout = lock_timeout
        self._session: Session | None = None
        self._end_session: Callable[[], object] = lambda: None
        self._ready = False

    @property
    def graph(self) -> "Graph":
        """Follows the documents of the store."""
        return self.keeper.graph

    @cached_property
    def cache(self) -> "Cache":
        """What saves a program work the next time."""
        from toolhive_plugins_store.cache import Cache

        return Cache(self.layout)

    @cached_property
    def _lock(self) -> "StoreLock":
        from toolhive_plugins_store.locking import StoreLock

        return StoreLock(self.layout.lock, self._lock_timeout, self._notify)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store's lock, once the store's files and folders exist."""
        if not (self._ready and look(self.layout.marker)):
            self._lay_out()
        with self._lock.held():
            self.layout.check_folders()
            yield

    @contextmanager
    def locked_as_it_is(self) -> Iterator[None]:
        """Hold the store's lock, whatever the state of the store."""
        self._make_private_folder()
        with self._lock.held():
            yield

    @property
    def open_session(self) -> "Session | None":
        """The session, if there is one."""
        return self._session

    def session(self) -> "Session":
        """Return this process's session. Takes the store's lock to start it."""
        if self._session is None:
            with self.locked():
                if self._session is None:
                    from weakref import finalize

                    from toolhive_plugins_store.sessions import Session

                    self._session = Session(self.layout)
                    self._end_session = finalize(self, _close, self._session, self.pid)
        return self._session

    def in_background(self, action: Callable[[], None]) -> "Background":
        """Run something that waits for the disk in another thread."""
        from toolhive_plugins_store.background import Background

        return Background(action)

    def close(self) -> None:
        """End the session, in the process that started it."""
        if self.pid != os.getpid():
            return
        if self._session is not None:
            self._session = None
            self._end_session()

    def _lay_out(self) -> None:
        """Create what is missing of the layout, index.json before anything that could need it, and `oci-layout` last.

        The process that created what is there may have been killed before flushing it. So all of it is flushed if there
        is no `oci-layout` yet, and the names of the folders in any case.
        """
        layout = self.layout
        if look(layout.marker) is None:
            _make_folders(layout.top)
        self._make_private_folder()
        with self._lock.held():
            is_laid_out = check_marker(layout)
            if look(layout.index) is None:
                if has_blobs(layout):
                    raise CorruptStoreError(
                        "it is missing, and there are blobs", where=layout.index, hint=Hint.REPAIR_STORE
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

    def _make_private_folder(self) -> None:
        """Create our folder, which only this user may enter: who can open the lock can stop all others."""
        if not require_folder(self.layout.private):
            _fs.make_folder(self.layout.private, mode=0o700)
        _fs.make_private(self.layout.private, 0o700)
        _fs.make_private(self.layout.lock, 0o600)

    def write_marker(self) -> None:
        """Write `oci-layout` if there is none. The caller holds the lock."""
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


def _close(session: "Session", pid: int) -> None:
    """Close a session in the process that started it; a forked child has a copy of it."""
    if pid == os.getpid():
        session.close()


def _make_folders(path: str) -> None:
    """Create a folder and its parents, flushing each before the next, so that only the last one can be unflushed."""
    missing: list[str] = []
    while not os.path.exists(path):
        missing.append(path)
        path = os.path.dirname(path)
    above = os.path.dirname(path)
    if os.access(above, os.R_OK):  # another user's folder may be traversable only
        _fs.sync_folder(above)
    for folder in reversed(missing):
        _fs.make_folder(folder)
        _fs.sync_folder(os.path.dirname(folder))
