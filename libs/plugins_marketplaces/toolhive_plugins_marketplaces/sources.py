"""Where the plugins of a marketplace come from: the kinds of source that clients know today."""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from attrs import frozen

from toolhive_plugins import JsonObject, JsonValue, resolve_path, shown
from toolhive_plugins_marketplaces.addresses import GitAddress, github_address, parse_git_address
from toolhive_plugins_marketplaces.errors import AddressError, RefusedEntryError
from toolhive_plugins_marketplaces.json_fields import Fields

_REF: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+-]{0,254}", re.ASCII)
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_PACKAGE: Final = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]{0,100}/)?[a-z0-9~-][a-z0-9._~-]{0,200}", re.ASCII)
_VERSION: Final = re.compile(r"[A-Za-z0-9^~<>=*][A-Za-z0-9.+^~<>=* -]{0,100}", re.ASCII)


@frozen
class PathSource:
    """A folder of the marketplace itself."""

    path: str
    """From the marketplace's root, resolved; "" for the root."""

    kind = "path"

    def __str__(self) -> str:
        return f"./{self.path}"


@frozen
class GitSource:
    """Another repository, or a folder of it."""

    kind: str
    """`github`, `url` or `git-subdir`."""

    address: GitAddress
    path: str = ""
    """From the repository's root, resolved."""

    ref: str = ""
    """A branch or a tag; empty for the default branch."""

    commit: str = ""
    """The commit that it must be; empty for that of `ref`."""

    def __str__(self) -> str:
        at = f"@{self.commit[:12] or self.ref}" if self.commit or self.ref else ""
        return f"{self.address}{at}" + (f"#{self.path}" if self.path else "")


@frozen
class NpmSource:
    """A package of an npm registry."""

    package: str
    version: str = ""
    """An exact version, or a range; empty for the newest."""

    registry: str = ""
    """The registry's address; empty for the user's own."""

    kind = "npm"

    def __str__(self) -> str:
        return f"npm {self.package}{'@' if self.version else ''}{self.version}"


@frozen
class ArchiveSource:
    """A zip file."""

    url: str
    """https."""

    sha256: str
    """Of the file, in hexadecimal digits."""

    kind = "archive"

    def __str__(self) -> str:
        return shown(self.url.partition("?")[0])


@frozen
class CommandSource:
    """A directory whose path a command prints. The command is shown, and never run."""

    command: str

    kind = "command"

    def __str__(self) -> str:
        return shown(self.command)


Source: TypeAlias = PathSource | GitSource | NpmSource | ArchiveSource | CommandSource


def parse_source(value: JsonValue, root: str, name: str) -> Source:
    """Parse the source of an entry.

    Args:
        value: as the entry has it.
        root: the marketplace's `pluginRoot`, resolved; "" for none.
        name: the entry's, for errors.

    Raises:
        RefusedEntryError: it is malformed, of a kind that is not known, or leads where it must not.
    """
    if isinstance(value, str):
        return _path(value, root, name)
    if not isinstance(value, JsonObject):
        raise RefusedEntryError("there is no source", where=name)
    fields = Fields(value, name, lambda problem, where: RefusedEntryError(problem, where=where))
    kind = fields.required("source")
    parse = _KINDS.get(kind)
    if parse is None:
        raise RefusedEntryError(f"the source is of a kind that is not known, {shown(kind)!r}", where=name)
    try:
        return parse(fields)
    except AddressError as error:
        raise RefusedEntryError(error.problem, where=name, remedy=error.remedy) from error


def _path(text: str, root: str, name: str) -> PathSource:
    resolved = resolve_path(text)
    if resolved is None or "\\" in text:
        raise RefusedEntryError(f"the source {shown(text)!r} leads out of the marketplace", where=name)
    return PathSource("/".join(part for part in (root, resolved) if part))


def _github(fields: Fields) -> GitSource:
    return _git("github", github_address(fields.required("repo")), fields)


def _url(fields: Fields) -> GitSource:
    return _git("url", parse_git_address(fields.required("url")), fields)


def _git_subdir(fields: Fields) -> GitSource:
    address = fields.required("url")
    is_short = "://" not in address and "@" not in address
    found = github_address(address) if is_short else parse_git_address(address)
    if not fields.text("path"):
        raise fields.fault("there is no path", fields.where)
    return _git("git-subdir", found, fields)


def _git(kind: str, address: GitAddress, fields: Fields) -> GitSource:
    path, ref, commit = fields.text("path"), fields.text("ref"), fields.text("sha").lower()
    resolved = resolve_path(path) if path else ""
    if resolved is None or "\\" in path:
        raise fields.fault(f"the path {shown(path)!r} leads out of the repository", fields.where)
    if ref and (_REF.fullmatch(ref) is None or ".." in ref):
        raise fields.fault(f"{shown(ref)!r} is not the name of a branch or tag", fields.where)
    if commit and _COMMIT.fullmatch(commit) is None:
        raise fields.fault(f"{shown(commit)!r} is not the full ID of a commit", fields.where)
    return GitSource(kind, address, resolved, ref, commit)


def _npm(fields: Fields) -> NpmSource:
    package, version, registry = fields.required("package"), fields.text("version"), fields.text("registry")
    if _PACKAGE.fullmatch(package) is None:
        raise fields.fault(f"{shown(package)!r} is not the name of a package", fields.where)
    if version and _VERSION.fullmatch(version) is None:
        raise fields.fault(f"{shown(version)!r} is not a version", fields.where)
    if registry and not registry.startswith("https://"):
        raise fields.fault("the npm registry is not named by https", fields.where)
    return NpmSource(package, version, registry)


def _archive(fields: Fields) -> ArchiveSource:
    url, sha256 = fields.required("url"), fields.text("sha256").lower().removeprefix("sha256:")
    if not url.startswith("https://"):
        raise fields.fault("the archive is not named by https", fields.where)
    if _SHA256.fullmatch(sha256) is None:
        raise fields.fault("the archive has no sha256, so that nobody can tell what it is", fields.where)
    return ArchiveSource(url, sha256)


def _command(fields: Fields) -> CommandSource:
    return CommandSource(fields.required("command"))


_KINDS: Final[dict[str, Callable[[Fields], Source]]] = {
    "github": _github,
    "url": _url,
    "git-subdir": _git_subdir,
    "npm": _npm,
    "archive": _archive,
    "command": _command,
}
