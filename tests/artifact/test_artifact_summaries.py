"""What a list shows of a document: read from most without the decoder, with the same result."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_artifact import (
    MAX_MANIFEST_SIZE,
    MEDIA_TYPE_IMAGE_CONFIG,
    MEDIA_TYPE_IMAGE_INDEX,
    MEDIA_TYPE_IMAGE_LAYER_GZIP,
    MEDIA_TYPE_IMAGE_MANIFEST,
    Descriptor,
    Digest,
    Index,
    InvalidDocumentError,
    Manifest,
    Platform,
    Summary,
    read_summary,
    to_json,
)
from toolhive_artifact.summaries import _decoded, _outline

A = Digest("sha256:" + "a" * 64)
B = Digest("sha256:" + "b" * 64)

INDEX = Index(
    manifests=(
        Descriptor(MEDIA_TYPE_IMAGE_MANIFEST, A, 7, platform=Platform("linux", "amd64")),
        Descriptor(MEDIA_TYPE_IMAGE_MANIFEST, B, 8, platform=Platform("windows", "arm", "v7", os_version="10.0")),
    ),
    artifact_type="dev.example",
    annotations={"name": "café <b>", "files": '["a","b"]'},
)
MANIFEST = Manifest(
    config=Descriptor(MEDIA_TYPE_IMAGE_CONFIG, A, 12),
    layers=(
        Descriptor(MEDIA_TYPE_IMAGE_LAYER_GZIP, B, 2**62, annotations={"title": "x"}),
        Descriptor(MEDIA_TYPE_IMAGE_LAYER_GZIP, A, 30),
    ),
    artifact_type="dev.example",
    annotations={"name": "hello"},
)


def check(data: bytes) -> Summary | None:
    """Return what is read without the decoder, which must be what the decoder says."""
    found = _outline(data)
    if found is not None:
        assert found == _decoded(data, "") == read_summary(data)
    return found


@pytest.mark.parametrize(
    "document",
    [INDEX, MANIFEST, Index(), Index(manifests=INDEX.manifests), Manifest(config=MANIFEST.config)],
    ids=["index", "manifest", "empty index", "bare index", "bare manifest"],
)
def test_an_ordinary_document_is_read(document: Index | Manifest) -> None:
    found = check(to_json(document))
    assert found is not None
    assert (found.media_type, found.annotations) == (document.media_type, document.annotations or {})
    assert check(json.dumps(json.loads(to_json(document)), indent=2).encode()) is not None


def index_text(**fields: object) -> bytes:
    return json.dumps({"schemaVersion": 2, "mediaType": MEDIA_TYPE_IMAGE_INDEX, "manifests": [], **fields}).encode()


def manifest_text(**fields: object) -> bytes:
    return json.dumps({**json.loads(to_json(MANIFEST)), **fields}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"{",
        b"\xef\xbb\xbf" + to_json(INDEX),
        to_json(INDEX) + b"x",
        to_json(INDEX).decode().encode("utf-16"),
        to_json(INDEX).replace("é".encode(), b"\xe9"),
        to_json(INDEX).replace("é".encode(), b"\\ud83d"),
        to_json(INDEX).replace("é".encode(), b"\\uDe00"),
        to_json(INDEX).replace(b'"schemaVersion":2', b'"schemaVersion":2,"schemaVersion":2'),
        to_json(INDEX).replace(b'"name":', b'"name":"first","name":'),
        to_json(INDEX).replace(b'"digest":', f'"digest":"{B}","digest":'.encode()),
        to_json(INDEX).replace(b'"digest":', b'"Digest":'),
        to_json(INDEX).replace(b'"manifests":', b'"manifest\xc5\xbf":'),
        to_json(INDEX).replace(b'"annotations":', b'"Annotations":{},"annotations":'),
        to_json(INDEX) + b" " * MAX_MANIFEST_SIZE,
        index_text(mediaType=""),
        index_text(mediaType=MEDIA_TYPE_IMAGE_CONFIG),
        index_text(schemaVersion="2"),
        index_text(schemaVersion=2.0),
        index_text(schemaVersion=True),
        index_text(schemaVersion=2**63),
        index_text(schemaVersion=float("nan")),
        index_text(manifests=None),
        index_text(manifests={}),
        index_text(manifests=[None]),
        index_text(manifests=[{"size": 1}]),
        index_text(manifests=[{"digest": "sha512:" + "a" * 128}]),
        index_text(manifests=[{"digest": A.upper()}]),
        index_text(manifests=[{"digest": A, "size": -1}]),
        index_text(manifests=[{"digest": A, "platform": {"os": 1}}]),
        index_text(manifests=[{"digest": A, "data": "aGVsbG8"}]),
        index_text(manifests=[{"digest": A, "x": 1}]),
        index_text(manifests=[{"digest": A}] * 33),
        index_text(annotations={"name": None}),
        index_text(annotations={"name": 1}),
        index_text(annotations=["name"]),
        index_text(subject=None),
        index_text(x=json.loads("[" * 400 + "]" * 400)),
        index_text(x=0).replace(b": 0", b": " + b"[" * 20_000 + b"]" * 20_000),
        index_text(x=0).replace(b": 0", b": " + b"9" * 5000),
        manifest_text(config=None),
        manifest_text(config={}),
        manifest_text(layers=None),
        manifest_text(layers=[{"digest": A}] * 65),
        json.dumps({"mediaType": MEDIA_TYPE_IMAGE_MANIFEST, "layers": []}).encode(),
    ],
)
def test_an_odd_document_is_left_to_the_decoder(data: bytes) -> None:
    assert check(data) is None


@pytest.mark.parametrize(
    ("data", "summary"),
    [
        (b'{"manifests":[{"Digest":"%b"}]}' % A.encode(), Summary(MEDIA_TYPE_IMAGE_INDEX, {}, (A,))),
        (b'{"MEDIATYPE":"%b"}' % MEDIA_TYPE_IMAGE_INDEX.encode(), Summary(MEDIA_TYPE_IMAGE_INDEX, {})),
        (manifest_text(mediaType="", manifests=None), read_summary(to_json(MANIFEST))),
        (manifest_text(mediaType="x", manifests=[]), read_summary(to_json(MANIFEST))),
    ],
    ids=["index by its manifests", "index by its type", "manifest without a type", "manifest of an unknown type"],
)
def test_an_odd_document_is_read_with_the_decoder(data: bytes, summary: Summary) -> None:
    assert check(data) is None
    assert read_summary(data) == summary


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", to_json(INDEX)[:-1], index_text(manifests=[{"digest": A}] * 33)])
def test_a_document_that_cannot_be_used_is_an_error(data: bytes) -> None:
    with pytest.raises(InvalidDocumentError, match="here"):
        read_summary(data, where="here")


ORDINARY = [to_json(INDEX), to_json(MANIFEST), to_json(INDEX.manifests[1])]
NAMES = [
    *("schemaVersion", "mediaType", "artifactType", "annotations", "manifests", "config", "layers", "subject"),
    *("digest", "size", "urls", "data", "platform", "architecture", "os", "os.version", "variant", "os.features"),
    *("Digest", "SIZE", "Annotations", "manifest\u017f", "x"),
]
VALUES: list[Any] = [
    *(None, True, 0, 2, -1, 2.0, 2**63, 10**25, "", "x", "\ud800", [], {}, ["x"], {"x": "y"}, {"x": None}),
    *(A, B, A[:-1], MEDIA_TYPE_IMAGE_INDEX, MEDIA_TYPE_IMAGE_MANIFEST),
    *({"digest": A}, {"digest": A, "size": 3}, [{"digest": B, "size": 1}], {"os": "linux", "architecture": "arm"}),
]


class Members(dict[str, Any]):
    """An object whose members are written in the order given, also those whose names were given before."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__({"": ""})
        self.pairs = pairs

    def items(self) -> Any:
        return self.pairs


