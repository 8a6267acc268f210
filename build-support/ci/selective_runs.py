"""Writes, or with `--check` checks, the table in docs/selective-runs.md: what a change in each library makes `./pants test` run.

For each library in turn, a scratch copy gets one more line in one of its modules, and Pants is asked for what depends on that, with
`./pants --changed-since=HEAD --changed-dependents=transitive list`. For one change, the tests are run as well, on one Python.
"""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from machine import LIBRARIES, ROOT, CheckError, run, scratch_copy

DOCUMENT = ROOT / "docs" / "selective-runs.md"
BEGIN, END = "<!-- made by build-support/ci/selective_runs.py -->", "<!-- until here -->"
CHANGED = ("--changed-since=HEAD", "--changed-dependents=transitive")
ONE_PYTHON = {"TOOLHIVE_TEST_PYTHONS": "3.11"}
"""What is asked is which tests run. That they pass on each Python is the test run's to say."""


def test_folders() -> list[str]:
    """Return the folders that hold tests, by name."""
    return sorted({file.parent.name for file in ROOT.glob("tests/*/test_*.py")})


def touch(copy: Path, library: str) -> None:
    """Change one module of a library, and none that is generated, since a test says when such a one is stale."""
    name = "methods.py" if library == "plugins_mocks" else "__init__.py"
    module = copy / "libs" / library / f"toolhive_{library}" / name
    module.write_text(module.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")


def folders_of(addresses: Iterable[str]) -> set[str]:
    """Return the folders of the tests among some addresses."""
    return {address.split("/")[1] for address in addresses if re.match(r"tests/\w+/test_\w+\.py", address)}


def dependents(copy: Path) -> list[str]:
    """Return the addresses of what was changed in the copy, and of all that depends on it."""
    return run(copy / "pants", *CHANGED, "list", cwd=copy).stdout.split()


def table_row(copy: Path, library: str, folders: list[str]) -> str:
    """Return what a change in a library runs, as a row."""
    touch(copy, library)
    everything = dependents(copy)
    run("git", "checkout", "--quiet", ".", cwd=copy)
    tests = folders_of(everything)
    wheels = sum(address.endswith(":dist") for address in everything)
    gate = "runs" if "//:gate-c2" in everything else "-"
    return (
        "| " + " | ".join([f"`{library}`", gate, str(wheels), *("runs" if f in tests else "-" for f in folders)]) + " |"
    )


def check_by_running(copy: Path, library: str) -> None:
    """Run the tests after a change in one library, and see that they are those that the table says.

    Raises:
        CheckError: they are not, or one failed.
    """
    touch(copy, library)
    listed = folders_of(dependents(copy))
    ran = folders_of(run(copy / "pants", *CHANGED, "test", cwd=copy, env=ONE_PYTHON).stderr.split())
    if ran != listed:
        raise CheckError(f"after a change in {library}, {sorted(ran)} ran, and {sorted(listed)} should have")


def make_table() -> str:
    """Return the table."""
    folders = test_folders()
    lines = [
        "| changed | GATE-C2 | wheels | " + " | ".join(f"`{folder}`" for folder in folders) + " |",
        "|---|---|---|" + "---|" * len(folders),
    ]
    with scratch_copy() as copy:
        lines += [table_row(copy, library, folders) for library in LIBRARIES]
        check_by_running(copy, "plugins_mocks")
    return "\n".join(lines)


def main(*arguments: str) -> int:
    """Write the table into the document, or compare."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise CheckError(f"{DOCUMENT} lacks the marks {BEGIN} and {END}")
    text = f"{before}{BEGIN}\n\n{make_table()}\n\n{END}{after}"
    if "--check" not in arguments:
        DOCUMENT.write_text(text, encoding="utf-8")
    elif text != DOCUMENT.read_text(encoding="utf-8"):
        print(text)
        print(
            f"{DOCUMENT.relative_to(ROOT)} is stale: run `python build-support/ci/selective_runs.py`", file=sys.stderr
        )
        return 1
    print("the table of selective runs is true")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
