"""Fetches plugins that are npm packages or zip files: bounded, checked against what the entry or the registry promises, and never run."""

import base64
import hashlib
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Final, Protocol
from urllib.parse import quote

from attrs import frozen

from toolhive_plugins import (
    InvalidDocumentError,
    JsonObject,
    ToolhiveError,
    check_entry_path,
    check_portable,
    decompress_chunks,
    parse_json,
    read_tar,
    shown,
)
from toolhive_plugins_marketplaces.addresses import is_private
from toolhive_plugins_marketplaces.errors import RefusedEntryError
from toolhive_plugins_marketplaces.json_fields import Fields
from toolhive_plugins_marketplaces.sources import ArchiveSource, NpmSource

MAX_ARCHIVE: Final = 256 * 1024 * 1024
"""Size in bytes of the largest file that is fetched, as Claude Code has it."""

_MAX_CONTENT: Final = 100 * 1024 * 1024
_MAX_FILES: Final = 10_000
_MAX_PACKUMENT: Final = 32 * 1024 * 1024
_CHUNK: Final = 1 << 20
_MANIFEST: Final = ".claude-plugin/plugin.json"
_NPM_FOLDER: Final = "package/"


class Downloader(Protocol):
    """What files are fetched with; `Registry` is one."""

    def download(
        self, url: str, out: IO[bytes], *, limit: int, accept: str = ..., allows: Callable[[str], bool] = ...
    ) -> int:
        """Write a file of a web server to `out`."""
        ...


@frozen
class PackageFetcher:
    """Fetches packages and archives into folders.

    Args:
        web: fetches files.
        npm_registry: the user's own npm registry; empty if none is configured. It may be on a private network.
    """

    web: Downloader
    npm_registry: str = ""

    def __call__(self, source: NpmSource | ArchiveSource, folder: Path, *, private: bool) -> None:
        """Extract a source to a folder, which is made.

        Args:
            source: what to fetch.
            folder: where to.
            private: whether hosts of private networks may be asked.

        Raises:
            RefusedEntryError: it is not what was promised, or holds what cannot be extracted.
            RegistryError: it cannot be fetched.
        """
        if isinstance(source, ArchiveSource):
            _extract_zip(self._archive(source, private=private), folder)
        else:
            _extract_package(self._package(source, private=private), folder)

    def _archive(self, source: ArchiveSource, *, private: bool) -> bytes:
        data = self._fetch(source.url, MAX_ARCHIVE, private=private)
        if hashlib.sha256(data).hexdigest() != source.sha256:
            raise RefusedEntryError("the archive has another sha256 than the marketplace says", where=str(source))
        return data

    def _package(self, source: NpmSource, *, private: bool) -> bytes:
        registry = (source.registry or self.npm_registry).rstrip("/")
        if not registry:
            raise RefusedEntryError(
                "no npm registry is named",
                where=str(source),
                remedy="Set NPM_CONFIG_REGISTRY to the registry's address",
            )
        private = private or not source.registry
        document = self._fetch(f"{registry}/{quote(source.package, safe='@')}", _MAX_PACKUMENT, private=private)
        where = str(source)
        try:
            found = parse_json(document, where=where, max_size=_MAX_PACKUMENT)
        except InvalidDocumentError as error:
            raise RefusedEntryError(
                f"the npm registry did not answer with JSON: {error.problem}", where=where
            ) from error
        packument = Fields(found if isinstance(found, JsonObject) else JsonObject(()), where, _refused)
        dist = _version(packument, source).object("dist")
        if dist is None:
            raise RefusedEntryError("the npm registry names no file of it", where=where)
        data = self._fetch(dist.required("tarball"), MAX_ARCHIVE, private=private)
        _check_integrity(data, dist, where)
        return data

    def _fetch(self, url: str, limit: int, *, private: bool) -> bytes:
        out = io.BytesIO()
        self.web.download(url, out, limit=limit, allows=lambda host: private or not is_private(host))
        return out.getvalue()


