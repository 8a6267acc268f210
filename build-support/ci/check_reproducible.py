"""Builds every wheel again, in another folder, at another time, under another umask and zone, and compares: `check_reproducible.py DIST`.

Nothing that was built before is taken from Pants's own cache or a shared one: each step runs anew. What makes the bytes the same:
sources from git alone, a locked setuptools, times fixed by SOURCE_DATE_EPOCH (build-support/prelude.py), modes normalised by Pants's
sandbox, and a wheel format that is sorted.
"""

import hashlib
import os
import sys
from pathlib import Path

from machine import LIBRARIES, RELEASE, report, run, scratch_copy


def digests(dist: Path) -> dict[str, str]:
    """Return each wheel's SHA-256, and the gate's document's."""
    files = [*dist.glob("toolhive*.whl"), dist / "gate-c2.json"]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def main(dist: str) -> int:
    """Build, compare and report."""
    first = digests(Path(dist))
    before = os.umask(0o077)
    try:
        with scratch_copy() as copy:
            wheels = [f"libs/{library}:dist" for library in LIBRARIES]
            anew = ["--no-local-cache", "--no-pantsd", "--no-dynamic-ui", *RELEASE]
            run(
                copy / "pants",
                *anew,
                "package",
                "//:gate-c2",
                *wheels,
                cwd=copy,
                env={"TZ": "Pacific/Kiritimati", "LANG": "C"},
            )
            second = digests(copy / "dist")
    finally:
        os.umask(before)
    problems = [
        f"{name}: {first.get(name)} here, {second.get(name)} in the other folder"
        for name in sorted({*first, *second})
        if first.get(name) != second.get(name)
    ]
    for name, digest in sorted(second.items()):
        print(f"{digest}  {name}")
    return report(problems, len(second))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
