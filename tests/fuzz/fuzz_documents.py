"""Targets: JSON, the OCI documents, `index.json`, digests, platforms and times."""

import json
from functools import partial
from typing import Final, NoReturn, Protocol

from fuzz_laws import attempt, check_error, text_of

from toolhive_artifact import (
    Digest,
    DocumentLimitError,
    ImageConfig,
    Index,
    InvalidDocumentError,
    JsonObject,
    JsonValue,
    Manifest,
    ToolhiveError,
    encode_json,
    is_rfc3339,
    parse_image_config,
    parse_index,
    parse_json,
    parse_manifest,
    parse_platform,
    to_json,
)
from toolhive_artifact.summaries import _decoded, _outline
from toolhive_plugins_mediatypes import (
    parse_components_annotation,
    parse_requires_annotation,
    plugin_config_from_image_config,
)
from toolhive_plugins_store.graph import read_links
from toolhive_plugins_store.index_entry import IndexEntry
from toolhive_plugins_store.index_file import Edit, parse_index_file

_DEPTH_OF_STDLIB: Final = 100
_MOST_DIGITS_OF_STDLIB: Final = 4000
_TAG: Final = "ghcr.io/acme/plugin:v1"


class _Parse(Protocol):
    def __call__(self, data: bytes, *, strict: bool = False) -> Manifest | Index | ImageConfig: ...


_PARSERS: Final[tuple[_Parse, ...]] = (parse_manifest, parse_index, parse_image_config)


def json_text(data: bytes) -> None:
    """Accepted is exactly what the standard library's strict decoder accepts; encoding and parsing are each other's inverse."""
    value = attempt(lambda: parse_json(data, where="input"))
    shallow = attempt(lambda: parse_json(data, where="input", max_depth=_DEPTH_OF_STDLIB))
    if shallow is not DocumentLimitError:
        assert isinstance(shallow, type) == isinstance(value, type)
        _compare_with_stdlib(data, accepted=not isinstance(value, type))
    if isinstance(value, type):
        return
    text = encode_json(value)
    again = parse_json(text, where="encoded", max_size=10 * len(text) + 10)
    assert encode_json(again) == text
    unique = attempt(lambda: parse_json(data, where="input", unique_keys=True))
    assert (unique is InvalidDocumentError) == _has_duplicates(value)
    _check_positions(data, value)


def _compare_with_stdlib(data: bytes, *, accepted: bool) -> None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    if max(map(len, "".join(c if c.isdigit() else " " for c in text).split()), default=0) > _MOST_DIGITS_OF_STDLIB:
        return
    try:
        json.loads(text, parse_constant=_refuse)
    except ValueError:
        assert not accepted, "accepted what the standard library refuses"
    else:
        assert accepted, "refused what the standard library accepts"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _has_duplicates(value: JsonValue) -> bool:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, JsonObject):
            if item.duplicates:
                return True
            waiting.extend(item.values())
        elif isinstance(item, tuple):
            waiting.extend(item)
    return False


def _check_positions(data: bytes, value: JsonValue) -> None:
    """Every position that is given lies in the text, and a key stands where it is said to."""
    if not isinstance(value, JsonObject):
        return
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    for key in list(value)[:5]:
        line, column = value.key_position(key)
        assert lines[line - 1][column - 1] == '"'
        line, column = value.position(key)
        assert lines[line - 1][column - 1 :].strip()


def oci_documents(data: bytes) -> None:
    """Strict reading accepts a part of what lenient reading does, with the same meaning; what was read can be written."""
    for parse in _PARSERS:
        lenient = attempt(partial(parse, data))
        strict = attempt(partial(parse, data, strict=True))
        if not isinstance(strict, type):
            assert strict == lenient
        if isinstance(lenient, Manifest | Index | ImageConfig):
            text = to_json(lenient)
            assert to_json(parse(text)) == text
        if isinstance(lenient, Manifest | Index):
            parse_components_annotation(lenient.annotations)
            parse_requires_annotation(lenient.annotations)
    read_links(Digest.of(data), data)


def summary(data: bytes) -> None:
    """What is read of a document without the decoder is what the decoder says."""
    found = _outline(data)
    if found is not None:
        assert found == _decoded(data, "input")


def plugin_config(data: bytes) -> None:
    """The labels of an image config, which the input is, or of which the input is the JSON."""
    for config in (data, _config_with_labels(data)):
        found = attempt(partial(plugin_config_from_image_config, config))
        if not isinstance(found, type):
            assert found.name
            assert hash(found) == hash(found)


def _config_with_labels(data: bytes) -> bytes:
    """Three texts, a NUL between each two, as the three labels that hold JSON."""
    keys = ("files", "components", "requires")
    labels = {f"dev.toolhive.plugins.{key}": text_of(part) for key, part in zip(keys, data.split(b"\0"), strict=False)}
    return encode_json({"config": {"Labels": {"dev.toolhive.plugins.name": "x", **labels}}})


def index_json(data: bytes) -> None:
    """What was not understood is kept to the byte; a tag that is set is found again, and one that is taken away is gone."""
    try:
        file = parse_index_file(data, "index.json")
    except ToolhiveError as error:
        check_error(error)
        return
    rebuilt = file.head + b",".join(entry.raw for entry in file.entries.values()) + file.tail
    if file.canonical:
        assert rebuilt == data
    again = parse_index_file(rebuilt, "rebuilt")
    assert list(again.entries.values()) == list(file.entries.values())
    assert len(rebuilt) == file.size
    for key, entry in list(file.entries.items())[:3]:
        assert IndexEntry.parse(entry.raw) == entry
        assert entry.size is None or entry.with_size(7).size == 7
        if entry.digest is None:
            continue
        for tag, local in ((_TAG, True), ("", False)):
            edit = Edit(file, {key: entry.with_tag(tag, local_build=local)}, [])
            text = edit.text_from(0)
            assert len(text) == edit.size
            found = parse_index_file(text, "edited").entries[list(file.entries).index(key)]
            assert (found.digest, found.tag, found.local_build) == (entry.digest, tag, local)
    manifest = read_links(Digest.of(b"{}"), b"{}").descriptor
    edit = Edit(file, {}, [IndexEntry.of(manifest, _TAG, local_build=False)])
    grown = parse_index_file(edit.text_from(0), "grown").find(_TAG)
    assert grown is not None
    assert grown.digest == manifest.digest


def small_texts(data: bytes) -> None:
    """Platforms, digests and times: what is read prints as something that reads as the same."""
    text = text_of(data)
    platform = attempt(lambda: parse_platform(text))
    if not isinstance(platform, type):
        assert parse_platform(str(platform)) == platform
    digest = attempt(lambda: Digest.parse(text))
    if not isinstance(digest, type):
        assert digest == text
        assert len(digest.encoded) == 64
    assert isinstance(is_rfc3339(text), bool)
