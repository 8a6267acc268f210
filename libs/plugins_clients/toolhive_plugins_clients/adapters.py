"""The clients that plugins are installed into: one line each."""

from collections.abc import Mapping

from toolhive_plugins import Client, shown
from toolhive_plugins_clients.claude_code import ClaudeCodeAdapter
from toolhive_plugins_clients.codex import CodexAdapter
from toolhive_plugins_clients.copilot import CopilotAdapter
from toolhive_plugins_clients.errors import ClientError
from toolhive_plugins_clients.gemini import GeminiAdapter
from toolhive_plugins_clients.homes import Homes
from toolhive_plugins_clients.protocol import ClientAdapter

ADAPTERS: Mapping[Client, ClientAdapter] = {
    Client.CLAUDE_CODE: ClaudeCodeAdapter(),
    Client.CODEX: CodexAdapter(),
    Client.COPILOT: CopilotAdapter(),
    Client.GEMINI: GeminiAdapter(),
}
"""In the order in which they are shown."""


def adapter_for(name: str) -> ClientAdapter:
    """Return the adapter of a client.

    Args:
        name: `claude-code`, `codex`, `copilot`, `gemini`.

    Raises:
        ClientError: there is none of that name.
    """
    for client, adapter in ADAPTERS.items():
        if client == name:
            return adapter
    known = ", ".join(ADAPTERS)
    raise ClientError("plugins cannot be installed into this client", where=shown(name), remedy=f"There are {known}")


def detected_adapters(homes: Homes) -> tuple[ClientAdapter, ...]:
    """Return the adapters of the clients that the user has.

    Raises:
        PlacementError: a variable that names a client's folder holds no absolute path.
    """
    return tuple(adapter for adapter in ADAPTERS.values() if adapter.detected(homes))
