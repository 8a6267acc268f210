"""Skills in the Agent Plugins format: each folder in `skills/` with a `SKILL.md` that follows the Agent Skills specification."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from toolhive_artifact.errors import ToolhiveError, shown
from toolhive_artifact.json_values import JsonNumber, JsonObject, JsonValue
from toolhive_plugins_content.front_matter import NONE, FrontMatterReading, read_front_matter
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import FileTree
from toolhive_plugins_content.verdicts.agent_plugins_reasons import OpenFormatReasons, leads_out
from toolhive_plugins_content.verdicts.shapes import kind

SKILLS: Final = "skills"
SKILL_FILE: Final = "SKILL.md"
_RULE: Final = Rule.AGENT_PLUGINS_SKILL
_SECTION: Final = "7.1"
_MAX_SKILL: Final = 1024 * 1024
_MAX_FRONT_MATTER: Final = 128 * 1024
"""Characters of front matter that are parsed of one plugin: the parser is slow."""

_MAX_LENGTHS: Final = {"name": 64, "description": 1024, "compatibility": 500}
"""Characters of a field, by the Agent Skills specification."""

_FIELDS: Final = frozenset((*_MAX_LENGTHS, "license", "metadata", "allowed-tools"))


def check_skills(tree: FileTree, reasons: OpenFormatReasons) -> None:
    """Check the skills, where there are any."""
    if SKILLS in tree.files:
        reasons.report(_RULE, SKILLS, "there are no skills: it is a file", "6.2")
        return
    if leads_out(tree, SKILLS):
        reasons.report(_RULE, SKILLS, "there are no skills: it leads out of the plugin", "4.1")
        return
    left = _MAX_FRONT_MATTER
    folders = dict.fromkeys(
        path.split("/", 2)[1] for path in tree.paths if path.startswith(f"{SKILLS}/") and path.count("/") >= 2
    )
    for folder in folders:
        path = f"{SKILLS}/{folder}/{SKILL_FILE}"
        if path in tree.files:
            left -= _check_skill(tree, path, folder, left, reasons)
            continue
        other = f"{SKILLS}/{folder}/{SKILL_FILE.lower()}"
        for found in tree.paths:
            if found.startswith(f"{SKILLS}/{folder}/") and found.count("/") == 2 and found.lower() == other.lower():
                reasons.report(_RULE, found, f"is no skill: the file's name is exactly {SKILL_FILE}", _SECTION)
    if tree.paths and (irregular := getattr(tree, "irregular", ())):
        for item in irregular:
            parts = item.path.split("/")
            if parts[0] == SKILLS and parts[2:] in ([], [SKILL_FILE]) and leads_out(tree, item.path):
                reasons.report(_RULE, item.path, "the skill is skipped: it leads out of the plugin", "4.1")


def _check_skill(tree: FileTree, path: str, folder: str, limit: int, reasons: OpenFormatReasons) -> int:
    """Check one skill, and return how many characters went through the YAML parser."""
    try:
        content = tree.read(path, _MAX_SKILL).decode("utf-8")
    except UnicodeDecodeError:
        reasons.report(_RULE, path, "the skill is skipped: it is not UTF-8", _SECTION)
        return 0
    except ToolhiveError as error:
        reasons.leave_open(_RULE, path, error.problem)
        return 0
    readings = read_front_matter(content, max(limit, 0))
    parsed = sum(reading.parsed for reading in readings)
    if readings[0] == NONE:
        reasons.report(_RULE, path, "the skill is skipped: it has no front matter", _SECTION)
        return parsed
    reading = readings[-1]
    if reading.unread and not reading.malformed:
        reasons.leave_open(_RULE, path, f"{reading.problem} (section {_SECTION})")
        return parsed
    if reading.problem:
        reasons.report(_RULE, path, f"the skill is skipped: {reading.problem}", _SECTION, at=(reading.line, 1))
        return parsed
    for field, problem in _faults(reading.values, folder):
        at = (reading.line_of(field), 1) if field else (1, 1)
        reasons.report(_RULE, path, f"the skill is skipped: {problem}", _SECTION, at=at)
    _report_unknown(reading, path, reasons)
    return parsed


def _report_unknown(reading: FrontMatterReading, path: str, reasons: OpenFormatReasons) -> None:
    for key in reading.values:
        if key not in _FIELDS:
            message = f"{shown(key)!r} is no field of the Agent Skills specification; only some clients read it"
            reasons.report(_RULE, path, message, _SECTION, at=(reading.line_of(key), 1))


def _faults(values: JsonObject, folder: str) -> Iterator[tuple[str, str]]:
    """Yield the field and the problem of whatever does not follow the Agent Skills specification."""
    for field in ("name", "description"):
        if field not in values:
            yield "", f"has no {field!r}"
    for field, longest in _MAX_LENGTHS.items():
        if field not in values:
            continue
        value = _scalar(values[field])
        if value is None:
            yield field, f"{field!r} must be a string, and is {kind(values[field])}"
        elif not value.strip():
            yield field, f"{field!r} must not be empty"
        elif len(value) > longest:
            yield field, f"{field!r} must have at most {longest} characters, and has {len(value)}"
        elif field == "name" and (problem := _name_problem(value, folder)):
            yield field, f"the name {shown(value)!r} {problem}"
    for field in ("license", "allowed-tools"):
        if field in values and _scalar(values[field]) is None:
            yield field, f"{field!r} must be a string, and is {kind(values[field])}"
    metadata = values.get("metadata")
    if "metadata" in values and not (
        isinstance(metadata, JsonObject) and all(_scalar(value) is not None for value in metadata.values())
    ):
        yield "metadata", "'metadata' must be a mapping of strings to strings"


def _name_problem(name: str, folder: str) -> str:
    normal = unicodedata.normalize("NFKC", name.strip())
    fits = normal == normal.lower() and all(char.isalnum() or char == "-" for char in normal)
    if not fits or normal.startswith("-") or normal.endswith("-") or "--" in normal:
        return "must be made of lower-case letters, digits and single hyphens, with no hyphen at an end"
    return "" if normal == unicodedata.normalize("NFKC", folder) else f"is not its folder's, {shown(folder)!r}"


def _scalar(value: JsonValue) -> str | None:
    """Return a value as the text that YAML without types has for it; None where it is a list, a mapping or nothing."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, JsonNumber):
        return value.text
    return value if isinstance(value, str) else None
