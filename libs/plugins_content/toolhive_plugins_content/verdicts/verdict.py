"""Clients' verdicts on a plugin: the reasons, who is asked, and their diagnostics."""

import enum
from collections.abc import Iterable, Iterator, Sequence

from attrs import field, frozen

from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import FileTree
from toolhive_plugins_interfaces.diagnostics import Diagnostic, Severity


class Client(enum.StrEnum):
    """A program that plugins are published for."""

    CLAUDE_CODE = "claude-code"
    CODEX = "codex"
    TOOLHIVE = "toolhive"
    AGENT_PLUGINS = "agent-plugins"
    """Whatever client follows the specification of the Agent Plugins format."""

    @property
    def full_name(self) -> str:
        """Its name in a sentence."""
        return _FULL_NAMES[self]


_FULL_NAMES = {
    Client.CLAUDE_CODE: "Claude Code",
    Client.CODEX: "Codex",
    Client.TOOLHIVE: "ToolHive",
    Client.AGENT_PLUGINS: "Agent Plugins 1.0",
}


class Outcome(enum.StrEnum):
    """What a client makes of a plugin."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_CHECKED = "not-checked"
    """It depends on something that only the client itself can judge; nothing else speaks against the plugin."""


class Effect(enum.StrEnum):
    """What a reason leads to."""

    REFUSES = "refuses"
    """The client does not take the plugin, or its own validator fails it."""

    IGNORES = "ignores"
    """The client takes the plugin without this part, or with a warning of its own."""

    UNDECIDED = "undecided"
    """Only the client can tell."""


@frozen
class Reason:
    """One thing in a plugin that a client minds."""

    effect: Effect
    rule: Rule
    path: str
    """The file, from the plugin's root; `.` for the plugin as a whole."""
    message: str
    """What is wrong, without a full stop."""
    remedy: str = ""
    """What to do about it; may be empty."""
    line: int = 0
    """From 1; 0 where no line can be named."""
    column: int = 0
    """In characters, from 1; 0 where no line can be named."""


@frozen
class ClientVerdict:
    """What one client makes of one plugin."""

    client: Client
    reasons: tuple[Reason, ...] = field(default=())

    @property
    def outcome(self) -> Outcome:
        """Refused where any reason refuses, else not checked where any is undecided, else accepted."""
        effects = {reason.effect for reason in self.reasons}
        if Effect.REFUSES in effects:
            return Outcome.REFUSED
        return Outcome.NOT_CHECKED if Effect.UNDECIDED in effects else Outcome.ACCEPTED


def client_verdicts(
    tree: FileTree, clients: Iterable[Client] | None = None, *, folder: str = "", layer_size: int | None = None
) -> tuple[ClientVerdict, ...]:
    """Return what each client would say of a plugin's files.

    Args:
        clients: the clients to judge for; None for all, of which the Agent Plugins format is one where the plugin claims to be of it.
        folder: the name of the directory that the files are in; empty where that is not known.
        layer_size: size in bytes of the compressed layer, where there is one.
    """
    asked = _applicable(tree) if clients is None else clients
    return tuple(_verdict(client, tree, folder, layer_size) for client in asked)


def _applicable(tree: FileTree) -> tuple[Client, ...]:
    if "plugin.json" in tree.files:
        from toolhive_plugins_content.several_manifests import claims_open_format

        if claims_open_format(tree):
            return tuple(Client)
    return tuple(client for client in Client if client is not Client.AGENT_PLUGINS)


def layer_verdicts(size: int) -> tuple[ClientVerdict, ...]:
    """Return what clients would say of a layer of `size` bytes, whatever is in it."""
    from toolhive_plugins_content.verdicts.toolhive import layer_reasons

    return (ClientVerdict(Client.TOOLHIVE, tuple(layer_reasons(size))),)


def _verdict(client: Client, tree: FileTree, folder: str, layer_size: int | None) -> ClientVerdict:
    # A module for each client, loaded if that is asked about.
    if client is Client.CLAUDE_CODE:
        from toolhive_plugins_content.verdicts.claude_code import claude_code_verdict

        return claude_code_verdict(tree)
    if client is Client.CODEX:
        from toolhive_plugins_content.verdicts.codex import codex_verdict

        return codex_verdict(tree)
    if client is Client.AGENT_PLUGINS:
        from toolhive_plugins_content.verdicts.agent_plugins import agent_plugins_verdict

        return agent_plugins_verdict(tree)
    from toolhive_plugins_content.verdicts.toolhive import toolhive_verdict

    return toolhive_verdict(tree, folder=folder, layer_size=layer_size)


def client_diagnostics(verdicts: Sequence[ClientVerdict], *, packaging: bool = False) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each reason: errors if every client refuses the plugin, else warnings.

    Args:
        verdicts: those of the clients that the plugin is for.
        packaging: whether the plugin is being packaged, which no client's refusal hinders.
    """
    is_refused = not packaging and all(verdict.outcome is Outcome.REFUSED for verdict in verdicts)
    for verdict in verdicts:
        for reason in verdict.reasons:
            severity = Severity.ERROR if is_refused and reason.effect is Effect.REFUSES else Severity.WARNING
            yield Diagnostic(
                severity, reason.path, reason.line, reason.column, reason.rule, _problem(verdict, reason), reason.remedy
            )


def _problem(verdict: ClientVerdict, reason: Reason) -> str:
    client = verdict.client.full_name
    if reason.effect is Effect.REFUSES:
        return f"{client} refuses the plugin: {reason.message}"
    return (
        f"{client}: {reason.message}"
        if reason.effect is Effect.IGNORES
        else f"not checked for {client}: {reason.message}"
    )
