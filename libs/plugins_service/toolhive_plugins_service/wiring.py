"""A service with its usual parts: the local store, our packager, registries with Docker's credentials."""

from typing import TYPE_CHECKING

from toolhive_plugins import Store
from toolhive_plugins_service.service import Service

if TYPE_CHECKING:
    from toolhive_plugins import Digest, PackageOptions, PackageResult, PluginPackager, Progress, RegistryClient


def open_service(store_root: str | None = None, *, plain_http: bool = False) -> Service:
    """Return a service on the store at `store_root`, or on the one that `thv` uses.

    Packager and registry are made on first use: what only reads the store loads neither.
    """
    store = Store(store_root or None)
    return Service(store, _LatePackager(store), _LateRegistry(plain_http=plain_http))


class _LatePackager:
    """A packager that is made when something is to be packaged."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def package(self, plugin_dir: str, options: "PackageOptions | None" = None) -> "PackageResult":
        from toolhive_plugins import Packager

        packager: PluginPackager = Packager(self._store)
        return packager.package(plugin_dir, options)


class _LateRegistry:
    """A registry client that is made when something is to be sent or fetched."""

    def __init__(self, *, plain_http: bool) -> None:
        self._plain_http = plain_http

    def _registry(self) -> "RegistryClient":
        from toolhive_plugins import Registry

        return Registry(plain_http=self._plain_http)

    def push(self, store: Store, digest: "Digest", ref: str, *, progress: "Progress | None" = None) -> None:
        self._registry().push(store, digest, ref, progress=progress)

    def pull(self, store: Store, ref: str, *, progress: "Progress | None" = None) -> "Digest":
        return self._registry().pull(store, ref, progress=progress)
