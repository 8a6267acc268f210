"""Whole-process start-up, timed by hyperfine where it is installed.

This is where hyperfine fits: many short runs of unlike programs, started without a shell. For everything else neither it
nor pyperf does: one run takes seconds, must start from a fresh store or registry, has to report its memory, and is
judged by a ratio within its round.
"""

import json
import shlex
import shutil
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from thvbench.measure import Runner

RUNS = 15


def medians(runner: Runner, commands: Mapping[str, Sequence[str]], rounds: int, work: Path) -> dict[str, list[float]]:
    """Return the median seconds of each command in each round."""
    if shutil.which("hyperfine"):
        found = [_hyperfine(runner, commands, work / "hyperfine.json") for _ in range(rounds)]
    else:
        found = [_stopwatch(runner, commands) for _ in range(rounds)]
    return {name: [one[name] for one in found] for name in commands}


def _hyperfine(runner: Runner, commands: Mapping[str, Sequence[str]], export: Path) -> dict[str, float]:
    options = ["--shell=none", "--warmup=3", f"--runs={RUNS}", "--style=none", f"--export-json={export}"]
    runner.command(["hyperfine", *options, *(shlex.join(command) for command in commands.values())])
    results = json.loads(export.read_text(encoding="utf-8"))["results"]
    return {name: result["median"] for name, result in zip(commands, results, strict=True)}


def _stopwatch(runner: Runner, commands: Mapping[str, Sequence[str]]) -> dict[str, float]:
    walls: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, command in commands.items():
            walls[name].append(runner.command(command).wall)
    return {name: statistics.median(values) for name, values in walls.items()}
