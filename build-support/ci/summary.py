"""Counts the tests of a run from pytest's reports, and names those that failed: `summary.py FOLDER`."""

import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

SLOW = 12
"""How many of the slowest tests to name."""


def outcome(case: ET.Element) -> str:
    """Return what became of one test."""
    for tag, name in (("failure", "failed"), ("error", "failed"), ("skipped", "skipped")):
        if case.find(tag) is not None:
            return name
    return "passed"


def main(folder: str) -> int:
    """Print the summary; the last line is in the form that CI systems read."""
    counts: Counter[str] = Counter()
    times: list[tuple[float, str]] = []
    for file in sorted(Path(folder).glob("*.xml")):
        python = file.stem.rpartition("py3")[2]
        for case in ET.parse(file).getroot().iter("testcase"):
            result = outcome(case)
            counts[result] += 1
            name = f"{case.get('classname')}::{case.get('name')} on 3.{python[:2]}"
            times.append((float(case.get("time") or 0), name))
            if result != "passed":
                print(f"{result}: {name}")
    print(f"the slowest of {sum(time for time, _ in times):.0f} s of tests:")
    for time, name in sorted(times, reverse=True)[:SLOW]:
        print(f"  {time:6.1f} s  {name}")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
