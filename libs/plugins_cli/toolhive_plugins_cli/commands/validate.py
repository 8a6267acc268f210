"""List every problem of a plugin directory, with file, line and column.

Errors keep a plugin from being published, or from being accepted by any client; warnings do not. Exit status 3 if there are errors."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.source_options import add_git_options, revision_of
from toolhive_plugins_cli.text import Text, inventory, plural

if TYPE_CHECKING:
    from toolhive_plugins_service import ValidationReport


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "directory", metavar="DIR", nargs="?", default=".", help="the plugin's directory (default: this one)"
    )
    parser.add_argument(
        "--client",
        choices=("claude-code", "codex", "toolhive", "copilot", "gemini", "agent-plugins"),
        help="what this client refuses is an error (default: what all of them refuse)",
    )
    parser.add_argument("--strict", action="store_true", help="fail on warnings too")
    add_git_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Validate, and show the problems."""
    from toolhive_plugins_service import Client

    clients = [Client(args.client)] if args.client else None
    report = session.service.validate(args.directory, clients, revision=revision_of(args, session))
    session.emit(report, lambda: _draw(report, session))
    if report.errors or (args.strict and report.warnings):
        return exit_codes.INVALID_PLUGIN
    return exit_codes.OK


def _draw(report: "ValidationReport", session: Session) -> None:
    from toolhive_plugins_cli.page import untrusted
    from toolhive_plugins_service import Severity

    page = session.page()
    for problem in report.problems:
        if session.quiet and problem.severity is not Severity.ERROR:
            continue
        place = untrusted(problem.path, "name")
        if problem.line:
            place.append(f":{problem.line}:{problem.column}", "name")
        kind = Text("error", "danger") if problem.severity is Severity.ERROR else Text("warning", "caution")
        page.line(
            place,
            Text(": "),
            kind,
            Text(": "),
            untrusted(problem.problem),
            Text(f" [{problem.rule}]", "quiet"),
            hang=4,
        )
        if problem.remedy and not session.quiet:
            page.line(Text("help: ", "label"), untrusted(problem.remedy), indent=4, hang=10)
    if report.problems:
        page.line()
    counts = f"  {plural(len(report.errors), 'error')}, {plural(len(report.warnings), 'warning')}"
    if report.errors:
        page.line(Text("invalid", "danger"), counts)
        return
    what = f"{report.name} {report.version}".strip()
    page.line(Text("valid", "good"), counts, f"; {what}: {inventory(report.components) or 'no components'}")
