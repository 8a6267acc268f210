"""Work grows with the size of a hostile input, not with its square: eight times the bytes take nowhere near 64 times as long.

Each case is an input made to be slow, in two sizes. Only processor time of the reading thread counts, the best of several tries,
and the bound lies far from both answers (8 for what is linear, 64 for what is quadratic), so that a busy machine fails nothing.
"""

import contextlib
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from fuzz_targets import TARGETS

from toolhive_artifact import (
    ToolhiveError,
    compress,
    decompress_chunks,
    parse_image_config,
    parse_index,
    parse_json,
    parse_manifest,
    parse_platform,
    read_tar,
)
from toolhive_plugins_content import (
    Findings,
    MemoryTree,
    component_inventory,
    discover_components,
    parse_plugin_manifest,
    read_front_matter,
)
from toolhive_plugins_content.component_rules import ComponentRules
from toolhive_plugins_content.manifest_rules import ManifestRules
from toolhive_plugins_registry.challenges import parse_challenges
from toolhive_plugins_store.index_file import parse_index_file

_TIMES: Final = 8
_BOUND: Final = 24
_TRIES: Final = 5
_ENOUGH: Final = 0.002
"""Seconds: what is done sooner, at eight times the size, is not looked at; the clock and the fixed costs decide there."""

Read = Callable[[bytes], object]


def _tar(data: bytes) -> None:
    for _, content in read_tar([data]):
        for _ in content:
            pass


def _pax(key: bytes, value: bytes) -> bytes:
    """A PAX header of one record, in an archive."""
    body = b" " + key + b"=" + value + b"\n"
    length = len(body)
    while length != len(str(length)) + len(body):
        length = len(str(length)) + len(body)
    return _extension(b"%d" % length + body)


def _extension(record: bytes) -> bytes:
    return _header(b"x", len(record), b"x") + record + bytes(-len(record) % 512) + _header(b"a") + bytes(1024)


def _header(name: bytes, size: int = 0, kind: bytes = b"0") -> bytes:
    block = name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + b"%011o\0" % size + b"0" * 11 + b"\0"
    block += b" " * 8 + kind + bytes(100) + b"ustar\x0000" + bytes(247)
    block = block[:512].ljust(512, b"\0")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def _file(path: str) -> Read:
    """Read the input as this file of a plugin."""

    def read(data: bytes) -> None:
        manifest = parse_plugin_manifest(b'{"name":"x"}')
        tree = MemoryTree({path: data})
        discover_components(tree, manifest)
        component_inventory(tree, manifest)
        ComponentRules(tree, discover_components(tree, manifest), Findings()).check()

    return read


def _manifest(data: bytes) -> None:
    """Read the input as the manifest of a plugin with some files."""
    manifest = parse_plugin_manifest(data)
    tree = MemoryTree({f"commands/{number}.md": b"---\na: b\n---\ntext\n" * 200 for number in range(50)})
    components = discover_components(tree, manifest)
    component_inventory(tree, manifest)
    findings = Findings()
    ManifestRules(manifest.document, tree.paths, (), findings).check()
    ComponentRules(tree, components, findings).check()


def _front(data: bytes) -> None:
    read_front_matter(data.decode())


def _index_file(data: bytes) -> None:
    for entry in parse_index_file(data, "index.json").entries.values():
        assert entry.size != -1


def _json(data: bytes) -> None:
    parse_json(data, where="x")


def _challenges(data: bytes) -> None:
    parse_challenges(data.decode("latin-1"))


def _reference(data: bytes) -> None:
    TARGETS["reference"](data)


def _joined(form: bytes, count: int, separator: bytes = b",") -> bytes:
    return separator.join(form % number for number in range(count))


_DIGEST: Final = b"sha256:" + b"0" * 64

