"""The rules for `plugin.json`: its name, types and paths (Claude Code's documentation of the manifest, and ToolHive's rule for names).

Clients are lenient where toolhive-core is not, and vice versa. A plugin that follows these rules works with all of them.
"""

import re
from collections.abc import Iterator
from typing import Final

from toolhive_artifact import JsonObject, fold_key
from toolhive_artifact.errors import shown
from toolhive_plugins_content.config import kind, objects_in
from toolhive_plugins_content.findings import Findings
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import resolve_path

MAX_ENTRIES: Final = 100
"""The most entries of a component group."""

NAME_LENGTH: Final = (2, 64)
"""The shortest and the longest name of a plugin, in characters."""

NAME_FORM: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
"""Kebab-case, without two hyphens in a row."""

_SEMVER: Final = re.compile(r"v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?", re.ASCII)

_TEXTS: Final = ("description", "version", "license", "homepage", "displayName", "$schema")
_PATH_GROUPS: Final = ("commands", "agents", "skills", "outputStyles")
_CONFIG_GROUPS: Final = ("hooks", "mcpServers", "lspServers")
_OTHERS: Final = (
    "name", "author", "repository", "keywords", "dependencies", "requires", "monitors", "themes", "workflows", "channels",
    "userConfig", "settings", "experimental", "strict", "category", "tags",
)  # fmt: skip
KNOWN: Final = frozenset((*_TEXTS, *_PATH_GROUPS, *_CONFIG_GROUPS, *_OTHERS))
"""The fields that clients or ToolHive read."""

_FOLDED: Final = {fold_key(known): known for known in KNOWN}


