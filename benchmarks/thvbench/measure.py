"""Run one thing in a process of its own and say what it took.

Everything is measured in children: a peak of memory belongs to a process, and no case warms another's caches. Children
of ours report themselves (`child.py`); foreign programs are judged from outside by `wait4`.
"""

import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MIB = 1024 * 1024
CHILD = Path(__file__).with_name("child.py")


class ChildError(Exception):
    """A measured process failed; the message has what it printed."""


@dataclass(frozen=True)
class Sample:
    """One run of one thing."""

    wall: float
    """Seconds of the whole process, from start to exit."""

    cpu: float
    """Seconds of processor time of the whole process, user and system, children included."""

    rss: float
    """MiB, the largest resident size of the process."""

    told: Mapping[str, Any] = field(default_factory=dict)
    """What a child of ours reports: `seconds` and `cpu` of the operation alone, its `peak` in MiB, and more."""

    output: str = ""
    """What it printed."""

    @property
    def seconds(self) -> float:
        """Seconds of the operation alone, without the interpreter's start."""
        return float(self.told["seconds"])

    @property
    def peak(self) -> float:
        """MiB that the operation took over the interpreter with the library imported."""
        return float(self.told["peak"])


@dataclass(frozen=True)
class Runner:
    """Starts the measured processes."""

    python: Path
    """The interpreter that has the third-party libraries."""

    environment: Mapping[str, str]

    def child(self, operation: str, **arguments: object) -> Sample:
        """Run an operation of `child.py`."""
        command = [str(self.python), str(CHILD), operation, json.dumps(arguments, default=str)]
        return self.command(command, told=True)

    def command(self, command: Sequence[str | Path], *, told: bool = False, stdin: str = "") -> Sample:
        """Run a program to its end; `stdin` is what it reads.

        Raises:
            ChildError: it failed.
        """
        with tempfile.TemporaryFile() as given:
            given.write(stdin.encode())
            given.seek(0)
            begun = time.perf_counter()
            process = subprocess.Popen(
                [str(word) for word in command],
                env=dict(self.environment),
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        if process.stdout is None:
            raise ChildError("no output to read")
        output = process.stdout.read().decode("utf-8", "replace")
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise ChildError(
                f"{shlex.join(str(word) for word in command)}\nexited {process.returncode}:\n{output[-3000:]}"
            )
        report = json.loads(output.splitlines()[-1]) if told else {}
        return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, report, output)


def median_ratio(measured: Sequence[float], baseline: Sequence[float]) -> tuple[float, float, float]:
    """The median, least and greatest of the ratios of runs that stood side by side."""
    ratios = [ours / theirs for ours, theirs in zip(measured, baseline, strict=True)]
    return statistics.median(ratios), min(ratios), max(ratios)


def say(text: str) -> None:
    """Tell the person who waits."""
    print(text, file=sys.stderr, flush=True)
