"""Asks for every client's verdict on one plugin."""

from collections.abc import Iterable

from toolhive_plugins_content.tree import FileTree
from toolhive_plugins_content.verdicts.claude_code import claude_code_verdict
from toolhive_plugins_content.verdicts.codex import codex_verdict
from toolhive_plugins_content.verdicts.toolhive import layer_reasons, toolhive_verdict
from toolhive_plugins_content.verdicts.verdict import Client, ClientVerdict


def client_verdicts(
    tree: FileTree, clients: Iterable[Client] = tuple(Client), *, folder: str = "", layer_size: int | None = None
) -> tuple[ClientVerdict, ...]:
    """Return what each client would say of a plugin's files.

    Args:
        clients: the clients to judge for; all by default.
        folder: the name of the directory that the files are in; empty where that is not known.
        layer_size: size in bytes of the compressed layer, where there is one.
    """
    return tuple(_verdict(client, tree, folder, layer_size) for client in clients)


def layer_verdicts(size: int) -> tuple[ClientVerdict, ...]:
    """Return what clients would say of a layer of `size` bytes, whatever is in it."""
    return (ClientVerdict(Client.TOOLHIVE, tuple(layer_reasons(size))),)


def _verdict(client: Client, tree: FileTree, folder: str, layer_size: int | None) -> ClientVerdict:
    if client is Client.CLAUDE_CODE:
        return claude_code_verdict(tree)
    if client is Client.CODEX:
        return codex_verdict(tree)
    return toolhive_verdict(tree, folder=folder, layer_size=layer_size)
