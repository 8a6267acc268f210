"""What Codex makes of a plugin: the answer of `codex plugin add`, found by asking it (docs/clients.md)."""

import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from toolhive_artifact.errors import shown
from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import FileTree
from toolhive_plugins_content.verdicts.reasons import Reasons, position
from toolhive_plugins_content.verdicts.shapes import (
    Anything,
    Fault,
    Fields,
    ListOf,
    Path,
    Shape,
    kind,
    matching,
    text,
)
from toolhive_plugins_content.verdicts.verdict import Client, ClientVerdict

OPEN_MANIFEST: Final = "plugin.json"
OPEN_SCHEMA: Final = "https://agent-plugins.org/schemas/1.0.0/plugin.schema.json"
_OPEN_SCHEMAS: Final = "https://agent-plugins.org/schemas/"
_MANIFESTS: Final = (".codex-plugin/plugin.json", ".claude-plugin/plugin.json")
_RULE: Final = Rule.CODEX_MANIFEST

_MAX_FOLDER_NAME: Final = 255
"""Characters of a version, which Codex names a folder after."""

_TEXT: Final = text()
_TEXTS: Final = ListOf(_TEXT)


@frozen
class OrNull:
    """A shape, or null."""

    shape: Shape

    def takes(self, value: JsonValue) -> bool:
        """See Shape."""
        return value is None or self.shape.takes(value)

    def faults(self, value: JsonValue, path: Path = ()) -> Iterator[Fault]:
        """See Shape."""
        return iter(()) if value is None else self.shape.faults(value, path)


def _version(value: str) -> str:
    if not value.strip():
        return "must not be blank"
    if value in (".", "..") or len(value) > _MAX_FOLDER_NAME:
        return f"must be a folder's name of at most {_MAX_FOLDER_NAME} characters"
    return "" if re.fullmatch(r"[A-Za-z0-9.+_-]+", value, re.ASCII) else "must be made of letters, digits and .+_-"


def _name(value: str) -> str:
    if not value.strip():
        return ""  # The folder's name takes its place.
    segment = "[A-Za-z0-9_-]+"
    if re.fullmatch(rf"{segment}(?:\.{segment})*", value, re.ASCII):
        return ""
    return "must be made of letters, digits, _ and -, with single periods between them"


def _open_name(value: str) -> str:
    fits = re.fullmatch(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", value, re.ASCII) and len(value) <= _OPEN_NAME_LENGTH
    if fits and "--" not in value and ".." not in value:
        return ""
    return (
        f"must be 1 to {_OPEN_NAME_LENGTH} of a-z, 0-9, single hyphens and single periods, with no such mark at an end"
    )


_OPEN_NAME_LENGTH: Final = 64

_INTERFACE: Final = Fields(
    optional={
        **{
            key: OrNull(_TEXT)
            for key in (
                "displayName", "shortDescription", "longDescription", "developerName", "category", "websiteURL",
                "privacyPolicyURL", "termsOfServiceURL", "brandColor", "composerIcon", "logo",
            )
        },
        "capabilities": _TEXTS,
        "screenshots": _TEXTS,
        "defaultPrompt": Anything(),
    }
)  # fmt: skip

_OWN: Final = Fields(
    optional={
        "name": text(_name),
        "version": OrNull(text(_version)),
        "description": OrNull(_TEXT),
        "keywords": _TEXTS,
        "apps": OrNull(_TEXT),
        "interface": OrNull(_INTERFACE),
    }
)
"""The manifests in `.codex-plugin/` and `.claude-plugin/`; what is not named here may be anything."""

_OPEN: Final = Fields(
    required={"name": text(_open_name)},
    optional={
        "$schema": text(matching(re.escape(OPEN_SCHEMA), "must name version 1.0.0 of the format")),
        "version": _TEXT,
        "description": _TEXT,
        "homepage": _TEXT,
        "repository": _TEXT,
        "license": _TEXT,
        "keywords": _TEXTS,
        "author": Fields(optional={"name": _TEXT, "email": _TEXT, "url": _TEXT}, closed=True),
    },
)
"""A root `plugin.json` of the open format; an unknown field, and anything under `extensions`, is passed over."""


def codex_verdict(tree: FileTree) -> ClientVerdict:
    """Return what Codex would say of a plugin's files."""
    reasons = Reasons(tree)
    if not _check_open_manifest(reasons):
        for path in _MANIFESTS:
            if reasons.has_file(path):
                _check_own_manifest(path, reasons)
                break
    return ClientVerdict(Client.CODEX, reasons.all())


def _check_open_manifest(reasons: Reasons) -> bool:
    """Check a root `plugin.json` and say whether there is one of the open format, which Codex prefers to all others."""
    if not reasons.has_file(OPEN_MANIFEST):
        return False
    probe = Reasons(reasons.tree)
    read = probe.json(_RULE, OPEN_MANIFEST)
    document = read[0] if read else None
    if not isinstance(document, JsonObject):
        return False
    schema = document.get("$schema")
    if not isinstance(schema, str) or not schema.startswith(_OPEN_SCHEMAS):
        return False
    _note(_OPEN, document, OPEN_MANIFEST, reasons)
    return True


def _check_own_manifest(path: str, reasons: Reasons) -> None:
    read = reasons.json(_RULE, path, replace=False)
    if read is None:
        return
    (document,) = read
    if isinstance(document, tuple):
        reasons.leave_open(_RULE, path, "a list in place of the manifest's object is read by position")
        return
    if not isinstance(document, JsonObject):
        reasons.refuse(_RULE, path, f"must be an object, and is {kind(document)}", at=(1, 1))
        return
    interface = document.get("interface")
    _check_twice(document, frozenset(_OWN.optional), path, reasons)
    if isinstance(interface, JsonObject):
        _check_twice(interface, frozenset(_INTERFACE.optional), path, reasons)
    _note(_OWN, document, path, reasons)


def _note(shape: Fields, document: JsonObject, path: str, reasons: Reasons) -> None:
    """Note the faults of a manifest; a list in place of an object is read by position, which is not followed here."""
    for fault in shape.faults(document):
        if (
            len(fault.path) == 1
            and fault.path[0] in ("author", "interface")
            and isinstance(document[fault.path[0]], tuple)
        ):
            reasons.leave_open(_RULE, path, f"a list as {fault.path[0]!r} is read by position")
        else:
            reasons.fault(_RULE, path, document, fault)


def _check_twice(owner: JsonObject, known: frozenset[str], path: str, reasons: Reasons) -> None:
    for key in owner.duplicates:
        if key in known:
            reasons.refuse(_RULE, path, f"{shown(key)!r} is there twice", at=position(owner, (key,)))
