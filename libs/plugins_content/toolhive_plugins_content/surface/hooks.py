"""Hook configurations: `{"hooks": {event: [{"matcher": ..., "hooks": [handler]}]}}`, in every form that some client takes."""

from typing import Final

from toolhive_artifact.json_values import JsonObject, JsonValue, fold_key
from toolhive_plugins_content.components import EVENTS, STARTING_EVENTS
from toolhive_plugins_content.surface.collector import text_items
from toolhive_plugins_content.surface.commands import command_line
from toolhive_plugins_content.surface.documents import Document
from toolhive_plugins_content.surface.parts import PartKind
from toolhive_plugins_content.surface.values import Pointer, first_text, readings, scalar_text, words

_HANDLER_KEYS: Final = words(
    "type command args url headers allowedEnvVars server tool input prompt model if shell async asyncRewake "
    "rewakeMessage rewakeSummary timeout once statusMessage continueOnBlock description "
)
_HANDLER_TYPES: Final = frozenset({"command", "http", "mcp_tool", "prompt", "agent"})
_GROUP_KEYS: Final = ("matcher", "hooks", "description")
_INERT_KEYS: Final = frozenset({"$schema", "description"})
_MAX_WRAPPERS: Final = 8


class HookReader:
    """Reads the hooks of one document.

    Args:
        document: takes what is found.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._collector, self._path, self._reader = document.collector, document.path, document.reader

    def document(self, value: JsonValue, at: Pointer = (), wrappers: int = 0) -> None:
        """Read an object of events, whether it is wrapped in `hooks` or not, and with what is beside a wrapper too."""
        if isinstance(value, tuple):
            self._unknown("a list as hooks", value, at)
            for item, step in text_items(value):
                self.document(item, (*at, *step), wrappers)
            return
        if not isinstance(value, JsonObject):
            if value is not None:
                self._unknown("hooks", value, at)
            return
        self._collector.ambiguous(value, ("hooks", "modules", *EVENTS), self._path, at)
        for key, item in value.pairs:
            folded = fold_key(key)
            if item is None or (key in _INERT_KEYS and isinstance(item, str)):
                continue
            if folded == "modules":
                self._modules(item, (*at, key))
            elif folded == "hooks" and wrappers < _MAX_WRAPPERS:
                self.document(item, (*at, key), wrappers + 1)
            elif isinstance(item, tuple):
                self._event(key, item, (*at, key))
            else:
                self._unknown(f"the key {key}", item, (*at, key))

    def _event(self, event: str, groups: tuple[JsonValue, ...], at: Pointer) -> None:
        if event not in EVENTS:
            self._unknown(f"the event {event}", groups, at)
        for index, group in enumerate(groups):
            here = (*at, index)
            handlers = readings(group, "hooks") if isinstance(group, JsonObject) else ()
            if not isinstance(group, JsonObject) or not handlers:
                self._unknown(f"a group of {event} without hooks", group, here)
                continue
            self._collector.unknown_keys(group, _GROUP_KEYS, self._path, here, self._reader)
            rest = tuple(pair for pair in group.pairs if fold_key(pair[0]) != "hooks")
            for value in handlers:
                for handler, step in text_items(value):
                    self._handler(event, rest, handler, (*here, "hooks", *step))

    def _handler(self, event: str, group: tuple[tuple[str, JsonValue], ...], handler: JsonValue, at: Pointer) -> None:
        if not isinstance(handler, JsonObject):
            self._unknown(f"a handler of {event}", handler, at)
            return
        matcher = first_text(JsonObject(group), "matcher")
        kind = first_text(handler, "type")
        content = JsonObject((("event", event), *group, *handler.pairs))
        if kind not in _HANDLER_TYPES:
            name = f"a handler of {event} {matcher}".rstrip()
            self._unknown(f"{name} {f'of the type {kind}' if kind else 'without a type'}", content, at)
            return
        self._collector.unknown_keys(handler, _HANDLER_KEYS, self._path, at, self._reader)
        self._document.add(
            PartKind.HOOK,
            f"{event} {matcher}".strip(),
            content,
            at,
            what=_what(kind, handler),
            starts=fold_key(event) in STARTING_EVENTS,
        )

    def _modules(self, value: JsonValue, at: Pointer) -> None:
        for item, step in text_items(value):
            name = scalar_text(item)
            self._document.add(PartKind.MODULE, name, item, (*at, *step), what=name, starts=True)

    def _unknown(self, name: str, value: JsonValue, at: Pointer) -> None:
        self._document.unknown(name, value, at)


def _what(kind: str, handler: JsonObject) -> str:
    """Return what a handler of a type does, in one line; fields of other types do not count."""
    match kind:
        case "command":
            return command_line(handler)
        case "http":
            return first_text(handler, "url")
        case "mcp_tool":
            return "/".join(filter(None, (first_text(handler, "server"), first_text(handler, "tool"))))
        case _:
            return first_text(handler, "prompt")
