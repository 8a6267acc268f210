"""What an archive in a plugin holds: its names, listed without unpacking anything; for an MCP bundle, the server that it starts."""

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Final

from toolhive_artifact.errors import ToolhiveError
from toolhive_artifact.json_reader import parse_json
from toolhive_artifact.json_values import JsonNumber, JsonObject, JsonValue
from toolhive_plugins_content.surface.collector import Collector, folded_path
from toolhive_plugins_content.surface.file_kinds import OPAQUE_SUFFIXES, TAR_SUFFIXES, ZIP_MAGIC
from toolhive_plugins_content.surface.parts import Part, PartKind, PartReader
from toolhive_plugins_content.surface.servers import BUNDLE_SUFFIXES, ServerReader
from toolhive_plugins_content.surface.values import MAX_DEPTH

if TYPE_CHECKING:
    import zipfile

MAX_ENTRIES: Final = 2_000
"""Names of one archive that are listed; one with more is unread."""

MAX_UNPACKED: Final = 64 * 1024 * 1024
"""Size in bytes that is decompressed at most to list a tar archive."""

_MAX_SIZE: Final = 100 * 1024 * 1024
_MAX_MANIFEST: Final = 1024 * 1024


def read_archive(collector: Collector, path: str) -> None:
    """Take an archive with all the names in it; what cannot be listed, or has more than MAX_ENTRIES names, is unread."""
    import tarfile
    import zipfile

    name = folded_path(path)
    try:
        data = _open(collector, path)
        if name.endswith(TAR_SUFFIXES):
            entries = tuple(_tar_entries(data))
        elif name.endswith(OPAQUE_SUFFIXES) and not collector.tree.head(path).startswith(ZIP_MAGIC):
            collector.unread(path, "is an archive of a kind that is not looked into")
            return
        else:
            with zipfile.ZipFile(data) as archive:
                entries = tuple(_zip_entries(archive))
                _bundle_manifest(collector, path, archive)
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        ToolhiveError,
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ):
        collector.unread(path, "is an archive that cannot be listed")
        return
    if len(entries) > MAX_ENTRIES:
        collector.unread(path, f"is an archive of more than {MAX_ENTRIES} files")
        return
    content = JsonObject((("digest", str(collector.tree.digest(path))), *entries))
    collector.add(Part(kind=PartKind.ARCHIVE, name=path, path=path, content=content, what=f"{len(entries)} files"))


def _open(collector: Collector, path: str) -> IO[bytes]:
    from tempfile import SpooledTemporaryFile

    spool: IO[bytes] = SpooledTemporaryFile(max_size=1024 * 1024)  # noqa: SIM115 - freed with its last use
    if collector.tree.files[path].size > _MAX_SIZE:
        raise ValueError(path)
    for chunk in collector.tree.chunks(path):
        spool.write(chunk)
    spool.seek(0)
    return spool


def _zip_entries(archive: "zipfile.ZipFile") -> Iterator[tuple[str, JsonValue]]:
    for index, entry in enumerate(archive.infolist()):
        if index > MAX_ENTRIES:
            return
        yield (
            entry.filename,
            JsonObject((("size", JsonNumber(str(entry.file_size))), ("crc", JsonNumber(str(entry.CRC))))),
        )


def _tar_entries(data: IO[bytes]) -> Iterator[tuple[str, JsonValue]]:
    import tarfile

    total = 0
    with tarfile.open(fileobj=data, mode="r|*") as archive:
        for index, entry in enumerate(archive):
            total += entry.size
            if index > MAX_ENTRIES or total > MAX_UNPACKED:
                raise ValueError(entry.name)
            yield entry.name, JsonObject((("size", JsonNumber(str(entry.size))),))


def _bundle_manifest(collector: Collector, path: str, archive: "zipfile.ZipFile") -> None:
    """Read the server that an MCP bundle's own manifest starts."""
    if not folded_path(path).endswith(BUNDLE_SUFFIXES):
        return
    try:
        entry = archive.getinfo("manifest.json")
        with archive.open(entry) as file:
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
        ServerReader(collector, path, PartReader.ANY, declared=True).mcp_servers(servers, ("server", "mcp_config"))
    else:
        collector.unread(path, "is an MCP bundle whose manifest names no server")
