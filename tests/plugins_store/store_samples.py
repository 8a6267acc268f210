"""Makes small artifacts, looks into stores without the library's help, and writes stores as other programs do."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from attrs import frozen

from toolhive_artifact import (
    MEDIA_TYPE_IMAGE_CONFIG,
    MEDIA_TYPE_IMAGE_INDEX,
    MEDIA_TYPE_IMAGE_LAYER_GZIP,
    MEDIA_TYPE_IMAGE_MANIFEST,
    Digest,
)
from toolhive_plugins_store import Store

ARTIFACT_TYPE = "dev.toolhive.plugins.v1"
REF_NAME = "org.opencontainers.image.ref.name"
LOCAL_BUILD = "dev.stacklok.toolhive.local-build"


class Writer(Protocol):
    """A store or a transaction."""

    def put_blob(self, data: bytes) -> Digest: ...

    def put_manifest(self, data: bytes) -> Digest: ...


@frozen
class Sample:
    """An artifact as bytes: an index, a manifest and a config for each platform, and one layer."""

    index: bytes
    manifests: tuple[bytes, ...]
    configs: tuple[bytes, ...]
    layer: bytes

    @property
    def digest(self) -> Digest:
        return Digest.of(self.index)

    @property
    def layer_digest(self) -> Digest:
        return Digest.of(self.layer)

    @property
    def blobs(self) -> dict[Digest, bytes]:
        """All of it, by digest."""
        return {Digest.of(data): data for data in (self.index, *self.manifests, *self.configs, self.layer)}

    def put(self, writer: Writer) -> Digest:
        """Put all of it into a store or a transaction; return the digest of the index."""
        writer.put_blob(self.layer)
        for config, manifest in zip(self.configs, self.manifests, strict=True):
            writer.put_blob(config)
            writer.put_manifest(manifest)
        return writer.put_manifest(self.index)


def make_sample(
    name: str, *, architectures: tuple[str, ...] = ("amd64", "arm64"), layer: bytes | None = None, size: int = 500
) -> Sample:
    """Return an artifact whose every byte follows from the arguments."""
    layer = hashlib.shake_128(name.encode()).digest(size) if layer is None else layer
    configs: list[bytes] = []
    manifests: list[bytes] = []
    listed: list[dict[str, Any]] = []
    for architecture in architectures:
        config = encode({"architecture": architecture, "os": "linux", "config": {"Labels": {"name": name}}})
        manifest = encode(
            {
                "schemaVersion": 2,
                "mediaType": MEDIA_TYPE_IMAGE_MANIFEST,
                "artifactType": ARTIFACT_TYPE,
                "config": describe(MEDIA_TYPE_IMAGE_CONFIG, config),
                "layers": [describe(MEDIA_TYPE_IMAGE_LAYER_GZIP, layer)],
            }
        )
        configs.append(config)
        manifests.append(manifest)
        listed.append(
            describe(MEDIA_TYPE_IMAGE_MANIFEST, manifest) | {"platform": {"architecture": architecture, "os": "linux"}}
        )
    index = encode(
        {"schemaVersion": 2, "mediaType": MEDIA_TYPE_IMAGE_INDEX, "artifactType": ARTIFACT_TYPE, "manifests": listed}
    )
    return Sample(index, tuple(manifests), tuple(configs), layer)


def build(store: Store, tag: str, sample: Sample | None = None) -> Sample:
    """Put an artifact into the store and tag it, in one transaction."""
    sample = sample or make_sample(tag)
    with store.transaction() as transaction:
        transaction.tag(sample.put(transaction), tag)
    return sample


def describe(media_type: str, data: bytes) -> dict[str, Any]:
    """Return a descriptor as JSON has it."""
    return {"mediaType": media_type, "digest": str(Digest.of(data)), "size": len(data)}


def encode(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def blob_path(root: Path, digest: Digest) -> Path:
    return root / "blobs" / "sha256" / digest.encoded


def stored(root: Path) -> set[Digest]:
    """Return what stands in the blobs folder."""
    folder = root / "blobs" / "sha256"
    return {Digest("sha256:" + path.name) for path in folder.iterdir()} if folder.exists() else set()


def read_index(root: Path) -> dict[str, Any]:
    """Return index.json, read by Python's own decoder."""
    document = json.loads((root / "index.json").read_bytes())
    assert isinstance(document, dict)
    return document


