"""Looks plugins' names up in the catalogs that are configured."""

from collections.abc import Callable, Sequence
from typing import Protocol

from attrs import frozen

from toolhive_plugins import InvalidReferenceError, shown
from toolhive_plugins_installs import CatalogEntry
from toolhive_plugins_marketplaces import (
    CatalogPlugin,
    CatalogReader,
    WebReader,
    fetch_catalog,
    find_on_server,
    names_a_server,
    parse_catalog_name,
)
from toolhive_plugins_service.errors import RequestError


class Reader(CatalogReader, WebReader, Protocol):
    """What fetches catalogs of both kinds; `Registry` does."""


@frozen
class CatalogNames:
    """The catalogs of a service; a NameResolver. Each is asked for each look-up, since it may have changed.

    Args:
        catalogs: returns what names them: prefixes or references in registries, addresses of ToolHive's registry servers.
        reader: returns what fetches them.
    """

    catalogs: Callable[[], Sequence[str]]
    reader: Callable[[], Reader]

    def find(self, name: str) -> Sequence[CatalogEntry]:
        """See NameResolver. A catalog that cannot be read is an error: it may have been the one with the name."""
        return [
            CatalogEntry(plugin.name, plugin.reference, catalog)
            for catalog in dict.fromkeys(self.catalogs())
            for plugin in self._found(catalog, name)
        ]

    def _found(self, catalog: str, name: str) -> Sequence[CatalogPlugin]:
        if names_a_server(catalog):
            return find_on_server(catalog, name, self.reader())
        try:
            parsed = parse_catalog_name(catalog)
        except InvalidReferenceError as error:
            raise RequestError(error.problem, where=f"catalog {shown(catalog)!r}", remedy=error.remedy) from error
        plugin = fetch_catalog(self.reader(), parsed).catalog.find(name)
        return () if plugin is None else (plugin,)
