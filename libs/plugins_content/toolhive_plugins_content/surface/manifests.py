"""Manifests: what `.claude-plugin/plugin.json`, `.codex-plugin/plugin.json` and the open format's `plugin.json` have clients load.

Each key goes to the reader of its kind; every spelling of it counts, and so does every one of equal keys. What no reader knows is
unknown.
"""

from collections.abc import Callable
from typing import Final

from toolhive_artifact.json_values import JsonObject, JsonValue, fold_key
from toolhive_plugins_content.surface.collector import Collector, folded_path, text_items
from toolhive_plugins_content.surface.documents import Document
from toolhive_plugins_content.surface.hooks import HookReader
from toolhive_plugins_content.surface.markdown import MarkdownReader
from toolhive_plugins_content.surface.parts import PartKind, PartReader
from toolhive_plugins_content.surface.places import Places
from toolhive_plugins_content.surface.secrets import masked
from toolhive_plugins_content.surface.servers import BUNDLE_SUFFIXES, ServerReader
from toolhive_plugins_content.surface.values import (
    Pointer,
    canonical,
    facts_of,
    first_text,
    readings,
    scalar_text,
    words,
)

_INERT: Final = words(
    "$schema name version description author homepage repository license keywords displayName category tags "
    "metadata defaultEnabled interface strict themes "
)
"""Keys that describe the plugin; no client runs, loads or grants anything by them."""

_EXPERIMENTAL_INERT: Final = frozenset({"themes"})
_SETTINGS: Final = {
    "agent": PartKind.SETTING,
    "subagentStatusLine": PartKind.STATUS_LINE,
    "statusLine": PartKind.STATUS_LINE,
}
_CHANNEL_KEYS: Final = ("server", "userConfig", "displayName", "description")

Declaration = Callable[[JsonValue, Pointer], None]


