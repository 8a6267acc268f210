"""Measure everything against its baselines, side by side, and print the table of targets.

    python benchmarks/run.py                  a few minutes
    python benchmarks/run.py --full           the figures of docs/performance.md; a quarter of an hour
    python benchmarks/run.py --only big,small
    python benchmarks/run.py --only sharing   what a shared cache saves the build; only where it is named
    python benchmarks/run.py --compare RESULTS.json RESULTS.json ...   runs of before, side by side
    python benchmarks/run.py --marketplace DIR   also the plugins of a real marketplace's checkout

Needs Linux, and on the PATH `docker-registry` and `skopeo` for the transfers, `hyperfine` for start-up (without it a
plain stopwatch serves). `oras`, `crane`, `regctl` and `toolhive-core-driver` are compared with where they are installed,
and the registry is distribution 3, `registry`, where that is. Inputs are made
from a seed and kept for the next time. Exits 1 where a target was missed, or not measured.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from thvbench import environment
from thvbench.cases import CASES as LIBRARY_CASES
from thvbench.cases import FULL, QUICK, Bench
from thvbench.far import far, near, packages
from thvbench.inputs import SEED, Inputs
from thvbench.measure import ChildError, Runner, say
from thvbench.processes import processes
from thvbench.rows import Row, table
from thvbench.sharing import sharing

USUAL = {
    **LIBRARY_CASES,
    processes.__name__: processes,
    far.__name__: far,
    near.__name__: near,
    packages.__name__: packages,
}
"""What is measured where nothing is named."""

CASES = {**USUAL, sharing.__name__: sharing}

NEEDED = {
    "transfer": ("docker-registry", "skopeo"),
    "pulls": ("docker-registry", "skopeo"),
    "processes": ("docker-registry",),
    "far": ("docker-registry",),
    "near": ("docker-registry", "skopeo"),
    "packages": ("toolhive-core-driver",),
}
"""The programs that a case cannot do without."""


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    given = _arguments()
    if given.compare:
        print(table([_rows(path) for path in given.compare]))
        return 0
    run = given.work / time.strftime("run-%Y%m%dT%H%M%S")
    run.mkdir(parents=True)
    python = given.python or environment.third_party(given.work)
    bench = Bench(
        runner=Runner(python, environment.variables(environment.installed_libraries(run), run)),
        inputs=Inputs(given.work, given.seed),
        plan=FULL if given.full else QUICK,
        folder=run,
        script=environment.command(run, python),
        marketplace=given.marketplace,
    )
    about = _about(given.full, given.seed)
    failed = _measure(bench, given.only)
    about["load_after"] = os.getloadavg()
    output = given.output or run.with_suffix(".json")
    rows = [row.to_json() for row in bench.rows]
    output.write_text(json.dumps({"about": about, "rows": rows, "curves": bench.curves}, indent=1), encoding="utf-8")
    print(table([bench.rows]))
    say(f"\nwritten to {output}")
    if not given.keep:
        shutil.rmtree(run)
    return 1 if failed or any(row.mark == "MISS" for row in bench.rows) else 0


def _measure(bench: Bench, names: list[str]) -> bool:
    """Run the cases; say which could not run, and return whether there was one."""
    failed = False
    for name in names:
        lacking = [tool for tool in NEEDED.get(name, ()) if shutil.which(tool) is None]
        if lacking:
            say(f"NOT MEASURED: {name} needs {' and '.join(lacking)}")
            failed = True
            continue
        try:
            CASES[name](bench)
        except ChildError as error:
            say(f"FAILED: {name}\n{error}")
            failed = True
    return failed


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the libraries against their baselines and targets.")
    parser.add_argument("--full", action="store_true", help="more rounds, 1,000 small plugins, 10,000 builds")
    parser.add_argument("--only", type=_cases, default=list(USUAL), help=f"some of {','.join(CASES)}")
    parser.add_argument("--marketplace", type=Path, help="a checkout of a real marketplace to package as well")
    parser.add_argument("--seed", type=int, default=SEED, help="what the inputs are made from")
    parser.add_argument(
        "--python", type=Path, help="an interpreter that has the third-party libraries; default: make one"
    )
    parser.add_argument(
        "--work",
        type=Path,
        default=environment.default_work(),
        help="where inputs, stores and results go: a real disk",
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave the stores: removing them slows the next run on ext4"
    )
    parser.add_argument(
        "--compare", type=Path, nargs="+", metavar="RESULTS", help="print earlier results side by side; measure nothing"
    )
    parser.add_argument("--output", type=Path, help="where the results go, as JSON")
    return parser.parse_args()


def _rows(path: Path) -> list[Row]:
    return [Row.from_json(row) for row in json.loads(path.read_text(encoding="utf-8"))["rows"]]


def _cases(text: str) -> list[str]:
    names = text.split(",")
    unknown = sorted(set(names) - set(CASES))
    if unknown:
        raise argparse.ArgumentTypeError(f"no such case: {', '.join(unknown)}")
    return names


def _about(full: bool, seed: int) -> dict[str, Any]:
    return {
        "mode": "full" if full else "quick",
        "seed": seed,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load_before": os.getloadavg(),
    }


if __name__ == "__main__":
    sys.exit(main())
