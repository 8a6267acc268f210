"""The entries of a lock file: what one may say, read and written.

Names and references are a stranger's where a project was cloned, so each is checked here before anything uses it.
"""

import re
from collections.abc import Callable
from collections.abc import Mapping as Table
from typing import Final

from attrs import field, frozen

from toolhive_plugins import Digest, InvalidDigestError, ToolhiveError, parse_reference, shown
from toolhive_plugins_clients import check_name
from toolhive_plugins_installs.block_yaml import Mapping, Node, Scalar, Sequence
from toolhive_plugins_installs.errors import LockFileError
from toolhive_plugins_installs.git_targets import is_git_target, parse_git_target
from toolhive_plugins_installs.provenance import Provenance

MAX_REFERENCE: Final = 512
"""Characters of a reference."""

MAX_TEXT: Final = 2048
"""Characters of any other value."""

_COMMIT: Final = re.compile(r"[0-9a-f]{40}", re.ASCII)
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@+=-]*(:[A-Za-z0-9._/@+=-]+)*", re.ASCII)
_OTHER_TYPE: Final = re.compile(
    r"[-+]?(0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*|[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"
    r"|([0-9][0-9_]*)?\.?[0-9_]*([eE][-+]?[0-9]+)?)"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt].*)?"
    r"|(?i:y|yes|n|no|true|false|on|off|null|nan|inf)",
    re.ASCII,
)
"""Plain scalars that some YAML parser takes for something other than text."""

PROVENANCE_KEYS: Final = {
    "signer_identity": "signerIdentity",
    "cert_issuer": "certIssuer",
    "public_key": "publicKey",
    "repository_uri": "repositoryUri",
    "repository_ref": "repositoryRef",
    "runner_environment": "runnerEnvironment",
    "sigstore_url": "sigstoreUrl",
}
_ALWAYS: Final = ("signer_identity", "cert_issuer")


def _checked_digest(text: str) -> str:
    if _COMMIT.fullmatch(text):
        return text
    try:
        return Digest.parse(text)
    except InvalidDigestError as error:
        raise LockFileError(
            "the digest is neither sha256:<64 hexadecimal digits> nor a commit", where=shown(text)
        ) from error


def _checked_content_digest(text: str) -> str:
    try:
        return Digest.parse(text) if text else text
    except InvalidDigestError as error:
        raise LockFileError("the content digest is not sha256:<64 hexadecimal digits>", where=shown(text)) from error


def checked_reference(text: str) -> str:
    """Return a reference that a lock file may hold: an artifact's or a git address, complete; or empty.

    Raises:
        LockFileError: it is longer than 512 characters, does not print, or is malformed.
    """
    if not text:
        return text
    if len(text) > MAX_REFERENCE or not text.isprintable():
        raise LockFileError(
            f"a reference has more than {MAX_REFERENCE} characters, or some that do not print", where=shown(text)
        )
    try:
        if is_git_target(text):
            parse_git_target(text)
        elif not parse_reference(text).reference:
            raise LockFileError("the reference lacks a tag or digest", where=shown(text))
    except LockFileError:
        raise
    except ToolhiveError as error:
        raise LockFileError(f"the reference is malformed: {error.problem}", where=shown(text)) from error
    return text


def _checked_text(text: str) -> str:
    if len(text) > MAX_TEXT or not text.isprintable():
        raise LockFileError(
            f"a value has more than {MAX_TEXT} characters, or some that do not print", where=shown(text)
        )
    return text


@frozen(kw_only=True)
class LockEntry:
    """One plugin of a project, pinned.

    Raises:
        LockFileError, PlacementError: a value is malformed, or it is both signed and unsigned.
    """

    name: str = field(converter=check_name)
    version: str = field(default="", converter=_checked_text)
    source: str = field(converter=_checked_text)
    """As the user wrote it; what an upgrade resolves again."""

    resolved_reference: str = field(default="", converter=checked_reference)
    """What the source named: a reference with a tag or digest, or a git address."""

    digest: str = field(converter=_checked_digest)
    """Of the artifact; or a commit."""

    content_digest: str = field(default="", converter=_checked_content_digest)
    provenance: Provenance | None = None
    unsigned: bool = False
    required_by: tuple[str, ...] = ()
    explicit: bool = False

    def __attrs_post_init__(self) -> None:
        if self.provenance is not None and self.unsigned:
            raise LockFileError("it is signed and unsigned at once", where=self.name)
        if not self.source:
            raise LockFileError("it has no source", where=self.name)