_CASES: Final[dict[str, tuple[Read, Callable[[int], bytes], int]]] = {
    # Archives
    "tar: zeros in a PAX number": (_tar, lambda n: _pax(b"size", b"0" * n + b"x"), 3000),
    "tar: zeros in a PAX time": (_tar, lambda n: _pax(b"mtime", b"0" * n + b"x.1"), 3000),
    "tar: dots in a PAX time": (_tar, lambda n: _pax(b"mtime", b"1" + b"." * n), 20000),
    "tar: many PAX records": (_tar, lambda n: _extension(b"8 a=bcd\n" * n), 2000),
    "tar: a long path": (_tar, lambda n: _pax(b"path", b"a/" * n), 20000),
    "tar: many folders": (_tar, lambda n: b"".join(_header(b"%d/" % i, 0, b"5") for i in range(n)) + bytes(1024), 1000),
    "tar: many files": (_tar, lambda n: b"".join(_header(b"%d" % i) for i in range(n)) + bytes(1024), 120),
    "gzip: many members": (lambda data: [*decompress_chunks([data])], lambda n: compress(b"") * n, 500),
    "gzip: many empty blocks": (
        lambda data: [*decompress_chunks([data])],
        lambda n: compress(b"")[:10] + b"\0\0\0\xff\xff" * n + b"\3\0" + bytes(8),
        20000,
    ),
    "gzip: a bomb": (lambda data: [*decompress_chunks([data])], lambda n: compress(bytes(n)), 1_000_000),
    # JSON
    "json: deep": (_json, lambda n: b"[" * n + b"]" * n, 1000),
    "json: a string that does not end": (_json, lambda n: b'["' + b"\\\\" * n, 20000),
    "json: strings that do not end": (_json, lambda n: b'"a\\' * n, 20000),
    "json: spaces": (_json, lambda n: b" " * n + b"x", 100000),
    "json: a key without a colon": (_json, lambda n: b'{"' + b"a" * n + b'" ', 100000),
    "json: digits": (_json, lambda n: b"1" * n + b".", 100000),
    "json: one key again and again": (
        lambda data: parse_json(data, where="x", unique_keys=True),
        lambda n: b'{"a":[' + b",".join([b"{}"] * n) + b"]," + b",".join([b'"a":1'] * n) + b"}",
        3000,
    ),
    "json: not UTF-8": (_json, lambda n: b'"' + b"\xff" * n + b'"', 30000),
    # Documents
    "documents: one map again and again": (
        parse_manifest,
        lambda n: b"{" + _joined(b'"annotations":{"%d":""}', n) + b"}",
        800,
    ),
    "documents: one set again and again": (
        parse_image_config,
        lambda n: b'{"config":{' + _joined(b'"ExposedPorts":{"%d":{}}', n) + b"}}",
        800,
    ),
    "documents: one set in one struct again and again": (
        parse_image_config,
        lambda n: b"{" + _joined(b'"config":{"ExposedPorts":{"%d":{}}}', n) + b"}",
        800,
    ),
    "documents: one list again and again": (
        parse_index,
        lambda n: b"{" + b",".join([b'"manifests":[' + b",".join([b'{"urls":["a"]}'] * 30) + b"]"] * n) + b"}",
        30,
    ),
    "index.json: many entries": (
        _index_file,
        lambda n: b'{"manifests":[' + b",".join([b'{"digest":"' + _DIGEST + b'"}'] * n) + b"]}",
        200,
    ),
    "index.json: one list again and again": (
        _index_file,
        lambda n: b"{" + b",".join([b'"manifests":[{},{}]'] * n) + b"}",
        500,
    ),
    # What authors write
    "front matter: a name and spaces": (_front, lambda n: b"---\na" + b" " * n + b"\n---\n", 4000),
    "front matter: an item and spaces": (_front, lambda n: b"---\na:\n  - b" + b" " * n + b"x\n---\n", 4000),
    "front matter: many names": (_front, lambda n: b"---\n" + _joined(b"%d: x", n, b"\n") + b"\n---\n", 300),
    "front matter: one name again": (_front, lambda n: b"---\n" + b"a: x\n" * n + b"---\n", 800),
    "front matter: a list": (_front, lambda n: b"---\na: [" + b"b," * n + b"c]\n---\n", 2000),
    "front matter: a list that does not end": (_front, lambda n: b"---\na: [" + b'"b",' * n + b"\n---\n", 2000),
    "front matter: quotes": (_front, lambda n: b'---\na: "' + b"\\" * (2 * n) + b"\n---\n", 4000),
    "front matter: many ends": (_front, lambda n: b"---\n" + b"\n---x" * n, 2000),
    "front matter: a folded text": (_front, lambda n: b"---\na: >\n" + b"  b\n" * n + b"---\n", 2000),
    "markdown: tools": (_file("agents/a.md"), lambda n: b"---\ntools: " + "é".encode() * n + b"\n---\n", 8000),
    "markdown: shell": (_file("commands/a.md"), lambda n: b" !`a" * n + b"\n" + b"```!\n" * n, 20000),
    "hooks: entries of the wrong type": (
        _file("hooks/hooks.json"),
        lambda n: b'{"hooks":{"a":[' + b",".join([b"1"] * n) + b"]}}",
        1000,
    ),
    "hooks: handlers of the wrong type": (
        _file("hooks/hooks.json"),
        lambda n: b'{"a":[{"hooks":[' + b",".join([b'{"type":1}'] * n) + b"]}]}",
        500,
    ),
    "servers of the wrong type": (_file(".mcp.json"), lambda n: b"{" + _joined(b'"%d":1', n) + b"}", 1000),
    "monitors of the wrong type": (
        _file("monitors/monitors.json"),
        lambda n: b"[" + b",".join([b"1"] * n) + b"]",
        1000,
    ),
    "plugin.json: declarations of the wrong type": (
        _manifest,
        lambda n: b'{"name":"x","hooks":[' + b",".join([b"1"] * n) + b"]}",
        1000,
    ),
    "plugin.json: the same folder again and again": (
        _manifest,
        lambda n: b'{"name":"x","commands":[' + b",".join([b'"."'] * n) + b"]}",
        500,
    ),
    "plugin.json: the same command again and again": (
        _manifest,
        lambda n: b'{"name":"x","commands":{' + _joined(b'"%d":"commands/1.md"', n) + b"}}",
        100,
    ),
    "plugin.json: keys that nobody reads": (
        _manifest,
        lambda n: b'{"name":"x",' + _joined(b'"nam%d":1', n) + b"}",
        500,
    ),
    "plugin.json: one key again and again": (
        _manifest,
        lambda n: b'{"name":"x","author":{' + b",".join([b'"a":1'] * n) + b"}}",
        500,
    ),
    "plugin.json: paths that lead nowhere": (
        _manifest,
        lambda n: b'{"name":"x","skills":[' + _joined(b'"./%d/x"', n) + b"]}",
        500,
    ),
    "hooks: matchers that are not regular expressions": (
        _file("hooks/hooks.json"),
        lambda n: b'{"Stop":[' + b",".join([b'{"matcher":"(","hooks":[{}]}'] * n) + b"]}",
        300,
    ),
    "hooks: a long matcher": (
        _file("hooks/hooks.json"),
        lambda n: b'{"Stop":[{"matcher":"' + b"(a|" * n + b'","hooks":[{}]}]}',
        2000,
    ),
    "hooks: a command that names many files": (
        _file("hooks/hooks.json"),
        lambda n: b'{"Stop":[{"hooks":[{"type":"command","command":"' + b"$CLAUDE_PLUGIN_ROOT/a " * n + b'"}]}]}',
        1000,
    ),
    "plugin.json: commands that lead nowhere": (
        _manifest,
        lambda n: b'{"name":"x","commands":{' + _joined(b'"%d":1', n) + b"}}",
        500,
    ),
    # What registries say
    "challenge: quotes": (_challenges, lambda n: b'Basic a="' * (n // 9), 2000),
    "challenge: a quoted text that does not end": (_challenges, lambda n: b'a="\\' * (n // 4), 2000),
    "challenge: commas": (_challenges, lambda n: b"a," * (n // 2), 2000),
    "challenge: bare tokens": (_challenges, lambda n: b"a " + b"=" * n, 2000),
    "refusal: Retry-After": (TARGETS["refusal"], lambda n: b"429\n" + b"1 " * n + b"\n", 3000),
    "refusal: Retry-After in brackets": (TARGETS["refusal"], lambda n: b"429\n" + b"(" * n + b"\n", 300),
    "follow: dots": (TARGETS["follow"], lambda n: b"/" + b"../" * (n // 3), 2000),
    "follow: brackets": (TARGETS["follow"], lambda n: b"https://[" + b":" * n, 2000),
    "follow: a long host": (TARGETS["follow"], lambda n: b"https://" + b"a." * (n // 2), 2000),
    # References and the like
    "reference: dashes": (_reference, lambda n: b"ghcr.io/a" + b"-" * n + b"!", 10000),
    "reference: words": (_reference, lambda n: b"ghcr.io/" + b"a-" * n + b"!", 10000),
    "reference: a long host": (_reference, lambda n: b"a." * n + b"/a:v1", 3000),
    "reference: a long foreign host": (_reference, lambda n: "é".encode() * n + b"/a:v1", 1000),
    "reference: joiners in a host": (_reference, lambda n: "a\u0300\u200d".encode() * n + b"/a:v1", 500),
    "platform: slashes": (lambda data: parse_platform(data.decode()), lambda n: b"/" * n, 50000),
    "docker configuration: many entries": (
        TARGETS["docker_config"],
        lambda n: b'{"auths":{' + _joined(b'"http://%d/":{}', n) + b"}}",
        2000,
    ),
}


@pytest.mark.parametrize("case", _CASES)
def test_reading_takes_time_in_proportion(case: str) -> None:
    read, make, size = _CASES[case]
    few, many = make(size), make(_TIMES * size)
    small = large = float("inf")
    for _ in range(_TRIES):
        small, large = min(small, _seconds(read, few)), min(large, _seconds(read, many))
        if large <= _BOUND * small + _ENOUGH:
            return
    pytest.fail(f"it takes {large / small:.0f} times as long for {_TIMES} times the size")


def _seconds(read: Read, data: bytes) -> float:
    begun = time.thread_time()
    with contextlib.suppress(ToolhiveError):
        read(data)
    return time.thread_time() - begun


def _pieces(data: bytes, count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield data


@pytest.mark.parametrize(
    ("read", "data", "bound"),
    [
        (lambda data: sum(map(len, decompress_chunks([data]))), compress(bytes(50_000_000)), 3_000_000),
        (lambda data: _tar_of(data), _header(b"a", 60_000_000), 3_000_000),
        (_json, b"[" * 9_999 + b"]" * 9_999, 6_000_000),
        (_json, b"[" + b",".join([b"{}"] * 50_000) + b"]", 40_000_000),
        (_file("hooks/hooks.json"), b"[" + b",".join([b"1"] * 100_000) + b"]", 30_000_000),
        (_file("hooks/hooks.json"), b'{"a":[' + b",".join([b"1"] * 100_000) + b"]}", 30_000_000),
        (_challenges, b"a," * 8_000, 6_000_000),
    ],
    ids=[
        "gzip bomb",
        "file of 60 MB",
        "deep JSON",
        "many objects",
        "wrong configuration",
        "wrong entries",
        "challenges",
    ],
)
def test_memory_is_bounded(read: Read, data: bytes, bound: int) -> None:
    tracemalloc.start()
    try:
        with contextlib.suppress(ToolhiveError):
            read(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < bound


def _tar_of(header: bytes) -> None:
    def chunks() -> Iterator[bytes]:
        yield header
        yield from _pieces(bytes(60_000), 1_001)

    for _, content in read_tar(chunks()):
        for _ in content:
            pass
