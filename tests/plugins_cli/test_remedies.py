"""What the command tells people to do: only what it can do itself, by the names that its help has."""

import ast
import importlib
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from toolhive_plugins_cli.dispatch import parser_of
from toolhive_plugins_cli.overview import members, names
from toolhive_plugins_cli.remedies import NEUTRAL, WORDINGS, remedy_of
from toolhive_plugins_service import ToolhiveError

LIBRARIES = (
    "toolhive_artifact",
    "toolhive_plugins_mediatypes",
    "toolhive_plugins_store",
    "toolhive_plugins_interfaces",
    "toolhive_plugins_content",
    "toolhive_plugins_packager",
    "toolhive_plugins_registry",
    "toolhive_plugins",
    "toolhive_plugins_signatures",
    "toolhive_plugins_clients",
    "toolhive_plugins_installs",
    "toolhive_plugins_marketplaces",
    "toolhive_plugins_service",
)
COMMAND = re.compile(r"thv-plugin ([a-z]+)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")

REGISTRY_COMMANDS = frozenset(name for name in names() if "--plain-http" in parser_of(name).format_help())
ASKING = frozenset({"install", "sync", "upgrade"})
"""The subcommands that ask before they install."""

GIVEN_BY = {
    "accept-growth": ASKING | {"path"},
    "adapt-format": frozenset({"build"}),
    "adapt-plugin": frozenset({"build"}),
    "allow-downgrade": frozenset({"path", "sync", "upgrade"}),
    "allow-ref-change": frozenset({"upgrade"}),
    "allow-signer-change": ASKING | {"path"},
    "allow-unsigned": ASKING | {"path"},
    "answer-beforehand": ASKING,
    "include-source": frozenset({"marketplace read", "marketplace push"}),
    "move-tags": frozenset({"marketplace push", "marketplace copy"}),
    "give-password": frozenset({"attest", "keygen", "push", "sign"}),
    "name-a-signer": frozenset({"verify"}),
    "trust-signer": ASKING | {"path", "verify"},
    "name-project": ASKING | {"uninstall", "list", "info"},
    "replace-folder": ASKING | {"uninstall"},
    "replace-plugin": frozenset({"extract"}),
}
"""The subcommands that can give a remedy with an option in it; those that talk to registries unless named here."""


def sources(library: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield the name and the syntax tree of each module of a library."""
    found = importlib.import_module(library).__file__
    assert found is not None
    for path in sorted(Path(found).parent.rglob("*.py")):
        yield f"{library}/{path.name}", ast.parse(path.read_text())


def texts(module: ast.Module) -> Iterator[str]:
    """Yield the text of every string in a module that is not a docstring."""
    documented = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield node.value


def hints() -> dict[str, str]:
    """Return every hint of every library, and where it is defined."""
    found: dict[str, str] = {}
    for library in LIBRARIES:
        for where, module in sources(library):
            for node in module.body:
                if isinstance(node, ast.ClassDef) and node.name == "Hint":
                    defined = importlib.import_module(f"{library}.{where.rpartition('/')[2][:-3]}").Hint
                    assert issubclass(defined, StrEnum)
                    found |= {member.value: where for member in defined}
    return found


def test_every_hint_is_worded_or_known_to_need_no_words() -> None:
    assert set(hints()) == set(WORDINGS) | NEUTRAL
    assert not set(WORDINGS) & NEUTRAL


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_names_no_command_and_no_option(library: str) -> None:
    assert [
        (where, text)
        for where, module in sources(library)
        if not where.endswith("/style.py")  # variables of CSS look like options
        for text in texts(module)
        if COMMAND.search(text) or (not text.startswith("-") and OPTION.search(text))  # else it is an option for git
    ] == []


@pytest.mark.parametrize("hint", sorted(WORDINGS))
def test_every_remedy_names_what_the_command_has(hint: str) -> None:
    error = ToolhiveError("it failed", where="example.com/a/b:1", remedy="Try again", hint=hint)
    remedy = remedy_of(error)
    print(f"{hint}: {remedy}")
    assert remedy
    assert "{" not in remedy
    assert set(COMMAND.findall(remedy)) <= set(names())
    for option in OPTION.findall(remedy):
        for command in GIVEN_BY.get(hint, REGISTRY_COMMANDS):
            assert re.search(rf"{option}\b", parser_of(command).format_help()), (command, option)


def test_what_the_command_says_itself_names_what_it_has() -> None:
    said = [text for _, module in sources("toolhive_plugins_cli") for text in texts(module)]
    named = {name for text in said for name in COMMAND.findall(text)}
    assert named <= {*names(), "completion"}
    everything = "".join(parser_of(name).format_help() for name in (*names(), *members()))
    options = {option for text in said if " " in text for option in OPTION.findall(text)}
    assert {option for option in options if option not in everything} == set()


def test_a_library_has_the_words_where_no_wording_is_needed() -> None:
    assert remedy_of(ToolhiveError("it failed", remedy="Try again")) == "Try again"
    assert remedy_of(ToolhiveError("it failed", remedy="Try again", hint="not-known-yet")) == "Try again"
    assert remedy_of(ToolhiveError("it failed", hint="list-builds")) == "thv-plugin builds shows what there is"
