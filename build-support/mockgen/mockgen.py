"""Make `libs/plugins_mocks` from the Protocols in `libs/plugins_interfaces`: our `go:generate mockgen`.

    python build-support/mockgen/mockgen.py            write the mocks
    python build-support/mockgen/mockgen.py --check    write nothing; exit 1 and name the stale files

It reads the interfaces as text and needs no third-party package, so that it runs anywhere, on Python 3.11 or later.
The output depends on the interfaces alone and is already in the form that `ruff format --line-length 120` gives.
"""

import argparse
import ast
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path("libs/plugins_interfaces/toolhive_plugins_interfaces/interfaces.py")
TARGET = Path("libs/plugins_mocks/toolhive_plugins_mocks")
COMMAND = "python build-support/mockgen/mockgen.py"
MADE_BY = f"Made from `toolhive_plugins_interfaces` by `{COMMAND}`: do not edit."
WIDTH = 120
TAKEN_NAMES = frozenset({"calls", "verify"})
"""What every mock has of its own, so that no interface may use it for a method."""


class UnsupportedInterfaceError(Exception):
    """An interface has something that no mock can be made for; the message says where and what."""


@dataclass(frozen=True)
class Method:
    """One method of an interface."""

    name: str
    parameters: tuple[str, ...]
    """As they are written, `self` left out, with the markers `/` and `*`."""

    result: str
    """The annotation of the result."""


@dataclass(frozen=True)
class Interface:
    """One Protocol."""

    name: str
    methods: tuple[Method, ...]


def read_interfaces(source: str) -> tuple[Interface, ...]:
    """Return the public Protocols of a module's source, by name.

    Raises:
        UnsupportedInterfaceError: one has a base, a member or a name that the mocks do not cater for.
    """
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    protocols = [node for node in classes if any(_is_protocol(base) for base in node.bases)]
    return tuple(
        sorted((_interface(node) for node in protocols if not node.name.startswith("_")), key=lambda i: i.name)
    )


def render(interfaces: Sequence[Interface]) -> dict[Path, str]:
    """Return the files to write, by path from the repository's root."""
    return {
        TARGET / "__init__.py": _render_package(interfaces),
        TARGET / "mocks.py": _render_mocks(interfaces),
        TARGET / "pytest_plugin.py": _render_pytest_plugin(interfaces),
    }


def stale_files(root: Path) -> dict[Path, str]:
    """Return the files that are missing or differ from what the interfaces ask for, with what they should hold."""
    wanted = render(read_interfaces((root / SOURCE).read_text(encoding="utf-8")))
    return {path: text for path, text in wanted.items() if _content(root / path) != text}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="mockgen", description="Make libs/plugins_mocks from libs/plugins_interfaces."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is stale")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository's root")
    given = parser.parse_args(arguments)
    try:
        stale = stale_files(given.root)
    except UnsupportedInterfaceError as error:
        print(f"{SOURCE}: {error}", file=sys.stderr)
        return 1
    if given.check and stale:
        for path in stale:
            print(f"{path} is stale: it is not what {SOURCE} asks for. Run: {COMMAND}", file=sys.stderr)
        return 1
    for path, text in stale.items():
        (given.root / path).write_text(text, encoding="utf-8")
        print(f"wrote {path}")
    return 0


