"""Plugin artifacts made by hand, so that a test can get any part of one wrong."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from attrs import Factory, define
from registry_simulator import Simulator, digest_of

from toolhive_artifact import FileEntry, compress, create_tar
from toolhive_plugins_store import Store

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
PLUGIN = "dev.toolhive.plugins.v1"

Json = dict[str, Any]


def encode(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def descriptor(media_type: str, data: bytes, **more: object) -> Json:
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data), **more}


def layer_bytes(text: bytes = b"say hello\n") -> tuple[bytes, str]:
    """A layer, and its diff ID."""
    tar = create_tar(
        [
            FileEntry(".claude-plugin/plugin.json", b'{"name":"hello"}'),
            FileEntry("commands/hello.md", text),
        ]
    )
    return compress(tar), digest_of(tar)


def config(diff_ids: Iterable[str], *, architecture: str = "amd64", **labels: str | None) -> Json:
    """An image config with a plugin's labels; a label given as None is left out."""
    wanted: dict[str, str | None] = {
        "name": "hello",
        "description": "Says hello",
        "version": "1.0.0",
        "license": "Apache-2.0",
        "files": '["commands/hello.md"]',
        "components": '{"commands":1}',
        "requires": "null",
        **labels,
    }
    return {
        "created": "1970-01-01T00:00:00Z",
        "architecture": architecture,
        "os": "linux",
        "config": {"Labels": {f"dev.toolhive.plugins.{k}": v for k, v in wanted.items() if v is not None}},
        "rootfs": {"type": "layers", "diff_ids": list(diff_ids)},
        "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "toolhive package"}],
    }


def manifest(config_data: bytes, layer_data: Iterable[bytes], **changes: object) -> Json:
    document: Json = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": PLUGIN,
        "config": descriptor(CONFIG, config_data),
        "layers": [descriptor(LAYER, layer) for layer in layer_data],
        **changes,
    }
    return {key: value for key, value in document.items() if value is not None}


def index(listed: Iterable[bytes], **changes: object) -> Json:
    platforms = [{"architecture": a, "os": "linux"} for a in ("amd64", "arm64")]
    document: Json = {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "artifactType": PLUGIN,
        "manifests": [
            descriptor(MANIFEST, data, artifactType=PLUGIN, platform=platforms[i % 2]) for i, data in enumerate(listed)
        ],
        **changes,
    }
    return {key: value for key, value in document.items() if value is not None}


@define
class Artifact:
    """An artifact in parts. `root` is an index or a manifest."""

    root: bytes
    root_type: str = INDEX
    manifests: list[bytes] = Factory(list)
    configs: list[bytes] = Factory(list)
    layers: list[bytes] = Factory(list)

    @property
    def digest(self) -> str:
        return digest_of(self.root)

    @property
    def blobs(self) -> list[bytes]:
        return [*self.configs, *self.layers]

    def serve(self, simulator: Simulator, repository: str = "acme/hello", tag: str = "v1") -> str:
        """Put it into the registry; return its reference."""
        for blob in self.blobs:
            simulator.add_blob(repository, blob)
        for data in self.manifests:
            simulator.add_manifest(repository, digest_of(data), MANIFEST, data)
        simulator.add_manifest(repository, tag, self.root_type, self.root)
        return f"{simulator.host}/{repository}:{tag}"

    def keep(self, store: Store, tag: str = "hello") -> None:
        """Put it into a store."""
        with store.transaction() as transaction:
            for blob in self.blobs:
                transaction.put_blob(blob)
            for data in self.manifests:
                transaction.put_manifest(data)
            digest = transaction.put_manifest(self.root)
            transaction.tag(digest, tag)


def plugin(text: bytes = b"say hello\n") -> Artifact:
    """A sound plugin: an index of two platforms that share a layer."""
    layer, diff_id = layer_bytes(text)
    configs = [encode(config([diff_id], architecture=a)) for a in ("amd64", "arm64")]
    manifests = [encode(manifest(data, [layer])) for data in configs]
    return Artifact(encode(index(manifests)), INDEX, manifests, configs, [layer])


def single(manifest_document: Json, config_data: bytes, layers: list[bytes]) -> Artifact:
    """An artifact of one manifest, with no index."""
    return Artifact(encode(manifest_document), MANIFEST, [], [config_data], layers)


def plugin_with_layer(layer: bytes, diff_id: str) -> Artifact:
    """A plugin of one manifest whose layer is any bytes."""
    config_data = encode(config([diff_id]))
    return single(manifest(config_data, [layer]), config_data, [layer])


def large_plugin(size: int = 600_000) -> Artifact:
    """A plugin whose layer does not compress, and so is fetched by itself and in several pieces."""
    noise = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(size // 32))
    layer, diff_id = layer_bytes(noise)
    return plugin_with_layer(layer, diff_id)
