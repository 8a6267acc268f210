"""Progress bars of a push or pull, drawn on stderr: a line for each blob under way, with bytes and rate, and one for the total."""

import sys
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

if TYPE_CHECKING:
    from toolhive_plugins_service import Descriptor

_WORTH_A_LINE = 256 * 1024
"""Size in bytes from which a blob gets a line of its own; smaller ones count in the total only."""


class ProgressBars:
    """Implements the registry client's Progress protocol; its methods may be called from any thread."""

    def __init__(self, title: str, *, color: bool) -> None:
        console = Console(file=sys.stderr, highlight=False, no_color=not color, markup=False, emoji=False)
        wide = console.width >= 60
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            *([BarColumn(bar_width=24, style="dim", complete_style="cyan", finished_style="green")] if wide else []),
            DownloadColumn(),
            *([TransferSpeedColumn()] if wide else []),
            console=console,
            transient=True,  # the result takes its place
        )
        self._lock = Lock()
        self._lines: dict[str, TaskID] = {}
        self._done: dict[str, int] = {}
        self._known: set[str] = set()
        self._total = self._bars.add_task(title, total=None)
        self._sum = 0
        self._drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def started(self, descriptor: "Descriptor") -> None:
        """A transfer begins, or begins again."""
        with self._lock:
            if not self._drawn:  # only once something moves
                self._drawn = True
                self._bars.start()
            self._undo(descriptor.digest)
            if descriptor.digest not in self._known:
                self._known.add(descriptor.digest)
                self._sum += descriptor.size
                self._bars.update(self._total, total=self._sum)
            if descriptor.size >= _WORTH_A_LINE and descriptor.digest not in self._lines:
                name = f"  {descriptor.digest.removeprefix('sha256:')[:12]}"
                self._lines[descriptor.digest] = self._bars.add_task(name, total=descriptor.size)

    def advanced(self, descriptor: "Descriptor", count: int) -> None:
        """More bytes went over the wire."""
        with self._lock:
            self._done[descriptor.digest] = self._done.get(descriptor.digest, 0) + count
            self._bars.advance(self._total, count)
            if descriptor.digest in self._lines:
                self._bars.advance(self._lines[descriptor.digest], count)

    def finished(self, descriptor: "Descriptor", *, skipped: bool) -> None:  # noqa: ARG002 - the protocol's name
        """A transfer is done, or was not needed."""
        with self._lock:
            if descriptor.digest not in self._known:
                self._known.add(descriptor.digest)
                self._sum += descriptor.size
                self._bars.update(self._total, total=self._sum)
            missing = descriptor.size - self._done.get(descriptor.digest, 0)
            self._done[descriptor.digest] = descriptor.size
            self._bars.advance(self._total, missing)
            if descriptor.digest in self._lines:
                self._bars.remove_task(self._lines.pop(descriptor.digest))

    def _undo(self, digest: str) -> None:
        """Forget what a failed attempt had moved."""
        moved = self._done.pop(digest, 0)
        if moved:
            self._bars.advance(self._total, -moved)
            if digest in self._lines:
                self._bars.reset(self._lines[digest])
