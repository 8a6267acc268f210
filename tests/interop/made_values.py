"""Archives, gzip streams, references, platforms and Docker configurations that nobody would write by hand."""

import base64
import gzip
import io
import posixpath
import tarfile
from pathlib import PurePosixPath
from typing import Any

from attrs import field, frozen
from hypothesis import strategies as st

# Tar archives

_member_names = st.one_of(
    st.sampled_from(
        [
            "a", "b", "a/b", "./a", "a/", "a//b", "a/./b", "a/../b", "../a", "a/../../b", "/a", "\\a", "a\\b", "..\\a", "..\\\\a",
            "C:\\a", "C:/a", ".", "..", "...", "", "a b", "é", "e\u0301", "n" * 100, "d/" * 60 + "e", "x" * 300, "a\nb", "caf\udce9", "CON",
        ]
    ),
    st.text(st.sampled_from("ab./\\"), max_size=8),
)  # fmt: skip
_member_types = st.sampled_from(
    [tarfile.REGTYPE] * 8
    + [tarfile.AREGTYPE, tarfile.DIRTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.CONTTYPE]
)  # fmt: skip
_formats = st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])


def _short(data: bytes) -> str:
    return f"gzip.decompress(base64.b64decode({base64.b64encode(gzip.compress(data, mtime=0))!r}))"


@frozen
class MadeTar:
    """An archive of Python's own tarfile, in any of its formats."""

    data: bytes = field(repr=_short)
    files: tuple[str, ...]
    """The names of its regular files, as they are written there."""

    folders: tuple[str, ...]
    damaged: bool
    """Whether bytes were changed or cut off after it was written."""

    @property
    def is_ambiguous(self) -> bool:
        """Whether two readers, or a file system, could take its names in two ways."""
        paths = [posixpath.normpath(name) for name in self.files]
        parents = {str(parent) for path in (*paths, *self.folders) for parent in PurePosixPath(path).parents}
        return (
            any("\\" in name for name in (*self.files, *self.folders))
            or "." in paths
            or len(set(paths)) < len(paths)
            or not parents.isdisjoint(paths)
            or not set(paths).isdisjoint(map(posixpath.normpath, self.folders))
        )


@st.composite
def tars(draw: st.DrawFn) -> MadeTar:
    """Any archive; one in four is damaged."""
    stream = io.BytesIO()
    files: list[str] = []
    folders: list[str] = []
    with tarfile.open(fileobj=stream, mode="w", format=draw(_formats), errors="surrogateescape") as archive:
        for _ in range(draw(st.integers(0, 4))):
            member = tarfile.TarInfo(draw(_member_names))
            member.type = draw(_member_types)
            member.mode = draw(st.one_of(st.sampled_from([0o644, 0o755, 0, 0o4755, 0o777]), st.integers(0, 0o7777)))
            member.mtime = draw(st.sampled_from([0, 1, 1_700_000_000, 2**33]))
            content = draw(st.sampled_from([b"", b"x", b"text\n", b"y" * 512, b"z" * 700])) if member.isreg() else b""
            member.size = len(content)
            member.linkname = draw(st.sampled_from(["", "a", "../x"]))
            try:
                archive.addfile(member, io.BytesIO(content))
            except ValueError:  # the format has no room for the name
                continue
            if member.isreg():
                files.append(member.name)
            elif member.isdir():
                folders.append(member.name)
    data = bytearray(stream.getvalue())
    damaged = draw(st.integers(1, 4)) == 2
    if damaged:
        for _ in range(draw(st.integers(1, 3))):
            data[draw(st.integers(0, min(len(data), 2048) - 1))] = draw(st.integers(0, 255))
        del data[draw(st.one_of(st.just(len(data)), st.integers(0, len(data)))) :]
    return MadeTar(bytes(data), tuple(files), tuple(folders), damaged)


# gzip streams


@st.composite
def gzips(draw: st.DrawFn) -> bytes:
    """One or more members; one in four has bytes changed, cut off or added."""
    members = draw(st.lists(st.binary(max_size=60), min_size=1, max_size=3))
    data = bytearray(b"".join(gzip.compress(member, draw(st.integers(0, 9)), mtime=0) for member in members))
    if draw(st.integers(1, 4)) == 2:
        at = draw(st.integers(0, len(data) - 1))
        match draw(st.sampled_from(["change", "cut", "add"])):
            case "change":
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del data[at:]
            case _:
                data += draw(st.binary(min_size=1, max_size=12))
    return bytes(data)


