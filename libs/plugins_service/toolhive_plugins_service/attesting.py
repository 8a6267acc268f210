"""States of an artifact in a registry how it was built and what it could run, each seen before it is signed."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

import attrs

from toolhive_plugins import (
    ANNOTATION_REVISION,
    ANNOTATION_SOURCE,
    Digest,
    Encodable,
    Platform,
    PluginPackager,
    Store,
    Surface,
    mask_tokens,
    surface_document,
)
from toolhive_plugins_service.inspection import inspect_artifact
from toolhive_plugins_service.opening import OpenArtifact
from toolhive_plugins_service.sources import Source
from toolhive_plugins_service.verification import Verification, verify
from toolhive_plugins_signatures import (
    PREDICATE_PROVENANCE,
    PREDICATE_SURFACE,
    Build,
    SignatureWriter,
    Signed,
    StatementSigner,
    attest,
    provenance,
    surface_predicate,
)


@attrs.frozen
class Attested:
    """What was stated."""

    signed: tuple[Signed, ...]
    """Each statement that was stored."""

    source: Verification | None = None
    """What came of building the source again; nothing is stated if it is another."""


@attrs.frozen
class Attesting:
    """Makes statements about one artifact, which is open to be looked into."""

    opened: OpenArtifact
    registry: SignatureWriter
    repository: str
    digest: Digest
    signer: StatementSigner

    def surface(self) -> Signed:
        """State what the plugin could run on each of its platforms."""
        found = inspect_artifact(self.opened, None)
        others = {str(other.platform): _plain(other.surface) for other in found.other_platforms}
        predicate = surface_predicate(found.name, found.version, _plain(found.surface), others)
        return self._attest(PREDICATE_SURFACE, predicate)

    def provenance(
        self,
        directory: str,
        source: Source,
        builder: str,
        version: str,
        packager_for: Callable[[Store], PluginPackager],
    ) -> tuple[Verification, Signed | None]:
        """Build the source again, and state how the artifact was built if it is the same; None if it is another."""
        found = verify(self.opened, directory, packager_for, source)
        if not found.verified:
            return found, None
        named = {} if ANNOTATION_REVISION in found.unchecked else self.opened.artifact.annotations
        build = Build(
            profile=found.compat.value,
            epoch=found.epoch,
            platforms=[str(platform) for platform in found.platforms],
            version=version,
            source_url=source.url or ("" if ANNOTATION_SOURCE in found.unchecked else named.get(ANNOTATION_SOURCE, "")),
            revision=named.get(ANNOTATION_REVISION, "") if source.revision is not None else "",
            **({"builder": builder} if builder else {}),
        )
        return found, self._attest(PREDICATE_PROVENANCE, provenance(build))

    def _attest(self, predicate_type: str, predicate: Encodable) -> Signed:
        return attest(self.registry, self.repository, self.digest, self.signer, predicate_type, predicate)


def _plain(value: Any) -> Any:
    """Return a typed result as JSON has it, field by field, as reports write it; tokens in it are masked."""
    if isinstance(value, Surface):
        return _plain(surface_document(value))
    if isinstance(value, Platform):
        return str(value)
    if attrs.has(type(value)):
        fields = attrs.fields(type(value))
        return {field.metadata.get("key", field.name): _plain(getattr(value, field.name)) for field in fields}
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, str):
        return mask_tokens(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [_plain(item) for item in value]
    return value
