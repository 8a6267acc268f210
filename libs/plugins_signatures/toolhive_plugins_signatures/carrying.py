"""Carries what accompanies an artifact from one repository to another: signatures, attestations, and whatever else refers to it.

That is what the Referrers API or its tag lists, and the images under the tags `sha256-<hex>.sig`, `.att` and `.sbom` of older clients. The
bytes stay the same, so what was signed stays signed. What the target has of its own stays.
"""

from collections.abc import Iterator
from typing import Final, Protocol

from toolhive_plugins import Digest, SizeLimitError, ToolhiveError, parse_manifest
from toolhive_plugins_signatures.classic import merge_images
from toolhive_plugins_signatures.discovery import MAX_REFERRERS_READ
from toolhive_plugins_signatures.signing import SignatureWriter

_MERGED: Final = (".sig", ".att")
"""The ends of the tags whose images have a layer for each signature or statement."""

_ENDS: Final = (*_MERGED, ".sbom")


class CarryingRegistry(SignatureWriter, Protocol):
    """Copies between repositories; `toolhive_plugins.Registry` is one."""

    def find(self, ref: str) -> Digest | None:
        """Return the digest of what `ref` names; None if there is nothing."""
        ...

    def copy(self, source: str, target: str) -> Digest:
        """Copy an artifact."""
        ...


def carry(registry: CarryingRegistry, source: str, target: str, digest: Digest) -> int:
    """Copy what accompanies an artifact, and return how many artifacts that is, with those that the target had.

    What refers to a signature, in turn, is left behind.

    Args:
        registry: reaches both.
        source: the repository with the artifact, `registry/repository`.
        target: another one with the same artifact.
        digest: of the artifact.

    Raises:
        RegistryError, CredentialError: something cannot be read or written; that there is nothing is no error.
        SizeLimitError: there is more than is read.
        SigningError: a tag for signatures names something other than an image.
    """
    if source == target:
        return 0
    referring = dict(_referrers(registry, source, digest))
    missing = referring.keys() - _listed(registry, target, digest) if referring else set()
    for each in sorted(missing):
        registry.copy(f"{source}@{each}", f"{target}@{each}")
    if missing:  # A registry without the Referrers API has to be told.
        unlisted = missing - _listed(registry, target, digest)
        registry.attach(target, [referring[each] for each in sorted(unlisted)])
    return len(referring) + sum(_carry_tag(registry, source, target, digest, end) for end in _ENDS)


def _referrers(registry: CarryingRegistry, repository: str, digest: Digest) -> Iterator[tuple[Digest, bytes]]:
    """Yield the manifests that say that they refer to an artifact, whatever the list says."""
    for listed in _listed(registry, repository, digest):
        data = registry.fetch(f"{repository}@{listed}").data
        try:
            subject = parse_manifest(data, where=str(listed)).subject
        except ToolhiveError:
            continue
        if subject is not None and subject.digest == digest:
            yield listed, data


def _listed(registry: CarryingRegistry, repository: str, digest: Digest) -> set[Digest]:
    listed = registry.referrers(f"{repository}@{digest}")
    if len(listed) > MAX_REFERRERS_READ:
        problem = f"{len(listed)} artifacts refer to it, and {MAX_REFERRERS_READ} is the limit"
        raise SizeLimitError(problem, where=f"{repository}@{digest}")
    return {descriptor.digest for descriptor in listed}


def _carry_tag(registry: CarryingRegistry, source: str, target: str, digest: Digest, end: str) -> bool:
    """Carry the image that a tag of an older client's names; return whether there is one."""
    tag = f"{digest.algorithm}-{digest.encoded}{end}"
    found = registry.find(f"{source}:{tag}")
    if found is None:
        return False
    there = registry.find(f"{target}:{tag}")
    if there is None:
        registry.copy(f"{source}@{found}", f"{target}:{tag}")
    elif there != found and end in _MERGED:
        registry.copy(f"{source}@{found}", f"{target}@{found}")  # for the blobs of its layers
        image = registry.fetch(f"{source}@{found}").data
        registry.attach(target, [], {tag: merge_images(registry.put_blob, target, image)})
    return True
