"""The entries of index.json: descriptors, kept as the bytes that they were read from, and the tags that they have.

The fields are found as Go's encoding/json finds them, since oras-go reads the same file: a name matches in any case,
the last of several values counts, null leaves a value as it is, and the annotations of several fields are merged.
"""

import json
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from toolhive_artifact import ANNOTATION_REF_NAME, Digest, InvalidDigestError, shown
from toolhive_plugins_store.errors import InvalidTagError

if TYPE_CHECKING:
    from toolhive_artifact import Descriptor, Encodable

LOCAL_BUILD_ANNOTATION: Final = "dev.stacklok.toolhive.local-build"
"""Marks, with the value `true`, the entry of a build that was made on this machine. It never leaves index.json."""

MAX_TAG_LENGTH: Final = 1024
"""Size in bytes of the longest tag, in UTF-8; the longest reference of host, repository, tag and digest is shorter."""

_FIELDS: Final = ("mediaType", "digest", "size", "urls", "annotations", "data", "platform", "artifactType")
"""The fields of a descriptor (OCI image-spec, descriptor.md)."""

_BY_FOLDED_NAME: Final = {name.lower(): name for name in _FIELDS}
_FIRST: Final = ("mediaType", "digest", "size", "urls")
"""The fields that oras-go writes before the annotations."""


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


decoder: Final = json.JSONDecoder(object_pairs_hook=tuple, parse_constant=_refuse_constant)
"""Gives an object as a tuple of (key, value) pairs, so that no pair is lost, and an array as a list."""


class Tag(NamedTuple):
    """A tag of the store and the build that it names."""

    tag: str
    """The tag."""

    digest: Digest
    """The digest of the build's index or manifest."""

    local_build: bool
    """Whether the build was made on this machine."""


class IndexEntry(NamedTuple):
    """One descriptor of index.json. A NamedTuple, so that listing builds does not import attrs."""

    raw: bytes
    """The JSON text, as it is in the file."""

    digest: Digest | None
    """What it points at; None if that cannot be read, and the entry is merely kept."""

    tag: str
    """The tag, perhaps a full reference; empty if there is none."""

    local_build: bool
    """Whether it is marked as built on this machine."""

    @classmethod
    def read(cls, raw: bytes, value: object) -> "IndexEntry":
        """Return the entry of a JSON text and the value that `decoder` gave for it."""
        digest = ""
        annotations: dict[str, object] = {}
        for key, item in value if isinstance(value, tuple) else ():
            name = _field_name(key)
            if name == "digest" and item is not None:
                digest = item if isinstance(item, str) else ""
            elif name == "annotations":
                annotations = annotations | dict(item) if isinstance(item, tuple) else {}
        tag = annotations.get(ANNOTATION_REF_NAME)
        return cls(
            raw=raw,
            digest=_digest(digest),
            tag=_well_formed(tag) if isinstance(tag, str) else "",
            local_build=annotations.get(LOCAL_BUILD_ANNOTATION) == "true",
        )

    @classmethod
    def parse(cls, raw: bytes) -> "IndexEntry":
        """Return the entry of a JSON text; ValueError or RecursionError if it is not JSON."""
        return cls.read(raw, decoder.decode(raw.decode("utf-8", "surrogateescape")))

    @classmethod
    def of(cls, descriptor: "Descriptor", tag: str, *, local_build: bool) -> "IndexEntry":
        """Return an entry with the fields, and in the order, that oras-go writes."""
        from toolhive_artifact import encode_json

        annotations = {LOCAL_BUILD_ANNOTATION: "true"} if local_build else {}
        if tag:
            annotations[ANNOTATION_REF_NAME] = tag
        fields: dict[str, Encodable] = {
            "mediaType": descriptor.media_type,
            "digest": descriptor.digest,
            "size": descriptor.size,
        }
        if annotations:
            fields["annotations"] = annotations
        if descriptor.artifact_type:
            fields["artifactType"] = descriptor.artifact_type
        return cls(raw=encode_json(fields), digest=descriptor.digest, tag=tag, local_build=local_build)

    def field(self, name: str) -> object:
        """Return the value of a descriptor's field; None if it is absent. Objects are tuples of pairs."""
        found: object = None
        value = decoder.decode(self.raw.decode("utf-8", "surrogateescape"))
        for key, item in value if isinstance(value, tuple) else ():
            if _field_name(key) == name and item is not None:
                found = item
        return found

    @property
    def size(self) -> int | None:
        """The stated size in bytes; None if it cannot be read."""
        size = self.field("size")
        return size if type(size) is int else None

    def with_tag(self, tag: str, *, local_build: bool) -> "IndexEntry":
        """Return the entry with another tag, or none if it is empty, and another mark; the rest is unchanged."""
        from toolhive_artifact import JsonObject, sorted_by_key

        fields = self._members()
        annotations: dict[str, Encodable] = {}
        old = fields.pop("annotations", None)
        annotations.update(old if isinstance(old, dict | JsonObject) else {})
        annotations.pop(ANNOTATION_REF_NAME, None)
        annotations.pop(LOCAL_BUILD_ANNOTATION, None)
        if tag:
            annotations[ANNOTATION_REF_NAME] = tag
        if local_build:
            annotations[LOCAL_BUILD_ANNOTATION] = "true"
        if annotations:
            fields["annotations"] = sorted_by_key(annotations)
        return IndexEntry(_encode(fields), self.digest, tag, local_build)

    def with_size(self, size: int) -> "IndexEntry":
        """Return the entry with another size in bytes; the rest is unchanged."""
        return self._replace(raw=_encode({**self._members(), "size": size}))

    def _members(self) -> "dict[str, Encodable]":
        """Return all members, each field of a descriptor once and under its own name, as Go merges them."""
        from toolhive_artifact import JsonObject, parse_json

        value = parse_json(self.raw, where="index.json", max_size=len(self.raw))
        members: dict[str, Encodable] = {}
        for key, item in value.pairs if isinstance(value, JsonObject) else ():
            name = _field_name(key) or key
            if name == "annotations" and isinstance(item, JsonObject):
                old = members.get(name)
                members[name] = {**(old if isinstance(old, dict) else {}), **item}
            elif name == "annotations" or item is not None or name not in members:
                members[name] = item
        return members


