"""Reads commands, agents and skills: Markdown files with front matter (code.claude.com/docs/en/skills, sub-agents)."""

import re
from typing import Final

from attrs import frozen

from toolhive_plugins_content.components import Agent, Command, Skill, Source
from toolhive_plugins_content.errors import UnreadableFileError
from toolhive_plugins_content.findings import Findings
from toolhive_plugins_content.front_matter import (
    FrontMatter,
    FrontMatterError,
    FrontMatterValue,
    Unread,
    read_front_matter,
)
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import FileTree

MAX_MARKDOWN_SIZE: Final = 1024 * 1024
"""The largest Markdown file that is read, in bytes."""

# Commands that a client runs in a shell, replacing them with their output before the model sees the text.
_shell_line = re.compile(r"(?:^|(?<=\s))!`([^`\n]+)`", re.MULTILINE)
_shell_block = re.compile(r"^```![^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


@frozen
class _Document:
    source: Source
    front: FrontMatter
    findings: Findings

    def text(self, name: str) -> str:
        value = self.front.fields.get(name, "")
        if isinstance(value, Unread):
            return value.text
        return value if isinstance(value, str) else ", ".join(value)

    def tools(self, *names: str) -> tuple[str, ...] | None:
        """Return the tools listed under the first of `names` that is present."""
        for name in names:
            if name in self.front.fields:
                value = self.front.fields[name]
                if isinstance(value, Unread):
                    line = self.front.lines[name]
                    self.findings.error(Rule.COMPONENT, f"{name} must be a list", self.source.path, (line, 1))
                return split_tools(value)
        return None

    def shell(self) -> tuple[str, ...]:
        body = self.front.body  # Most have no such mark, and looking for it is far cheaper than the expressions.
        lines: list[str] = _shell_line.findall(body) if "!`" in body else []
        blocks: list[str] = _shell_block.findall(body) if "```!" in body else []
        return (*lines, *(block.strip() for block in blocks))


def read_command(tree: FileTree, source: Source, name: str, findings: Findings) -> Command:
    """Read a slash command."""
    return inline_command(_text_of(tree, source, findings), source, name, findings)


def inline_command(text: str, source: Source, name: str, findings: Findings) -> Command:
    """Read a slash command from its text."""
    document = _parse(text, source, findings)
    return Command(
        name=name,
        description=document.text("description"),
        allowed_tools=document.tools("allowed-tools"),
        shell=document.shell(),
        hooks=document.text("hooks"),
        source=source,
    )


def read_agent(tree: FileTree, source: Source, name: str, findings: Findings) -> Agent:
    """Read a subagent; `name` is its name unless its front matter gives one."""
    document = _parse(_text_of(tree, source, findings), source, findings)
    return Agent(
        name=document.text("name") or name,
        description=document.text("description"),
        tools=document.tools("tools"),
        disallowed_tools=document.tools("disallowedTools") or (),
        source=source,
    )


def read_skill(tree: FileTree, source: Source, name: str, plugin_name: str, findings: Findings) -> Skill:
    """Read a skill; `name` is empty for the one at the plugin's root, which has no folder to be named after."""
    document = _parse(_text_of(tree, source, findings), source, findings)
    return Skill(
        name=name or document.text("name") or plugin_name,
        description=document.text("description"),
        allowed_tools=document.tools("allowed-tools"),
        shell=document.shell(),
        hooks=document.text("hooks"),
        source=source,
    )


def split_tools(value: FrontMatterValue) -> tuple[str, ...]:
    """Split a list of tools, `Read, Bash(git add:*, git commit:*)`: at commas outside brackets, else at spaces there."""
    if isinstance(value, tuple):
        return value
    text = value.text if isinstance(value, Unread) else value
    parts = _split(text, ",")
    return tuple(parts if len(parts) > 1 else _split(text, " "))


def _split(text: str, separator: str) -> list[str]:
    parts: list[str] = []
    depth = start = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")" and depth > 0)
        if char == separator and not depth:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def _text_of(tree: FileTree, source: Source, findings: Findings) -> str:
    try:
        return tree.read(source.path, MAX_MARKDOWN_SIZE).decode("utf-8", "replace")
    except UnreadableFileError as error:
        findings.error(Rule.COMPONENT, error.problem, source.path)
        return ""


def _parse(text: str, source: Source, findings: Findings) -> _Document:
    """Split a text; if its front matter cannot be read, report that and treat all of it as body."""
    try:
        front = read_front_matter(text, where=source.path)
    except FrontMatterError as error:
        findings.error(Rule.COMPONENT, error.problem, source.path, (error.line, error.column))
        front = FrontMatter({}, {}, text, 1)
    return _Document(source, front, findings)
