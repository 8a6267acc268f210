"""The released surface is the public names of the libraries behind the gate, all of them and each the same thing."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

SURFACE = importlib.import_module("toolhive_plugins")
LIBRARIES = [
    "toolhive_artifact",
    "toolhive_plugins_mediatypes",
    "toolhive_plugins_store",
    "toolhive_plugins_interfaces",
    "toolhive_plugins_content",
    "toolhive_plugins_packager",
    "toolhive_plugins_registry",
]


@pytest.mark.parametrize("library", LIBRARIES)
def test_hands_on_every_public_name_of(library: str) -> None:
    module = importlib.import_module(library)
    assert module.__all__
    for name in module.__all__:
        assert getattr(SURFACE, name) is getattr(module, name)
        assert name in SURFACE.__all__
        assert name in dir(SURFACE)


def test_no_two_libraries_use_one_name_for_two_things() -> None:
    modules = [importlib.import_module(library) for library in LIBRARIES]
    meanings: dict[str, set[int]] = {}
    for module in modules:
        for name in module.__all__:
            meanings.setdefault(name, set()).add(id(getattr(module, name)))
    assert [name for name, things in meanings.items() if len(things) > 1] == []


def test_type_checkers_see_the_libraries_that_the_program_sees() -> None:
    source = Path(SURFACE.__file__ or "").read_text(encoding="utf-8")
    starred = [
        node.module
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
    ]
    assert sorted(filter(None, starred)) == sorted(LIBRARIES)


def test_star_import_brings_the_public_names() -> None:
    names: dict[str, object] = {}
    exec("from toolhive_plugins import *", names)
    assert set(SURFACE.__all__) <= set(names)


@pytest.mark.parametrize("name", ["Nonsense", "_LIBRARY", "__path_to_nothing__"])
def test_an_unknown_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"'toolhive_plugins' has no attribute '{name}'"):
        getattr(SURFACE, name)


def test_a_name_of_the_ground_floor_loads_nothing_above_it() -> None:
    script = "import sys, toolhive_plugins; toolhive_plugins.Digest; print(*sorted(m for m in sys.modules if m.startswith('toolhive_')))"
    loaded = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert [name for name in loaded.stdout.split() if not name.startswith("toolhive_artifact")] == ["toolhive_plugins"]
