"""Git addresses of plugins, in ToolHive's spelling: `git://host/owner/repo[@ref][#subdir]`, and `git+ssh://` for SSH.

The `git` in it is not a protocol: it is fetched over HTTPS, never by git's own protocol, which neither encrypts nor tells who answers.
"""

import re
from typing import Final

from attrs import evolve, frozen

from toolhive_plugins import InvalidReferenceError, parse_registry, shown
from toolhive_plugins_installs.errors import InvalidTargetError

HTTPS_SCHEME: Final = "git://"
SSH_SCHEME: Final = "git+ssh://"

_MAX_LENGTH: Final = 512
"""The longest `resolvedReference` that a lock file of ToolHive's may have, in characters."""

_PART: Final = re.compile(r"[A-Za-z0-9_~][A-Za-z0-9._~-]*", re.ASCII)
_USER: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*", re.ASCII)
_REF: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]*", re.ASCII)
_SUBDIR_PART: Final = re.compile(r"[A-Za-z0-9._@+~][A-Za-z0-9._@+~ -]*", re.ASCII)
_COMMIT: Final = re.compile(r"[0-9a-f]{40}", re.ASCII)
_USER_INFO: Final = re.compile(r"//[^/]*@")
_REMEDY: Final = "Write git://host/owner/repository@ref#folder; the ref and the folder may be left out"


@frozen
class GitTarget:
    """A plugin in a git repository."""

    scheme: str
    """HTTPS_SCHEME or SSH_SCHEME."""

    authority: str
    """The host, with a port if one was given, and for SSH a user: `github.com`, `git@example.com:2222`."""

    path: str
    """Of the repository: `owner/repo`."""

    ref: str = ""
    """A branch, a tag, or the 40 hexadecimal digits of a commit; empty for the repository's default branch."""

    subdir: str = ""
    """The plugin's folder in the repository, with slashes; empty for the repository's root."""

    @property
    def url(self) -> str:
        """The address that git is given."""
        return ("ssh://" if self.scheme == SSH_SCHEME else "https://") + f"{self.authority}/{self.path}"

    @property
    def repository(self) -> str:
        """The address without ref and folder: what stays the same from version to version."""
        return f"{self.scheme}{self.authority}/{self.path}"

    @property
    def is_commit(self) -> bool:
        """Whether the ref is a commit, which always names the same content."""
        return _COMMIT.fullmatch(self.ref) is not None

    @property
    def expected_name(self) -> str:
        """The name that the plugin must have: the last part of its folder, else of the repository."""
        return (self.subdir or self.path.removesuffix(".git")).rpartition("/")[2]

    def at(self, commit: str) -> "GitTarget":
        """Return the same plugin at a commit."""
        return evolve(self, ref=commit)

    def __str__(self) -> str:
        return self.repository + (f"@{self.ref}" if self.ref else "") + (f"#{self.subdir}" if self.subdir else "")


def is_git_target(text: str) -> bool:
    """Tell whether a target is meant to be a git address."""
    return text.startswith((HTTPS_SCHEME, SSH_SCHEME))


def parse_git_target(text: str) -> GitTarget:
    """Parse a git address.

    Raises:
        InvalidTargetError: a part of it is missing or malformed.
    """
    if len(text) > _MAX_LENGTH:
        raise _malformed(text, f"is longer than {_MAX_LENGTH} characters")
    scheme = SSH_SCHEME if text.startswith(SSH_SCHEME) else HTTPS_SCHEME
    address, sharp, subdir = text.removeprefix(scheme).partition("#")
    authority, _, rest = address.partition("/")
    path, at, ref = rest.partition("@")
    _check_authority(text, scheme, authority)
    parts = path.split("/")
    if len(parts) < 2 or not all(map(_is_path_part, parts)):
        raise _malformed(text, f"{shown(path)!r} is not the path of a repository, owner/repository")
    if at and not _is_ref(ref):
        raise _malformed(text, f"{shown(ref)!r} is not a branch, a tag or a commit")
    if sharp and not all(map(_is_folder, subdir.split("/"))):
        raise _malformed(text, f"{shown(subdir)!r} is not a folder of the repository")
    return GitTarget(scheme, authority, path, ref, subdir)


def _check_authority(text: str, scheme: str, authority: str) -> None:
    user, at, host = authority.rpartition("@")
    if at and scheme == HTTPS_SCHEME:
        raise _malformed(text, "names a user; what to log in with belongs into a credential helper of git's")
    if at and _USER.fullmatch(user) is None:
        raise _malformed(text, "the user before the host is malformed; a password cannot be given there")
    try:
        parse_registry(host)
    except InvalidReferenceError as error:
        raise _malformed(text, f"{shown(host)!r} is not a host") from error
    if host.startswith("-"):  # a program would take it for an option
        raise _malformed(text, f"{shown(host)!r} is not a host")


def _is_path_part(part: str) -> bool:
    return _PART.fullmatch(part) is not None


def _is_ref(ref: str) -> bool:
    """Tell whether a ref is one that cannot be taken for anything else (git-check-ref-format(1), and stricter)."""
    return (
        _REF.fullmatch(ref) is not None
        and ".." not in ref
        and "//" not in ref
        and not ref.endswith(("/", ".", ".lock"))
    )


def _is_folder(part: str) -> bool:
    return _SUBDIR_PART.fullmatch(part) is not None and part not in (".", "..") and part.lower() != ".git"


def _malformed(text: str, problem: str) -> InvalidTargetError:
    # What is before the host may be a password, which a message does not repeat.
    return InvalidTargetError(problem, where=f"git address {shown(_USER_INFO.sub('//***@', text))!r}", remedy=_REMEDY)
