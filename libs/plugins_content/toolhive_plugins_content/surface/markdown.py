"""Commands, agents, skills and output styles: Markdown files with front matter that says what they may do."""

import re
from collections.abc import Iterator
from typing import Final

from attrs import evolve, frozen

from toolhive_artifact.digest import Digest
from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.front_matter import read_front_matter
from toolhive_plugins_content.surface.collector import Collector
from toolhive_plugins_content.surface.parts import Part, PartKind, PartReader, Rights
from toolhive_plugins_content.surface.prompts import shell_commands
from toolhive_plugins_content.surface.values import readings, scalar_text, words

_INERT: Final = words(
    "name description argument-hint arguments version license metadata compatibility when_to_use when-to-use color "
    "category tags keywords author title model effort maxTurns displayName display-name "
)
"""Front matter that describes: no client runs, loads or grants anything by it."""


_OTHER_BREAKS: Final = re.compile("[\x85\u2028\u2029]")
"""Characters that end a line in YAML 1.1 (section 4.2), and do not in YAML 1.2."""

_INVOCABLE: Final = "user-invocable"


@frozen
class _Shape:
    """What the front matter of a kind of prompt means."""

    allowed: tuple[str, ...]
    denied: tuple[str, ...]
    grants: frozenset[str]
    limits: frozenset[str]
    inert: frozenset[str] = frozenset()
    limits_tools: bool = False
    """Whether `allowed` is all that it has, so that naming none means every tool."""

    runs_shell: bool = False


_SKILL: Final = _Shape(
    allowed=("allowed-tools",),
    denied=("disallowed-tools",),
    grants=frozenset({"hooks", "context", "agent", "shell", "background", "mode"}),
    limits=frozenset({"disable-model-invocation", "user-invocable", "paths", "globs"}),
    inert=frozenset({"tools", "tool_access", "hide-from-slash-command-tool"}),
    runs_shell=True,
)
_SHAPES: Final = {
    PartKind.COMMAND: _SKILL,
    PartKind.SKILL: _SKILL,
    PartKind.AGENT: _Shape(
        allowed=("tools",),
        denied=("disallowedTools",),
        grants=frozenset(
            {
                "skills",
                "memory",
                "background",
                "initialPrompt",
                "permissionMode",
                "hooks",
                "mcpServers",
                "allowed-tools",
            }
        ),
        limits=frozenset({"isolation"}),
        limits_tools=True,
    ),
    PartKind.OUTPUT_STYLE: _Shape(
        allowed=(),
        denied=(),
        grants=frozenset({"force-for-plugin"}),
        limits=frozenset({"keep-coding-instructions"}),
    ),
}


class MarkdownReader:
    """Reads prompts.

    Args:
        collector: takes what is found.
    """

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def file(
        self, kind: PartKind, name: str, path: str, *, declared: bool, reader: PartReader = PartReader.ANY
    ) -> None:
        """Read a file as a prompt of a kind; one that clients read in two ways gives two parts and an ambiguity."""
        self.prompt(kind, name, path, self._collector.text(path), declared=declared, reader=reader)

    def prompt(
        self, kind: PartKind, name: str, path: str, text: str, *, declared: bool, reader: PartReader = PartReader.ANY
    ) -> None:
        """Read a prompt whose text is at hand."""
        found = read_front_matter(text)
        self._collector.charge_yaml(path, sum(reading.parsed for reading in found))
        if len(found) > 1:
            content = tuple(reading.text for reading in found)
            ends = "front matter ends in two places" if content[0] else "front matter that not every client sees"
            self._collector.add(Part(kind=PartKind.AMBIGUITY, name=ends, path=path, content=content))
        for reading in found:
            if _OTHER_BREAKS.search(reading.text):
                name = "front matter with line ends that only some readers of YAML know"
                self._collector.add(Part(kind=PartKind.AMBIGUITY, name=name, path=path, content=reading.text))
            if reading.unread:
                self._collector.unread(path, reading.problem, reading.text, line=reading.line)
            self._prompt(kind, name, path, reading.values, text, declared, reader)

    def _prompt(
        self, kind: PartKind, name: str, path: str, values: JsonObject, text: str, declared: bool, reader: PartReader
    ) -> None:
        shape = _SHAPES[kind]
        known = (*shape.allowed, *shape.denied, *shape.grants, *shape.limits, *shape.inert, *_INERT)
        self._collector.unknown_keys(values, known, path, (), reader)
        rights = _rights(shape, values, self._shell(path, text) if shape.runs_shell else ())
        if kind is PartKind.OUTPUT_STYLE and rights.grants.pairs:
            # It takes the place of the user's own in every session, so that its text counts and not only that it does.
            says = ("text", str(Digest.of(text.encode("utf-8", "surrogatepass"))))
            rights = evolve(rights, grants=JsonObject((*rights.grants.pairs, says)))
            values = JsonObject((*values.pairs, says))
        telling = tuple((key, item) for key, item in values.pairs if key not in _INERT and key not in shape.inert)
        content: JsonValue = JsonObject((*telling, *((f"shell[{i}]", line) for i, line in enumerate(rights.shell))))
        self._collector.add(
            Part(
                kind=kind,
                name=_text(values, "name") or name if kind is PartKind.AGENT else name or _text(values, "name"),
                path=path,
                content=content,
                reader=reader,
                what=_text(values, "description"),
                declared=declared,
                rights=rights,
                inert=_is_inert(shape, rights),
            )
        )

    def _shell(self, path: str, text: str) -> tuple[str, ...]:
        found = shell_commands(text, self._collector.room)
        if found is None:
            raise self._collector.too_many(path)
        self._collector.charge(path, len(found))
        return found


