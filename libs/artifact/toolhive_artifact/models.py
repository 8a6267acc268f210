"""The documents of an OCI artifact as values (OCI image-spec: descriptor.md, manifest.md, image-index.md, config.md).

Fields are in the order in which the Go structs of opencontainers/image-spec (specs-go/v1) are written.
"""

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from toolhive_artifact._structs import KEY_SET, SIZE, TIME, as_json
from toolhive_artifact.digest import Digest
from toolhive_artifact.limits import MAX_INDEX_MANIFESTS, MAX_MANIFEST_LAYERS
from toolhive_artifact.media_types import MEDIA_TYPE_IMAGE_INDEX, MEDIA_TYPE_IMAGE_MANIFEST
from toolhive_artifact.platform import Platform

SCHEMA_VERSION: Final = 2
"""The `schemaVersion` of every manifest and index."""


@frozen
class Descriptor:
    """Points at content: its type, digest and size."""

    media_type: str = field(metadata=as_json("mediaType", keep_empty=True))
    """The media type of the content."""

    digest: Digest = field(metadata=as_json("digest", keep_empty=True))
    """The digest of the content."""

    size: int = field(metadata=as_json("size", keep_empty=True, kind=SIZE))
    """The size of the content in bytes."""

    urls: tuple[str, ...] = field(default=(), metadata=as_json("urls"))
    """Other places to download it from; nothing in this project does."""

    annotations: Mapping[str, str] | None = field(default=None, metadata=as_json("annotations"))
    """Arbitrary metadata."""

    data: bytes | None = field(default=None, metadata=as_json("data"))
    """The content itself, where it is embedded."""

    platform: Platform | None = field(default=None, metadata=as_json("platform"))
    """The platform of the content; in an index only."""

    artifact_type: str = field(default="", metadata=as_json("artifactType"))
    """The artifact type of the manifest that it points at."""


@frozen(kw_only=True)
class Manifest:
    """One platform's artifact: a config and layers."""

    schema_version: int = field(default=SCHEMA_VERSION, metadata=as_json("schemaVersion", keep_empty=True))
    """2."""

    media_type: str = field(default=MEDIA_TYPE_IMAGE_MANIFEST, metadata=as_json("mediaType"))
    """The document's own media type; may be empty in one that was read."""

    artifact_type: str = field(default="", metadata=as_json("artifactType"))
    """The type of the artifact."""

    config: Descriptor = field(metadata=as_json("config", keep_empty=True))
    """The image config."""

    layers: tuple[Descriptor, ...] = field(
        default=(), metadata=as_json("layers", keep_empty=True, limit=MAX_MANIFEST_LAYERS)
    )
    """The layers, lowest first."""

    subject: Descriptor | None = field(default=None, metadata=as_json("subject"))
    """The manifest that this one refers to."""

    annotations: Mapping[str, str] | None = field(default=None, metadata=as_json("annotations"))
    """Arbitrary metadata."""


@frozen(kw_only=True)
class Index:
    """A list of manifests, one for each platform; also the index.json of an OCI image layout."""

    schema_version: int = field(default=SCHEMA_VERSION, metadata=as_json("schemaVersion", keep_empty=True))
    """2."""

    media_type: str = field(default=MEDIA_TYPE_IMAGE_INDEX, metadata=as_json("mediaType"))
    """The document's own media type; may be empty in one that was read."""

    artifact_type: str = field(default="", metadata=as_json("artifactType"))
    """The type of the artifact."""

    manifests: tuple[Descriptor, ...] = field(
        default=(), metadata=as_json("manifests", keep_empty=True, limit=MAX_INDEX_MANIFESTS)
    )
    """The manifests."""

    subject: Descriptor | None = field(default=None, metadata=as_json("subject"))
    """The manifest that this index refers to."""

    annotations: Mapping[str, str] | None = field(default=None, metadata=as_json("annotations"))
    """Arbitrary metadata."""


@frozen(kw_only=True)
class ContainerConfig:
    """How to run the image as a container. Plugins use its labels only."""

    user: str = field(default="", metadata=as_json("User"))
    """The user that the process runs as."""

    exposed_ports: tuple[str, ...] = field(default=(), metadata=as_json("ExposedPorts", kind=KEY_SET))
    """Ports to expose (`80/tcp`)."""

    env: tuple[str, ...] = field(default=(), metadata=as_json("Env"))
    """Environment variables (`NAME=value`)."""

    entrypoint: tuple[str, ...] = field(default=(), metadata=as_json("Entrypoint"))
    """The command."""

    cmd: tuple[str, ...] = field(default=(), metadata=as_json("Cmd"))
    """Arguments to the command, or the command itself."""

    volumes: tuple[str, ...] = field(default=(), metadata=as_json("Volumes", kind=KEY_SET))
    """Directories with data of their own."""

    working_dir: str = field(default="", metadata=as_json("WorkingDir"))
    """The directory that the process starts in."""

    labels: Mapping[str, str] | None = field(default=None, metadata=as_json("Labels"))
    """Metadata; None where the field is absent, which toolhive-core tells from an empty one."""

    stop_signal: str = field(default="", metadata=as_json("StopSignal"))
    """The signal that stops the process."""

    args_escaped: bool = field(default=False, metadata=as_json("ArgsEscaped"))
    """Whether the command is already escaped (Windows only)."""


@frozen(kw_only=True)
class RootFS:
    """The layers' uncompressed content."""

    type: str = field(default="layers", metadata=as_json("type", keep_empty=True))
    """Always `layers`; may be empty in a document that was read."""

    diff_ids: tuple[Digest, ...] = field(default=(), metadata=as_json("diff_ids", keep_empty=True))
    """The digests of the layers' uncompressed tars, lowest first."""


@frozen(kw_only=True)
class History:
    """How a layer was made."""

    created: str | None = field(default=None, metadata=as_json("created", kind=TIME))
    """The time, RFC 3339."""

    created_by: str = field(default="", metadata=as_json("created_by"))
    """The command that made it."""

    author: str = field(default="", metadata=as_json("author"))
    """The author."""

    comment: str = field(default="", metadata=as_json("comment"))
    """The author's comment."""

    empty_layer: bool = field(default=False, metadata=as_json("empty_layer"))
    """Whether there is no layer and only the config changed."""


@frozen(kw_only=True)
class ImageConfig:
    """The config blob of a manifest."""

    created: str | None = field(default=None, metadata=as_json("created", kind=TIME))
    """The time, RFC 3339."""

    author: str = field(default="", metadata=as_json("author"))
    """The author of the image."""

    architecture: str = field(default="", metadata=as_json("architecture", keep_empty=True))
    """The architecture; it and the next four fields are those of a Platform."""

    os: str = field(default="", metadata=as_json("os", keep_empty=True))
    """The operating system."""

    os_version: str = field(default="", metadata=as_json("os.version"))
    """The minimum version of the operating system."""

    os_features: tuple[str, ...] = field(default=(), metadata=as_json("os.features"))
    """Required features of the operating system."""

    variant: str = field(default="", metadata=as_json("variant"))
    """The variant of the architecture."""

    config: ContainerConfig = field(default=ContainerConfig(), metadata=as_json("config", keep_empty=True))
    """How to run it, and its labels."""

    rootfs: RootFS = field(default=RootFS(), metadata=as_json("rootfs", keep_empty=True))
    """The layers' uncompressed content."""

    history: tuple[History, ...] = field(default=(), metadata=as_json("history"))
    """How each layer was made, lowest first."""
