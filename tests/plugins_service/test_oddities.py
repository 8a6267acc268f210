"""What no build writes though the content is the same: bytes beside a layer's content, a manifest that is listed twice."""

import gzip
import io
import json
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_plugins import Store, compress, decompress
from toolhive_plugins_service import Aspect, BuildRequest, Service, Verdict
from toolhive_plugins_service.gzip_members import Extras, find_extras


def member(content: bytes, *, extra: bytes = b"", name: bytes = b"", comment: bytes = b"", crc: bool = False) -> bytes:
    """Return a gzip member with fields in its header."""
    flags = (4 if extra else 0) | (8 if name else 0) | (16 if comment else 0) | (2 if crc else 0)
    header = b"\x1f\x8b\x08" + bytes([flags]) + bytes(4) + b"\x02\xff"
    if extra:
        header += len(extra).to_bytes(2, "little") + extra
    header += b"".join(text + b"\0" for text in (name, comment) if text)
    if crc:
        header += (zlib.crc32(header) & 0xFFFF).to_bytes(2, "little")
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = deflater.compress(content) + deflater.flush()
    return header + body + zlib.crc32(content).to_bytes(4, "little") + len(content).to_bytes(4, "little")


@given(
    st.lists(
        st.tuples(st.binary(max_size=3000), st.binary(max_size=200), st.sampled_from([b"", b"name"]), st.booleans()),
        min_size=1,
        max_size=6,
    ),
    st.integers(1, 500),
)
@settings(max_examples=200, deadline=None)
def test_extras_are_counted_whatever_the_chunks(members: list[tuple[bytes, bytes, bytes, bool]], step: int) -> None:
    stream = b"".join(member(content, extra=extra, name=name, crc=crc) for content, extra, name, crc in members)
    assert decompress(stream) == b"".join(content for content, *_ in members)
    expected = sum(
        (2 + len(extra) if extra else 0) + (len(name) + 1 if name else 0) + (2 if crc else 0)
        for _, extra, name, crc in members
    )
    empty = sum(not content for content, *_ in members) if len(members) > 1 else 0
    chunks = [stream[at : at + step] for at in range(0, len(stream), step)]
    assert find_extras(chunks) == Extras(expected, empty)


def test_what_builds_write_has_none() -> None:
    for content in (b"", b"x", bytes(5_000_000)):
        assert find_extras([compress(content)]) == Extras()
    assert find_extras([gzip.compress(bytes(3_000_000))]) == Extras()


def test_large_header_fields_and_many_members_are_read_in_bounded_time() -> None:
    stream = io.BytesIO(member(b"x", extra=bytes(65_535), name=b"n" * 511) + member(b"") * 5000)
    found = find_extras(iter(lambda: stream.read(65_536), b""))
    assert found == Extras(65_535 + 2 + 512, 5000)


def relayer(store: Store, service: Service, complete: str, tag: str, suffix: bytes = b"", extra: bytes = b"") -> None:
    """Tag the complete plugin with its tar compressed anew, with an extra field in the header and more members after it."""
    build = service.build(BuildRequest(complete))
    index = json.loads(store.get_manifest(build.digest))
    for entry in index["manifests"]:
        manifest = json.loads(store.get_manifest(entry["digest"]))
        layer = member(decompress(store.get_blob(manifest["layers"][0]["digest"])), extra=extra) + suffix
        manifest["layers"][0] |= {"digest": store.put_blob(layer), "size": len(layer)}
        data = json.dumps(manifest, separators=(",", ":"), ensure_ascii=False).encode()
        entry |= {"digest": store.put_manifest(data), "size": len(data)}
    store.tag(store.put_manifest(json.dumps(index, separators=(",", ":"), ensure_ascii=False).encode()), tag)


def test_smuggled_header_bytes_are_told(service: Service, complete: str) -> None:
    relayer(service.store, service, complete, "smuggled", extra=bytes(60_000))
    found = service.verify(complete, "smuggled")
    assert found.verdict is Verdict.SAME_CONTENT
    (oddity,) = found.oddities
    assert (oddity.aspect, "60002 bytes" in oddity.problem) == (Aspect.LAYER, True)


def test_empty_members_are_told(service: Service, complete: str) -> None:
    relayer(service.store, service, complete, "padded", suffix=member(b"") * 3)
    found = service.verify(complete, "padded")
    assert found.verdict is Verdict.SAME_CONTENT
    assert ["3 empty gzip members" in oddity.problem for oddity in found.oddities] == [True]


def test_another_compressor_alone_is_no_oddity(service: Service, complete: str) -> None:
    relayer(service.store, service, complete, "recompressed")
    found = service.verify(complete, "recompressed")
    assert (found.verdict, found.oddities) == (Verdict.SAME_CONTENT, ())


@pytest.mark.parametrize("times", [2, 3])
def test_a_manifest_that_is_listed_twice_is_not_bit_for_bit(service: Service, complete: str, times: int) -> None:
    build = service.build(BuildRequest(complete, platforms=("linux/amd64",)))
    assert service.verify(complete, "complete").verdict is Verdict.IDENTICAL
    index = json.loads(service.store.get_manifest(build.digest))
    index["manifests"] *= times
    data = json.dumps(index, separators=(",", ":"), ensure_ascii=False).encode()
    service.store.tag(service.store.put_manifest(data), "twice")
    found = service.verify(complete, "twice")
    assert found.verdict is not Verdict.IDENTICAL
    assert [(oddity.aspect, oddity.problem) for oddity in found.oddities] == [
        (Aspect.INDEX, f"is listed {times} times")
    ]
