"""Lists what refers to an artifact: signatures, attestations (distribution spec, "Listing Referrers" and "Referrers Tag Schema")."""

from collections.abc import Callable, Iterator
from typing import Final

from attrs import field, frozen

from toolhive_artifact import (
    MAX_MANIFEST_SIZE,
    MEDIA_TYPE_IMAGE_INDEX,
    Descriptor,
    Digest,
    InvalidDigestError,
    InvalidDocumentError,
    SizeLimitError,
)
from toolhive_plugins_interfaces import RegistryNotFoundError, RegistryResponseError
from toolhive_plugins_registry.converter import JSON_NAME, read_json
from toolhive_plugins_registry.operation import Operation
from toolhive_plugins_registry.pages import read_pages
from toolhive_plugins_registry.urls import Url

MAX_REFERRERS: Final = 1000
"""Referrers of one artifact that are listed at most."""


@frozen
class ReferrerEntry:
    """An entry of the list, an OCI descriptor."""

    media_type: str = field(default="", metadata={JSON_NAME: "mediaType"})
    digest: str = ""
    size: int = -1
    artifact_type: str = field(default="", metadata={JSON_NAME: "artifactType"})
    annotations: dict[str, str] = field(factory=dict)


@frozen
class ReferrerList:
    """A page of the list, an OCI index without its limit of 32 entries."""

    manifests: tuple[ReferrerEntry, ...] = ()


def list_referrers(
    fetch: Callable[[str], bytes], operation: Operation, url: Url, digest: Digest, artifact_type: str
) -> tuple[Descriptor, ...]:
    """Return what refers to the manifest or index `digest`, each once.

    A registry without the Referrers API (404) is asked for the tag `sha256-<hex>`, where clients list referrers instead.

    Args:
        fetch: returns the bytes of a manifest of the repository, by its tag.
        operation: at the repository.
        url: the URL of its referrers.
        digest: of the artifact, which need not exist.
        artifact_type: of the referrers to return; "" for all.

    Raises:
        SizeLimitError: there are more than MAX_REFERRERS, or the list is otherwise too large.
        RegistryResponseError: the answer is not a list of descriptors.
        RegistryError: by the response.
    """
    found: dict[Digest, Descriptor] = {}
    for data, where in _documents(fetch, operation, url, digest):
        for entry in _read(data, where):
            if artifact_type in ("", entry.artifact_type):
                found.setdefault(entry.digest, entry)
            if len(found) > MAX_REFERRERS:
                raise SizeLimitError(f"there are more than {MAX_REFERRERS} referrers, the limit", where=where)
    return tuple(found.values())


def _documents(
    fetch: Callable[[str], bytes], operation: Operation, url: Url, digest: Digest
) -> Iterator[tuple[bytes, str]]:
    """Yield the documents that list the referrers, and what to call each."""
    try:
        for page in read_pages(operation, url, MEDIA_TYPE_IMAGE_INDEX):
            yield page.data, page.url.shown
        return
    except RegistryNotFoundError:
        tag = digest.replace(":", "-")
    try:
        yield fetch(tag), f"tag {tag}"
    except RegistryNotFoundError:
        return


def _read(data: bytes, where: str) -> Iterator[Descriptor]:
    try:
        listed = read_json(data, ReferrerList, where="", max_size=MAX_MANIFEST_SIZE).manifests
        for entry in listed:
            if entry.size < 0:
                raise InvalidDocumentError("a size is missing or negative")
            yield Descriptor(
                entry.media_type,
                Digest.parse(entry.digest),
                entry.size,
                annotations=entry.annotations or None,
                artifact_type=entry.artifact_type,
            )
    except (InvalidDocumentError, InvalidDigestError) as error:
        raise RegistryResponseError(f"the answer is not a list of referrers: {error.problem}", where=where) from None
