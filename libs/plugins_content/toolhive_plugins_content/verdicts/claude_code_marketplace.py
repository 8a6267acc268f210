"""What Claude Code makes of a marketplace's file: the answer of `claude plugin validate`, found by asking it (docs/clients.md)."""

import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from toolhive_artifact.errors import shown
from toolhive_artifact.json_values import JsonNumber, JsonObject, JsonValue
from toolhive_plugins_content.verdicts.claude_code_manifest import MANIFEST
from toolhive_plugins_content.verdicts.client_names import name_problem, reserved
from toolhive_plugins_content.verdicts.reasons import spelled
from toolhive_plugins_content.verdicts.shapes import (
    Choice,
    Fault,
    Fields,
    Flag,
    ListOf,
    MapOf,
    Number,
    Path,
    Shape,
    absolute_url,
    any_of,
    kind,
    matching,
    not_empty,
    text,
)

RESERVED_MARKETPLACES: Final = frozenset({"inline", "builtin", "skills-dir", "synced", "claude-plugin-test"})
"""Names that the client uses for itself."""

MAKERS_MARKETPLACES: Final = frozenset(
    {
        *("claude-code-marketplace", "claude-code-plugins", "claude-plugins-official", "anthropic-marketplace"),
        *("anthropic-plugins", "agent-skills", "anthropic-agent-skills", "life-sciences", "knowledge-work-plugins"),
        *("claude-for-legal", "claude-for-financial-services", "financial-services-plugins", "first-party-plugins"),
        *("claude-tag-plugins", "claude-community", "claude-plugins-community", "healthcare"),
        *("anthropic-plugin-directory", "claude-plugin-directory"),
    }
)
"""Names of marketplaces of the client's maker, which are taken from nowhere else; the validator does not mind them."""

_IMPERSONATES: Final = re.compile(
    r"official(?:anthropic|claude)|(?:anthropic|claude)official"
    r"|^(?:anthropic|claude)(?:marketplace|plugins|official|director(?:y|ies))",
    re.ASCII,
)
_ID: Final = matching(r"[A-Za-z0-9][A-Za-z0-9._-]*", "must be made of letters, digits, '.', '_' and '-'")
_MAX_COMMAND: Final = 500
_MAX_TIMEOUT: Final = 600
_MAX_FAULTS: Final = 200


def is_reserved_marketplace(name: str) -> bool:
    """Say whether the client keeps a marketplace's name for itself or its maker, or takes it for an imitation."""
    return name.lower() in RESERVED_MARKETPLACES | MAKERS_MARKETPLACES or _impersonates(name)


def is_reserved_plugin(name: str) -> bool:
    """Say whether the client takes a plugin's name for one of its maker's own, and refuses the marketplace that lists it."""
    return reserved(name)


def _impersonates(name: str) -> bool:
    return not name.isascii() or bool(_IMPERSONATES.search(re.sub("[^a-z0-9]+", "", name.lower())))


def marketplace_faults(document: JsonValue) -> tuple[str, ...]:
    """Return why Claude Code refuses a marketplace's file, a sentence without its full stop each; empty if it does not."""
    faults: list[str] = []
    for fault in _faults(document):
        faults.append(f"{spelled(fault.path)} {fault.problem}".strip())
        if len(faults) == _MAX_FAULTS:
            break
    return tuple(faults)


def _faults(document: JsonValue) -> Iterator[Fault]:
    yield from _MARKETPLACE.faults(document)
    if not isinstance(document, JsonObject):
        return
    name = document.get("name")
    if isinstance(name, str) and name not in MAKERS_MARKETPLACES and _impersonates(name):
        yield Fault(("name",), "reads as one of the client's maker")
    plugins = document.get("plugins")
    if not isinstance(plugins, tuple):
        return
    metadata = document.get("metadata")
    bare = isinstance(metadata, JsonObject) and bool(metadata.get("pluginRoot"))
    seen: set[str] = set()
    for number, plugin in enumerate(plugins):
        if not isinstance(plugin, JsonObject):
            continue
        own = plugin.get("name")
        if isinstance(own, str):
            if own in seen:
                yield Fault(("plugins", number, "name"), f"another plugin is called {shown(own)!r}")
            seen.add(own)
        hooks = plugin.get("hooks")
        if isinstance(hooks, JsonObject) and "hooks" in hooks:
            yield Fault(("plugins", number, "hooks"), "must be the events themselves, not an object that holds them")
        source = plugin.get("source")
        if isinstance(source, str) and (problem := _path_problem(source, bare=bare)):
            yield Fault(("plugins", number, "source"), problem)
    yield from _renames(document.get("renames"), seen)