def written(value: Any) -> Any:
    """Return the value with its objects open to changes."""
    if isinstance(value, dict):
        return Members([(key, written(item)) for key, item in value.items()])
    return [written(item) for item in value] if isinstance(value, list) else value


def objects(value: Any) -> list[Members]:
    """Return all objects in a value."""
    if isinstance(value, Members):
        return [value, *(found for _, item in value.pairs for found in objects(item))]
    return [found for item in value for found in objects(item)] if isinstance(value, list) else []


@given(data=st.data(), changes=st.integers(min_value=0, max_value=3))
@settings(max_examples=600, deadline=None)
def test_documents_with_members_changed_doubled_and_removed(data: st.DataObject, changes: int) -> None:
    document = written(json.loads(data.draw(st.sampled_from(ORDINARY))))
    for _ in range(changes):
        pairs = data.draw(st.sampled_from(objects(document))).pairs
        at = data.draw(st.integers(min_value=0, max_value=len(pairs)))
        names = st.sampled_from(NAMES + [name for name, _ in pairs])
        change = data.draw(st.sampled_from(["add", "replace", "remove", "rename"]))
        if change == "add":
            pairs.insert(at, (data.draw(names), written(data.draw(st.sampled_from(VALUES)))))
        elif at < len(pairs):
            name, value = pairs.pop(at)
            if change == "replace":
                pairs.insert(at, (name, written(data.draw(st.sampled_from(VALUES)))))
            elif change == "rename":
                pairs.insert(at, (data.draw(names), value))
    check(json.dumps(document).encode())


@given(
    start=st.sampled_from(ORDINARY),
    at=st.integers(min_value=0, max_value=1200),
    cut=st.integers(min_value=0, max_value=3),
    put=st.binary(max_size=3) | st.sampled_from([b"\\u0041", b"\\x", b",", b'"', b"1e3", b"-0", b" ", b"\n", b"\x00"]),
)
@settings(max_examples=600, deadline=None)
def test_documents_with_bytes_changed(start: bytes, at: int, cut: int, put: bytes) -> None:
    at %= len(start)
    check(start[:at] + put + start[at + cut :])
