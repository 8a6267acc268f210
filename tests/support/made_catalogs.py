"""Catalogs of plugins that are folders of a test: each is packaged when it is asked for, so that no registry is needed."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import frozen

from toolhive_plugins import Digest, PackageOptions, Packager, RegistryNotFoundError, Store
from toolhive_plugins_marketplaces import Catalog, CatalogPlugin, Owner

PREFIX = "registry.example.com/acme"


@frozen
class FolderSource:
    """Plugins by reference: stands where a registry does."""

    folders: Mapping[str, Path]

    def pull(self, store: Store, ref: str) -> Digest:
        """Package the folder that `ref` names."""
        if ref not in self.folders:
            raise RegistryNotFoundError("is not there", where=ref)
        return _package(store, self.folders[ref])


@frozen
class NamedCatalog:
    """A catalog, and what names it."""

    catalog: Catalog
    pinned: str


def plugin_in(folder: Path, name: str = "", **fields: Any) -> CatalogPlugin:
    """Return a plugin of a catalog, whose content is a folder."""
    with TemporaryDirectory() as scratch, Store(scratch) as store:
        digest = _package(store, folder)
    called = name or folder.name
    return CatalogPlugin(name=called, repository=f"{PREFIX}/{called}", digest=digest, **fields)


def catalog_of(*plugins: CatalogPlugin, **fields: Any) -> NamedCatalog:
    """Return a catalog of plugins."""
    catalog = Catalog(**{"name": "acme", "owner": Owner("Ann"), "plugins": plugins, **fields})
    return NamedCatalog(catalog, f"{PREFIX}/toolhive.catalog@{Digest.of(repr(catalog).encode())}")


def _package(store: Store, folder: Path) -> Digest:
    return Packager(store).package(folder, PackageOptions(epoch=0)).index_digest
