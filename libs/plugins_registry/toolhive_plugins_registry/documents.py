"""Fetches the documents of an artifact, each checked against what led to it."""

from toolhive_artifact import Descriptor, DigestMismatchError, JsonObject, parse_json
from toolhive_plugins_interfaces import InvalidArtifactError
from toolhive_plugins_registry.graph import Document
from toolhive_plugins_registry.operation import DISTRUST
from toolhive_plugins_registry.remote import Fetched, RemoteRepository


def fetch_root(repository: RemoteRepository, name: str) -> Document:
    """Fetch the index or manifest that a tag or digest names.

    Raises: as `RemoteRepository.fetch_manifest`.
    """
    fetched = repository.fetch_manifest(name)
    descriptor = fetched.descriptor
    if not descriptor.media_type:
        descriptor = Descriptor(_own_media_type(fetched), descriptor.digest, descriptor.size)
    return Document(descriptor, fetched.data)


def fetch_listed(repository: RemoteRepository, descriptor: Descriptor) -> Document:
    """Fetch a manifest that an index lists.

    Raises:
        DigestMismatchError: it has another digest or size.
        InvalidArtifactError: it was served as another type.
        SizeLimitError, RegistryError: as `RemoteRepository.fetch_manifest`.
    """
    fetched = repository.fetch_manifest(descriptor.digest, limit=descriptor.size)
    served = fetched.descriptor
    if served.size != descriptor.size:
        problem = f"has {served.size} bytes, and the index promises {descriptor.size}"
        raise DigestMismatchError(problem, where=str(descriptor.digest), remedy=DISTRUST)
    if served.media_type not in ("", descriptor.media_type):
        problem = f"was served as {served.media_type!r}, and the index promises {descriptor.media_type!r}"
        raise InvalidArtifactError(problem, where=str(descriptor.digest), remedy=DISTRUST)
    return Document(descriptor, fetched.data)


def _own_media_type(fetched: Fetched) -> str:
    """Return the media type that a document names, for a registry that does not say what it serves."""
    value = parse_json(fetched.data, where=str(fetched.descriptor.digest))
    said = value.field("mediaType") if isinstance(value, JsonObject) else None
    return said if isinstance(said, str) else ""
