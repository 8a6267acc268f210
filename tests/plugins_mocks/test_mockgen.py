"""The mocks in the repository are what the generator makes from the interfaces, and it tells when they are not."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def mockgen() -> ModuleType:
    """The generator, which is a script outside the libraries."""
    spec = importlib.util.spec_from_file_location("mockgen", ROOT / "build-support/mockgen/mockgen.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mockgen"] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def repository(mockgen: ModuleType, tmp_path: Path) -> Callable[[str], Path]:
    """Makes a small repository with the given interfaces and no mocks yet."""

    def make(interfaces: str) -> Path:
        (tmp_path / mockgen.SOURCE).parent.mkdir(parents=True)
        (tmp_path / mockgen.TARGET).mkdir(parents=True)
        (tmp_path / mockgen.SOURCE).write_text("from typing import Protocol\n" + interfaces)
        return tmp_path

    return make


def test_the_mocks_are_fresh(mockgen: ModuleType) -> None:
    stale = [str(path) for path in mockgen.stale_files(ROOT)]
    assert stale == [], f"the interfaces have changed since these were made; run: {mockgen.COMMAND}"


def test_a_changed_interface_makes_the_mocks_stale_until_they_are_made_again(
    mockgen: ModuleType, repository: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    root = repository("class Client(Protocol):\n    def pull(self, ref: str) -> int: ...\n")
    assert mockgen.main(["--root", str(root)]) == 0
    assert mockgen.main(["--root", str(root), "--check"]) == 0
    source = root / mockgen.SOURCE
    source.write_text(source.read_text().replace("ref: str", "ref: str, tries: int = 3"))
    capsys.readouterr()

    assert mockgen.main(["--root", str(root), "--check"]) == 1
    told = capsys.readouterr().err
    assert "mocks.py is stale" in told
    assert mockgen.COMMAND in told

    assert mockgen.main(["--root", str(root)]) == 0
    assert mockgen.main(["--root", str(root), "--check"]) == 0


def test_an_edited_or_missing_mock_is_stale(mockgen: ModuleType, repository: Callable[[str], Path]) -> None:
    root = repository("class Client(Protocol):\n    def pull(self, ref: str) -> int: ...\n")
    mockgen.main(["--root", str(root)])
    edited, missing = root / mockgen.TARGET / "mocks.py", root / mockgen.TARGET / "pytest_plugin.py"
    edited.write_text(edited.read_text() + "# by hand\n")
    missing.unlink()
    assert [root / path for path in mockgen.stale_files(root)] == [edited, missing]


def test_making_twice_writes_nothing_the_second_time(
    mockgen: ModuleType, repository: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    root = repository("class Client(Protocol):\n    def pull(self, ref: str) -> int: ...\n")
    mockgen.main(["--root", str(root)])
    assert capsys.readouterr().out.count("wrote") == 3
    mockgen.main(["--root", str(root)])
    assert capsys.readouterr().out == ""


def test_private_protocols_and_other_classes_get_no_mock(mockgen: ModuleType) -> None:
    source = """
from typing import Protocol
class _Inner(Protocol):
    def run(self) -> None: ...
class Options:
    epoch: int = 0
class Outer(Protocol):
    def run(self) -> None: ...
"""
    assert [interface.name for interface in mockgen.read_interfaces(source)] == ["Outer"]


def test_every_kind_of_parameter_is_kept(mockgen: ModuleType) -> None:
    source = """
class Client(Protocol):
    def run(self, a: int, /, b: str = "x", *rest: bytes, c: bool, d: float | None = None, **more: object) -> int: ...
    def only_keywords(self, *, a: int) -> None: ...
    def nothing(self, /) -> None: ...
"""
    (interface,) = mockgen.read_interfaces(source)
    assert {method.name: method.parameters for method in interface.methods} == {
        "nothing": (),
        "only_keywords": ("*", "a: int"),
        "run": ("a: int", "/", "b: str = 'x'", "*rest: bytes", "c: bool", "d: float | None = None", "**more: object"),
    }


@pytest.mark.parametrize(
    ("interface", "complaint"),
    [
        ("class C(Protocol):\n    name: str", "not a plain method"),
        ("class C(Protocol):\n    async def run(self) -> None: ...", "not a plain method"),
        ("class C(Protocol):\n    @property\n    def run(self) -> int: ...", "not a plain method"),
        ("class C(Protocol):\n    def verify(self) -> None: ...", "no room for a method of this name"),
        ("class C(Protocol):\n    def __call__(self) -> None: ...", "no room for a method of this name"),
        ("class C(Protocol):\n    def run(self, a) -> None: ...", "no type"),
        ("class C(Protocol):\n    def run(self): ...", "no type"),
        ("class C(Protocol):\n    '''Empty.'''", "no method"),
        ("class C(Sized, Protocol):\n    def run(self) -> None: ...", "bases beside Protocol"),
    ],
)
def test_what_cannot_be_mocked_is_refused_by_name(
    mockgen: ModuleType,
    repository: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
    interface: str,
    complaint: str,
) -> None:
    root = repository(interface + "\n")
    assert mockgen.main(["--root", str(root)]) == 1
    told = capsys.readouterr().err
    assert "C" in told
    assert complaint in told
    assert not (root / mockgen.TARGET / "mocks.py").exists()
