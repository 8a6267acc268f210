"""Draw how time and memory grow, from a result of `run.py`.

    python benchmarks/plot.py RESULTS.json [--folder docs]

Writes `growth-size.svg` (plugins from 1 to 95 MiB) and `growth-builds.svg` (a store from 10 builds on). Needs matplotlib
(requirements.txt). The same results give the same bytes.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt  # pants: no-infer-dep (no lock file has it)

plt.rcParams.update(
    {"svg.hashsalt": "toolhive-plugins", "svg.fonttype": "none", "font.size": 9, "axes.grid": True, "grid.alpha": 0.3}
)

MEMORY_TARGET = 40
WINDOW = 100
"""Builds whose median makes one point."""


def main() -> int:
    """Draw what the results have."""
    parser = argparse.ArgumentParser(description="Draw the growth of time and memory.")
    parser.add_argument("results", type=Path)
    parser.add_argument("--folder", type=Path, default=Path(__file__).resolve().parents[1] / "docs")
    given = parser.parse_args()
    curves = json.loads(given.results.read_text(encoding="utf-8"))["curves"]
    if "sizes" in curves:
        _save(_sizes(curves["sizes"]), given.folder / "growth-size.svg")
    if "builds" in curves:
        _save(_builds(curves["builds"]), given.folder / "growth-builds.svg")
    return 0


def _sizes(points: list[dict[str, Any]]) -> Any:
    figure, (time, memory) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    mib = [point["mib"] for point in points]
    kinds = {"zlib9": "zlib-9 alone", "one": "package, one worker", "two": "package, two workers"}
    for kind, label in kinds.items():
        time.plot(mib, [point[kind]["seconds"] for point in points], marker="o", markersize=3, label=label)
    for kind in ("one", "two"):
        peaks = [point[kind]["peak"] * 1.048576 for point in points]
        memory.plot(mib, peaks, marker="o", markersize=3, label=kinds[kind], color={"one": "C1", "two": "C2"}[kind])
    memory.axhline(MEMORY_TARGET, color="grey", linestyle="--", linewidth=1, label=f"target, {MEMORY_TARGET} MB")
    _finish(time, "plugin, MiB", "seconds")
    _finish(memory, "plugin, MiB", "MB over the imported library")
    return figure


def _builds(curve: dict[str, list[float]]) -> Any:
    figure, (axes, memory) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for key, label in (("walls", "time"), ("cpus", "processor time")):
        values = [1000 * value for value in curve[key]]
        ends = _ends(len(values))
        axes.plot(
            ends,
            [statistics.median(values[max(0, end - WINDOW) : end]) for end in ends],
            marker="o",
            markersize=3,
            label=label,
        )
    ends = _ends(len(curve["resident"]))
    megabytes = [curve["resident"][end - 1] * 1.048576 for end in ends]
    memory.plot(ends, megabytes, marker="o", markersize=3, label="one process that makes them all")
    for part in (axes, memory):
        part.set_xscale("log")
    _finish(axes, "builds in the store", f"ms a build, median of the last {WINDOW}")
    _finish(memory, "builds in the store", "MB over those before the first build")
    return figure


def _ends(count: int) -> list[int]:
    """10, 20, 50, 100 and so on, up to the count."""
    ends = [factor * 10**power for power in range(1, 6) for factor in (1, 2, 5)]
    return [end for end in ends if end < count] + [count]


def _finish(axes: Any, x: str, y: str) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8)


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})
    print(f"wrote {path}")


if __name__ == "__main__":
    sys.exit(main())