def _content(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8", "replace") if path.is_file() else None


def _is_protocol(base: ast.expr) -> bool:
    return ast.unparse(base) in ("Protocol", "typing.Protocol")


def _interface(node: ast.ClassDef) -> Interface:
    if len(node.bases) != 1:
        raise UnsupportedInterfaceError(
            f"line {node.lineno}: {node.name} has bases beside Protocol; declare its methods in one class"
        )
    members = [member for member in node.body if not _is_docstring(member)]
    methods = tuple(sorted((_method(node, member) for member in members), key=lambda method: method.name))
    if not methods:
        raise UnsupportedInterfaceError(f"line {node.lineno}: {node.name} has no method")
    return Interface(node.name, methods)


def _is_docstring(member: ast.stmt) -> bool:
    return (
        isinstance(member, ast.Expr) and isinstance(member.value, ast.Constant) and isinstance(member.value.value, str)
    )


def _method(owner: ast.ClassDef, member: ast.stmt) -> Method:
    where = f"line {member.lineno}: {owner.name}"
    if not isinstance(member, ast.FunctionDef) or member.decorator_list:
        raise UnsupportedInterfaceError(f"{where} has a member that is not a plain method")
    if member.name.startswith("_") or member.name in TAKEN_NAMES:
        raise UnsupportedInterfaceError(f"{where}.{member.name}: a mock has no room for a method of this name")
    positional = [*member.args.posonlyargs, *member.args.args]
    everything = [*positional[1:], *member.args.kwonlyargs, *filter(None, [member.args.vararg, member.args.kwarg])]
    if not positional or member.returns is None or any(argument.annotation is None for argument in everything):
        raise UnsupportedInterfaceError(f"{where}.{member.name}: a parameter or the result has no type")
    return Method(member.name, _parameters(member.args), ast.unparse(member.returns))


def _parameters(given: ast.arguments) -> tuple[str, ...]:
    """The parameters as they are written, without the first."""
    ordinary = [*given.posonlyargs, *given.args]
    required: list[ast.expr | None] = [None] * (len(ordinary) - len(given.defaults))
    written = [_parameter(*pair) for pair in zip(ordinary, [*required, *given.defaults], strict=True)]
    if given.posonlyargs:
        written.insert(len(given.posonlyargs), "/")
    if given.vararg:
        written.append("*" + _parameter(given.vararg))
    elif given.kwonlyargs:
        written.append("*")
    written += [_parameter(*pair) for pair in zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    if given.kwarg:
        written.append("**" + _parameter(given.kwarg))
    return tuple(written[2:] if written[1:2] == ["/"] else written[1:])


def _parameter(argument: ast.arg, default: ast.expr | None = None) -> str:
    annotation = f": {ast.unparse(argument.annotation)}" if argument.annotation else ""
    return f"{argument.arg}{annotation}" + (f" = {ast.unparse(default)}" if default else "")


def _fixture(interface: Interface) -> str:
    return "mock_" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", interface.name).lower()


def _import(module: str, names: Sequence[str]) -> str:
    ordered = sorted(names)
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in ordered) + ")"


def _signature(method: Method, indent: str) -> str:
    """The signature as documentation, cut into lines where it is too long for one."""
    line = f"{method.name}({', '.join(method.parameters)}) -> {method.result}"
    if len(indent) + len(line) + 6 <= WIDTH:
        return line
    inner = "".join(f"{indent}    {parameter},\n" for parameter in method.parameters)
    return f"{method.name}(\n{inner}{indent}) -> {method.result}\n{indent}"


def _render_package(interfaces: Sequence[Interface]) -> str:
    mocks = [f"Mock{interface.name}" for interface in interfaces]
    exported = sorted([*mocks, "Call", "ExpectationError", "InterfaceMock", "MockMethod"])
    listed = "".join(f'    "{name}",\n' for name in exported)
    return f'''"""Mocks of the interfaces, for the tests of whoever depends on them.

{MADE_BY}
"""

{_import("toolhive_plugins_mocks.methods", ["Call", "ExpectationError", "InterfaceMock", "MockMethod"])}
{_import("toolhive_plugins_mocks.mocks", mocks)}

__all__ = [
{listed}]
'''


def _render_mocks(interfaces: Sequence[Interface]) -> str:
    classes = "".join(_render_class(interface) for interface in interfaces)
    proofs = "".join(
        f"    _{_fixture(interface)}: {interface.name} = Mock{interface.name}()\n" for interface in interfaces
    )
    return f'''"""One mock for each interface.

{MADE_BY}
"""

from typing import TYPE_CHECKING
from unittest.mock import create_autospec

{_import("toolhive_plugins_interfaces", [interface.name for interface in interfaces])}
from toolhive_plugins_mocks.methods import InterfaceMock
{classes}

if TYPE_CHECKING:  # the proof that each mock satisfies its interface
{proofs}'''


def _render_class(interface: Interface) -> str:
    slots = ", ".join(f'"{method.name}"' for method in interface.methods)
    slots += "," if len(interface.methods) == 1 else ""
    indent = " " * 8
    methods = "".join(
        f"""{indent}self.{method.name} = self._mocked({interface.name}.{method.name})
{indent}\"\"\"{_signature(method, indent)}\"\"\"
"""
        for method in interface.methods
    )
    return f'''

class Mock{interface.name}(InterfaceMock):
    """A mock of `{interface.name}`."""

    __slots__ = ({slots})

    def __init__(self) -> None:
        super().__init__(create_autospec({interface.name}, instance=True, spec_set=True))
{methods}'''


def _render_pytest_plugin(interfaces: Sequence[Interface]) -> str:
    mocks = [f"Mock{interface.name}" for interface in interfaces]
    fixtures = "".join(
        f'''

@pytest.fixture
def {_fixture(interface)}(request: pytest.FixtureRequest) -> Iterator[Mock{interface.name}]:
    """A mock of `{interface.name}`, verified when the test has passed."""
    mock = Mock{interface.name}()
    yield mock
    _verify(mock, request.node)
'''
        for interface in interfaces
    )
    return f'''"""The pytest plugin: a fixture for each mock, which verifies it when the test has passed.

{MADE_BY}
"""

from collections.abc import Generator, Iterator

import pytest

{_import("toolhive_plugins_mocks.methods", ["InterfaceMock"])}
{_import("toolhive_plugins_mocks.mocks", mocks)}

_PASSED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note whether the test passed: a failed test is not failed again for unmet expectations."""
    report = yield
    if report.when == "call":
        item.stash[_PASSED] = report.passed
    return report


def _verify(mock: InterfaceMock, test: pytest.Item) -> None:
    if test.stash.get(_PASSED, False):
        mock.verify()
{fixtures}'''


if __name__ == "__main__":
    sys.exit(main())