def entry_from(node: Node, where: str) -> LockEntry:
    """Read an entry.

    Raises:
        LockFileError: it is malformed; the message names the entry, or its line.
    """
    at = f"{where}, line {node.span.start + 1}"
    if not isinstance(node, Mapping):
        raise LockFileError("an entry is not a mapping", where=at)
    fields = _Fields(node.values, at)
    try:
        return LockEntry(
            name=fields.text("name"),
            version=fields.text("version"),
            source=fields.text("source"),
            resolved_reference=fields.text("resolvedReference"),
            digest=fields.text("digest"),
            content_digest=fields.text("contentDigest"),
            provenance=_provenance_from(node.values.get("provenance"), at),
            unsigned=fields.flag("unsigned"),
            required_by=fields.texts("requiredBy"),
            explicit=fields.flag("explicit"),
        )
    except ToolhiveError as error:
        if isinstance(error, LockFileError) and error.where == at:
            raise
        subject = f"{error.where}: " if error.where else ""
        raise LockFileError(
            f"{subject}{error.problem}", where=at, remedy="Correct the file, or take it from git again"
        ) from error


def _provenance_from(node: Node | None, at: str) -> Provenance | None:
    if node is None or (isinstance(node, Scalar) and node.plain and node.text in ("", "~", "null")):
        return None
    if not isinstance(node, Mapping):
        raise LockFileError("the provenance is not a mapping", where=at)
    fields = _Fields(node.values, at)
    texts = {name: _checked_text(fields.text(key)) for name, key in PROVENANCE_KEYS.items()}
    return Provenance(**texts, provisional=fields.flag("provisional"))


@frozen
class _Fields:
    """Values by name, each of the type that is asked for."""

    values: Table[str, Node]
    where: str

    def text(self, key: str) -> str:
        node = self.values.get(key)
        if node is None:
            return ""
        if not isinstance(node, Scalar):
            raise LockFileError(f"{key} is not text", where=self.where)
        return "" if node.plain and node.text in ("~", "null") else node.text

    def flag(self, key: str) -> bool:
        node = self.values.get(key)
        if node is None:
            return False
        if not isinstance(node, Scalar) or not node.plain or node.text not in ("true", "false", "", "null", "~"):
            raise LockFileError(f"{key} is neither true nor false", where=self.where)
        return node.text == "true"

    def texts(self, key: str) -> tuple[str, ...]:
        node = self.values.get(key)
        if node is None or (isinstance(node, Scalar) and node.plain and node.text in ("", "null", "~")):
            return ()
        if not isinstance(node, Sequence):
            raise LockFileError(f"{key} is not a list", where=self.where)
        found: list[str] = []
        for item in node.items:
            if not isinstance(item, Scalar):
                raise LockFileError(f"{key} has something in it that is not text", where=self.where)
            found.append(_checked_text(item.text))
        return tuple(found)


_INDENT: Final = " " * 6


def blocks_of(entry: LockEntry) -> dict[str, list[str]]:
    """Return the lines of each key that an entry has, in the order and style of ToolHive; the first one begins with the list's dash."""
    blocks: dict[str, list[str]] = {}

    def put(key: str, value: str) -> None:
        if value:
            blocks[key] = [f"{_INDENT}{key}: {scalar(value)}"]

    put("name", entry.name)
    put("version", entry.version)
    put("source", entry.source)
    put("resolvedReference", entry.resolved_reference)
    put("digest", entry.digest)
    put("contentDigest", entry.content_digest)
    if entry.provenance is not None:
        blocks["provenance"] = _provenance_lines(entry.provenance)
    if entry.unsigned:
        blocks["unsigned"] = [f"{_INDENT}unsigned: true"]
    if entry.required_by:
        blocks["requiredBy"] = [
            f"{_INDENT}requiredBy:",
            *(f"{_INDENT}  - {scalar(name)}" for name in entry.required_by),
        ]
    if entry.explicit:
        blocks["explicit"] = [f"{_INDENT}explicit: true"]
    return blocks


KEYS: Final[tuple[str, ...]] = (
    "name",
    "version",
    "source",
    "resolvedReference",
    "digest",
    "contentDigest",
    "provenance",
    "unsigned",
    "requiredBy",
    "explicit",
)
"""The keys of an entry, in their order."""

READ: Final[Table[str, Callable[[LockEntry], object]]] = {
    "name": lambda entry: entry.name,
    "version": lambda entry: entry.version,
    "source": lambda entry: entry.source,
    "resolvedReference": lambda entry: entry.resolved_reference,
    "digest": lambda entry: entry.digest,
    "contentDigest": lambda entry: entry.content_digest,
    "provenance": lambda entry: entry.provenance,
    "unsigned": lambda entry: entry.unsigned,
    "requiredBy": lambda entry: entry.required_by,
    "explicit": lambda entry: entry.explicit,
}
"""What an entry says under each key."""


def _provenance_lines(provenance: Provenance) -> list[str]:
    lines = [f"{_INDENT}provenance:"]
    for name, key in PROVENANCE_KEYS.items():
        value: str = getattr(provenance, name)
        if value or name in _ALWAYS:
            lines.append(f"{_INDENT}  {key}: {scalar(value)}")
    if provenance.provisional:
        lines.append(f"{_INDENT}  provisional: true")
    return lines


def scalar(text: str) -> str:
    """Return text as a YAML scalar that every parser reads as text."""
    if _PLAIN.fullmatch(text) and not _OTHER_TYPE.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
