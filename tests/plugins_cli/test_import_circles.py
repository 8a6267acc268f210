"""No module imports another that imports it, not even within a function: what depends on what can be read from the bottom to the top."""

import ast
import graphlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest


def modules() -> dict[str, Path]:
    """Return the source of every module of ours, in whatever library it is."""
    found: dict[str, Path] = {}
    for package in pkgutil.iter_modules():
        spec = importlib.util.find_spec(package.name) if package.name.startswith("toolhive_") else None
        for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
            for path in Path(folder).rglob("*.py"):
                parts = (package.name, *path.relative_to(folder).with_suffix("").parts)
                found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imported(body: list[ast.stmt]) -> Iterator[str]:
    """Yield what statements import at run time, those within functions too."""
    for statement in body:
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            yield from imported(statement.orelse)
        elif isinstance(statement, ast.ImportFrom):
            yield from (f"{statement.module}.{name.name}" for name in statement.names)
            yield str(statement.module)
        elif isinstance(statement, ast.Import):
            yield from (name.name for name in statement.names)
        else:
            inner = (getattr(statement, part, []) for part in ("body", "orelse", "finalbody", "handlers", "cases"))
            for part in inner:
                for node in part:
                    yield from imported([node] if isinstance(node, ast.stmt) else node.body)


def test_imports_have_no_circle() -> None:
    ours = modules()
    assert {"toolhive_artifact.errors", "toolhive_plugins_cli.cli"} <= ours.keys()
    graph = {
        name: {other for other in imported(ast.parse(path.read_text()).body) if other in ours} - {name}
        for name, path in ours.items()
    }
    # A package's own file only hands names on, lazily.
    for name, others in graph.items():
        graph[name] = {other for other in others if not name.startswith(f"{other}.")}
    assert sum(map(len, graph.values())) > 500
    graphlib.TopologicalSorter(graph).prepare()


def test_a_circle_within_functions_is_found() -> None:
    inner = ast.parse("def f():\n    with x:\n        from a.b import c\n").body
    assert list(imported(inner)) == ["a.b.c", "a.b"]
    with pytest.raises(graphlib.CycleError):
        graphlib.TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()
