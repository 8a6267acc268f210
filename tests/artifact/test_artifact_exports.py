"""A package's imports for type checkers are the names that it hands on, each loaded when it is first asked for."""

import compileall
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

PACKAGE = "package_with_lazy_exports"
INIT = f"""
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from {PACKAGE}.colours import BLUE as BLUE
    from {PACKAGE}.colours import RED as RED
    from {PACKAGE}.shapes import Circle as Circle
    from os.path import join as join
else:
    from toolhive_artifact import lazy_exports

    __getattr__, __dir__ = lazy_exports(__name__)
"""


@pytest.fixture
def package_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / PACKAGE
    folder.mkdir()
    (folder / "__init__.py").write_text(INIT)
    (folder / "colours.py").write_text("RED, BLUE = object(), object()\n")
    (folder / "shapes.py").write_text("class Circle: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]


@pytest.fixture
def package(package_folder: Path) -> ModuleType:
    return importlib.import_module(PACKAGE)


def loaded() -> set[str]:
    return {name.removeprefix(f"{PACKAGE}.") for name in sys.modules if name.startswith(f"{PACKAGE}.")}


def test_a_name_loads_its_own_module_and_no_other(package: ModuleType) -> None:
    assert loaded() == set()
    assert package.RED is package.RED is sys.modules[f"{PACKAGE}.colours"].RED
    assert loaded() == {"colours"}


def test_all_names_are_listed_before_any_is_loaded(package: ModuleType) -> None:
    assert package.__all__ == ["BLUE", "Circle", "RED", "join"]
    assert {"BLUE", "Circle", "RED", "join", "__name__"} <= set(dir(package))
    assert loaded() == set()


def test_a_star_import_brings_all_names_and_nothing_else(package: ModuleType) -> None:
    names: dict[str, object] = {}
    exec(f"from {PACKAGE} import *", names)
    assert names.keys() - {"__builtins__"} == set(package.__all__)


def test_a_submodule_is_imported_as_usual(package: ModuleType) -> None:
    names: dict[str, object] = {}
    exec(f"from {PACKAGE} import shapes", names)
    assert names["shapes"] is sys.modules[f"{PACKAGE}.shapes"]


@pytest.mark.parametrize("name", ["GREEN", "TYPE_CHECKING_", "__wrapped__"])
def test_an_unknown_name_is_an_attribute_error(package: ModuleType, name: str) -> None:
    with pytest.raises(AttributeError, match=f"'{PACKAGE}' has no attribute '{name}'"):
        getattr(package, name)


def test_works_where_only_byte_code_is_installed(package_folder: Path) -> None:
    compileall.compile_dir(package_folder, legacy=True, quiet=1)
    for source in package_folder.glob("*.py"):
        source.unlink()
    package = importlib.import_module(PACKAGE)
    assert package.__all__ == ["BLUE", "Circle", "RED", "join"]
    assert package.Circle is sys.modules[f"{PACKAGE}.shapes"].Circle


def test_every_public_name_of_toolhive_artifact_can_be_had() -> None:
    package = importlib.import_module("toolhive_artifact")
    assert [name for name in package.__all__ if getattr(package, name) is None] == []
    assert len(package.__all__) > 80
