"""Sessions: which processes write to a store, and which blobs they rely on.

A process that writes has a folder of its own for unfinished blobs. Beside the folder is a lease, a file that it keeps
locked while it lives. In the folder is a list of claims: blobs that it has put into the store, or found there and
relies on, and that no tag reaches yet. Whoever removes blobs holds the store's lock, keeps what a living session
claims, and cleans up after dead ones.

A claim belongs to the thread that made it, and ends when that thread tags what reaches the blob. One thread cannot
end the claim of another by tagging, and then deleting, the same content.

Claims are written before the blobs are put in place, so a killed process leaves a record of what it may have left
behind. They need not survive a power cut, which no session survives.
"""

import contextlib
import itertools
import os
import threading
import time
import weakref
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import frozen

from toolhive_artifact import Digest
from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import StoreError, StoreIOError, io_error
from toolhive_plugins_store.layout import Layout, is_hex, read_plain_file
from toolhive_plugins_store.locking import OsLock, try_lock

_MAX_CLAIMS_SIZE: Final = 256 * 1024 * 1024
_COMPACT_FROM: Final = 256 * 1024
"""Size in bytes from which the list of claims is rewritten once most of its claims have ended."""

_BUSY_FOR: Final = 3600.0
"""Seconds for which `forget` takes it that another living thread may still tag what it claimed."""

Owner = int
"""A thread's number, never reused in its process."""


class Session:
    """This process's session. To make a claim, the caller holds the store's lock; to end one, it need not."""

    def __init__(self, layout: Layout) -> None:
        """Start a session: create its folder and its lease. The caller holds the store's lock."""
        self.name = os.urandom(8).hex()
        self._folder = os.path.join(layout.sessions, self.name)
        self._claims_path = os.path.join(self._folder, "claims")
        self._lease_path = self._folder + ".lock"
        self._claims: int | None = None
        self._claims_size = 0
        self._compact_at = _COMPACT_FROM
        self._claimed: Counter[tuple[Owner, Digest]] = Counter()
        self._last_claimed: dict[Digest, float] = {}
        self._in_flight: Counter[Digest] = Counter()
        self._threads = threading.local()
        self._thread_of: dict[Owner, weakref.ref[threading.Thread]] = {}
        self._owners = itertools.count(1)
        self._mutex = threading.Lock()
        self._files = itertools.count(1)
        _fs.make_folder(layout.sessions)
        self._lease = OsLock(self._lease_path)
        try:
            try_lock(self._lease)
            _fs.make_folder(self._folder)
        except BaseException:
            self.close()
            raise

    def new_path(self) -> str:
        """Return a path for an unfinished file."""
        return f"{self._folder}{os.sep}{next(self._files):x}"

    def owner(self) -> Owner:
        """Return the calling thread's number."""
        number: Owner | None = getattr(self._threads, "owner", None)
        if number is None:
            number = self._threads.owner = next(self._owners)
            self._thread_of[number] = weakref.ref(threading.current_thread())
        return number

    def claim(self, owner: Owner, created: Mapping[Digest, int], reused: Iterable[Digest]) -> None:
        """Claim blobs for an open transaction.

        Args:
            owner: the thread that the transaction belongs to.
            created: the blobs about to be put in place, with their modification times in nanoseconds.
            reused: blobs that are in the store already.
        """
        reused = list(reused)
        lines = [f"+{digest[7:]} {stamp}" for digest, stamp in created.items()]
        lines += [f"={digest[7:]}" for digest in reused]
        if lines:
            with self._mutex:
                self._append(lines)
                self._claimed.update((owner, digest) for digest in (*created, *reused))
                self._last_claimed.update(dict.fromkeys((*created, *reused), time.monotonic()))
                self._in_flight.update([*created, *reused])

    def land(self, digests: Iterable[Digest]) -> None:
        """End the transaction that claimed these. The claims last until a tag reaches the blobs."""
        with self._mutex:
            self._in_flight -= Counter(digests)

    def release(self, owner: Owner, digests: Iterable[Digest]) -> None:
        """End one of a thread's claims on each of these, if it has one."""
        self._end(Counter((owner, digest) for digest in digests))

    def forget(self, age: float) -> None:
        """End claims on what was last claimed `age` seconds ago or earlier, except in open transactions.

        The claims of other living threads end only after an hour: they may be about to tag it.
        """
        now, caller = time.monotonic(), self.owner()
        in_flight = set(self._in_flight)
        patience = {owner: age for owner in list(self._thread_of) if owner == caller or self._has_ended(owner)}
        busy_for = max(age, _BUSY_FOR)

        def is_old(owner: Owner, digest: Digest) -> bool:
            return self._last_claimed.get(digest, now) <= now - patience.get(owner, busy_for)

        claims = list(self._claimed.items())
        self._end(Counter({key: count for key, count in claims if key[1] not in in_flight and is_old(*key)}))
        for owner in patience.keys() - {caller} - {owner for owner, _ in list(self._claimed)}:
            del self._thread_of[owner]

    def _has_ended(self, owner: Owner) -> bool:
        thread = self._thread_of[owner]()
        return thread is None or not thread.is_alive()

    def claimed(self) -> set[Digest]:
        """Return all blobs that are claimed."""
        return {digest for _, digest in list(self._claimed)}

    def close(self) -> None:
        """End the session and its claims, and remove its files. What cannot be removed now, `gc` removes later."""
        with self._mutex:
            self._close_claims()
        with contextlib.suppress(StoreIOError):
            _clear_folder(self._folder)
        with contextlib.suppress(StoreIOError):
            _drop_lease(self._lease, self._lease_path)

    def _close_claims(self) -> None:
        file, self._claims = self._claims, None
        if file is not None:
            os.close(file)

    def _end(self, ended: Counter[tuple[Owner, Digest]]) -> None:
        """End claims, as far as they exist. A failure is ignored, since it only keeps too much."""
        with self._mutex, contextlib.suppress(StoreError):
            ended &= self._claimed
            if not ended:
                return
            for key, count in ended.items():
                self._claimed[key] -= count
                if not self._claimed[key]:
                    del self._claimed[key]
            if self._claimed:
                self._append([f"-{digest[7:]}" for _, digest in ended.elements()])
                if self._claims_size > self._compact_at:
                    self._compact()
            else:
                self._last_claimed.clear()
                _fs.truncate(self._opened(), 0, self._claims_path)
                self._claims_size = 0

    def _append(self, lines: list[str]) -> None:
        # The first newline ends a line that a failed write may have left unfinished.
        text = ("\n" + "\n".join(lines) + "\n").encode()
        _fs.write(self._opened(), text, self._claims_path)
        self._claims_size += len(text)

    def _opened(self) -> int:
        if self._claims is None:
            self._claims = _fs.append_to(self._claims_path)
        return self._claims

    def _compact(self) -> None:
        """Rewrite the list with the claims that are left. If that fails, the old one stays in use."""
        self._compact_at = 2 * self._claims_size  # so that a failure is not repeated each time
        claims, created = _read_claims(self._folder)
        self._last_claimed = {digest: last for digest, last in self._last_claimed.items() if digest in claims}
        lines = [f"+{digest[7:]} {created[digest]}" for digest in claims if digest in created]
        lines += [f"={name[7:]}" for name in (claims - Counter(claims.keys() & created.keys())).elements()]
        text = ("\n".join(lines) + "\n").encode()
        path = self.new_path()
        try:
            file = _fs.append_to(path)
            try:
                _fs.write(file, text, path)
            finally:
                os.close(file)
            self._close_claims()  # Windows cannot rename an open file; the next claim opens the new one
            _fs.rename(path, self._claims_path)
        except BaseException:
            with contextlib.suppress(StoreIOError):
                _fs.remove(path)
            raise
        self._claims_size = len(text)
        self._compact_at = max(_COMPACT_FROM, 4 * len(text))


