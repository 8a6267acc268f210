"""Which files of a plugin the values of its surface name: a file that a command line names runs, whatever its suffix.

A word names a file by its path, in any case; in a command line also by its name alone (after a `cd`), by its folder and a pattern, or
by one of the folders that it is in. Time is linear in the text of the values: each word is looked up, and no file is searched for.
"""

import itertools
import re
from collections.abc import Iterator, Set
from typing import Final

from toolhive_plugins_content.surface.collector import Collector, folded_path
from toolhive_plugins_content.surface.parts import PROMPTS, PartKind
from toolhive_plugins_content.surface.values import facts_of

_MAX_DEPTH: Final = 130
"""Folders of a path in a command line; no file of a plugin lies deeper."""
_words = re.compile(r"""((?:\\.|[^\s"'`;|&<>()=,\\]++)++)""").finditer
_MAX_LENGTH: Final = 4096
"""Characters of such a path."""

_pattern = re.compile(r"[*?\[${]").search
_quoted_texts = re.compile(r"""["']([^"']+)["']""").finditer
_in_root = re.compile(r"\$\{?(?:CLAUDE_)?PLUGIN_ROOT\}?/[^/]*[*?\[]").match
_root = re.compile(r"(?:\$\{?|%)(?:CLAUDE_)?PLUGIN_ROOT(?:\}|%)?/", re.IGNORECASE)
_is_command = re.compile(r"(?:.*[.\]])?(?:command|args|shell|scripts|headersHelper)(?:[.\[]|$)", re.IGNORECASE).match
"""Whether a value of this label is a command line, or a part of one."""

_NAME_NOTHING: Final = frozenset(
    {PartKind.ARCHIVE, PartKind.AMBIGUITY, PartKind.UNREAD, PartKind.PLUGIN_DEPENDENCY, PartKind.OUTPUT_STYLE}
)


def named_files(collector: Collector) -> dict[str, list[str]]:
    """Return, for each file that a value of the surface names, what names it.

    Args:
        collector: has the parts, and knows which files were read as configurations and prompts.
    """
    named: dict[str, dict[str, None]] = {}
    by_name: dict[str, str] = {}
    by_folder: dict[str, str] = {}
    whole_folders: dict[str, str] = {}
    names = {folded_path(path.rpartition("/")[2]) for path in collector.tree.paths}
    for part in collector.parts:
        if part.kind in _NAME_NOTHING:
            continue
        owner = f"{part.kind.value} {part.name}"
        beside = f"{part.path.rpartition('/')[0]}/"
        for fact in facts_of(part.content):
            if part.kind in PROMPTS and not fact.label.startswith(("shell", "hooks", "mcpServers")):
                continue
            for whole in _folders_in(collector, fact.value):
                whole_folders.setdefault(whole, owner)
            is_command = part.kind is PartKind.MODULE or _is_command(fact.label)
            for path, is_whole in _paths_in(fact.value, names):
                for found in (*collector.spelled(path), *(collector.spelled(beside + path) if is_command else ())):
                    named.setdefault(found, {})[owner] = None
                if is_command and is_whole:
                    by_name.setdefault(folded_path(path), owner)
                if is_command and (folder := _folder_of_pattern(path, is_whole=is_whole)) is not None:
                    by_folder.setdefault(folded_path(folder), owner)
    for path in collector.tree.paths if by_name or by_folder else ():
        folder, slash, base = folded_path(path).rpartition("/")
        if path not in named and slash and base in by_name:
            named[path] = {by_name[base]: None}
        if path not in named and folder in by_folder:
            named[path] = {by_folder[folder]: None}
    for path in collector.tree.paths if whole_folders else ():
        above = folded_path(path).split("/")[:-1]
        owners = [whole_folders.get("/".join(above[:depth])) for depth in range(1, len(above) + 1)]
        if path not in named and path not in collector.read_paths and any(owners):
            named[path] = {next(filter(None, owners)): None}
    return {path: list(owners) for path, owners in named.items()}


def _folder_of_pattern(path: str, *, is_whole: bool) -> str | None:
    """Return the folder whose files a pattern takes, `data` of `data/*.txt`; None where the word is not such a pattern."""
    if is_whole and _in_root(path):
        return ""
    match = _pattern(path)
    return None if match is None else path[: match.start()].rpartition("/")[0] or None


def _paths_in(text: str, names: Set[str]) -> Iterator[tuple[str, bool]]:
    """Yield what a command line could name as a path in the plugin: of each word, quoted or not, every end after a slash.

    With each, whether it is the whole word. Words that are not patterns and end in none of `names`, folded, are left out.
    """
    for match in itertools.chain(_words(text), _quoted_texts(text)):
        word = match[1]
        for spelling in (word.replace("\\", ""), word.replace("\\", "/")) if "\\" in word else (word,):
            parts = spelling.strip(",:=./").rsplit("/", _MAX_DEPTH)
            if not _pattern(spelling) and folded_path(parts[-1]) not in names:
                continue
            for start in range(len(parts)):
                path = "/".join(parts[start:])
                if len(path) <= _MAX_LENGTH:
                    yield path, start == 0


def _folders_in(collector: Collector, text: str) -> Iterator[str]:
    """Yield the folders of the plugin, folded, that a value names as a whole: from the plugin's root, or after a `cd` there."""
    if "plugin_root" not in text.lower():
        return
    for match in _words(text):
        root = _root.match(match[1].replace("\\", "/"))
        folder = folded_path((match[1][root.end() :] if root else match[1]).replace("\\", "/").strip("/."))
        if folder and collector.inside(folder):
            yield folder
