"""Looks plugins' names up in the catalogs that are configured."""

from collections.abc import Callable, Sequence

from attrs import frozen

from toolhive_plugins import InvalidReferenceError, shown
from toolhive_plugins_installs import CatalogEntry
from toolhive_plugins_marketplaces import CatalogReader, fetch_catalog, parse_catalog_name
from toolhive_plugins_service.errors import RequestError


@frozen
class CatalogNames:
    """The catalogs of a service; a NameResolver. Each is fetched for each look-up, since it may have changed.

    Args:
        catalogs: returns their references.
        reader: returns what fetches them.
    """

    catalogs: Callable[[], Sequence[str]]
    reader: Callable[[], CatalogReader]

    def find(self, name: str) -> Sequence[CatalogEntry]:
        """See NameResolver. A catalog that cannot be read is an error: it may have been the one with the name."""
        found: list[CatalogEntry] = []
        for catalog in dict.fromkeys(self.catalogs()):
            plugin = self._catalog(catalog, name)
            if plugin is not None:
                found.append(plugin)
        return found

    def _catalog(self, catalog: str, name: str) -> CatalogEntry | None:
        try:
            parsed = parse_catalog_name(catalog)
        except InvalidReferenceError as error:
            raise RequestError(error.problem, where=f"catalog {shown(catalog)!r}", remedy=error.remedy) from error
        opened = fetch_catalog(self.reader(), parsed)
        plugin = opened.catalog.find(name)
        return CatalogEntry(plugin.name, plugin.reference, catalog) if plugin is not None else None