@frozen
class Others:
    """What whoever removes blobs must know about other sessions."""

    claimed: frozenset[Digest]
    """Blobs that living sessions claim."""

    left_behind: Mapping[Digest, int]
    """Blobs that dead sessions put into the store for builds that they did not finish, and the blobs' modification times."""

    dead: tuple[str, ...]
    """The names of the dead sessions."""


def survey(layout: Layout, own: Session | None) -> Others:
    """Look at all sessions but `own`. The caller holds the store's lock."""
    claimed: set[Digest] = set()
    left_behind: dict[Digest, int] = {}
    dead: list[str] = []
    for name in _names(layout.sessions):
        if own is not None and name == own.name:
            continue
        folder = os.path.join(layout.sessions, name)
        lease = OsLock(folder + ".lock")
        claims, created = _read_claims(folder)
        if try_lock(lease):
            lease.release()
            dead.append(name)
            left_behind.update((digest, stamp) for digest, stamp in created.items() if digest in claims)
        else:
            claimed |= claims.keys()
    return Others(frozenset(claimed), left_behind, tuple(dead))


def clear(layout: Layout, dead: Iterable[str]) -> int:
    """Remove what dead sessions left in their folders, and return the number of files. The caller holds the lock."""
    files = 0
    for name in dead:
        folder = os.path.join(layout.sessions, name)
        lease = OsLock(folder + ".lock")
        if try_lock(lease):
            try:
                files += _clear_folder(folder)
            finally:
                _drop_lease(lease, folder + ".lock")
    return files


def _names(path: str) -> list[str]:
    try:
        return sorted({os.path.splitext(name)[0] for name in os.listdir(path)})
    except FileNotFoundError:
        return []
    except OSError as error:
        raise io_error(error, "list", path) from error


def _read_claims(folder: str) -> tuple[Counter[Digest], dict[Digest, int]]:
    """Return what a session claims and how often, and what it created. Unfinished lines are ignored."""
    data = read_plain_file(os.path.join(folder, "claims"), _MAX_CLAIMS_SIZE) or b""
    claims: Counter[Digest] = Counter()
    created: dict[Digest, int] = {}
    for line in data.decode("ascii", "replace").splitlines():
        name, _, stamp = line[1:].partition(" ")
        if not is_hex(name):
            continue
        digest = Digest("sha256:" + name)
        claims[digest] += -1 if line[0] == "-" else 1
        if line[0] == "+" and stamp.isdecimal():
            created[digest] = int(stamp)
    return +claims, created


def _clear_folder(folder: str) -> int:
    """Remove a session's folder and the files in it; return the number of unfinished blobs."""
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except OSError as error:
        raise io_error(error, "list", folder) from error
    names.sort(key=lambda name: name == "claims")  # the claims go last, so that a kill in between does not lose them
    for name in names:
        _fs.remove(os.path.join(folder, name))
    _fs.remove_folder(folder)
    return sum(name != "claims" for name in names)


def _drop_lease(lease: OsLock, path: str) -> None:
    """Remove the lease's file, then the lock on it; the other way round on systems that cannot remove an open file."""
    if os.name == "nt":
        lease.release()
        _fs.remove(path)
        return
    try:
        _fs.remove(path)
    finally:
        lease.release()
