"""The documents of an OCI artifact as values (OCI image-spec: descriptor.md, manifest.md, image-index.md, config.md).

Field order here is for people; the order of the encoding stands in `documents`, which reads and writes them.
"""

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from toolhive_artifact.digest import Digest
from toolhive_artifact.media_types import MEDIA_TYPE_IMAGE_INDEX, MEDIA_TYPE_IMAGE_MANIFEST
from toolhive_artifact.platform import Platform

SCHEMA_VERSION: Final = 2
"""What `schemaVersion` reads in every manifest and index."""


@frozen
class Descriptor:
    """Points at content: what it is, its digest and its size."""

    media_type: str
    """The type of the content."""

    digest: Digest
    """The digest of the content."""

    size: int
    """Bytes of the content."""

    urls: tuple[str, ...] = ()
    """Other places to download it from; nothing here ever does."""

    annotations: Mapping[str, str] | None = None
    """Free text about the content."""

    data: bytes | None = None
    """The content itself, where it is embedded."""

    platform: Platform | None = None
    """What the content is for; in an index only."""

    artifact_type: str = ""
    """The artifact type of the manifest that it points at."""


@frozen(kw_only=True)
class Manifest:
    """One platform's artifact: a config and layers."""

    config: Descriptor
    """The image config."""

    layers: tuple[Descriptor, ...] = ()
    """The layers, lowest first."""

    artifact_type: str = ""
    """What kind of artifact it is."""

    subject: Descriptor | None = None
    """The manifest that this one is about."""

    annotations: Mapping[str, str] | None = None
    """Free text about the artifact."""

    media_type: str = MEDIA_TYPE_IMAGE_MANIFEST
    """The document's own type; may be empty in one that was read."""

    schema_version: int = SCHEMA_VERSION
    """2."""


@frozen(kw_only=True)
class Index:
    """A list of manifests, one a platform; also the index.json of an OCI image layout."""

    manifests: tuple[Descriptor, ...] = ()
    """The manifests."""

    artifact_type: str = ""
    """What kind of artifact it is."""

    subject: Descriptor | None = None
    """The manifest that this index is about."""

    annotations: Mapping[str, str] | None = None
    """Free text about the artifact."""

    media_type: str = MEDIA_TYPE_IMAGE_INDEX
    """The document's own type; may be empty in one that was read."""

    schema_version: int = SCHEMA_VERSION
    """2."""


@frozen(kw_only=True)
class ContainerConfig:
    """How a container would run the image. A plugin uses the labels only."""

    user: str = ""
    """Whom the process runs as."""

    exposed_ports: tuple[str, ...] = ()
    """Ports that it listens on (`80/tcp`)."""

    env: tuple[str, ...] = ()
    """Its environment (`NAME=value`)."""

    entrypoint: tuple[str, ...] = ()
    """The command."""

    cmd: tuple[str, ...] = ()
    """Arguments to the command, or the command itself."""

    volumes: tuple[str, ...] = ()
    """Folders that hold data of their own."""

    working_dir: str = ""
    """Where the process starts."""

    labels: Mapping[str, str] | None = None
    """Metadata; None where there is no such field, which the reference tells from an empty one."""

    stop_signal: str = ""
    """What ends the process."""

    args_escaped: bool = False
    """Windows only: the command is escaped already."""


@frozen(kw_only=True)
class RootFS:
    """The layers' content, uncompressed."""

    type: str = "layers"
    """Always `layers`; may be empty in a document that was read."""

    diff_ids: tuple[Digest, ...] = ()
    """The digests of the layers' tars, before compression, lowest first."""


@frozen(kw_only=True)
class History:
    """How a layer came to be."""

    created: str | None = None
    """RFC 3339."""

    created_by: str = ""
    """The command that made it."""

    author: str = ""
    """Who made it."""

    comment: str = ""
    """What they said about it."""

    empty_layer: bool = False
    """There is no layer: only the config changed."""


@frozen(kw_only=True)
class ImageConfig:
    """The config blob of a manifest."""

    created: str | None = None
    """RFC 3339."""

    author: str = ""
    """Who made the image."""

    architecture: str = ""
    """The processor; this and the next four are those of a Platform."""

    os: str = ""
    """The operating system."""

    os_version: str = ""
    """What the system must be, at least."""

    os_features: tuple[str, ...] = ()
    """What the system must offer."""

    variant: str = ""
    """The processor's variant."""

    config: ContainerConfig = ContainerConfig()
    """How a container would run it, and its labels."""

    rootfs: RootFS = RootFS()
    """Its layers, uncompressed."""

    history: tuple[History, ...] = ()
    """How each layer came to be, lowest first."""
