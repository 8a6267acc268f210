"""What an archive in a plugin holds: its names, listed without unpacking anything; for an MCP bundle, the server that it starts."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, Final

from toolhive_artifact.errors import ToolhiveError
from toolhive_artifact.json_reader import parse_json
from toolhive_artifact.json_values import JsonNumber, JsonObject, JsonValue
from toolhive_plugins_content.surface.collector import Collector, folded_path
from toolhive_plugins_content.surface.documents import Document
from toolhive_plugins_content.surface.file_kinds import OPAQUE_SUFFIXES, TAR_SUFFIXES, ZIP_MAGIC, is_archive
from toolhive_plugins_content.surface.parts import Part, PartKind, PartReader
from toolhive_plugins_content.surface.servers import BUNDLE_SUFFIXES, ServerReader
from toolhive_plugins_content.surface.values import MAX_DEPTH

MAX_ENTRIES: Final = 2_000
"""Names of one archive that are listed; one with more is unread."""

MAX_UNPACKED: Final = 64 * 1024 * 1024
"""Size in bytes that is decompressed at most to list an archive: of tar archives, and of archives in it."""

MAX_NESTED: Final = 3
"""Archives that an archive may be in and still be listed."""

_MAX_SIZE: Final = 100 * 1024 * 1024
_MAX_MANIFEST: Final = 1024 * 1024
_CHUNK: Final = 256 * 1024

_Entry = tuple[str, JsonValue, Callable[[], IO[bytes] | None] | None]
"""A name, what is known of it, and what opens it if it is an archive itself."""


def read_archive(collector: Collector, path: str) -> None:
    """Take an archive with all the names in it, and those in archives in it; what cannot be listed, or has too many, is unread."""
    name = folded_path(path)
    is_opaque = name.endswith(OPAQUE_SUFFIXES) and not name.endswith(TAR_SUFFIXES)
    if is_opaque and not collector.tree.head(path).startswith(ZIP_MAGIC):
        collector.unread(path, "is an archive of a kind that is not looked into")
        return
    lister = _Lister()
    try:
        data = _open(collector, path)
        entries = tuple(lister.names(path, data))
        if name.endswith(BUNDLE_SUFFIXES):
            _bundle_manifest(collector, path, data)
    except _TooMuchError as error:
        collector.unread(path, str(error))
        return
    except _unlistable():
        collector.unread(path, "is an archive that cannot be listed")
        return
    for problem in lister.problems:
        collector.unread(path, problem)
    content = JsonObject((("digest", str(collector.tree.digest(path))), *entries))
    collector.add(Part(kind=PartKind.ARCHIVE, name=path, path=path, content=content, what=f"{len(entries)} files"))


def _unlistable() -> tuple[type[Exception], ...]:
    """Return what reading a malformed archive may raise."""
    import tarfile
    import zipfile
    import zlib

    malformed = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, ValueError, KeyError)
    return (*malformed, ToolhiveError, OSError, NotImplementedError, RuntimeError)


class _TooMuchError(Exception):
    """An archive holds more than is looked at."""


class _Lister:
    """Lists archives, those inside others too, within one bound for all of them."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        """What could not be listed in the outermost one."""
        self._count = 0
        self._unpacked = 0

    def names(self, path: str, data: IO[bytes], above: str = "", depth: int = 0) -> Iterator[tuple[str, JsonValue]]:
        """Yield the names in an archive, each after those of the archives that it is in.

        Args:
            path: the archive's own name.
            data: its content.
            above: what its names begin with.
            depth: how many archives it is in.

        Raises:
            _TooMuchError: it holds too many names, or too many bytes.
        """
        listed = self._tar if folded_path(path).endswith(TAR_SUFFIXES) else self._zip
        for name, content, opens in listed(data):
            self._count += 1
            if self._count > MAX_ENTRIES:
                raise _TooMuchError(f"is an archive of more than {MAX_ENTRIES} files")
            yield above + name, content
            if opens is not None:
                yield from self._inner(name, opens, above, depth + 1)

    def _inner(
        self, name: str, opens: Callable[[], IO[bytes] | None], above: str, depth: int
    ) -> Iterator[tuple[str, JsonValue]]:
        if depth > MAX_NESTED:
            self.problems.append(f"holds {above}{name}, which is an archive too deep in others to be listed")
            return
        try:
            inner = opens()
            if inner is not None:
                yield from self.names(name, self._spooled(inner), f"{above}{name} > ", depth)
        except _unlistable():
            self.problems.append(f"holds {above}{name}, an archive that cannot be listed")

    def _zip(self, data: IO[bytes]) -> Iterator[_Entry]:
        import zipfile

        with zipfile.ZipFile(data) as archive:
            for entry in archive.infolist():
                told = (("size", JsonNumber(str(entry.file_size))), ("crc", JsonNumber(str(entry.CRC))))
                opens = partial(archive.open, entry) if _is_listed(entry.filename) else None
                yield entry.filename, JsonObject(told), opens

    def _tar(self, data: IO[bytes]) -> Iterator[_Entry]:
        import tarfile

        with tarfile.open(fileobj=data, mode="r|*") as archive:
            for entry in archive:
                self._charge(entry.size)
                told = (("size", JsonNumber(str(entry.size))), ("link", entry.linkname or None))
                opens = partial(archive.extractfile, entry) if entry.isreg() and _is_listed(entry.name) else None
                yield entry.name, JsonObject(told[: 2 if entry.linkname else 1]), opens

    def _spooled(self, inner: IO[bytes]) -> IO[bytes]:
        from tempfile import SpooledTemporaryFile

        spool: IO[bytes] = SpooledTemporaryFile(max_size=1024 * 1024)  # noqa: SIM115 - freed with its last use
        while chunk := inner.read(_CHUNK):
            self._charge(len(chunk))
            spool.write(chunk)
        spool.seek(0)
        return spool

    def _charge(self, size: int) -> None:
        self._unpacked += size
        if self._unpacked > MAX_UNPACKED:
            raise _TooMuchError(f"is an archive of more than {MAX_UNPACKED} bytes")


def _is_listed(name: str) -> bool:
    """Tell whether a file in an archive is an archive of a kind that can be listed."""
    folded = folded_path(name)
    return folded.endswith(TAR_SUFFIXES) or (is_archive(name, b"") and not folded.endswith(OPAQUE_SUFFIXES))


def _open(collector: Collector, path: str) -> IO[bytes]:
    from tempfile import SpooledTemporaryFile

    spool: IO[bytes] = SpooledTemporaryFile(max_size=1024 * 1024)  # noqa: SIM115 - freed with its last use
    if collector.tree.files[path].size > _MAX_SIZE:
        raise ValueError(path)
    for chunk in collector.tree.chunks(path):
        spool.write(chunk)
    spool.seek(0)
    return spool


def _bundle_manifest(collector: Collector, path: str, content: IO[bytes]) -> None:
    """Read the server that an MCP bundle's own manifest starts."""
    import zipfile

    try:
        with zipfile.ZipFile(content) as archive, archive.open("manifest.json") as file:
            data = file.read(_MAX_MANIFEST + 1)
        document = parse_json(data, where=path, max_size=_MAX_MANIFEST, max_depth=MAX_DEPTH)
    except (KeyError, ToolhiveError):
        collector.unread(path, "is an MCP bundle without a manifest that can be read")
        return
    server = document.get("server") if isinstance(document, JsonObject) else None
    config = server.get("mcp_config") if isinstance(server, JsonObject) else None
    if isinstance(document, JsonObject) and isinstance(config, JsonObject):
        name = document.get("name")
        servers = JsonObject(((name if isinstance(name, str) else path, config),))
        ServerReader(Document(collector, path, PartReader.ANY, declared=True)).mcp_servers(
            servers, ("server", "mcp_config")
        )
    else:
        collector.unread(path, "is an MCP bundle whose manifest names no server")
