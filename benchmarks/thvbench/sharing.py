"""What a shared cache saves the build: two clones of this repository and an engine, measured by build-support/ci."""

import json
import os
import subprocess
import sys

from thvbench.cases import Bench
from thvbench.environment import ROOT
from thvbench.measure import ChildError, say


def sharing(bench: Bench) -> None:
    """Test in one clone, and then in another that has its results from the cache."""
    say("a shared cache: two clones, a few minutes")
    script = ROOT / "build-support" / "ci" / "measure_shared_cache.py"
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "build-support" / "launcher")}
    done = subprocess.run([sys.executable, script, "--json"], env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ChildError(f"{script.name} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    rows = json.loads(done.stdout)
    first, *others = rows
    for name in others:
        taken = (
            f"{rows[name]['taken']} of {rows[name]['shareable']} processes taken; {first} {rows[first]['seconds']} s"
        )
        bench.ratio(f"tests {name}, to {first}", [rows[name]["seconds"]], [rows[first]["seconds"]], None, taken)
