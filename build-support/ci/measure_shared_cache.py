"""Measures what the shared cache saves: `measure_shared_cache.py [--json]` prints the table of docs/shared-cache.md.

Two clones, each run with an empty local store: the first fills the cache, the second reads it as it is, then after one line changed in
`libs/artifact`, then after one in `libs/plugins_cli`.
"""

import json
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from buildgrid import running_engine
from check_shared_cache import Clone, Ran, expect, joined
from machine import run, scratch_copy

TESTS = ("tests/artifact::", "tests/plugins_mediatypes::", "tests/plugins_cli/test_exit_status.py")
"""Tests of the lowest library, of one that depends on it, and of the highest, which depends on all."""

CHANGED = {
    "after one line in libs/artifact": "libs/artifact/toolhive_artifact/__init__.py",
    "after one line in libs/plugins_cli": "libs/plugins_cli/toolhive_plugins_cli/__init__.py",
}


def row(ran: Ran) -> dict[str, int]:
    """Return a run's figures."""
    counters = ran.counters
    return {
        "seconds": round(ran.seconds),
        "shareable": counters["remote_cache_requests"],
        "taken": counters["remote_cache_requests_cached"],
        "ran": counters["remote_cache_requests"] - counters["remote_cache_requests_cached"],
        "never shared": counters["local_cache_requests"] - counters["remote_cache_requests"],
    }


def measure() -> Mapping[str, Mapping[str, int]]:
    """Run the builds and return a row for each."""
    with tempfile.TemporaryDirectory(prefix="toolhive-cache-") as temporary, ExitStack() as stack:
        work = Path(temporary)
        engine = stack.enter_context(running_engine(work / "engine"))
        one, two = (Clone(stack.enter_context(scratch_copy()), work / "stores") for _ in range(2))
        writing = joined(engine, TOOLHIVE_CACHE_WRITE="true")
        rows = {"cold, first clone": row(expect(one.pants("test", *TESTS, env=writing)))}
        rows["warm, from the other clone"] = row(expect(two.pants("test", *TESTS, env=joined(engine))))
        for name, module in CHANGED.items():
            with (two.folder / module).open("a", encoding="utf-8") as file:
                file.write("\n# changed\n")
            rows[name] = row(expect(two.pants("test", *TESTS, env=joined(engine))))
            run("git", "checkout", "--quiet", ".", cwd=two.folder)
    return rows


def main(*arguments: str) -> int:
    """Print the table, as JSON or as Markdown."""
    rows = measure()
    if "--json" in arguments:
        print(json.dumps(rows))
        return 0
    columns = list(next(iter(rows.values())))
    print("| | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
    for name, figures in rows.items():
        print(f"| {name} | " + " | ".join(str(figures[column]) for column in columns) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
