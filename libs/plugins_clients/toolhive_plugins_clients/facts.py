"""What adapters need to know of a plugin."""

from collections.abc import Mapping

from attrs import field, frozen

from toolhive_plugins import (
    ClientVerdict,
    Components,
    ComponentType,
    Effect,
    FileTree,
    discover_components,
    read_manifest,
    shown,
)
from toolhive_plugins_clients.client_table import CLIENTS


@frozen(kw_only=True)
class PluginFacts:
    """A plugin as far as a client's files speak of it."""

    name: str
    version: str = ""
    description: str = ""
    components: Components = field(factory=Components, repr=False)
    manifests: frozenset[str] | None = None
    """Which of the manifests that clients read it has; None where that is not known."""


def plugin_facts(plugin: FileTree) -> PluginFacts:
    """Return what adapters need to know of a plugin whose files are in a tree.

    Raises:
        ToolhiveError: the manifest is missing or malformed, or a file cannot be read.
    """
    manifest = read_manifest(plugin, where="the plugin")
    return PluginFacts(
        name=manifest.name,
        version=manifest.version,
        description=manifest.description,
        components=discover_components(plugin, manifest),
        manifests=frozenset(path for line in CLIENTS.values() for path in line.manifests if path in plugin.files),
    )


@frozen
class Loads:
    """How many components of each type a client takes of a plugin; types that it has none of are left out."""

    loaded: Mapping[ComponentType, int]
    left: Mapping[ComponentType, int]
    """What the client does not load."""


def counted(components: Components) -> Mapping[ComponentType, int]:
    """Return how many components of each type there are; types without any are left out."""
    counts = {
        ComponentType.COMMANDS: len(components.commands),
        ComponentType.AGENTS: len(components.agents),
        ComponentType.SKILLS: len(components.skills),
        ComponentType.HOOKS: len(components.hooks),
        ComponentType.MCP_SERVERS: len(components.mcp_servers),
        ComponentType.LSP_SERVERS: len(components.lsp_servers),
    }
    return {kind: count for kind, count in counts.items() if count}


def split(components: Components, loaded: frozenset[ComponentType]) -> Loads:
    """Return what a client that loads some types takes of a plugin, and what it leaves."""
    counts = counted(components)
    return Loads(
        {kind: count for kind, count in counts.items() if kind in loaded},
        {kind: count for kind, count in counts.items() if kind not in loaded},
    )


def refusal(verdict: ClientVerdict) -> str:
    """Return why a client does not take a plugin, as a sentence without its full stop; empty where it does."""
    reasons = [reason for reason in verdict.reasons if reason.effect is Effect.REFUSES]
    if not reasons:
        return ""
    more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
    name = verdict.client.full_name
    return f"{name} refuses it, or a part of it: {shown(reasons[0].path)} {reasons[0].message}{more}"