def entries(root: Path) -> list[dict[str, Any]]:
    manifests = read_index(root)["manifests"] or []  # Go writes null for an empty list
    assert isinstance(manifests, list)
    return manifests


def tags_on_disk(root: Path) -> dict[str, str]:
    """Return the digests that index.json gives for tags."""
    return {
        entry["annotations"][REF_NAME]: entry["digest"]
        for entry in entries(root)
        if REF_NAME in entry.get("annotations", {})
    }


def leftovers(root: Path) -> list[str]:
    """Return what a process at work, or a killed one, has in the store's own folder."""
    private = root / ".toolhive"
    names = [str(path.relative_to(private)) for path in private.rglob("*")] if private.exists() else []
    return sorted(set(names) - {"lock", "journal", "sessions", "index.spare", "quarantine"})


def assert_whole(root: Path, expected: Mapping[str, Sample]) -> None:
    """Check, without the library, that each tag stands for its artifact, of which every byte is right."""
    assert_stored(root, tags_on_disk(root), expected)


def assert_stored(root: Path, tags: Mapping[str, str], expected: Mapping[str, Sample]) -> None:
    """Check, without the library, that each of these tags names its artifact, every byte of which is right."""
    for tag, sample in expected.items():
        assert tags.get(tag) == sample.digest, tag
        for digest, data in sample.blobs.items():
            assert blob_path(root, digest).read_bytes() == data, tag


class OrasGoStore:
    """Writes a layout the way oras-go's content/oci store does: it reads index.json once, at the start, keeps its own
    list of all manifests, children too, and writes the whole file in place, truncated first, after each change."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
        (root / "ingest").mkdir(exist_ok=True)
        marker = root / "oci-layout"
        if not marker.exists():
            marker.write_bytes(b'{"imageLayoutVersion":"1.0.0"}')
        self.document: dict[str, Any] = {"schemaVersion": 2, "mediaType": MEDIA_TYPE_IMAGE_INDEX, "manifests": []}
        if (root / "index.json").exists():
            self.document = read_index(root)
        else:
            self._save()
        self.by_reference: dict[str, dict[str, Any]] = {}
        for entry in self.document["manifests"] or []:
            annotations = dict(entry.get("annotations", {}))
            tag = annotations.pop(REF_NAME, None)
            plain = {key: value for key, value in entry.items() if key != "annotations"}
            self.by_reference[entry["digest"]] = plain | ({"annotations": annotations} if annotations else {})
            if tag:
                self.by_reference[tag] = entry

    def put_blob(self, data: bytes) -> Digest:
        digest = Digest.of(data)
        target = blob_path(self.root, digest)
        if not target.exists():
            ingest = self.root / "ingest" / f"{digest.encoded}_{os.getpid()}"
            ingest.write_bytes(data)
            ingest.chmod(0o444)
            ingest.rename(target)
        return digest

    def put_manifest(self, data: bytes) -> Digest:
        digest = self.put_blob(data)
        media_type = json.loads(data)["mediaType"]
        self.by_reference[digest] = {"mediaType": media_type, "digest": str(digest), "size": len(data)}
        self._save()
        return digest

    def tag(self, digest: Digest, tag: str) -> None:
        self.by_reference[tag] = dict(self.by_reference[digest])
        self._save()

    def untag(self, tag: str) -> None:
        del self.by_reference[tag]
        self._save()

    def _save(self) -> None:
        (self.root / "index.json").write_bytes(self.text())

    def text(self) -> bytes:
        """Return what it would write now."""
        if hasattr(self, "by_reference"):
            listed = []
            for reference, entry in self.by_reference.items():
                if reference != entry["digest"]:
                    annotations = entry.get("annotations", {}) | {REF_NAME: reference}
                    listed.append(entry | {"annotations": dict(sorted(annotations.items()))})
            tagged = {entry["digest"] for entry in listed}
            listed += [
                entry
                for reference, entry in self.by_reference.items()
                if reference == entry["digest"] and reference not in tagged
            ]
            self.document["manifests"] = listed or None
        return encode(self.document)


Change = Callable[[Store], object]
