"""What ToolHive makes of a plugin: its strict reading of `plugin.json`, and what it takes at most when it installs."""

from collections.abc import Iterator
from typing import Final

from toolhive_artifact.errors import shown
from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH
from toolhive_plugins_content.portable_names import is_plugin_name
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import FileTree
from toolhive_plugins_content.verdicts.codex import OrNull
from toolhive_plugins_content.verdicts.reasons import Reasons, position
from toolhive_plugins_content.verdicts.shapes import Fault, Fields, ListOf, Shape, kind, text
from toolhive_plugins_content.verdicts.verdict import Client, ClientVerdict, Effect, Reason

MAX_INSTALLED_FILES: Final = 1000
"""Files that ToolHive unpacks, the manifest among them."""

MAX_GROUP: Final = 100
"""Paths that one field of the manifest may have."""

MAX_INSTALLED_LAYER: Final = 50 * 1024 * 1024
"""Size in bytes of the largest layer that ToolHive installs."""


def _path(value: str) -> str:
    if not value.startswith("./"):
        return "must begin with ./"
    return "must not have a '..' in it" if ".." in value.split("/") else ""


_TEXT: Final = OrNull(text())
_TEXTS: Final = OrNull(ListOf(_TEXT))
_PATHS: Final = OrNull(ListOf(text(_path)))
_AUTHOR: Final = ("name", "email", "url")
_GROUPS: Final = ("commands", "agents", "skills", "hooks")
_MANIFEST: Final[dict[str, Shape]] = {
    "name": _TEXT,
    "version": _TEXT,
    "description": _TEXT,
    "homepage": _TEXT,
    "repository": _TEXT,
    "license": _TEXT,
    "author": OrNull(Fields()),
    "keywords": _TEXTS,
    **dict.fromkeys(_GROUPS, _TEXTS),
}
"""Its fields by name; a key in other case is the same field."""


def toolhive_verdict(tree: FileTree, *, folder: str = "", layer_size: int | None = None) -> ClientVerdict:
    """Return what ToolHive would say of a plugin's files.

    Args:
        folder: the name of the directory that they are in; empty where that is not known or does not matter.
        layer_size: size in bytes of the compressed layer, where there is one.
    """
    reasons = Reasons(tree)
    if not reasons.has_file(MANIFEST_PATH):
        reasons.refuse(Rule.TOOLHIVE_MANIFEST, MANIFEST_PATH, "is not there")
    elif read := reasons.json(Rule.TOOLHIVE_MANIFEST, MANIFEST_PATH):
        (document,) = read
        if isinstance(document, JsonObject):
            _check_manifest(document, folder, reasons)
        else:
            reasons.refuse(Rule.TOOLHIVE_MANIFEST, MANIFEST_PATH, f"must be an object, and is {kind(document)}")
    if len(tree.paths) > MAX_INSTALLED_FILES:
        message = (
            f"there are {len(tree.paths)} files with the manifest, and at most {MAX_INSTALLED_FILES} are installed"
        )
        reasons.refuse(Rule.TOOLHIVE_FILES, ".", message)
    of_layer = () if layer_size is None else layer_reasons(layer_size)
    return ClientVerdict(Client.TOOLHIVE, (*reasons.all(), *of_layer))


def layer_reasons(size: int) -> Iterator[Reason]:
    """Yield what ToolHive has against a layer of `size` bytes."""
    if size > MAX_INSTALLED_LAYER:
        message = f"the layer is {size} bytes, and one of at most {MAX_INSTALLED_LAYER} is installed"
        yield Reason(Effect.REFUSES, Rule.TOOLHIVE_LAYER, ".", message, "Leave out what the plugin can do without")


def _check_manifest(document: JsonObject, folder: str, reasons: Reasons) -> None:
    def judge(shape: Shape, value: JsonValue, *path: str) -> None:
        for fault in shape.faults(value, path):
            reasons.fault(Rule.TOOLHIVE_MANIFEST, MANIFEST_PATH, document, _as_list(fault))

    for field, shape in _MANIFEST.items():
        for key, value in document.fields(field):
            judge(shape, value, key)
    for key, author in document.fields("author"):
        if isinstance(author, JsonObject):
            for inner, value in (pair for field in _AUTHOR for pair in author.fields(field)):
                judge(_TEXT, value, key, inner)
    for field in _GROUPS:  # Of equal keys, the paths of the last one count.
        for key, paths in tuple(document.fields(field))[-1:]:
            judge(_PATHS, paths, key)
            if isinstance(paths, tuple) and len(paths) > MAX_GROUP:
                message = f"{field!r} has {len(paths)} entries, and {MAX_GROUP} is the limit"
                reasons.refuse(Rule.TOOLHIVE_MANIFEST, MANIFEST_PATH, message, at=position(document, (key,)))
    if skills := document.field("skills"):
        from toolhive_plugins_content.verdicts.toolhive_skills import check_skills  # lazily: few manifests name any

        check_skills(skills, folder, reasons)
    _check_name(document, folder, reasons)


def _check_name(document: JsonObject, folder: str, reasons: Reasons) -> None:
    names = [value for _, value in document.fields("name") if value is not None]  # Go keeps what it has at null.
    name = names[-1] if names else ""
    if not isinstance(name, str):
        return
    at = position(document, ("name",))
    if not name:
        reasons.refuse(Rule.TOOLHIVE_NAME, MANIFEST_PATH, "has no name")
    elif not is_plugin_name(name):
        message = f"the name {shown(name)!r} must be 2 to 64 lower-case letters, digits and single hyphens"
        reasons.refuse(Rule.TOOLHIVE_NAME, MANIFEST_PATH, message, at=at)
    elif folder and name != folder:
        message = f"the name {shown(name)!r} is not its folder's, {shown(folder)!r}"
        reasons.refuse(Rule.TOOLHIVE_NAME, MANIFEST_PATH, message, "Rename the folder to package it with thv", at)


def _as_list(fault: Fault) -> Fault:
    """Say what to write instead where ToolHive takes a list only, and Claude Code a path as well."""
    if fault.problem.startswith("must be a list, and is a string"):
        return Fault(fault.path, f'{fault.problem}: write ["./..."]')
    return fault
