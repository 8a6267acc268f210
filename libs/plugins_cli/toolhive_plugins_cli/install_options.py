"""The options of the commands that install, and the questions that those ask."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from toolhive_plugins_cli.policy_options import add_policy_options
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.terminal import is_terminal, line_width, shows_color
from toolhive_plugins_cli.text import plural, safe
from toolhive_plugins_cli.trust_options import add_first_use_options, first_use_trust

if TYPE_CHECKING:
    from toolhive_plugins_service import Installs, OwedStep, Place, Proposal, ToolhiveError

SCOPES = ("user", "project")


def add_client_option(parser: argparse.ArgumentParser, default: str) -> None:
    """Add the option that names clients."""
    parser.add_argument(
        "--client",
        metavar="CLIENT",
        action="append",
        default=[],
        help=f"claude-code, codex, copilot, gemini or all; may be repeated (default: {default})",
    )


def add_place_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say for whom."""
    parser.add_argument(
        "--scope", choices=SCOPES, help="for this user, or for all who work on a project (default: user)"
    )
    parser.add_argument(
        "--project",
        metavar="DIR",
        help="the root of the project's repository; implies --scope project (default for that: the one around the working directory)",
    )


def add_consent_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that answer questions beforehand, and those for registries."""
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask; what can do more is still refused")
    parser.add_argument(
        "--accept-growth", action="store_true", help="accept a new version that can do more than the installed one"
    )
    add_first_use_options(parser)
    add_policy_options(parser)
    add_registry_options(parser)


def add_yes_option(parser: argparse.ArgumentParser) -> None:
    """Add the option of a command that never asks, for scripts that pass it to every command."""
    parser.add_argument("-y", "--yes", action="store_true", help=argparse.SUPPRESS)


def add_downgrade_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that accepts an older version."""
    parser.add_argument(
        "--allow-downgrade", action="store_true", help="accept a version that is older than the one before"
    )


def place_of(
    args: argparse.Namespace, session: Session, *, project: bool = False, may_be_gone: bool = False
) -> "Place":
    """Return for whom a command works.

    Args:
        args: the parsed command line.
        session: of the run.
        project: whether it works on projects only.
        may_be_gone: whether the project need not be there any more.

    Raises:
        PlacementError: the project cannot be used.
    """
    from toolhive_plugins_service import Place, default_project

    scope = getattr(args, "scope", None)
    if args.project is not None:
        if scope == "user":
            session.usage_error("--project and --scope user contradict each other")
        root = _absolute(args.project)
        return Place(root, gone=may_be_gone and not root.exists())
    if scope != "project" and not project:
        return Place()
    found = default_project(Path.cwd())
    if found is None:
        session.usage_error("the working directory is in no git repository: pass --project DIR")
    return Place(found)


def _absolute(text: str) -> Path:
    """Return a path from the root, without what only spells it otherwise; links in it stay, to be refused."""
    import os

    return Path(os.path.abspath(text))  # noqa: PTH100 - Path.absolute keeps `.` and `..`


def installs_of(
    session: Session, failures: list[int] | None = None, signed_for: argparse.Namespace | None = None
) -> "Installs":
    """Return what installs.

    Args:
        session: of the run.
        signed_for: the parsed command line, if it has the options of `add_consent_options`.
        failures: gets the exit status of each failure that does not end the run.
    """

    def failed(error: "ToolhiveError") -> None:
        session.close_progress()
        if failures is not None:
            failures.append(session.report(error))

    trust = first_use_trust(signed_for, session) if signed_for is not None else None
    return session.service.installs(trust=trust, notify=session.say, failed=failed)


