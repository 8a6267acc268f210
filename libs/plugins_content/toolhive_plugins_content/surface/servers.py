"""MCP servers, language servers and monitors, in every form that some client takes."""

from typing import Final

from toolhive_artifact.json_values import JsonObject, JsonValue, fold_key
from toolhive_plugins_content.surface.collector import text_items
from toolhive_plugins_content.surface.commands import address, command_line
from toolhive_plugins_content.surface.documents import Document
from toolhive_plugins_content.surface.parts import PartKind
from toolhive_plugins_content.surface.values import Pointer, first_text, scalar_text, words

_MCP_KEYS: Final = words(
    "type transport command args env env_vars envFile cwd url httpUrl headers headersHelper http_headers "
    "env_http_headers bearer_token_env_var oauth timeout startup_timeout_sec startup_timeout_ms tool_timeout_sec "
    "disabled enabled required alwaysAllow autoApprove alwaysLoad enabled_tools disabled_tools includeTools "
    "excludeTools tools trust scopes description note displayName title instructions network "
)
_MCP_TYPES: Final = frozenset({"", "stdio", "http", "streamable-http", "sse", "ws"})
_LSP_KEYS: Final = words(
    "command args env transport extensionToLanguage initializationOptions settings workspaceFolder startupTimeout "
    "shutdownTimeout restartOnCrash maxRestarts diagnostics loggingConfig description "
)
_MONITOR_KEYS: Final = ("name", "command", "description", "when")
_MAX_WRAPPERS: Final = 8

BUNDLE_SUFFIXES: Final = (".mcpb", ".dxt")
"""What the name of an MCP bundle ends in."""


class ServerReader:
    """Reads the servers and monitors of one document.

    Args:
        document: takes what is found.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._collector, self._path, self._reader = document.collector, document.path, document.reader

    def mcp_servers(self, value: JsonValue, at: Pointer = ()) -> None:
        """Read `{"mcpServers": {name: server}}`, the inner object alone, and what is beside the wrapper."""
        self._servers(value, at, PartKind.MCP_SERVER, "mcpServers")

    def lsp_servers(self, value: JsonValue, at: Pointer = ()) -> None:
        """Read `{name: server}`, the same in `lspServers`, and what is beside that wrapper."""
        self._servers(value, at, PartKind.LSP_SERVER, "lspServers")

    def monitors(self, value: JsonValue, at: Pointer = ()) -> None:
        """Read `[{"name": ..., "command": ..., "when": ...}]`, or that in `monitors`."""
        if isinstance(value, JsonObject) and not first_text(value, "command"):
            for key, item in value.pairs:
                if fold_key(key) == "monitors":
                    self.monitors(item, (*at, key))
                elif key != "$schema":
                    self._document.unknown(f"the key {key}", item, (*at, key))
            return
        for item, step in text_items(value):
            here = (*at, *step)
            if not isinstance(item, JsonObject):
                self._document.unknown("a monitor", item, here)
                continue
            self._collector.unknown_keys(item, _MONITOR_KEYS, self._path, here, self._reader)
            self._document.add(
                PartKind.MONITOR,
                first_text(item, "name"),
                item,
                here,
                what=command_line(item),
                starts=not first_text(item, "when").startswith("on-skill-invoke"),
            )

    def bundle(self, name: str, at: Pointer = ()) -> None:
        """Take an MCP bundle, a file of the plugin or an address, which holds a server of its own."""
        self._document.add(PartKind.MCP_SERVER, name, name, at, what=name, starts=True)

    def _servers(self, value: JsonValue, at: Pointer, kind: PartKind, wrapper: str, wrappers: int = 0) -> None:
        if isinstance(value, tuple):
            self._document.unknown(f"a list as {wrapper}", value, at)
            for item, step in text_items(value):
                self._servers(item, (*at, *step), kind, wrapper, wrappers)
            return
        if not isinstance(value, JsonObject):
            if value is not None:
                self._document.unknown(wrapper, value, at)
            return
        self._collector.ambiguous(value, (wrapper,), self._path, at)
        for key, item in value.pairs:
            here = (*at, key)
            if item is None or (key == "$schema" and isinstance(item, str)):
                continue
            if fold_key(key) == fold_key(wrapper) and wrappers < _MAX_WRAPPERS:
                self._servers(item, here, kind, wrapper, wrappers + 1)
            elif isinstance(item, JsonObject):
                self._server(kind, key, item, here)
            else:
                self._document.unknown(f"the key {key}", item, here)

    def _server(self, kind: PartKind, name: str, server: JsonObject, at: Pointer) -> None:
        is_mcp = kind is PartKind.MCP_SERVER
        self._collector.unknown_keys(server, _MCP_KEYS if is_mcp else _LSP_KEYS, self._path, at, self._reader)
        transport = first_text(server, "type")
        if is_mcp and transport not in _MCP_TYPES:
            self._document.unknown(f"the server type {transport}", server, at)
        line, url = command_line(server), address(server)
        remote = is_mcp and url and (transport not in ("", "stdio") or not line)
        self._document.add(kind, name, server, at, what=url if remote else line or scalar_text(server), starts=is_mcp)
