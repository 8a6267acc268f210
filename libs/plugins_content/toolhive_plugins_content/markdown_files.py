"""Reads commands, agents and skills: Markdown files with front matter (code.claude.com/docs/en/skills, sub-agents)."""

from typing import Final

from toolhive_artifact.json_values import JsonObject
from toolhive_plugins_content.components import Prompt, Source
from toolhive_plugins_content.config import as_text
from toolhive_plugins_content.errors import UnreadableFileError
from toolhive_plugins_content.findings import Findings
from toolhive_plugins_content.front_matter import NONE, FrontMatterReading, read_front_matter
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import FileTree

MAX_MARKDOWN_SIZE: Final = 1024 * 1024
"""The largest Markdown file that is read, in bytes."""

MAX_PARSED: Final = 512 * 1024
"""Characters of front matter that go through the YAML parser, of one plugin: it takes up to 0.05 ms for each."""

_TOOL_LISTS: Final = ("allowed-tools", "tools", "disallowedTools")


class MarkdownFiles:
    """Reads the Markdown files of one plugin, as Claude Code does.

    Args:
        tree: the plugin's files.
        findings: takes what is wrong.
    """

    def __init__(self, tree: FileTree, findings: Findings) -> None:
        self._tree = tree
        self._findings = findings
        self._room = MAX_PARSED

    def prompt(self, source: Source, name: str) -> Prompt:
        """Read a file."""
        return _prompt(self._file(source), source, name)

    def inline(self, text: str, source: Source, name: str) -> Prompt:
        """Read the text of a file that is contained in another."""
        return _prompt(self._front_matter(text, source.path), source, name)

    def _file(self, source: Source) -> FrontMatterReading | None:
        """Return a file's front matter; None, and report why, if it cannot be read."""
        try:
            text = self._tree.read(source.path, MAX_MARKDOWN_SIZE).decode("utf-8", "replace")
        except UnreadableFileError as error:
            self._findings.error(Rule.COMPONENT, error.problem, source.path)
            return None
        return self._front_matter(text, source.path)

    def _front_matter(self, text: str, path: str) -> FrontMatterReading | None:
        front, *others = read_front_matter(text, self._room)
        self._room -= front.parsed
        at = (front.line, 1 if front.line else 0)
        if front.malformed:
            self._findings.error(Rule.COMPONENT, front.problem, path, at)
        elif front.problem:
            remedy = "" if front.unread else "Put the value in quotes"
            self._findings.warning(Rule.YAML, front.problem, path, at, remedy)
        if others and front is not NONE:
            problem = "clients differ in whether the front matter ends at a --- within a line"
            self._findings.warning(
                Rule.YAML, problem, path, (front.last_line, 1), "Leave it out, or write fewer dashes"
            )
        for name in _TOOL_LISTS:
            if isinstance(front.values.get(name), JsonObject):
                self._findings.error(Rule.COMPONENT, f"{name} must be a list", path, (front.line_of(name), 1))
        return None if front.unread else front


def own_name(prompt: Prompt) -> str:
    """Return the name that a prompt's front matter gives it; "" if it gives none."""
    return _text(prompt.front_matter, "name")


def _prompt(front: FrontMatterReading | None, source: Source, name: str) -> Prompt:
    return Prompt(name=name, description=_text(front, "description"), front_matter=front, source=source)


def _text(front: FrontMatterReading | None, name: str) -> str:
    value = None if front is None else front.values.get(name)
    return "" if value is None else as_text(value)
