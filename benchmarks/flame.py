"""Draw a flame graph of building small plugins into one store.

    python benchmarks/flame.py OUT.svg [--libs DIR] [--python PYTHON] [--builds 600]

`--libs` takes the libraries from another checkout, to draw a state before a change. Needs py-spy (requirements.txt), which
looks at the process from outside and so does not slow it where it calls much, as a tracing profiler would.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from thvbench.environment import ROOT, default_work
from thvbench.inputs import SEED, Inputs
from thvbench.measure import CHILD

PLUGINS = 300


def main() -> int:
    """Record the profile."""
    parser = argparse.ArgumentParser(description="Draw a flame graph of building small plugins.")
    parser.add_argument("output", type=Path)
    parser.add_argument("--libs", type=Path, default=ROOT / "libs")
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="has the third-party libraries")
    parser.add_argument("--builds", type=int, default=2 * PLUGINS)
    parser.add_argument("--work", type=Path, default=default_work())
    given = parser.parse_args()
    folders = [str(folder) for folder in Inputs(given.work, SEED).small(PLUGINS)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(path) for path in sorted(given.libs.glob("*")))}
    with tempfile.TemporaryDirectory(dir=given.work) as scratch:
        arguments = {"folders": folders, "store": str(Path(scratch, "store")), "builds": given.builds}
        record = ["py-spy", "record", "--rate", "400", "--function", "--output", str(given.output), "--"]
        command = [*record, str(given.python), str(CHILD), "package_many", json.dumps(arguments)]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return 0


if __name__ == "__main__":
    sys.exit(main())