def _is_inert(shape: _Shape, rights: Rights) -> bool:
    """Tell whether a prompt brings no rights: an agent that names its tools has them taken from what a session may use anyway."""
    if not shape.limits_tools:
        return rights.none
    return rights.allowed is not None and "*" not in rights.allowed and not rights.grants.pairs and not rights.shell


def _rights(shape: _Shape, values: JsonObject, shell: tuple[str, ...]) -> Rights:
    allowed = [tool for name in shape.allowed for value in readings(values, name) for tool in tools_of(value)]
    denied = [tool for name in shape.denied for value in readings(values, name) for tool in tools_of(value)]
    return Rights(
        allowed=None if shape.limits_tools and not allowed else tuple(dict.fromkeys(allowed)),
        denied=tuple(dict.fromkeys(denied)),
        shell=shell,
        grants=_selected(values, shape.grants),
        limits=_limits(values, shape.limits),
    )


def _selected(values: JsonObject, names: frozenset[str]) -> JsonObject:
    folded = {name.lower(): name for name in names}
    pairs = ((folded[key.lower()], item) for key, item in values.pairs if key.lower() in folded)
    return JsonObject(tuple((key, item) for key, item in pairs if not _says_nothing(item)))


def _limits(values: JsonObject, names: frozenset[str]) -> JsonObject:
    """Return what takes something from a prompt; `user-invocable` does where it is false."""
    others = _selected(values, names - {_INVOCABLE})
    hidden = [item for item in readings(values, _INVOCABLE) if item is not None and _says_nothing(item)]
    return JsonObject((*others.pairs, *((_INVOCABLE, item) for item in hidden if _INVOCABLE in names)))


def _says_nothing(value: JsonValue) -> bool:
    return (
        value is None
        or value is False
        or (isinstance(value, str) and value.strip().lower() in ("", "false", "no", "off"))
    )


def tools_of(value: JsonValue) -> tuple[str, ...]:
    """Split a list of tools, `Read, Bash(git add:*, git commit:*)`: at commas outside brackets, else at spaces there."""
    if isinstance(value, tuple):
        return tuple(tool for item in value for tool in tools_of(item))
    text = scalar_text(value)
    parts = list(_split(text, ","))
    return tuple(parts if len(parts) > 1 else _split(text, None))


def _split(text: str, separator: str | None) -> Iterator[str]:
    """Split at a separator (None: white space) outside brackets."""
    depth = start = 0
    for match in re.finditer(r"[(),\s]", text):
        mark = match[0]
        if mark == "(":
            depth += 1
        elif mark == ")":
            depth = max(0, depth - 1)
        elif not depth and (mark == separator or (separator is None and mark.isspace())):
            if part := text[start : match.start()].strip():
                yield part
            start = match.end()
    if part := text[start:].strip():
        yield part


def _text(values: JsonObject, name: str) -> str:
    found = [item for item in readings(values, name) if isinstance(item, str)]
    return found[-1] if found else ""