def _refused(problem: str, where: str) -> RefusedEntryError:
    return RefusedEntryError(problem, where=where)


def npm_registry_of(environment: Mapping[str, str]) -> str:
    """Return the npm registry that an environment names, as npm reads it; empty if it names none."""
    return environment.get("npm_config_registry") or environment.get("NPM_CONFIG_REGISTRY") or ""


def _version(packument: Fields, source: NpmSource) -> Fields:
    tags = packument.object("dist-tags")
    wanted = source.version or "latest"
    exact = tags.text(wanted) if tags is not None else ""
    versions = packument.object("versions")
    found = versions.object(exact or wanted) if versions is not None else None
    if found is None:
        raise RefusedEntryError(
            f"there is no version {shown(wanted)!r}: an exact version or a tag must be named", where=str(source)
        )
    return found


def _check_integrity(data: bytes, dist: Fields, where: str) -> None:
    """Check a file against its `integrity`, of which one algorithm that we trust must be there (W3C, Subresource Integrity)."""
    for part in dist.text("integrity").split():
        algorithm, _, encoded = part.partition("-")
        if algorithm in ("sha512", "sha384", "sha256"):
            own = base64.b64encode(hashlib.new(algorithm, data).digest()).decode()
            if own == encoded.partition("?")[0]:
                return
            raise RefusedEntryError(f"the package has another {algorithm} than its registry says", where=where)
    raise RefusedEntryError("the npm registry says no integrity of the package", where=where)


def _extract_zip(data: bytes, folder: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > _MAX_FILES:
                raise RefusedEntryError(f"the archive has more than {_MAX_FILES} entries")
            prefix = _common_folder([member.filename for member in members if not member.is_dir()])
            files = ((m.filename.removeprefix(prefix), m) for m in members if not m.is_dir())
            _write(((path, _is_program(m), _member(archive, m)) for path, m in files), folder)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, UnicodeDecodeError, RuntimeError) as error:
        raise RefusedEntryError(f"the archive cannot be read: {shown(error)}") from error


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise RefusedEntryError("is no regular file", where=shown(member.filename))
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _is_program(member: zipfile.ZipInfo) -> bool:
    return bool((member.external_attr >> 16) & 0o100)


def _common_folder(paths: list[str]) -> str:
    """Return the one folder that a whole archive is in, with its slash, unless the plugin is at the top."""
    tops = {path.partition("/")[0] for path in paths}
    if (
        len(tops) == 1
        and tops.isdisjoint(("", ".", ".."))
        and _MANIFEST not in paths
        and all("/" in path for path in paths)
    ):
        return f"{tops.pop()}/"
    return ""


def _extract_package(data: bytes, folder: Path) -> None:
    files = (
        (member.path.removeprefix(_NPM_FOLDER), bool(member.mode & 0o100), chunks)
        for member, chunks in read_tar(decompress_chunks((data,)))
    )
    try:
        _write(files, folder)
    except RefusedEntryError:
        raise
    except ToolhiveError as error:
        raise RefusedEntryError(f"the package cannot be read: {error.problem}") from error


def _write(files: Iterator[tuple[str, bool, Iterator[bytes]]], folder: Path) -> None:
    folder.mkdir(mode=0o700)
    total = 0
    for count, (path, is_program, chunks) in enumerate(files, 1):
        if count > _MAX_FILES:
            raise RefusedEntryError(f"there are more than {_MAX_FILES} files")
        try:
            check_entry_path(path)
            check_portable(path)
        except ToolhiveError as error:
            raise RefusedEntryError(error.problem, where=shown(path)) from error
        target = folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                for chunk in chunks:
                    total += len(chunk)
                    if total > _MAX_CONTENT:
                        raise RefusedEntryError(f"the files are larger than {_MAX_CONTENT} bytes together")
                    out.write(chunk)
        except OSError as error:
            raise RefusedEntryError(f"cannot be extracted: {error.strerror}", where=shown(path)) from error
        target.chmod(0o755 if is_program else 0o644)
