"""A client's verdict on a plugin, and the reasons for it."""

import enum

from attrs import field, frozen

from toolhive_plugins_content.rules import Rule


class Client(enum.StrEnum):
    """A program that plugins are published for."""

    CLAUDE_CODE = "claude-code"
    CODEX = "codex"
    TOOLHIVE = "toolhive"

    @property
    def full_name(self) -> str:
        """Its name in a sentence."""
        return _FULL_NAMES[self]


_FULL_NAMES = {Client.CLAUDE_CODE: "Claude Code", Client.CODEX: "Codex", Client.TOOLHIVE: "ToolHive"}


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