def check_tag(tag: str) -> str:
    """Return the tag if it can be written to index.json.

    References and the names of the OCI layout's grammar can. Beyond them, whatever oras-go accepts is accepted, as
    long as it can be displayed and cannot be mistaken for a digest.

    Raises:
        InvalidTagError: it is empty, too long, a digest, or has characters that cannot be displayed.
    """
    if not isinstance(tag, str) or not tag:
        problem = "a tag is empty" if tag == "" else "a tag is not text"
    elif not tag.isprintable() or tag != tag.strip():
        problem = f"the tag {shown(tag)!r} has spaces at an end, or characters that cannot be displayed"
    elif len(tag.encode()) > MAX_TAG_LENGTH:
        problem = f"the tag {shown(tag)!r} is longer than {MAX_TAG_LENGTH} bytes"
    elif tag.startswith("sha256:"):
        problem = f"the tag {shown(tag)!r} looks like a digest"
    else:
        return tag
    raise InvalidTagError(problem, remedy="Use a tag such as v1.0.0, or a reference such as ghcr.io/owner/name:v1.0.0")


def _field_name(key: str) -> str:
    """Return the field of a descriptor that Go's decoder matches to a key; empty if it matches none."""
    if key in _FIELDS:
        return key
    return _BY_FOLDED_NAME.get(folded(key), "")


def folded(key: str) -> str:
    """Return a key in the form in which Go compares it with the name of a field; see `toolhive_artifact.fold_key`."""
    if key.isascii():
        return key.lower()
    from toolhive_artifact import fold_key  # lazily: it imports attrs

    return fold_key(key)


def _encode(fields: "dict[str, Encodable]") -> bytes:
    from toolhive_artifact import encode_json

    names = [name for name in (*_FIRST, "annotations") if name in fields]
    return encode_json({name: fields[name] for name in names} | fields)


def _digest(text: str) -> Digest | None:
    try:
        return Digest(text)
    except InvalidDigestError:
        return None


def _well_formed(text: str) -> str:
    """Replace lone surrogates, which JSON's escapes can write and no encoding can, as Go does."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