class AskingConsent:
    """Shows what would run on stderr, and asks a person; without one only what was accepted on the command line goes on.

    Args:
        args: the parsed command line, with the options of `add_consent_options`.
        session: of the run.
    """

    def __init__(self, args: argparse.Namespace, session: Session) -> None:
        self._yes: bool = args.yes
        self._accept_growth: bool = args.accept_growth
        self._session = session

    def agrees(self, proposal: "Proposal") -> bool:
        """See Consent."""
        from toolhive_plugins_service import UnansweredError, refuse_growth

        self._session.close_progress()
        has_person = is_terminal(sys.stderr) and sys.stdin is not None and sys.stdin.isatty()
        if not (self._session.quiet and self._yes):
            sys.stdout.flush()
            self._show(proposal)
        if proposal.grew and not self._accept_growth and (self._yes or not has_person):
            raise refuse_growth(proposal)
        if self._yes:
            return True
        if not has_person:
            raise UnansweredError(
                "there is no terminal to ask at",
                where=f"{proposal.name} {proposal.version}".strip(),
                remedy="Look at what it would run, then agree beforehand",
                hint="answer-beforehand",
            )
        sys.stderr.write(f"{_question(proposal)} [y/N] ")
        sys.stderr.flush()
        return sys.stdin.readline(16).strip().lower() in ("y", "yes")

    def _show(self, proposal: "Proposal") -> None:
        from toolhive_plugins_cli.page import Page
        from toolhive_plugins_cli.surface_page import draw_headline, draw_surface
        from toolhive_plugins_service import Comparison

        color = shows_color(sys.stderr, self._session.color_choice)
        page = Page(sys.stderr, width=line_width(sys.stderr), color=color)
        page.title(proposal.name, proposal.version)
        if proposal.description:
            page.prose(proposal.description)
        page.line()
        page.field("from", proposal.source)
        page.field("digest", proposal.digest)
        page.field("into", ", ".join(proposal.clients) + (f", in {proposal.project}" if proposal.project else ""))
        page.field("signed by", proposal.signer or "nobody")
        if proposal.signature_note:
            page.field("signatures", f"it {proposal.signature_note}")
        page.line()
        if isinstance(proposal.change, Comparison):
            from toolhive_plugins_cli.comparison_page import draw_changes

            page.field("installed", f"{proposal.old_version} {proposal.old_digest}".strip())
            if proposal.old_name != proposal.name:
                page.field("renamed", f"{proposal.old_name} is called {proposal.name} now, as its catalog says")
            if proposal.old_source != proposal.source:
                page.field("came from", proposal.old_source)
            page.line()
            draw_changes(page, proposal.change, verbose=self._session.verbose)
        else:
            if proposal.unknown_before:
                page.line("What is installed cannot be compared with it, so all of it is shown")
            draw_headline(page, proposal.surface)
            draw_surface(page, proposal.surface, verbose=self._session.verbose)
        page.line()


def _question(proposal: "Proposal") -> str:
    what = f"{safe(proposal.name)} {safe(proposal.version)}".strip()
    if proposal.old_digest:
        if proposal.old_name != proposal.name:
            return f"{safe(proposal.old_name)} was renamed. Replace it by {what}?"
        return f"Replace {safe(proposal.old_version) or 'the installed version'} by {what}?"
    where = f"into {plural(len(proposal.clients), 'client')}"
    return (
        f"The lock file pins {what}. Install it {where}?" if proposal.occasion == "sync" else f"Install {what} {where}?"
    )


def tell_denied(session: Session, name: str, project: str) -> None:
    """Tell how a plugin goes that a policy denies by now: its clients keep it until then."""
    import shlex

    session.say(f"to remove {safe(name)}, which a policy denies and a client may still load:")
    where = ["--project", project] if project else []
    session.say(f"  {safe(shlex.join(['thv-plugin', 'uninstall', name, *where]))}")


def tell_owed(session: Session, owed: "tuple[OwedStep, ...]") -> None:
    """Tell what the user still has to do."""
    for step in owed:
        session.say(f"still to do: {safe(step.text)}")
        if step.command:
            session.say(f"  {safe(step.command)}")
