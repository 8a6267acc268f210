"""Asks for every client's verdict on one plugin. A client's module loads when it is asked."""

from collections.abc import Iterable

from toolhive_plugins_content.tree import FileTree
from toolhive_plugins_content.verdicts.verdict import Client, ClientVerdict

_ALWAYS = (Client.CLAUDE_CODE, Client.CODEX, Client.TOOLHIVE)
"""Who is asked unless somebody else is named. Copilot CLI is not: it takes nearly everything, so nothing would be an error.
Nor is Gemini CLI, which takes nothing but its own."""


def client_verdicts(
    tree: FileTree, clients: Iterable[Client] | None = None, *, folder: str = "", layer_size: int | None = None
) -> tuple[ClientVerdict, ...]:
    """Return what each client would say of a plugin's files.

    Args:
        clients: the clients to judge for; None for Claude Code, Codex and ToolHive, and for the Agent Plugins
            format where the plugin claims to be of it.
        folder: the name of the directory that the files are in; empty where that is not known.
        layer_size: size in bytes of the compressed layer, where there is one.
    """
    asked = _applicable(tree) if clients is None else clients
    return tuple(_verdict(client, tree, folder, layer_size) for client in asked)


def _applicable(tree: FileTree) -> tuple[Client, ...]:
    if "plugin.json" in tree.files:
        from toolhive_plugins_content.several_manifests import claims_open_format

        if claims_open_format(tree):
            return (*_ALWAYS, Client.AGENT_PLUGINS)
    return _ALWAYS


def layer_verdicts(size: int) -> tuple[ClientVerdict, ...]:
    """Return what clients would say of a layer of `size` bytes, whatever is in it."""
    from toolhive_plugins_content.verdicts.toolhive import layer_reasons

    return (ClientVerdict(Client.TOOLHIVE, tuple(layer_reasons(size))),)


def _verdict(client: Client, tree: FileTree, folder: str, layer_size: int | None) -> ClientVerdict:
    if client is Client.CLAUDE_CODE:
        from toolhive_plugins_content.verdicts.claude_code import claude_code_verdict

        return claude_code_verdict(tree)
    if client is Client.CODEX:
        from toolhive_plugins_content.verdicts.codex import codex_verdict

        return codex_verdict(tree)
    if client is Client.COPILOT:
        from toolhive_plugins_content.verdicts.copilot import copilot_verdict

        return copilot_verdict(tree)
    if client is Client.GEMINI:
        from toolhive_plugins_content.verdicts.gemini import gemini_verdict

        return gemini_verdict(tree)
    if client is Client.AGENT_PLUGINS:
        from toolhive_plugins_content.verdicts.agent_plugins import agent_plugins_verdict

        return agent_plugins_verdict(tree)
    from toolhive_plugins_content.verdicts.toolhive import toolhive_verdict

    return toolhive_verdict(tree, folder=folder, layer_size=layer_size)
