"""Reads the configurations of hooks, MCP servers, LSP servers and monitors (code.claude.com/docs/en/plugins-reference)."""

from collections.abc import Iterator
from typing import Final

from toolhive_artifact import JsonObject
from toolhive_plugins_content.components import Hook, LspServer, McpServer, Monitor
from toolhive_plugins_content.config import Config

_NO_EVENTS: Final = ("$schema", "description", "modules")
"""Keys that may be beside the events if the outer object is left out."""


def read_hooks(config: Config) -> Iterator[Hook]:
    """Yield the handlers of a hook configuration: `{"hooks": {event: [{"matcher": ..., "hooks": [handler]}]}}`.

    The outer object may be left out, as `plugin.json` allows.
    """
    wrapped = config.get("hooks")
    for event, groups in (wrapped or config).members():
        if wrapped is None and event in _NO_EVENTS:
            continue
        for group in groups.objects():
            handlers = group.get("hooks")
            if handlers is None:
                group.wrong('has no "hooks", so nothing runs')
                continue
            matcher = group.text("matcher")
            for handler in handlers.objects():
                yield _hook(event, matcher, handler)


def _hook(event: str, matcher: str, handler: Config) -> Hook:
    return Hook(
        event=event,
        matcher=matcher,
        type=handler.text("type"),
        command=handler.text("command"),
        args=None if handler.get("args") is None else handler.texts("args"),
        url=handler.text("url"),
        prompt=handler.text("prompt"),
        tool="/".join(filter(None, (handler.text("server"), handler.text("tool")))),
        condition=handler.text("if"),
        source=handler.source,
    )


def read_mcp_servers(config: Config) -> Iterator[McpServer]:
    """Yield the servers of an MCP configuration: `{"mcpServers": {name: server}}`, or the inner object alone."""
    for name, server in _servers(config, "mcpServers"):
        url = server.text("url")
        yield McpServer(
            name=name,
            transport=server.text("type") or ("http" if url else "stdio"),
            command=server.text("command"),
            args=server.texts("args"),
            env=server.names("env"),
            url=url,
            headers=server.names("headers"),
            headers_helper=server.text("headersHelper"),
            source=server.source,
        )


def read_lsp_servers(config: Config) -> Iterator[LspServer]:
    """Yield the servers of an LSP configuration: `{name: server}`, or that under `lspServers`."""
    for name, server in _servers(config, "lspServers"):
        yield LspServer(
            name=name,
            command=server.text("command"),
            args=server.texts("args"),
            env=server.names("env"),
            extensions=server.names("extensionToLanguage"),
            source=server.source,
        )


def _servers(config: Config, wrapper: str) -> Iterator[tuple[str, Config]]:
    wrapped = config.get(wrapper)
    for name, server in (wrapped or config).members():
        if isinstance(server.value, JsonObject):
            yield name, server
        elif name != "$schema":
            server.wrong("must be an object")


def read_monitors(config: Config) -> Iterator[Monitor]:
    """Yield the monitors of a configuration: `[{"name": ..., "command": ..., "when": ...}]`."""
    for entry in config.objects():
        yield Monitor(
            name=entry.text("name"),
            command=entry.text("command"),
            when=entry.text("when") or "always",
            source=entry.source,
        )