# References and platforms

_hosts = st.one_of(
    st.sampled_from(["ghcr.io", "localhost", "127.0.0.1", "[::1]", "docker.io", "a", "A.B", "host_x", "-a.b", "a.b.", "é.b", ""]),
    st.text(st.sampled_from("aA1.-_:[]@/"), max_size=8),
)  # fmt: skip
_ports = st.sampled_from(["", "", ":5000", ":0", ":65536", ":", ":x", ":05000"])
_repositories = st.one_of(
    st.sampled_from(["o/p", "p", "o/p/q", "O/p", "o//p", "o/p/", "o_p", "o__p", "o___p", "o-p", "o--p", "o.p", "o..p", "o._p", "é", ""]),
    st.text(st.sampled_from("ab0._-/A"), max_size=10),
)  # fmt: skip
_endings = st.one_of(
    st.sampled_from(
        [
            "", ":v1", ":" + "t" * 128, ":" + "t" * 129, ":.a", ":-a", ":a+b", ":", ":é", "@sha256:" + "a" * 64, "@sha256:A" + "a" * 63,
            "@sha256:" + "a" * 63, "@sha512:" + "b" * 128, "@md5:" + "a" * 32, "@", "@a", ":v1@sha256:" + "c" * 64,
            "@sha256:" + "c" * 64 + ":v1",
        ]
    ),
    st.text(st.sampled_from("a1:@.-+ "), max_size=6),
)  # fmt: skip
references = st.one_of(
    st.builds("{}{}/{}{}".format, _hosts, _ports, _repositories, _endings), st.text(max_size=20).map(str.strip)
)

_platform_parts = st.one_of(
    st.sampled_from(["linux", "windows", "amd64", "arm64", "arm", "v7", "v8", "", " ", "LINUX", "é", "a b"]), st.text(max_size=4)
)  # fmt: skip
platform_texts = st.lists(_platform_parts, max_size=5).map("/".join)


# Docker's configuration

_keys = st.sampled_from(
    [
        "r.example", "r.example:5000", "https://r.example", "http://r.example", "https://r.example/v1/", "r.example/team", "other.example",
        "https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io", "R.EXAMPLE", "",
    ]
)  # fmt: skip
hosts = st.sampled_from(
    ["r.example", "r.example:5000", "other.example", "docker.io", "registry-1.docker.io", "index.docker.io", "absent.example"]
)  # fmt: skip
_logins = st.sampled_from(["u:p", "u:", ":p", "u", "", "u:p:q", "é:p", "u:p\0\0", "u\n:p"])
_auths = st.one_of(
    _logins.map(lambda login: base64.b64encode(login.encode()).decode()),
    st.sampled_from(["", "!!", "dTpw=", "dTpw\n", "dTp3", "_-8="]),
)
_entries: st.SearchStrategy[Any] = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "auth": st.one_of(_auths, _auths, st.sampled_from([None, 1, [], {}])),
            "username": st.sampled_from(["n", "", "<token>", None]),
            "password": st.sampled_from(["w", "", None]),
            "identitytoken": st.sampled_from(["refresh", "", None]),
            "registrytoken": st.sampled_from(["access", "", None, 7]),
            "email": st.just("a@b"),
        },
    ),
    st.sampled_from([None, [], "x", 1]),
)


def _host_of(key: str) -> str:
    return key.removeprefix("https://").removeprefix("http://").partition("/")[0]


# Of two keys that both come to a host without being it, toolhive-core takes any: Go goes through maps in no order.
_all_auths = st.lists(
    st.tuples(_keys, _entries), max_size=4, unique_by=lambda pair: (_host_of(pair[0]), pair[0] == _host_of(pair[0]))
).map(dict)
docker_configs = st.fixed_dictionaries(
    {},
    optional={
        "auths": st.one_of(_all_auths, _all_auths, _all_auths, st.sampled_from([None, [], "x"])),
        "credHelpers": st.sampled_from([{}, None, {"elsewhere.example": "absent-helper"}]),
        "credsStore": st.sampled_from(["", None]),
        "HttpHeaders": st.just({"X": "y"}),
        "auth": st.just("x"),
    },
)
