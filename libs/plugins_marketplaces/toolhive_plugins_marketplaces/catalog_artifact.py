"""A catalog as an artifact: a manifest with one JSON layer, in a repository of its own under the marketplace's prefix.

It is a manifest and not an index over the plugins, since registries refuse an index whose manifests are in other repositories.
"""

from tempfile import TemporaryDirectory
from typing import Final, Protocol

from attrs import frozen

from toolhive_plugins import (
    ANNOTATION_REVISION,
    ANNOTATION_SOURCE,
    ANNOTATION_TITLE,
    MEDIA_TYPE_IMAGE_MANIFEST,
    Descriptor,
    Digest,
    Fetched,
    InvalidDocumentError,
    Manifest,
    Progress,
    Store,
    parse_manifest,
    shown,
    to_json,
)
from toolhive_plugins_marketplaces.catalog import Catalog
from toolhive_plugins_marketplaces.catalog_document import MAX_CATALOG_SIZE, read_catalog, write_catalog
from toolhive_plugins_marketplaces.errors import Hint, InvalidCatalogError
from toolhive_plugins_marketplaces.names import CatalogName

ARTIFACT_TYPE_CATALOG: Final = "dev.toolhive.plugins.catalog.v1"
"""The artifact type of a catalog's manifest."""

MEDIA_TYPE_CATALOG: Final = "application/vnd.dev.toolhive.plugins.catalog.v1+json"
"""The media type of its one layer."""

MEDIA_TYPE_EMPTY: Final = "application/vnd.oci.empty.v1+json"
"""The media type of its config, which is `{}` (image-spec, "Guidance for an Empty Descriptor")."""

_EMPTY: Final = b"{}"
_LAYER_TITLE: Final = "catalog.json"


class CatalogReader(Protocol):
    """What a catalog is fetched with; `Registry` is one."""

    def fetch(self, ref: str) -> Fetched:
        """Return the manifest that `ref` names."""
        ...

    def fetch_blob(self, repository: str, descriptor: Descriptor, *, limit: int = ...) -> bytes:
        """Return a blob of a repository, checked."""
        ...


class CatalogWriter(Protocol):
    """What a catalog is pushed with; `Registry` is one."""

    def push(self, store: Store, digest: Digest, ref: str, *, progress: Progress | None = None) -> None:
        """Push an artifact of a store, then tag it as `ref` says."""
        ...


@frozen
class OpenCatalog:
    """A catalog as a registry has it."""

    catalog: Catalog
    name: CatalogName
    digest: Digest

    @property
    def pinned(self) -> str:
        """The reference that always names exactly this catalog."""
        return f"{self.name.reference.rpartition('/')[0]}/{_last_part(self.name.reference)}@{self.digest}"


def put_catalog(store: Store, catalog: Catalog) -> Digest:
    """Put a catalog's artifact into a store, untagged, and return its digest: the same catalog gives the same.

    Raises:
        InvalidCatalogError: it is larger than what can be read.
    """
    layer = write_catalog(catalog)
    annotations = {
        ANNOTATION_REVISION: catalog.revision,
        ANNOTATION_SOURCE: catalog.source,
        ANNOTATION_TITLE: catalog.name,
    }
    manifest = Manifest(
        artifact_type=ARTIFACT_TYPE_CATALOG,
        config=Descriptor(MEDIA_TYPE_EMPTY, Digest.of(_EMPTY), len(_EMPTY)),
        layers=(
            Descriptor(MEDIA_TYPE_CATALOG, Digest.of(layer), len(layer), annotations={ANNOTATION_TITLE: _LAYER_TITLE}),
        ),
        annotations={name: value for name, value in annotations.items() if value},
    )
    store.put_blob(_EMPTY)
    store.put_blob(layer)
    return store.put_manifest(to_json(manifest))


def push_catalog(registry: CatalogWriter, catalog: Catalog, ref: str) -> Digest:
    """Push a catalog, tag it as `ref` says, and return its digest.

    Raises: as `Registry.push`, and InvalidCatalogError.
    """
    with TemporaryDirectory(prefix="thv-plugin-") as folder, Store(folder) as store:
        digest = put_catalog(store, catalog)
        registry.push(store, digest, ref)
    return digest


def fetch_catalog(registry: CatalogReader, name: CatalogName) -> OpenCatalog:
    """Fetch a catalog.

    Raises:
        InvalidCatalogError: what `name` names is not a catalog, or is a malformed one.
        RegistryNotFoundError: there is nothing of that name.
        RegistryError, CredentialError, InvalidReferenceError: as `Registry.fetch`.
    """
    fetched = registry.fetch(name.reference)
    where = shown(name.reference)
    if fetched.descriptor.media_type != MEDIA_TYPE_IMAGE_MANIFEST:
        raise _no_catalog(f"has the media type {shown(fetched.descriptor.media_type)!r}", where)
    try:
        manifest = parse_manifest(fetched.data, where=fetched.descriptor.digest, strict=True)
    except InvalidDocumentError as error:
        raise InvalidCatalogError(error.problem, where=where) from error
    if manifest.artifact_type != ARTIFACT_TYPE_CATALOG:
        raise _no_catalog(f"has the artifact type {shown(manifest.artifact_type)!r}", where)
    if len(manifest.layers) != 1 or manifest.layers[0].media_type != MEDIA_TYPE_CATALOG:
        raise _no_catalog(f"has no single layer of the type {MEDIA_TYPE_CATALOG}", where)
    repository = f"{name.prefix}/{_last_part(name.reference)}"
    data = registry.fetch_blob(repository, manifest.layers[0], limit=MAX_CATALOG_SIZE)
    return OpenCatalog(read_catalog(data, name.prefix, where), name, fetched.descriptor.digest)


def _last_part(reference: str) -> str:
    """Return the last part of a reference's repository."""
    return reference.rpartition("/")[2].partition("@")[0].partition(":")[0]


def _no_catalog(problem: str, where: str) -> InvalidCatalogError:
    return InvalidCatalogError(
        f"is not a catalog: {problem}", where=where, remedy="Name a marketplace's catalog", hint=Hint.NAME_A_CATALOG
    )
