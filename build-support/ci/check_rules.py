"""Proves that the build refuses every import that the table in docs/architecture.md does not allow, and none that it does.

In a scratch copy, each library gets a module for each thing that it might import; then Pants is asked what that module depends on. A
forbidden import must be refused by a message that names the rule; an allowed one must be taken.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from machine import LIBRARIES, CheckError, report, run, scratch_copy

BELOW_THE_GATE = {
    "artifact": "",
    "plugins_mediatypes": "artifact",
    "plugins_store": "artifact",
    "plugins_interfaces": "artifact plugins_mediatypes plugins_store",
    "plugins_content": "artifact plugins_mediatypes plugins_interfaces",
    "plugins_packager": "artifact plugins_mediatypes plugins_store plugins_interfaces plugins_content",
    "plugins_registry": "artifact plugins_store plugins_interfaces",
    "plugins_mocks": "plugins_interfaces",
    "plugins": "artifact plugins_mediatypes plugins_store plugins_interfaces plugins_content plugins_packager plugins_registry",
}
PHASE_2 = {"plugins_service": "plugins", "plugins_cli": "plugins_service"}
TABLE = {library: set(allowed.split()) for library, allowed in {**BELOW_THE_GATE, **PHASE_2}.items()}
"""The table, written down a second time on purpose: a slip in a BUILD file shows against it."""

THIRD_PARTY = {
    "artifact": "attrs cattrs deflate",
    "plugins_mediatypes": "attrs",
    "plugins_store": "attrs filelock platformdirs",
    "plugins_interfaces": "attrs",
    "plugins_content": "attrs cattrs",
    "plugins_packager": "attrs",
    "plugins_registry": "attrs oras requests urllib3",
    "plugins_mocks": "attrs pytest",
    "plugins": "",
    "plugins_service": "attrs",
    "plugins_cli": "attrs rich rich_argparse",
}
PACKAGES = sorted({package for packages in THIRD_PARTY.values() for package in packages.split()} | {"hypothesis"})
UNDECLARED = "numpy"
"""A package that no requirement declares."""


@dataclass(frozen=True)
class Probe:
    """One module of one library that imports one thing."""

    importer: str
    imported: str
    allowed: bool

    @property
    def file(self) -> Path:
        """Where the module goes."""
        return Path("libs", self.importer, f"toolhive_{self.importer}", f"probe_of_{self.imported}.py")


def probes() -> Iterator[Probe]:
    """Every library with every other, with every third-party package, and with one that nobody has."""
    for importer, allowed in TABLE.items():
        for other in TABLE:
            if other != importer:
                yield Probe(importer, f"toolhive_{other}", other in allowed)
        packages = THIRD_PARTY[importer].split()
        for package in PACKAGES:
            yield Probe(importer, package, package in packages)
        yield Probe(importer, UNDECLARED, allowed=False)


def ask(copy: Path, goal: str, *asked: Probe) -> tuple[bool, str]:
    """Return whether a goal took the modules, and what Pants said."""
    answer = run(copy / "pants", goal, *(probe.file for probe in asked), cwd=copy, may_fail=True)
    return answer.returncode == 0, answer.stdout + answer.stderr


def what_is_wrong_with_refusal(probe: Probe, copy: Path, goal: str = "dependencies") -> str:
    """Return what is wrong with Pants's answer about a forbidden import, or nothing."""
    taken, said = ask(copy, goal, probe)
    if taken:
        return f"{probe.file} is forbidden, but `{goal}` took it"
    if probe.imported == UNDECLARED:
        named = "Pants cannot infer owners" in said and UNDECLARED in said
    else:
        named = ": DENY" in said and f"libs/{probe.importer}/BUILD[" in said
    return "" if named else f"{probe.file} was refused by `{goal}`, but the message does not name the rule:\n{said}"


def main() -> int:
    """Check every probe with `dependencies`, and the goals that people run with one."""
    if sorted(TABLE) != LIBRARIES:
        raise CheckError(f"the table is about {sorted(TABLE)}, but there are {LIBRARIES}")
    allowed = [probe for probe in probes() if probe.allowed]
    forbidden = [probe for probe in probes() if not probe.allowed]
    with scratch_copy() as copy:
        for probe in (*allowed, *forbidden):
            (copy / probe.file).write_text(
                f"import {probe.imported}\n\n__all__ = [{probe.imported!r}]\n", encoding="utf-8"
            )
        problems = [problem for probe in forbidden if (problem := what_is_wrong_with_refusal(probe, copy))]
        worst = Probe("plugins_packager", "oras", allowed=False)
        problems += [
            problem for goal in ("lint", "check") if (problem := what_is_wrong_with_refusal(worst, copy, goal))
        ]
        taken, said = ask(copy, "dependencies", *allowed)
        if not taken:
            problems.append(f"not all that is allowed is taken:\n{said}")
        _, example = ask(copy, "check", worst)
    print("What Pants says when the packager imports oras:")
    print("".join(line for line in example.splitlines(keepends=True) if "[INFO]" not in line and "[WARN]" not in line))
    print(f"{len(forbidden)} forbidden imports, {len(allowed)} allowed ones")
    return report(problems, len(forbidden) + len(allowed) + 2)


if __name__ == "__main__":
    sys.exit(main())
