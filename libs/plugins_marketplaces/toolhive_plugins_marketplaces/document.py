"""Reads `.claude-plugin/marketplace.json`, which strangers wrote: what one entry gets wrong does not keep the others out."""

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from toolhive_plugins import (
    InvalidDocumentError,
    JsonObject,
    JsonValue,
    marketplace_faults,
    parse_json,
    resolve_path,
    shown,
)
from toolhive_plugins_marketplaces.catalog import Owner
from toolhive_plugins_marketplaces.errors import InvalidMarketplaceError, RefusedEntryError
from toolhive_plugins_marketplaces.json_fields import Fields
from toolhive_plugins_marketplaces.names import is_repository_name
from toolhive_plugins_marketplaces.sources import Source, parse_source

MARKETPLACE_PATH: Final = ".claude-plugin/marketplace.json"
"""Where a marketplace's file is, from its root."""

MAX_MARKETPLACE_SIZE: Final = 16 * 1024 * 1024
"""Size in bytes of the largest file."""

MAX_ENTRIES: Final = 10_000
"""The most plugins of a marketplace."""

_MAX_DEPTH: Final = 64
_MAX_DEPENDENCIES: Final = 100


@frozen
class Entry:
    """A plugin as its marketplace describes it."""

    name: str
    """One that can be a repository's."""

    source: Source
    version: str
    description: str
    license: str
    category: str
    strict: bool
    """Whether the plugin's own manifest is the authority."""

    dependencies: tuple[str, ...]
    """As `NAME` or `NAME@MARKETPLACE`."""

    document: JsonObject = field(repr=False, eq=False)
    """The whole entry."""


@frozen
class Refusal:
    """Something of a marketplace that was not taken."""

    name: str
    """The plugin's; `plugins[3]` where it has none."""

    reason: str
    """A sentence without its full stop."""

    source: str = ""
    """The kind of its source, where that is known."""


@frozen
class Marketplace:
    """A marketplace's file."""

    name: str
    owner: Owner
    description: str
    version: str
    renames: Mapping[str, str] = field(hash=False)
    entries: tuple[Entry, ...]
    """In the file's order; names are unique, in lower case too."""

    refused: tuple[Refusal, ...]
    """What else the file lists."""

    faults: tuple[str, ...]
    """Why Claude Code refuses the file, a sentence without its full stop each; empty if it does not."""


def read_marketplace(data: bytes, where: str) -> Marketplace:
    """Parse a marketplace's file.

    Raises:
        InvalidMarketplaceError: the file as a whole is malformed.
    """
    try:
        document = parse_json(data, where=where, max_size=MAX_MARKETPLACE_SIZE, max_depth=_MAX_DEPTH)
    except InvalidDocumentError as error:
        raise InvalidMarketplaceError(error.problem, where=error.where, remedy=error.remedy) from error
    if not isinstance(document, JsonObject):
        raise InvalidMarketplaceError("must be a JSON object", where=where)
    fields = Fields(document, where, lambda problem, at: InvalidMarketplaceError(problem, where=at))
    plugins = document.get("plugins")
    if not isinstance(plugins, tuple):
        raise InvalidMarketplaceError("there is no list of plugins", where=where)
    if len(plugins) > MAX_ENTRIES:
        raise InvalidMarketplaceError(f"lists {len(plugins)} plugins, and {MAX_ENTRIES} is the limit", where=where)
    metadata = fields.object("metadata") or Fields(JsonObject(()), where, fields.fault)
    owner = fields.object("owner")
    entries, refused = _entries(plugins, _root(metadata))
    return Marketplace(
        name=fields.required("name"),
        owner=Owner() if owner is None else Owner(owner.text("name"), owner.text("email")),
        description=fields.text("description") or metadata.text("description"),
        version=fields.text("version") or metadata.text("version"),
        renames=fields.text_map("renames", limit=MAX_ENTRIES),
        entries=entries,
        refused=refused,
        faults=marketplace_faults(document),
    )


def _root(metadata: Fields) -> str:
    text = metadata.text("pluginRoot")
    root = resolve_path(text) if text else ""
    if root is None or "\\" in text:
        raise InvalidMarketplaceError(f"pluginRoot {shown(text)!r} leads out of the marketplace", where=metadata.where)
    return root


def _entries(plugins: tuple[JsonValue, ...], root: str) -> tuple[tuple[Entry, ...], tuple[Refusal, ...]]:
    entries: list[Entry] = []
    refused: list[Refusal] = []
    seen: set[str] = set()
    for number, value in enumerate(plugins):
        named = value.get("name") if isinstance(value, JsonObject) else None
        name = shown(named) if isinstance(named, str) and named else f"plugins[{number}]"
        try:
            entry = _entry(value, name, root)
            if entry.name.lower() in seen:
                raise RefusedEntryError("another plugin has that name", where=name)
        except RefusedEntryError as error:
            refused.append(Refusal(name, error.problem, _kind(value)))
            continue
        seen.add(entry.name.lower())
        entries.append(entry)
    return tuple(entries), tuple(refused)


def _entry(value: JsonValue, name: str, root: str) -> Entry:
    if not isinstance(value, JsonObject):
        raise RefusedEntryError("is not an object", where=name)
    fields = Fields(value, name, lambda problem, where: RefusedEntryError(problem, where=where))
    own = fields.required("name")
    if not is_repository_name(own):
        raise RefusedEntryError("the name cannot be a repository's: write it in a-z, 0-9 and single dashes", where=name)
    return Entry(
        name=own,
        source=parse_source(value.get("source"), root, name),
        version=fields.text("version"),
        description=fields.text("description"),
        license=fields.text("license"),
        category=fields.text("category"),
        strict=fields.flag("strict", default=True),
        dependencies=parse_dependencies(value.get("dependencies")),
        document=value,
    )


def parse_dependencies(value: JsonValue) -> tuple[str, ...]:
    """Return the plugins that a manifest or an entry depends on, as `NAME` or `NAME@MARKETPLACE`; what is malformed is left out."""
    found: list[str] = []
    for item in value[:_MAX_DEPENDENCIES] if isinstance(value, tuple) else ():
        name = item.get("name") if isinstance(item, JsonObject) else item
        market = item.get("marketplace") if isinstance(item, JsonObject) else None
        if isinstance(name, str) and name:
            found.append(f"{name}@{market}" if isinstance(market, str) and market else name)
    return tuple(dict.fromkeys(found))


def _kind(value: JsonValue) -> str:
    source = value.get("source") if isinstance(value, JsonObject) else None
    kind = source.get("source") if isinstance(source, JsonObject) else "path" if isinstance(source, str) else ""
    return shown(kind) if isinstance(kind, str) else ""
