"""A client's verdict on a plugin, the reasons for it, and their diagnostics."""

import enum
from collections.abc import Iterator, Sequence

from attrs import field, frozen

from toolhive_plugins_content.rules import Rule
from toolhive_plugins_interfaces.diagnostics import Diagnostic, Severity


class Client(enum.StrEnum):
    """A program that plugins are published for."""

    CLAUDE_CODE = "claude-code"
    CODEX = "codex"
    TOOLHIVE = "toolhive"
    COPILOT = "copilot"
    GEMINI = "gemini"
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
    Client.COPILOT: "Copilot CLI",
    Client.GEMINI: "Gemini CLI",
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
