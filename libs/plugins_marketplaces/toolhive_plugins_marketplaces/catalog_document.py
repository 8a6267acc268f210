"""The JSON of a catalog. Repositories are written relative to the prefix, so that a copy of a catalog has the same bytes."""

from collections.abc import Iterator
from typing import Final

from toolhive_plugins import (
    Digest,
    Encodable,
    InvalidDigestError,
    InvalidDocumentError,
    JsonObject,
    encode_json,
    parse_json,
    shown,
    sorted_by_key,
)
from toolhive_plugins_marketplaces.catalog import CLAUDE_CODE, Catalog, CatalogPlugin, Owner, SurfaceSummary
from toolhive_plugins_marketplaces.errors import InvalidCatalogError
from toolhive_plugins_marketplaces.json_fields import Fields
from toolhive_plugins_marketplaces.names import Prefix, is_repository_name

MAX_CATALOG_SIZE: Final = 16 * 1024 * 1024
"""Size in bytes of the largest catalog."""

MAX_PLUGINS: Final = 10_000
"""The most plugins of a catalog."""

MAX_AT_START: Final = 20
"""The most lines of what a plugin runs at the start."""

_VERSION: Final = 1
_MAX_DEPTH: Final = 16


def write_catalog(catalog: Catalog) -> bytes:
    """Return a catalog as JSON: the same catalog gives the same bytes.

    Raises:
        InvalidCatalogError: it would be larger than what can be read.
    """
    plugins = [_plugin_fields(plugin) for plugin in sorted(catalog.plugins, key=lambda plugin: plugin.name)]
    owner = _given({"name": catalog.owner.name, "email": catalog.owner.email})
    document = _given(
        {
            "schemaVersion": _VERSION,
            "name": catalog.name,
            "description": catalog.description,
            "owner": owner,
            "source": catalog.source,
            "revision": catalog.revision,
            "renames": sorted_by_key(catalog.renames),
        }
    )
    data = encode_json({**document, "plugins": plugins})
    if len(data) > MAX_CATALOG_SIZE or len(plugins) > MAX_PLUGINS:
        raise InvalidCatalogError(
            f"the catalog has {len(plugins)} plugins and {len(data)} bytes, more than can be read",
            remedy="Select fewer plugins",
        )
    return data


def read_catalog(data: bytes, prefix: Prefix, where: str) -> Catalog:
    """Parse a catalog, whose plugins are under a prefix.

    Raises:
        InvalidCatalogError: it is malformed.
    """
    try:
        document = parse_json(data, where=where, max_size=MAX_CATALOG_SIZE, max_depth=_MAX_DEPTH, unique_keys=True)
    except InvalidDocumentError as error:
        raise InvalidCatalogError(f"is not a catalog: {error.problem}", where=where) from error
    if not isinstance(document, JsonObject):
        raise InvalidCatalogError("is not a catalog: must be a JSON object", where=where)
    fields = Fields(document, shown(where), lambda problem, at: InvalidCatalogError(problem, where=at))
    if fields.number("schemaVersion") != _VERSION:
        raise InvalidCatalogError(
            f"is a catalog of another version than {_VERSION}", where=where, remedy="Update this program"
        )
    owner = fields.object("owner")
    return Catalog(
        name=fields.required("name"),
        description=fields.text("description"),
        owner=Owner() if owner is None else Owner(owner.text("name"), owner.text("email")),
        source=fields.text("source"),
        revision=fields.text("revision"),
        renames=fields.text_map("renames", limit=MAX_PLUGINS),
        plugins=tuple(_plugins(fields, prefix)),
    )


def _plugins(fields: Fields, prefix: Prefix) -> Iterator[CatalogPlugin]:
    seen: set[str] = set()
    for entry in fields.objects("plugins", limit=MAX_PLUGINS):
        plugin = _plugin(entry, prefix)
        if plugin.name in seen:
            raise InvalidCatalogError(f"lists {shown(plugin.name)!r} twice", where=fields.where)
        seen.add(plugin.name)
        yield plugin


def _plugin(entry: Fields, prefix: Prefix) -> CatalogPlugin:
    name = entry.required("name")
    repository = entry.required("repository")
    for text in (name, repository):
        if not is_repository_name(text):
            raise InvalidCatalogError(f"{shown(text)!r} cannot be a repository of a plugin", where=entry.where)
    try:
        digest = Digest.parse(entry.required("digest"))
    except InvalidDigestError as error:
        raise InvalidCatalogError(error.problem, where=entry.where) from error
    surface = entry.object("surface")
    return CatalogPlugin(
        name=name,
        repository=prefix.repository(repository),
        digest=digest,
        version=entry.text("version"),
        description=entry.text("description"),
        license=entry.text("license"),
        category=entry.text("category"),
        tags=entry.texts("tags"),
        revision=entry.text("revision"),
        made=entry.flag("made", default=False),
        dependencies=entry.texts("dependencies"),
        surface=SurfaceSummary() if surface is None else _surface(surface),
        formats=tuple(sorted({CLAUDE_CODE, *entry.texts("formats")})),
        adapted=entry.texts("adapted"),
    )


def _surface(fields: Fields) -> SurfaceSummary:
    return SurfaceSummary(
        parts=fields.count_map("parts"),
        programs=fields.number("programs"),
        at_start=fields.texts("atStart", limit=MAX_AT_START),
    )


def _plugin_fields(plugin: CatalogPlugin) -> "dict[str, Encodable]":
    surface = _given(
        {
            "parts": sorted_by_key(plugin.surface.parts),
            "programs": plugin.surface.programs,
            "atStart": list(plugin.surface.at_start),
        }
    )
    return _given(
        {
            "name": plugin.name,
            "repository": plugin.repository.rpartition("/")[2],
            "digest": str(plugin.digest),
            "version": plugin.version,
            "description": plugin.description,
            "license": plugin.license,
            "category": plugin.category,
            "tags": list(plugin.tags),
            "revision": plugin.revision,
            "made": plugin.made,
            "dependencies": list(plugin.dependencies),
            "surface": surface,
            "formats": [] if plugin.formats == (CLAUDE_CODE,) else list(plugin.formats),
            "adapted": list(plugin.adapted),
        }
    )


def _given(fields: "dict[str, Encodable]") -> "dict[str, Encodable]":
    """Return the fields that say something."""
    return {name: value for name, value in fields.items() if value}
