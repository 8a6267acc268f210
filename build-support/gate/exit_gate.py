"""Runs the exit gate on the wheels that are about to be released, on one Python, and writes what came of it.

    exit_gate.py OUTPUT TEST_FOLDER

The wheels are in the working folder. They are unpacked and come first on the path, so that what the tests import is what users
will install and not the checkout; the run fails where a module of ours came from anywhere else. The output holds no time, path or
patch version: the same wheels give the same bytes on any machine.
"""

import json
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest


class Recorder:
    """Keeps one result a test: passed, failed or skipped, the worst of its phases."""

    def __init__(self) -> None:
        self.results: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a phase's result; pytest calls this."""
        if report.outcome != "passed" or report.when == "call":
            test = report.nodeid.rpartition("/")[2]
            if self.results.get(test) != "failed":
                self.results[test] = report.outcome


def unpack_wheels(wheels: list[Path], into: Path) -> None:
    """Lay the wheels out as an installer does; they are pure Python."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(into)


def strangers(site: Path) -> list[str]:
    """Name the modules of ours that were not loaded from the wheels."""
    loaded = {
        name: getattr(module, "__file__", None) for name, module in sys.modules.items() if name.startswith("toolhive_")
    }
    return sorted(name for name, file in loaded.items() if file is None or not Path(file).is_relative_to(site))


def run_exit_gate(wheels: list[Path], tests: Path) -> tuple[dict[str, str], str]:
    """Run the tests on the wheels; return each test's result and what stops the release, or nothing."""
    with tempfile.TemporaryDirectory() as temporary:
        site = Path(temporary).resolve() / "site"
        unpack_wheels(wheels, site)
        sys.path.insert(0, str(site))
        recorder = Recorder()
        status = pytest.main(
            ["-q", "--no-header", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", str(tests), str(tests)],
            plugins=[recorder],
        )
        if status != 0:
            return recorder.results, f"pytest ended with {status!r}"
        if set(recorder.results.values()) != {"passed"}:
            return recorder.results, "not every test of the exit gate was run"
        if outsiders := strangers(site):
            return recorder.results, f"these were not imported from the wheels: {', '.join(outsiders)}"
        return recorder.results, ""


def main(output: str, tests: str) -> int:
    """Run the gate and write its results, whatever they are; return the exit status."""
    wheels = sorted(Path().glob("*.whl"))
    results, stopped_by = run_exit_gate(wheels, Path(tests).resolve()) if wheels else ({}, "there are no wheels here")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    Path(output).parent.mkdir(parents=True, exist_ok=True)
    Path(output).write_text(
        json.dumps({"python": version, "results": results}, indent=2, sort_keys=True) + "\n", encoding="utf-8"
    )
    if stopped_by:
        print(f"GATE-C2 is shut: the exit gate failed on Python {version}: {stopped_by}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