class ManifestRules:
    """Checks one manifest.

    Args:
        document: the manifest, parsed.
        paths: the files that would be packaged.
        left_out: hidden files and directories that would not be.
        findings: takes what is wrong.
    """

    def __init__(
        self, document: JsonObject, paths: tuple[str, ...], left_out: tuple[str, ...], findings: Findings
    ) -> None:
        self._document = document
        self._paths = frozenset(paths)
        self._folders = frozenset(folder for path in paths for folder in _folders(path))
        self._left_out = left_out
        self._findings = findings

    def check(self) -> None:
        """Check the whole manifest."""
        self._keys()
        self._name()
        for field in _TEXTS:
            self._text(field)
        self._version()
        self._author()
        self._repository()
        self._keywords()
        for field in (*_PATH_GROUPS, *_CONFIG_GROUPS):
            self._group(field)
        for field in ("dependencies", "requires"):
            self._references(field)

    def _keys(self) -> None:
        for owner in objects_in(self._document):
            for key in owner.duplicates:
                remedy = "Keep one: readers differ in which one counts"
                self._error(Rule.DUPLICATE_KEY, f"{shown(key)!r} appears twice", self._key_at(owner, key), remedy)
        for key in self._document:
            at = self._key_at(self._document, key)
            if key in KNOWN:
                if key in ("category", "tags", "strict"):
                    self._warning(
                        Rule.UNKNOWN_FIELD, f"{key!r} belongs in a marketplace's entry, and is not read here", at
                    )
                continue
            meant = _FOLDED.get(fold_key(key), "")
            if meant:
                remedy = f"Write {meant!r}: clients read it in exactly these letters, ToolHive in any case"
                self._error(Rule.FIELD_CASE, f"{shown(key)!r} is not {meant!r}", at, remedy)
            else:
                self._warning(Rule.UNKNOWN_FIELD, f"no client reads {shown(key)!r}", at, self._suggestion(key))

    def _suggestion(self, key: str) -> str:
        if self._findings.is_full(MANIFEST_PATH):
            return ""
        from difflib import get_close_matches

        near = get_close_matches(key, KNOWN, n=1)
        return f"Did you mean {near[0]!r}?".rstrip("?") if near else ""

    def _name(self) -> None:
        if "name" not in self._document:
            if not self._document.fields("name"):
                self._error(Rule.NAME_MISSING, "there is no name", (1, 1), 'Add "name": "my-plugin"')
            return
        name = self._document["name"]
        at = self._at("name")
        if not isinstance(name, str):
            self._error(Rule.NAME, "the name must be a string", at)
        elif not name:
            self._error(Rule.NAME_MISSING, "the name is empty", at)
        elif not NAME_FORM.fullmatch(name):
            remedy = "Use lower-case letters and digits, in words joined by single hyphens"
            self._error(Rule.NAME, f"the name {shown(name)!r} is not kebab-case", at, remedy)
        elif not NAME_LENGTH[0] <= len(name) <= NAME_LENGTH[1]:
            self._error(
                Rule.NAME, f"the name has {len(name)} characters, and may have {NAME_LENGTH[0]} to {NAME_LENGTH[1]}", at
            )

    def _text(self, field: str) -> None:
        value = self._document.get(field)
        if value is not None and not isinstance(value, str):
            self._error(Rule.TYPE, f"{field!r} must be a string, and is {kind(value)}", self._at(field))
        if field == "description" and not value:
            self._warning(
                Rule.DESCRIPTION_MISSING,
                "there is no description",
                (1, 1),
                "Describe in a sentence what the plugin does",
            )

    def _version(self) -> None:
        version = self._document.get("version")
        if version is None or version == "":
            self._warning(
                Rule.VERSION_MISSING,
                "there is no version",
                (1, 1),
                'Add one, such as "0.1.0": clients compare it to find updates',
            )
        elif isinstance(version, str) and not _SEMVER.fullmatch(version):
            at = self._at("version")
            self._warning(
                Rule.VERSION,
                f"{shown(version)!r} is not a semantic version",
                at,
                "Write major.minor.patch, such as 1.0.0",
            )

    def _author(self) -> None:
        author = self._document.get("author")
        if author is None:
            return
        if isinstance(author, str):
            remedy = 'Write {"name": "..."}'
            self._warning(Rule.TYPE, "'author' is a string; clients expect an object", self._at("author"), remedy)
            return
        if not isinstance(author, JsonObject):
            self._error(Rule.TYPE, f"'author' must be an object, and is {kind(author)}", self._at("author"))
            return
        for key in ("name", "email", "url"):
            value = author.get(key)
            if value is not None and not isinstance(value, str):
                self._error(Rule.TYPE, f"'author.{key}' must be a string", self._at("author", key))
        if not author.get("name"):
            self._warning(Rule.AUTHOR_NAME, "'author' has no name", self._at("author"))

    def _repository(self) -> None:
        value = self._document.get("repository")
        if isinstance(value, JsonObject):
            remedy = "Write its URL as a string"
            self._warning(
                Rule.TYPE,
                "'repository' is an object; clients expect a string",
                self._at("repository"),
                remedy,
            )
        elif value is not None and not isinstance(value, str):
            self._error(Rule.TYPE, f"'repository' must be a string, and is {kind(value)}", self._at("repository"))

    def _keywords(self) -> None:
        value = self._document.get("keywords")
        if value is None:
            return
        if not isinstance(value, tuple):
            self._error(
                Rule.TYPE,
                f"'keywords' must be a list of strings, and is {kind(value)}",
                self._at("keywords"),
            )
            return
        for index, item in enumerate(value):
            if not isinstance(item, str):
                self._error(
                    Rule.TYPE,
                    f"a keyword must be a string, and is {kind(item)}",
                    self._at("keywords", index),
                )

    def _group(self, field: str) -> None:
        """Check a component group: a path, a list of paths, or, for configurations, objects as well."""
        value = self._document.get(field)
        if value is None:
            return
        at = self._at(field)
        if isinstance(value, str):
            self._path(field, value, at)
        elif isinstance(value, tuple):
            self._count(field, len(value), at)
            for index, item in enumerate(value):
                place = self._at(field, index)
                if isinstance(item, str):
                    self._path(field, item, place)
                elif not (isinstance(item, JsonObject) and field in _CONFIG_GROUPS):
                    self._error(Rule.TYPE, f"an entry of {field!r} must be a path, and is {kind(item)}", place)
        elif isinstance(value, JsonObject) and (field in _CONFIG_GROUPS or field == "commands"):
            self._count(field, len(value), at)
        else:
            self._error(Rule.TYPE, f"{field!r} must be a path or a list of paths, and is {kind(value)}", at)

    def _count(self, field: str, count: int, at: tuple[int, int]) -> None:
        if count > MAX_ENTRIES:
            self._error(Rule.TOO_MANY, f"{field!r} has {count} entries, and may have {MAX_ENTRIES}", at)

    def _path(self, field: str, path: str, at: tuple[int, int]) -> None:
        if field == "mcpServers" and path.startswith(("https://", "http://")):
            return
        if ".." in path.split("/"):
            self._error(Rule.PATH, f"{field}: {shown(path)!r} contains '..'", at, "Name a path within the plugin")
            return
        resolved = resolve_path(path)
        if resolved is None or path.startswith("~") or "\\" in path:
            self._error(
                Rule.PATH,
                f"{field}: {shown(path)!r} is not a path in the plugin",
                at,
                "Write it from the plugin's root: ./x",
            )
            return
        if not path.startswith("./"):
            self._error(
                Rule.PATH, f"{field}: {shown(path)!r} does not begin with './'", at, f"Write {shown('./' + resolved)!r}"
            )
        if not resolved or resolved in self._paths or resolved in self._folders:
            return
        if any(resolved == hidden.rstrip("/") or resolved.startswith(hidden) for hidden in self._left_out):
            remedy = "Move it to a path in which no name begins with a dot"
            self._error(
                Rule.PATH_HIDDEN, f"{field}: {shown(path)!r} is hidden, so it is not part of the artifact", at, remedy
            )
        else:
            self._error(Rule.PATH_MISSING, f"{field}: there is nothing at {shown(path)!r}", at)

    def _references(self, field: str) -> None:
        value = self._document.get(field)
        if value is None:
            return
        if isinstance(value, tuple | JsonObject):
            items = list(value) if isinstance(value, tuple) else list(value.values())
            if all(isinstance(item, str) for item in items):
                return
        remedy = "ToolHive ignores them all then; write strings"
        self._warning(Rule(field), f"{field!r} is not a list, or an object, of strings", self._at(field), remedy)

    def _at(self, *steps: str | int) -> tuple[int, int]:
        return (0, 0) if self._findings.is_full(MANIFEST_PATH) else self._document.position(*steps)

    def _key_at(self, owner: JsonObject, key: str) -> tuple[int, int]:
        return (0, 0) if self._findings.is_full(MANIFEST_PATH) else owner.key_position(key)

    def _error(self, rule: Rule, message: str, at: tuple[int, int], remedy: str = "") -> None:
        self._findings.error(rule, message, MANIFEST_PATH, at, remedy)

    def _warning(self, rule: Rule, message: str, at: tuple[int, int], remedy: str = "") -> None:
        self._findings.warning(rule, message, MANIFEST_PATH, at, remedy)


def _folders(path: str) -> Iterator[str]:
    parts = path.split("/")
    for count in range(1, len(parts)):
        yield "/".join(parts[:count])