def _renames(renames: JsonValue, names: set[str]) -> Iterator[Fault]:
    if not isinstance(renames, JsonObject):
        return
    for old, new in renames.items():
        if isinstance(new, str) and new not in names and new not in renames:
            yield Fault(("renames", old), "leads to no plugin")


def _path_problem(source: str, *, bare: bool) -> str:
    if ".." in source.split("/"):
        return "must not contain .."
    if source == "." or source.startswith("./") or (bare and source and not source.startswith(("/", "."))):
        return ""
    return "must begin with ./"


def _marketplace_name(value: str) -> str:
    if "/" in value or "\\" in value or ".." in value or value == ".":
        return "must not contain path separators"
    return "is a name that the client uses itself" if value.lower() in RESERVED_MARKETPLACES else ""


def _plugin_name(value: str) -> str:
    return "reads as one of the client's maker" if reserved(value) else ""


def _command(value: str) -> str:
    if len(value) > _MAX_COMMAND:
        return f"must not be longer than {_MAX_COMMAND} characters"
    plain = value.isascii() and value.isprintable() and " " * 4 not in value
    return "" if plain else "must be printable ASCII without runs of spaces"


def _https(value: str) -> str:
    return "" if value.startswith("https://") and not absolute_url(value) else "must be an https:// URL"


def _web(value: str) -> str:
    return "" if value.startswith(("https://", "http://")) and not absolute_url(value) else "must be a URL"


def _within(value: str) -> str:
    return "must not contain .." if ".." in value else ""


_TEXT: Final = text()
_TEXTS: Final = ListOf(_TEXT)
_PINNED: Final[dict[str, Shape]] = {
    "ref": _TEXT,
    "sha": text(matching(r"[0-9a-f]{40}", "must be the full ID of a commit, 40 lower-case digits")),
}
_SOURCES: Final = {
    "github": Fields({"repo": _TEXT}, _PINNED),
    "url": Fields({"url": _TEXT}, _PINNED),
    "git-subdir": Fields({"url": _TEXT, "path": text(not_empty, _within)}, _PINNED),
    "npm": Fields({"package": text(not_empty, _within)}, {"version": _TEXT, "registry": text(_web)}),
    "archive": Fields(
        {"url": text(_https)},
        {"sha256": text(matching(r"[0-9A-Fa-f]{64}", "must be 64 hexadecimal digits"))},
    ),
    "command": Fields(
        {"command": text(not_empty, _command)}, {"timeout": Number(above=0), "mode": Choice(("copy", "link"))}
    ),
}


@frozen
class _Source:
    """The source of a plugin; the path that a string is depends on the whole file."""

    def takes(self, value: JsonValue) -> bool:
        """See Shape."""
        return isinstance(value, str | JsonObject)

    def faults(self, value: JsonValue, path: Path = ()) -> Iterator[Fault]:
        """See Shape."""
        if isinstance(value, str):
            return
        if not isinstance(value, JsonObject):
            yield Fault(path, f"must be a path or an object, and is {kind(value)}")
            return
        named = value.get("source")
        shape = _SOURCES.get(named) if isinstance(named, str) else None
        if shape is None:
            found = shown(named) if isinstance(named, str) else kind(named)
            yield Fault((*path, "source"), f"must be one of {', '.join(_SOURCES)}, and is {found}")
            return
        yield from shape.faults(value, path)
        timeout = value.get("timeout")
        if named == "command" and isinstance(timeout, JsonNumber) and float(timeout.text) > _MAX_TIMEOUT:
            yield Fault((*path, "timeout"), f"must be at most {_MAX_TIMEOUT}")


_ENTRY: Final = Fields(
    required={"name": text(name_problem, _ID, _plugin_name), "source": _Source()},
    optional={**MANIFEST.optional, "category": _TEXT, "tags": _TEXTS, "strict": Flag()},
)


@frozen
class _Null:
    """Null."""

    def takes(self, value: JsonValue) -> bool:
        """See Shape."""
        return value is None

    def faults(self, value: JsonValue, path: Path = ()) -> Iterator[Fault]:
        """See Shape."""
        if value is not None:
            yield Fault(path, f"must be null, and is {kind(value)}")


_MARKETPLACE: Final = Fields(
    required={
        "name": text(not_empty, name_problem, _marketplace_name, _ID),
        "owner": Fields({"name": text(not_empty)}, {"email": _TEXT, "url": _TEXT}),
        "plugins": ListOf(_ENTRY),
    },
    optional={
        "$schema": _TEXT,
        "description": _TEXT,
        "version": _TEXT,
        "metadata": Fields(optional={"description": _TEXT, "version": _TEXT, "pluginRoot": _TEXT}),
        "renames": MapOf(any_of("a plugin's name or null", _TEXT, _Null())),
        "allowCrossMarketplaceDependenciesOn": _TEXTS,
    },
)
