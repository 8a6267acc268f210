"""Proves that the build refuses every import that docs/architecture.md does not allow, and takes every one that it does.

A scratch copy gives each library two modules: one imports all that the library must not, the other all that it may. Pants is asked once
a library for what the first depends on, and must refuse import by import, each by the rules of the two BUILD files; and once for all of
the second kind. So the time grows with the number of libraries, and not with its square.
"""

import ast
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from machine import LIBRARIES, ROOT, CheckError, report, run, scratch_copy

TABLE = {
    "artifact": "attrs cattrs deflate",
    "plugins_mediatypes": "artifact attrs",
    "plugins_store": "artifact attrs filelock platformdirs",
    "plugins_interfaces": "artifact plugins_mediatypes plugins_store attrs",
    "plugins_content": "artifact plugins_mediatypes plugins_interfaces attrs cattrs ruamel.yaml",
    "plugins_packager": "artifact plugins_mediatypes plugins_store plugins_interfaces plugins_content attrs",
    "plugins_registry": (
        "artifact plugins_store plugins_interfaces attrs cattrs certifi oras publicsuffixlist truststore urllib3"
    ),
    "plugins_mocks": "plugins_interfaces attrs pytest",
    "plugins": (
        "artifact plugins_mediatypes plugins_store plugins_interfaces plugins_content plugins_packager plugins_registry"
    ),
    "plugins_signatures": "plugins attrs cattrs cryptography google-re2 pynacl sigstore",
    "plugins_clients": "plugins attrs",
    "plugins_installs": ("plugins plugins_clients plugins_signatures attrs cattrs filelock platformdirs ruamel.yaml"),
    "plugins_marketplaces": "plugins plugins_signatures attrs cattrs",
    "plugins_service": (
        "plugins plugins_clients plugins_installs plugins_marketplaces plugins_signatures attrs cattrs"
    ),
    "plugins_cli": "plugins_service attrs cattrs platformdirs rich rich-argparse ruamel.yaml",
}
"""Who may import what: libraries by folder, packages as default.in names them. Written down a second time on purpose: a slip in a BUILD
file shows against it."""

MODULES = {"google-re2": "re2", "pynacl": "nacl"}
"""The packages whose module has another name."""

PACKAGES = {name for allowed in TABLE.values() for name in allowed.split()} - set(TABLE) | {"hypothesis", "requests"}
UNDECLARED = "numpy"
"""A package that no requirement declares."""

SHOWN = 12
"""How many lines of a refusal are printed as an example."""

DENIED = re.compile(r"(?P<rules>\S+ -> \S+) : DENY\s+\S+ \S+ -> \S+ (?:libs/|3rdparty/python#)(?P<imported>[^/\s]+)")
"""How Pants words a refused import: the rule of either BUILD file that decided, and the two targets."""


def probe(library: str, kind: str) -> Path:
    """Return where a library's module of one kind goes."""
    return Path("libs", library, f"toolhive_{library}", f"probe_{kind}.py")


def write_probe(copy: Path, library: str, kind: str, imports: Iterable[str]) -> None:
    """Write a module that imports libraries and packages."""
    modules = [
        f"toolhive_{name}" if name in TABLE else MODULES.get(name, name.replace("-", "_")) for name in sorted(imports)
    ]
    lines = [f"import {module}\n" for module in modules]
    (copy / probe(library, kind)).write_text("".join(lines), encoding="utf-8")


def ask(copy: Path, goal: str, kind: str, *libraries: str, options: Iterable[str] = ()) -> tuple[bool, str]:
    """Return whether a goal took the modules of a kind, and what Pants said."""
    modules = [probe(library, kind) for library in libraries]
    answer = run(copy / "pants", *options, goal, *modules, cwd=copy, may_fail=True)
    return answer.returncode == 0, answer.stdout + answer.stderr


def rules_of_refusal(library: str, imported: str) -> str:
    """Return how Pants must name the rules: the importer's own denies, and the other library's as well."""
    other = f"libs/{imported}/BUILD[!*]" if imported in TABLE else "3rdparty/python"
    return f"libs/{library}/BUILD[!*] -> {other}"


