"""Reads the catalog of a ToolHive registry server: `GET {base}/v0.1/x/dev.toolhive/plugins`, page by page.

Each plugin has packages; one in an OCI registry is taken, by its digest, or by what its tag names now. Of one that is only in a git
repository, or that is archived, it is said that it was not taken.
"""

import io
from collections.abc import Iterator
from typing import IO, Final, Protocol
from urllib.parse import urlencode

from attrs import frozen

from toolhive_plugins import (
    Digest,
    InvalidDigestError,
    InvalidDocumentError,
    InvalidReferenceError,
    JsonObject,
    ToolhiveError,
    parse_json,
    parse_reference,
    shown,
)
from toolhive_plugins_marketplaces.catalog import Catalog, CatalogPlugin
from toolhive_plugins_marketplaces.document import Refusal
from toolhive_plugins_marketplaces.errors import InvalidCatalogError, RefusedEntryError
from toolhive_plugins_marketplaces.json_fields import Fields
from toolhive_plugins_marketplaces.names import is_repository_name
from toolhive_plugins_marketplaces.texts import one_line

_PATH: Final = "/v0.1/x/dev.toolhive/plugins"
_PAGE: Final = 100
"""Plugins that are asked for at once, the most that the protocol has."""

_MAX_PAGES: Final = 100
_MAX_PAGE_SIZE: Final = 8 * 1024 * 1024
_MAX_DEPTH: Final = 64
_MAX_CURSOR: Final = 1024


class WebReader(Protocol):
    """What pages are fetched, and names looked up, with; `Registry` is one."""

    def download(self, url: str, out: IO[bytes], *, limit: int, accept: str = ...) -> int:
        """Write a file of a web server to `out`."""
        ...

    def find(self, ref: str) -> Digest | None:
        """Return the digest of what `ref` names."""
        ...


@frozen
class ServerCatalog:
    """The catalog of a registry server."""

    catalog: Catalog
    base: str
    """The server's address, as it was named."""

    skipped: tuple[Refusal, ...]
    """What it lists and cannot be taken."""

    digest: str = ""
    """Empty: nothing pins such a catalog."""

    @property
    def pinned(self) -> str:
        """The server's address: nothing names exactly this catalog."""
        return self.base


def names_a_server(text: str) -> bool:
    """Tell whether a text names a registry server, by its address, and not a catalog in a registry."""
    return text.startswith(("https://", "http://"))


def read_server_catalog(base: str, web: WebReader) -> ServerCatalog:
    """Fetch the catalog of a registry server.

    Args:
        base: its address, `https://host/registry/NAME`.
        web: fetches its pages.

    Raises:
        InvalidCatalogError: an answer is no page of plugins, or there are too many.
        RegistryError: as `Registry.download`.
    """
    plugins: dict[str, CatalogPlugin] = {}
    skipped: list[Refusal] = []
    for entry in _entries(base, web):
        name = _shown_name(entry)
        try:
            plugin = _plugin(entry, web)
            if plugin.name in plugins:
                raise RefusedEntryError("another plugin has that name")
            plugins[plugin.name] = plugin
        except (RefusedEntryError, InvalidCatalogError) as error:
            skipped.append(Refusal(name, error.problem))
    catalog = Catalog(name=shown(base), source=shown(base), plugins=tuple(plugins[name] for name in sorted(plugins)))
    return ServerCatalog(catalog, base, tuple(skipped))


def find_on_server(base: str, name: str, web: WebReader) -> tuple[CatalogPlugin, ...]:
    """Return the plugins of one name, in any case of letters; there may be several, in different namespaces.

    Args:
        base: the server's address.
        name: the name, which the server is asked to search for.
        web: fetches its pages.

    Raises:
        InvalidCatalogError: as `read_server_catalog`; or there is such a plugin, and it cannot be taken.
        RegistryError: as `Registry.download`.
    """
    found: list[CatalogPlugin] = []
    for entry in _entries(base, web, name):
        if str(entry.value.get("name") or "").lower() != name.lower():
            continue
        try:
            found.append(_plugin(entry, web))
        except RefusedEntryError as error:
            raise InvalidCatalogError(
                f"lists {_shown_name(entry)!r}, which cannot be taken: {error.problem}", where=shown(base)
            ) from error
    return tuple(found)


def _shown_name(entry: Fields) -> str:
    return one_line(str(entry.value.get("name") or "?"), 100)


def _entries(base: str, web: WebReader, search: str = "") -> Iterator[Fields]:
    """Yield the entries of all pages."""
    cursors: set[str] = set()
    cursor = ""
    for _ in range(_MAX_PAGES):
        page = _fetch(base, cursor, search, web)
        yield from page.objects("plugins", limit=_PAGE * 10)
        metadata = page.object("metadata")
        cursor = "" if metadata is None else metadata.text("nextCursor", limit=_MAX_CURSOR)
        if not cursor:
            return
        if cursor in cursors:
            raise InvalidCatalogError("leads back to a page that was read", where=shown(base))
        cursors.add(cursor)
    raise InvalidCatalogError(f"has more than {_MAX_PAGES} pages, the limit", where=shown(base))


def _fetch(base: str, cursor: str, search: str, web: WebReader) -> Fields:
    asked = {"search": search, "limit": str(_PAGE), "cursor": cursor}
    query = urlencode({key: value for key, value in asked.items() if value})
    out = io.BytesIO()
    web.download(f"{base.rstrip('/')}{_PATH}?{query}", out, limit=_MAX_PAGE_SIZE, accept="application/json")
    where = shown(base)
    try:
        document = parse_json(out.getvalue(), where=where, max_size=_MAX_PAGE_SIZE, max_depth=_MAX_DEPTH)
    except InvalidDocumentError as error:
        raise InvalidCatalogError(f"did not answer with a list of plugins: {error.problem}", where=where) from error
    if not isinstance(document, JsonObject):
        raise InvalidCatalogError("did not answer with a list of plugins", where=where)
    return Fields(document, where, lambda problem, at: InvalidCatalogError(problem, where=at))


def _plugin(entry: Fields, web: WebReader) -> CatalogPlugin:
    name = entry.required("name")
    if not is_repository_name(name):
        raise RefusedEntryError("the name cannot be a repository's")
    if entry.text("status") == "archived":
        raise RefusedEntryError("is archived")
    packages = [package for package in entry.objects("packages") if package.text("registryType") == "oci"]
    if not packages:
        raise RefusedEntryError("is in no OCI registry")
    repository, digest = _located(packages[0], web)
    return CatalogPlugin(
        name=name,
        repository=repository,
        digest=digest,
        version=one_line(entry.text("version"), 128),
        description=one_line(entry.text("description"), 1024),
        license=one_line(entry.text("license"), 128),
        category=one_line(entry.text("namespace"), 128),
    )


def _located(package: Fields, web: WebReader) -> tuple[str, Digest]:
    identifier, digest = package.required("identifier"), package.text("digest")
    try:
        parsed = parse_reference(identifier)
        repository = f"{parsed.registry}/{parsed.repository}"
        if digest or parsed.is_digest:
            return repository, Digest.parse(digest or parsed.reference)
        if not parsed.reference:
            raise RefusedEntryError("names neither a tag nor a digest")
        found = web.find(identifier)
    except (InvalidReferenceError, InvalidDigestError) as error:
        raise RefusedEntryError(error.problem) from error
    except RefusedEntryError:
        raise
    except ToolhiveError as error:
        raise RefusedEntryError(one_line(str(error), 300)) from error
    if found is None:
        raise RefusedEntryError(f"{shown(identifier)} is not there")
    return repository, found
