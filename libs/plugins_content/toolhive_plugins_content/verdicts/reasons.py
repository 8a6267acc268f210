"""Collects the reasons of a verdict, and reads the files that it is about."""

from collections import Counter
from typing import Final

from toolhive_artifact.errors import DocumentLimitError, InvalidDocumentError, ToolhiveError
from toolhive_artifact.json_reader import parse_json
from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import BYTE_ORDER_MARK, FileTree
from toolhive_plugins_content.verdicts.shapes import Fault, Path
from toolhive_plugins_content.verdicts.verdict import Effect, Reason

_MAX_FILE = 1024 * 1024
_MAX_DEPTH = 1000


MAX_REFUSALS_PER_FILE: Final = 100
"""Refusals reported for one file: more would tell no more, and finding their places takes time."""


class Reasons:
    """The reasons that a client has, in the order found."""

    def __init__(self, tree: FileTree) -> None:
        self.tree = tree
        self._files = frozenset(tree.paths)
        self._found: dict[Reason, None] = {}
        self._refusals: Counter[str] = Counter()

    def refuse(self, rule: Rule, path: str, message: str, remedy: str = "", at: tuple[int, int] = (0, 0)) -> None:
        """Note that the client refuses the plugin."""
        if not self.is_full(path):
            self._refusals[path] += 1
            self._found[Reason(Effect.REFUSES, rule, path, message, remedy, *at)] = None

    def ignore(self, rule: Rule, path: str, message: str, remedy: str = "", at: tuple[int, int] = (0, 0)) -> None:
        """Note that the client ignores something."""
        self._found[Reason(Effect.IGNORES, rule, path, message, remedy, *at)] = None

    def leave_open(self, rule: Rule, path: str, message: str) -> None:
        """Note that only the client can tell."""
        self._found[Reason(Effect.UNDECIDED, rule, path, message)] = None

    def is_full(self, path: str) -> bool:
        """Say whether enough refusals of a file are known, so that no more are noted."""
        return self._refusals[path] >= MAX_REFUSALS_PER_FILE

    def all(self) -> tuple[Reason, ...]:
        """Return them, each once."""
        return tuple(self._found)

    def has_file(self, path: str) -> bool:
        """Say whether there is a file at a path."""
        return path in self._files

    def text(self, rule: Rule, path: str) -> str | None:
        """Return a file as text; None where it cannot be read, which is noted."""
        try:
            return self.tree.read(path, _MAX_FILE).decode("utf-8", "replace")
        except ToolhiveError as error:
            self.leave_open(rule, path, error.problem)
            return None

    def json(
        self, rule: Rule, path: str, *, byte_order_mark: bool = False, replace: bool = True
    ) -> tuple[JsonValue] | None:
        """Return the document in a file, in a tuple of its own; None where there is none, which is noted.

        Args:
            byte_order_mark: whether the client takes a file that begins with one.
            replace: whether the client reads bytes that are not UTF-8 as U+FFFD; else it refuses them.
        """
        try:
            data = self.tree.read(path, _MAX_FILE)
        except ToolhiveError as error:
            self.leave_open(rule, path, error.problem)
            return None
        if not replace:
            try:
                data.decode("utf-8")
            except UnicodeDecodeError:
                self.refuse(rule, path, "is not UTF-8")
                return None
        try:
            if data.startswith(BYTE_ORDER_MARK) and not byte_order_mark:
                parse_json(data, where=path, max_size=_MAX_FILE)  # Says what is wrong with it.
            return (self.tree.json(path, _MAX_FILE, _MAX_DEPTH),)
        except DocumentLimitError as error:
            self.leave_open(rule, path, error.problem)
        except InvalidDocumentError as error:
            self.refuse(rule, path, error.problem, error.remedy, (error.line, error.column))
        return None

    def fault(self, rule: Rule, path: str, document: JsonValue, fault: Fault) -> None:
        """Note a value that does not have its shape."""
        if self.is_full(path):
            return
        self.refuse(rule, path, f"{spelled(fault.path)} {fault.problem}".strip(), at=position(document, fault.path))


def spelled(path: Path) -> str:
    """Return a path to a value as people write it: `'hooks[0].type'`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return f"{text!r}" if text else ""


def position(document: JsonValue, path: Path) -> tuple[int, int]:
    """Return the line and the column of a value; the document's beginning where it has none."""
    if not isinstance(document, JsonObject):
        return (1, 1)
    try:
        return document.position(*path)
    except (KeyError, IndexError, TypeError):
        return (1, 1)
