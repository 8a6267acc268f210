"""The files that tell clients of a marketplace, and the oldest client that reads them."""

import enum
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import field, frozen

from toolhive_plugins import Encodable, encode_json, parse_reference
from toolhive_plugins_marketplaces.catalog import Owner
from toolhive_plugins_marketplaces.errors import GenerateError
from toolhive_plugins_marketplaces.texts import one_line

CLAUDE_CODE_FILE: Final = ".claude-plugin/marketplace.json"
CODEX_FILE: Final = ".agents/plugins/marketplace.json"
"""Paths in it begin at the folder above `.agents`."""

MAX_COMMAND: Final = 500
"""Characters of a command that Claude Code takes, all of them ASCII."""

_GAP: Final = " " * 4
"""What Claude Code refuses in a command: it would push the rest out of sight."""

_MAX_DESCRIPTION: Final = 500
_TIMEOUT: Final = 120
"""Seconds that Claude Code waits for a command."""


class SourceChoice(enum.StrEnum):
    """How a client gets a plugin."""

    COMMAND = "command"
    """It runs a command of ours, once the user has accepted it, which prints a folder."""

    ARCHIVE = "archive"
    """It downloads a zip file, and checks its sha256."""

    DIRECTORY = "directory"
    """It copies a folder beside the marketplace's file."""


LEAST_CLIENT: Final[Mapping[SourceChoice, str]] = {
    SourceChoice.DIRECTORY: "2.0.12",
    SourceChoice.ARCHIVE: "2.1.224",
    SourceChoice.COMMAND: "2.1.229",
}
"""The oldest Claude Code that reads such a source; older ones refuse the whole file."""


@frozen(kw_only=True)
class ListedPlugin:
    """A plugin as the clients' files list it."""

    name: str
    version: str
    description: str
    category: str
    source: Mapping[str, str | int] | str = field(hash=False)
    """As Claude Code has it."""


def path_command(reference: str, options: Sequence[str] = (), program: str = "thv-plugin") -> str:
    """Return the command that prints the folder of a plugin.

    Args:
        reference: `registry/repository@digest`.
        options: of the command, each an argument.
        program: its name.

    Raises:
        GenerateError: the reference is not by digest, or a client would refuse the command.
    """
    parsed = parse_reference(reference)
    if not parsed.is_digest:
        raise GenerateError("is not pinned by a digest", where=reference)
    command = shlex.join([program, "path", *options, str(parsed)])
    if len(command) > MAX_COMMAND or not command.isascii() or not command.isprintable() or _GAP in command:
        raise GenerateError(
            f"the command has {len(command)} characters, and clients take {MAX_COMMAND} in ASCII without long gaps",
            where=str(parsed),
            remedy="Use shorter options, or another kind of source",
        )
    return command


def install_command(reference: str, options: Sequence[str] = (), program: str = "thv-plugin") -> str:
    """Return the command that installs a plugin; see `path_command`."""
    return shlex.join([program, "install", *options, reference])


def command_source(command: str) -> dict[str, str | int]:
    """Return a source that runs a command."""
    return {"source": "command", "command": command, "timeout": _TIMEOUT, "mode": "copy"}


def archive_source(url: str, sha256: str) -> dict[str, str | int]:
    """Return a source that is a zip file."""
    return {"source": "archive", "url": url, "sha256": sha256}


def claude_code_file(name: str, owner: Owner, description: str, plugins: Sequence[ListedPlugin]) -> bytes:
    """Return Claude Code's `marketplace.json`."""
    given = _given({"name": owner.name or name, "email": owner.email})
    entries = [_claude_code_entry(plugin) for plugin in plugins]
    metadata = _given({"description": one_line(description, _MAX_DESCRIPTION) or f"Plugins of {name}"})
    return _pretty({"name": name, "owner": given, "metadata": metadata, "plugins": entries})


def codex_file(name: str, plugins: Sequence[ListedPlugin]) -> bytes:
    """Return Codex's `marketplace.json`, of plugins whose sources are folders."""
    entries: list[Encodable] = [
        {
            "name": plugin.name,
            "source": {"source": "local", "path": str(plugin.source)},
            "policy": {"installation": "AVAILABLE", "authentication": "ON_INSTALL"},
            "category": plugin.category or "Plugins",
        }
        for plugin in plugins
    ]
    return _pretty({"name": name, "plugins": entries})


def least_client(choice: SourceChoice, wanted: str) -> str:
    """Return the oldest Claude Code that reads a kind of source.

    Args:
        choice: the kind.
        wanted: the oldest that must read it; empty for any.

    Raises:
        GenerateError: `wanted` is older, or no version.
    """
    least = LEAST_CLIENT[choice]
    if wanted and _version(wanted) < _version(least):
        readable = [kind.value for kind, version in LEAST_CLIENT.items() if _version(wanted) >= _version(version)]
        raise GenerateError(
            f"sources of the kind {choice.value} need Claude Code {least}, and older ones refuse the whole file",
            where=wanted,
            remedy=f"Choose sources of the kind {' or '.join(readable)}" if readable else "Name a newer client",
        )
    return least


def _version(text: str) -> tuple[int, ...]:
    if re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]{1,6}){0,3}", text, re.ASCII) is None:
        raise GenerateError("is not the version of a client", where=one_line(text, 50), remedy="Write it as 2.1.229")
    numbers = tuple(map(int, text.split(".")))
    return numbers + (0,) * (4 - len(numbers))


def _claude_code_entry(plugin: ListedPlugin) -> dict[str, Encodable]:
    is_command = not isinstance(plugin.source, str) and plugin.source.get("source") == "command"
    source: Encodable = plugin.source if isinstance(plugin.source, str) else dict(plugin.source)
    return _given(
        {
            "name": plugin.name,
            "source": source,
            "description": one_line(plugin.description, _MAX_DESCRIPTION),
            # What a command prints has the hash of its content for a version.
            "version": "" if is_command else one_line(plugin.version, 128),
            "category": one_line(plugin.category, 128),
        }
    )


def _given(fields: dict[str, Encodable]) -> dict[str, Encodable]:
    return {name: value for name, value in fields.items() if value}


def _pretty(document: dict[str, Encodable]) -> bytes:
    """Return JSON that people can read in a review, two spaces a level."""
    import json

    return json.dumps(json.loads(encode_json(document)), ensure_ascii=False, indent=2).encode() + b"\n"
