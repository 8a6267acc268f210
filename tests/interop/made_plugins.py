"""Plugin directories that nobody would write by hand, for comparing two packagers."""

import contextlib
import os
from pathlib import Path

from attrs import frozen
from hypothesis import strategies as st

MANIFEST = b".claude-plugin/plugin.json"


@frozen
class MadePlugin:
    """What a plugin directory holds; what the file system refuses is left out when it is written."""

    files: dict[bytes, tuple[bytes, int]]
    """Content and mode by path."""

    folders: tuple[bytes, ...] = ()
    links: tuple[tuple[bytes, bytes], ...] = ()
    """Paths and their targets."""

    fifos: tuple[bytes, ...] = ()

    def write(self, root: Path) -> None:
        """Write the directory, which must not exist."""
        root.mkdir()
        for folder in self.folders:
            with contextlib.suppress(OSError):
                (root / os.fsdecode(folder)).mkdir(parents=True)
        for path, (content, mode) in self.files.items():
            with contextlib.suppress(OSError):
                _write(root / os.fsdecode(path), content, mode)
        for link, target in self.links:
            with contextlib.suppress(OSError):
                (root / os.fsdecode(link)).symlink_to(os.fsdecode(target))
        for fifo in self.fifos:
            with contextlib.suppress(OSError):
                os.mkfifo(root / os.fsdecode(fifo))


def _write(path: Path, content: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)


_nineteen_in_twenty = st.sampled_from([*[True] * 19, False])


# plugin.json

_pieces = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\'), max_size=6).map(str.encode),
    st.sampled_from(
        [
            b"\\ud800", b"\\udc00", b"\\ud83d\\ude00", b"\\u0000", b"\\u2028", b"\\n", b"\\/", b"\\\"", b"\\\\", b"\\u003C",
            b"<>&", "\u2028\u2029\x7f\u0085".encode(), b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80",
            b"\xe2\x82", b"/", b"./a",
        ]
    ),
)  # fmt: skip
_strings = st.lists(_pieces, max_size=4).map(lambda pieces: b'"' + b"".join(pieces) + b'"')
_numbers = st.sampled_from(
    [b"0", b"-0", b"1", b"1.50", b"1e3", b"1E400", b"-1e-400", b"123456789012345678901234567890"]
)
_space = st.sampled_from([b"", b"", b" ", b"\n\t", b"\r\n"])
_keys = st.one_of(_strings, st.sampled_from([b'"node"', b'"a"', b'"hello"', b'""']))


def _array(items: list[bytes]) -> bytes:
    return b"[" + b",".join(items) + b"]"


def _object(pairs: list[tuple[bytes, bytes]]) -> bytes:
    return b"{" + b",".join(key + b":" + value for key, value in pairs) + b"}"


