"""Turns clients' verdicts into diagnostics."""

from collections.abc import Iterator, Sequence

from toolhive_plugins_content.verdicts.verdict import ClientVerdict, Effect, Outcome, Reason
from toolhive_plugins_interfaces.diagnostics import Diagnostic, Severity


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