def wrongly_taken(copy: Path, library: str, forbidden: set[str], goal: str = "dependencies") -> list[str]:
    """Return what is wrong with Pants's answer about a library's forbidden imports."""
    taken, said = ask(copy, goal, "forbidden", library)
    if taken:
        return [f"`{goal}` took {probe(library, 'forbidden')}, which imports {sorted(forbidden)}"]
    refused = {match["imported"]: match["rules"] for match in DENIED.finditer(said)}
    expected = {imported: rules_of_refusal(library, imported) for imported in forbidden}
    return [
        f"{library} importing {name}: expected the refusal {expected.get(name)}, got {refused.get(name)}"
        for name in sorted({*expected, *refused})
        if expected.get(name) != refused.get(name)
    ]


def undeclared_taken(copy: Path) -> list[str]:
    """Return what is wrong with Pants's answers about imports that nothing declares."""
    listing = ("--python-infer-unowned-dependency-behavior=warning",)
    _, said = ask(copy, "dependencies", "undeclared", *TABLE, options=listing)
    told = {library for library in TABLE if f"{probe(library, 'undeclared')}:" in said}
    problems = [f"{library} importing {UNDECLARED}: Pants does not say so" for library in TABLE if library not in told]
    taken, said = ask(copy, "dependencies", "undeclared", *TABLE)
    if taken or "Pants cannot infer owners" not in said:
        problems.append(f"an import of {UNDECLARED}, which nothing declares, is not refused:\n{said}")
    return problems


def from_prelude(name: str) -> tuple[str, ...]:
    """Return a constant of build-support/prelude.py."""
    for statement in ast.parse((ROOT / "build-support" / "prelude.py").read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name:
            return tuple(ast.literal_eval(statement.value))
    raise CheckError(f"build-support/prelude.py does not define {name}")


def main() -> int:
    """Check every pair, and the goals that people run with one library."""
    if sorted(TABLE) != LIBRARIES:
        raise CheckError(f"the table is about {sorted(TABLE)}, but there are {LIBRARIES}")
    allowed = {library: set(names.split()) for library, names in TABLE.items()}
    gated = set(from_prelude("GATED_LIBRARIES"))
    problems = []
    if (needed := set().union(*(allowed[library] for library in gated)) - gated) != set(
        from_prelude("GATED_REQUIREMENTS")
    ):
        problems.append(f"GATED_REQUIREMENTS in the prelude should be {sorted(needed)}")
    forbidden = {library: {*TABLE, *PACKAGES} - {library} - names for library, names in allowed.items()}
    with scratch_copy() as copy:
        for library in TABLE:
            write_probe(copy, library, "allowed", allowed[library])
            write_probe(copy, library, "forbidden", forbidden[library])
            write_probe(copy, library, "undeclared", [UNDECLARED])
        problems += [problem for library in TABLE for problem in wrongly_taken(copy, library, forbidden[library])]
        problems += undeclared_taken(copy)
        taken, said = ask(copy, "dependencies", "allowed", *TABLE)
        if not taken:
            problems.append(f"not all that is allowed is taken:\n{said}")
        for goal in ("lint", "check"):
            problems += wrongly_taken(copy, "plugins_packager", forbidden["plugins_packager"], goal)
        _, example = ask(copy, "check", "forbidden", "plugins_packager")
    print("What Pants says when the packager imports what it must not:")
    told = [line for line in example.splitlines() if "[INFO]" not in line and "[WARN]" not in line]
    print("\n".join([*told[:SHOWN], "    ..."]))
    counts = [sum(map(len, table.values())) for table in (forbidden, allowed)]
    print(f"{counts[0]} forbidden imports, {counts[1]} allowed ones, {len(TABLE)} of an undeclared package")
    return report(problems, sum(counts) + len(TABLE) + 2)


if __name__ == "__main__":
    sys.exit(main())
