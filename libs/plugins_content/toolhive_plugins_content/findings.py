"""Collects what is wrong with a plugin, in bounds: a hostile plugin can have a problem in every second byte.

The same readers serve two kinds of consumers. Validation and inspection collect everything (`Findings`). Packaging ends at the first
fault that keeps a plugin from being packaged (`FirstFault`), and collects the rest as warnings.
"""

from collections.abc import Collection
from typing import Final

from attrs import evolve

from toolhive_artifact.errors import InvalidDocumentError, ToolhiveError
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import path_bytes
from toolhive_plugins_interfaces.diagnostics import Diagnostic, Severity

MAX_FINDINGS_PER_FILE: Final = 200
"""The most diagnostics kept for one file; the rest are counted."""

MAX_FINDINGS: Final = 10_000
"""The most diagnostics kept for one plugin."""

WHOLE_PLUGIN: Final = "."
"""The path of a diagnostic that does not concern a single file."""


class Findings:
    """The diagnostics of one plugin, each once."""

    ends_at_first_fault = False
    """Whether `refuse` raises."""

    def __init__(self) -> None:
        self._by_path: dict[str, dict[Diagnostic, None]] = {}
        self._count = 0
        self._left_out: dict[str, int] = {}
        self._left_out_errors: set[str] = set()
        self._faults: set[Diagnostic] = set()

    def is_full(self, path: str) -> bool:
        """Return whether further diagnostics of this file are only counted, so that it is pointless to locate them."""
        return self._count >= MAX_FINDINGS or len(self._by_path.get(path, ())) >= MAX_FINDINGS_PER_FILE

    def refuse(self, rule: Rule, error: ToolhiveError, path: str = WHOLE_PLUGIN) -> None:
        """Report a fault that keeps the plugin from being packaged.

        Args:
            rule: the rule that is broken.
            error: the error that packaging raises for it.
            path: the file.
        """
        cause = error if isinstance(error, InvalidDocumentError) else error.__cause__
        at = (cause.line, cause.column) if isinstance(cause, InvalidDocumentError) else (0, 0)
        self.add(Diagnostic(Severity.ERROR, path, *at, rule, error.problem, error.remedy), is_fault=True)

    def error(
        self, rule: Rule, problem: str, path: str = WHOLE_PLUGIN, at: tuple[int, int] = (0, 0), remedy: str = ""
    ) -> None:
        """Report something that will not load or cannot be published; `at` is its line and column."""
        self.add(Diagnostic(Severity.ERROR, path, *at, rule, problem, remedy))

    def warning(
        self, rule: Rule, problem: str, path: str = WHOLE_PLUGIN, at: tuple[int, int] = (0, 0), remedy: str = ""
    ) -> None:
        """Report something that works, but perhaps not as its author expects; `at` is its line and column."""
        self.add(Diagnostic(Severity.WARNING, path, *at, rule, problem, remedy))

    def has_error_in(self, path: str, at: tuple[int, int] | None = None) -> bool:
        """Return whether there is an error in a file; at that line and column, if `at` is given."""
        return any(
            found.severity is Severity.ERROR and (at is None or (found.line, found.column) == at)
            for found in self._by_path.get(path, ())
        )

    def has_fault(self, rule: Rule) -> bool:
        """Return whether the plugin cannot be packaged because it breaks a rule."""
        return any(found.rule == rule for found in self._faults)

    def condemn(self, path: str, rules: Collection[str]) -> bool:
        """Count the errors of some rules in a file as faults; return whether there are any."""
        found = [each for each in self._by_path.get(path, ()) if each.rule in rules and each.severity is Severity.ERROR]
        self._faults.update(found)
        return bool(found)

    def in_order_found(self) -> tuple[Diagnostic, ...]:
        """Return the diagnostics grouped by file, in the order in which they were found, as `error` and `warning` had them."""
        return tuple(diagnostic for path in self._by_path for diagnostic in self._all_of(path))

    def sorted(self) -> tuple[Diagnostic, ...]:
        """Return the diagnostics sorted by file, line and column; those of the whole plugin and of the manifest come first.

        Faults are errors; what else is wrong, a plugin can be published and loaded with.
        """
        ordered = sorted(self.in_order_found(), key=_place)
        return tuple(found if found in self._faults else evolve(found, severity=Severity.WARNING) for found in ordered)

    def add(self, diagnostic: Diagnostic, *, is_fault: bool = False) -> None:
        """Add a diagnostic.

        Args:
            diagnostic: what is wrong.
            is_fault: whether it keeps the plugin from being packaged, or from being accepted.
        """
        if is_fault:
            self._faults.add(diagnostic)
        path = diagnostic.path
        kept = self._by_path.setdefault(path, {})
        if diagnostic in kept:
            return
        if self.is_full(path):
            self._left_out[path] = self._left_out.get(path, 0) + 1
            if diagnostic.severity is Severity.ERROR:
                self._left_out_errors.add(path)
            return
        kept[diagnostic] = None
        self._count += 1

    def _all_of(self, path: str) -> list[Diagnostic]:
        found = list(self._by_path[path])
        if path in self._left_out:
            severity = Severity.ERROR if path in self._left_out_errors else Severity.WARNING
            problem = f"there are {self._left_out[path]} more problems in this file"
            found.append(Diagnostic(severity, path, 0, 0, Rule.COMPONENT, problem))
        return found


class FirstFault(Findings):
    """Findings that end the reading at the first thing that keeps the plugin from being packaged."""

    ends_at_first_fault = True

    def refuse(self, rule: Rule, error: ToolhiveError, path: str = WHOLE_PLUGIN) -> None:  # noqa: ARG002
        """Raise the error."""
        raise error


def _place(found: Diagnostic) -> tuple[int, bytes, int, int]:
    first = {WHOLE_PLUGIN: 0, MANIFEST_PATH: 1}
    return first.get(found.path, 2), path_bytes(found.path), found.line, found.column