_values = st.recursive(
    st.one_of(_strings, _numbers, st.sampled_from([b"null", b"true", b"false"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(_array), st.lists(st.tuples(_keys, inner), max_size=4).map(_object)
    ),
    max_leaves=8,
)
_TEXTS = ("name", "description", "version", "license")
_COMPONENTS = ("commands", "agents", "skills", "hooks", "mcpServers", "lspServers")
_REQUIREMENTS = ("requires", "dependencies")
_SAME_BUT_FOR_CASE = {"s": "\u017f", "k": "\u212a"}
"""Letters beyond ASCII that Go's JSON decoder takes for these when it matches the name of a field."""


def _other_case(word: str, bits: int) -> str:
    letters = [letter.upper() if bits >> i & 1 else letter for i, letter in enumerate(word)]
    return "".join(_SAME_BUT_FOR_CASE.get(a, a) if bits >> (i + 16) & 1 else a for i, a in enumerate(letters))


def _names_of(fields: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    bits = st.one_of(st.just(0), st.just(0), st.integers(0, 2**32))
    return st.builds(_other_case, st.sampled_from(fields), bits).map(lambda name: f'"{name}"'.encode())


_members = st.one_of(
    st.tuples(_names_of(_TEXTS), st.one_of(_strings, st.just(b"null"))),
    st.tuples(_names_of(_COMPONENTS), _values),
    st.tuples(
        _names_of(_REQUIREMENTS),
        st.one_of(
            _values,
            st.lists(_strings, max_size=3).map(_array),
            st.lists(st.tuples(_keys, _strings), max_size=3).map(_object),
        ),
    ),
    st.tuples(_keys, _values),
)
_odd_members = st.tuples(_names_of(_TEXTS + _COMPONENTS + _REQUIREMENTS), _values)


@st.composite
def _manifests(draw: st.DrawFn) -> bytes:
    """A plugin.json that is mostly fine, and at times has a byte taken out, put in or changed."""
    members = draw(st.lists(_members, max_size=8))
    if draw(_nineteen_in_twenty):
        members.insert(
            draw(st.integers(0, len(members))), (b'"name"', draw(st.one_of(*[st.just(b'"hello"')] * 4, _strings)))
        )
    else:
        members.append(draw(_odd_members))
    text = draw(_space) + _object(members) + draw(_space)
    if not draw(_nineteen_in_twenty):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.binary(max_size=2)) + text[at + draw(st.integers(0, 1)) :]
    return text


# Everything else

_names = st.one_of(
    st.sampled_from(
        [
            b"commands", b"agents", b"skills", b"hooks", b"SKILL.md", b"hooks.json", b".mcp.json", b".lsp.json", b".claude-plugin",
            b".git", b".hidden", b"..a", b"a", b"a ", b"A", "é".encode(), "e\u0301".encode(), b"\xff\xfe", b"a\\b", b"c:", b"con", b"a\nb",
            b"-", b"a.b", b"a-b", b"a/b", b"n" * 101, b"d" * 160, "日本".encode() * 20,
        ]
    ),
    st.binary(min_size=1, max_size=4).map(lambda name: name.replace(b"\0", b"z").replace(b"/", b"y")),
)  # fmt: skip
_paths = st.lists(_names, min_size=1, max_size=4).map(b"/".join).filter(lambda path: b".." not in path.split(b"/"))
_contents = st.one_of(st.binary(max_size=40), st.sampled_from([b"", b"text\n", b"x" * 511, b"x" * 512, b"x" * 10_241]))
_modes = st.one_of(
    st.sampled_from([0o644, 0o755, 0o600, 0o664, 0o444, 0o700]), st.integers(0, 0o777).map(lambda mode: mode | 0o400)
)
_files = st.dictionaries(_paths, st.tuples(_contents, _modes), max_size=6)


@st.composite
def made_plugins(draw: st.DrawFn) -> MadePlugin:
    """Any plugin directory: mostly a good one, with any names, modes and plugin.json."""
    files = draw(_files)
    if draw(_nineteen_in_twenty):
        files[MANIFEST] = (draw(_manifests()), draw(_modes))
    rare = not draw(_nineteen_in_twenty)
    return MadePlugin(
        files=files,
        folders=tuple(draw(st.lists(_paths, max_size=2))),
        links=tuple(draw(st.lists(st.tuples(_paths, _paths), max_size=2))) if rare else (),
        fifos=tuple(draw(st.lists(_paths, max_size=1))) if rare else (),
    )


epochs = st.one_of(
    st.sampled_from([0, 1, -1, 1_700_000_000, 2**31, 2**32, 2**33 - 1, 2**33, -(2**33), 253_402_300_799, -62_135_596_800]),
    st.integers(-62_167_219_200, 253_402_300_799),
)  # fmt: skip
platforms = st.lists(
    st.sampled_from(["linux/amd64", "linux/arm64", "linux/arm/v7", "windows/amd64", "darwin/arm64", "linux/arm64/v8"]),
    max_size=4,
)