class ManifestReader:
    """Reads one manifest.

    Args:
        collector: takes what is found.
        places: the components' files.
        path: the manifest's file.
        reader: whose reading it is.
    """

    def __init__(self, collector: Collector, places: Places, path: str, reader: PartReader) -> None:
        self._collector = collector
        self._places = places
        self._path = path
        self._reader = reader
        self._document = Document(collector, path, reader, declared=True)
        self._hooks = HookReader(self._document)
        self._servers = ServerReader(self._document)
        self._readers: dict[str, Declaration] = {
            "commands": self._commands,
            "agents": lambda value, at: self._prompts(PartKind.AGENT, value, at),
            "skills": lambda value, at: self._prompts(PartKind.SKILL, value, at),
            "outputstyles": lambda value, at: self._prompts(PartKind.OUTPUT_STYLE, value, at),
            "hooks": lambda value, at: self._configuration(value, at, places.hooks, self._hooks.document),
            "mcpservers": self._mcp_servers,
            "lspservers": lambda value, at: self._configuration(
                value, at, places.lsp_servers, self._servers.lsp_servers
            ),
            "monitors": lambda value, at: self._configuration(value, at, places.monitors, self._servers.monitors),
            "workflows": self._workflows,
            "settings": self.settings,
            "channels": self._channels,
            "dependencies": self._dependencies,
            "requires": self._dependencies,
            "userconfig": self._user_options,
            "experimental": self._experimental,
            "network": self._network,
        }
        if reader is PartReader.CODEX:
            self._readers["apps"] = lambda value, at: self._configuration(value, at, places.apps, self._inline_apps)
        if reader is PartReader.GEMINI:
            self._readers["contextfilename"] = self._context_files

    def document(self, value: JsonValue) -> None:
        """Read the whole manifest."""
        if not isinstance(value, JsonObject):
            if value is not None:
                self._collector.unknown("a manifest that is not an object", self._path, value, (), self._reader)
            return
        exact = (
            "commands",
            "agents",
            "skills",
            "outputStyles",
            "hooks",
            "mcpServers",
            "lspServers",
            "monitors",
            "workflows",
        )
        others = ("settings", "channels", "dependencies", "requires", "userConfig", "experimental", "network")
        self._collector.ambiguous(value, (*exact, *others, *_INERT), self._path)
        for key, item in value.pairs:
            self._key(key, item, (key,), _INERT)

    def settings(self, value: JsonValue, at: Pointer) -> None:
        """Read settings: what a client honours is shown as what it does, all else as unknown."""
        if isinstance(value, str):
            for path in self._paths(value, at):
                ManifestReader(self._collector, self._places, path, self._reader).settings(
                    self._places.document(path), ()
                )
            return
        if value is None:
            return
        if not isinstance(value, JsonObject):
            self._unknown("settings", value, at)
            return
        self._collector.ambiguous(value, _SETTINGS, self._path, at)
        folded = {fold_key(key): (key, kind) for key, kind in _SETTINGS.items()}
        for key, item in value.pairs:
            if item is None or (key == "$schema" and isinstance(item, str)):
                continue
            name, kind = folded.get(fold_key(key), (key, PartKind.UNKNOWN))
            if kind is PartKind.UNKNOWN:
                self._unknown(f"the setting {key}", item, (*at, key))
                continue
            line = first_text(item, "command") if isinstance(item, JsonObject) else scalar_text(item)
            self._document.add(kind, name, item, (*at, key), what=line, starts=kind is PartKind.SETTING)

    def _key(self, key: str, item: JsonValue, at: Pointer, inert: frozenset[str]) -> None:
        read = self._readers.get(fold_key(key))
        if read is not None:
            if item is not None:
                read(item, at)
        elif key not in inert and fold_key(key) not in {fold_key(name) for name in inert}:
            self._unknown(f"the key {key}", item, at)

    def _experimental(self, value: JsonValue, at: Pointer) -> None:
        if not isinstance(value, JsonObject):
            self._unknown("experimental", value, at)
            return
        for key, item in value.pairs:
            self._key(key, item, (*at, key), _EXPERIMENTAL_INERT)

    def _configuration(
        self, value: JsonValue, at: Pointer, file: Callable[[str, bool, PartReader], None], inline: Declaration
    ) -> None:
        """Read a path, a list of paths and objects, or an object."""
        for item, step in text_items(value):
            here = (*at, *step)
            if isinstance(item, str):
                for path in self._paths(item, here, suffix=".json"):
                    file(path, True, self._reader)
            elif isinstance(item, JsonObject):
                inline(item, here)
            elif item is not None:
                self._unknown("a declaration", item, here)

    def _mcp_servers(self, value: JsonValue, at: Pointer) -> None:
        for item, step in text_items(value):
            here = (*at, *step)
            if isinstance(item, str) and item.startswith(("https://", "http://")):
                self._servers.bundle(item, here)
            elif isinstance(item, str) and item.lower().endswith(BUNDLE_SUFFIXES):
                for path in self._paths(item, here):
                    self._servers.bundle(path, here)
            else:
                self._configuration(item, here, self._places.mcp_servers, self._servers.mcp_servers)

    def _prompts(self, kind: PartKind, value: JsonValue, at: Pointer) -> None:
        for item, step in text_items(value):
            here = (*at, *step)
            if not isinstance(item, str):
                self._unknown(f"a declared {kind.value}", item, here)
                continue
            root = self._collector.declared(item)
            if root is None:
                self._leads_out(item, here)
                continue
            found = self._places.prompts_at(kind, root)
            if not found and not self._places.is_default(kind, root):
                self._leads_nowhere(item, here)
            for path, name in found:
                self._places.prompt(kind, path, name, declared=True, reader=self._reader)

    def _commands(self, value: JsonValue, at: Pointer) -> None:
        """Read commands by path, or by name: `{name: {"source": path}}`, `{name: {"content": text}}`."""
        if not isinstance(value, JsonObject):
            self._prompts(PartKind.COMMAND, value, at)
            return
        for name, entry in value.pairs:
            here = (*at, name)
            if isinstance(entry, str):
                self._prompts(PartKind.COMMAND, entry, here)
            elif isinstance(entry, JsonObject):
                self._collector.unknown_keys(
                    entry,
                    ("source", "content", "description", "argumentHint", "model", "allowedTools"),
                    self._path,
                    here,
                    self._reader,
                )
                for source in readings(entry, "source"):
                    self._prompts(PartKind.COMMAND, source, (*here, "source"))
                for text in readings(entry, "content"):
                    if isinstance(text, str):
                        MarkdownReader(self._collector).prompt(
                            PartKind.COMMAND, name, self._path, text, declared=True, reader=self._reader
                        )
                    else:
                        self._unknown(f"the content of the command {name}", text, (*here, "content"))
                if tools := [item for key, item in entry.pairs if fold_key(key) == "allowedtools"]:
                    self._unknown(f"the tools of the command {name}", tuple(tools), here)
            else:
                self._unknown(f"the command {name}", entry, here)

    def _workflows(self, value: JsonValue, at: Pointer) -> None:
        for item, step in text_items(value):
            if not isinstance(item, str):
                self._unknown("a workflow", item, (*at, *step))
                continue
            for path in self._paths(item, (*at, *step), suffix=""):
                self._places.workflow(path, declared=True, reader=self._reader)

    def _channels(self, value: JsonValue, at: Pointer) -> None:
        for item, step in text_items(value):
            here = (*at, *step)
            name = first_text(item, "server") if isinstance(item, JsonObject) else scalar_text(item)
            if isinstance(item, JsonObject):
                self._collector.unknown_keys(item, _CHANNEL_KEYS, self._path, here, self._reader)
            self._document.add(
                PartKind.CHANNEL, name, item, here, what=f"lets the server {name} push messages into the session"
            )

    def _dependencies(self, value: JsonValue, at: Pointer) -> None:
        items = (
            [(JsonObject(((key, item),)), (key,), key) for key, item in value.pairs]
            if isinstance(value, JsonObject)
            else [
                (item, step, first_text(item, "name") if isinstance(item, JsonObject) else scalar_text(item))
                for item, step in text_items(value)
            ]
        )
        for item, step, name in items:
            what = ", ".join(f"{fact.label} {fact.value}".strip() for fact in facts_of(item))
            self._document.add(PartKind.PLUGIN_DEPENDENCY, name, item, (*at, *step), what=what)

    def _inline_apps(self, value: JsonValue, at: Pointer) -> None:
        self._unknown("apps that the manifest holds", value, at)

    def _context_files(self, value: JsonValue, at: Pointer) -> None:
        """Read Gemini CLI's `contextFileName`: texts that are in every session."""
        for item, step in text_items(value):
            here = (*at, *step)
            if not isinstance(item, str):
                self._unknown("a context file", item, here)
                continue
            for path in self._paths(item, here):
                content = JsonObject(((path, str(self._collector.tree.digest(path))),))
                self._document.add(
                    PartKind.SETTING, "contextFileName", content, here, what="its text is in every session"
                )

    def _network(self, value: JsonValue, at: Pointer) -> None:
        """Read `{"hosts": [name]}`: what the plugin says that it reaches. Nothing enforces it."""
        if not isinstance(value, JsonObject):
            self._unknown("network", value, at)
            return
        self._collector.unknown_keys(value, ("hosts",), self._path, at, self._reader)
        self._document.add(
            PartKind.SETTING, "network", value, at, what="what it says that it reaches; nothing enforces it"
        )

    def _user_options(self, value: JsonValue, at: Pointer) -> None:
        if not isinstance(value, JsonObject):
            self._unknown("userConfig", value, at)
            return
        for key, item in value.pairs:
            default = item.get("default") if isinstance(item, JsonObject) else None
            what = f"default {masked(key, _text_of(default))}" if default is not None else ""
            self._document.add(PartKind.USER_OPTION, key, item, (*at, key), what=what)

    def _paths(self, text: str, at: Pointer, *, suffix: str | None = None) -> tuple[str, ...]:
        """Return the files that a declared path leads to; one that leads nowhere or out of the plugin is unread.

        Args:
            text: the path.
            at: where it is declared.
            suffix: which files of a folder it leads to; None where a folder leads to none.
        """
        root = self._collector.declared(text)
        if root is None:
            self._leads_out(text, at)
            return ()
        found = self._collector.spelled(root)
        if not found and suffix is not None:
            found = tuple(path for path in self._collector.inside(root) if folded_path(path).endswith(suffix))
        if not found:
            self._leads_nowhere(text, at)
        return found

    def _leads_out(self, text: str, at: Pointer) -> None:
        self._collector.unread(self._path, "a path that leads out of the plugin is not followed", text, at)

    def _leads_nowhere(self, text: str, at: Pointer) -> None:
        self._collector.unread(self._path, "a path leads to nothing that the plugin holds", text, at)

    def _unknown(self, name: str, value: JsonValue, at: Pointer) -> None:
        self._document.unknown(name, value, at)


def _text_of(value: JsonValue) -> str:
    return scalar_text(value) if not isinstance(value, JsonObject | tuple) else canonical(value).decode()
