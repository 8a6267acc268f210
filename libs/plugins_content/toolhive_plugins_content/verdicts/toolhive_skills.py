"""What ToolHive makes of the skills that `plugin.json` names: each must be a folder that holds a skill of its name."""

import posixpath
import re
from collections.abc import Callable
from typing import Final

from toolhive_artifact.errors import shown
from toolhive_artifact.json_values import JsonNumber, JsonObject, JsonValue
from toolhive_plugins_content.portable_names import is_plugin_name
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.verdicts.reasons import Reasons
from toolhive_plugins_content.yaml_values import UnreadYamlError, parse_yaml

_FRONT_MATTER: Final = re.compile(r"\s*---\n?(.*?)---", re.DOTALL)

MAX_TEXTS: Final = {"description": 1024, "compatibility": 500}
"""The longest texts of a skill's front matter, in bytes."""


def check_skills(skills: JsonValue, folder: str, reasons: Reasons) -> None:
    """Check the skills that a manifest names.

    Args:
        skills: the value of the field; what is no list of paths is refused elsewhere.
        folder: the name of the plugin's directory; empty where that is not known.
        reasons: takes what speaks against the plugin.
    """
    for path in skills if isinstance(skills, tuple) else ():
        if isinstance(path, str) and path.startswith("./") and ".." not in path.split("/"):
            root = posixpath.normpath(path)
            _check_skill(shown(path), "" if root == "." else root, folder, reasons)


def _check_skill(told: str, root: str, folder: str, reasons: Reasons) -> None:
    path = f"{root}/SKILL.md" if root else "SKILL.md"
    if not reasons.has_file(path):
        reasons.refuse(
            Rule.TOOLHIVE_SKILL, path, f"there is no SKILL.md in the skill {told!r}, which the manifest names"
        )
        return
    text = reasons.text(Rule.TOOLHIVE_SKILL, path)
    if text is None:
        return
    match = _FRONT_MATTER.match(text)
    if match is None:
        reasons.refuse(Rule.TOOLHIVE_SKILL, path, "has no front matter")
        return
    try:
        values = parse_yaml(match[1])
    except UnreadYamlError as error:
        if error.malformed:
            reasons.refuse(Rule.TOOLHIVE_SKILL, path, error.problem)
        else:
            reasons.leave_open(Rule.TOOLHIVE_SKILL, path, error.problem)
        return
    if isinstance(values, JsonObject):
        _check_fields(values, root.rpartition("/")[2] if root else folder, path, reasons)
    else:
        reasons.refuse(Rule.TOOLHIVE_SKILL, path, "has front matter that is not a mapping")


def _check_fields(values: JsonObject, folder: str, path: str, reasons: Reasons) -> None:
    name = _text(values.get("name"))
    if not name:
        reasons.refuse(Rule.TOOLHIVE_SKILL, path, "has no name in its front matter")
    elif not is_plugin_name(name):
        message = f"the skill's name {shown(name)!r} must be 2 to 64 lower-case letters, digits and single hyphens"
        reasons.refuse(Rule.TOOLHIVE_SKILL, path, message)
    elif folder and name != folder:
        reasons.refuse(
            Rule.TOOLHIVE_SKILL, path, f"the skill's name {shown(name)!r} is not its folder's, {shown(folder)!r}"
        )
    if not _text(values.get("description")):
        reasons.refuse(Rule.TOOLHIVE_SKILL, path, "has no description in its front matter")
    for field, is_taken in _TYPES.items():
        if not is_taken(values.get(field)):
            reasons.refuse(Rule.TOOLHIVE_SKILL, path, f"{field!r} in its front matter is of the wrong type")
    for field, longest in MAX_TEXTS.items():
        size = len(_text(values.get(field)).encode("utf-8", "surrogatepass"))
        if size > longest:
            reasons.refuse(Rule.TOOLHIVE_SKILL, path, f"has a {field} of {size} bytes, and {longest} is the limit")


def _text(value: JsonValue) -> str:
    """Return a scalar as Go's YAML decoder puts it into a string; empty for anything else, which it refuses."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.text if isinstance(value, JsonNumber) else value if isinstance(value, str) else ""


def _is_scalar(value: JsonValue) -> bool:
    return not isinstance(value, JsonObject | tuple)


def _is_list(value: JsonValue) -> bool:
    return _is_scalar(value) or (isinstance(value, tuple) and all(map(_is_scalar, value)))


def _is_map(value: JsonValue) -> bool:
    return value is None or (isinstance(value, JsonObject) and all(_is_scalar(item) for _, item in value.pairs))


_TYPES: Final[dict[str, Callable[[JsonValue], bool]]] = {
    **dict.fromkeys(("name", "description", "version", "license", "compatibility"), _is_scalar),
    "allowed-tools": _is_list,
    "toolhive.requires": _is_list,
    "metadata": _is_map,
}
"""Whether a value is of the type that a field of a skill's front matter has."""
