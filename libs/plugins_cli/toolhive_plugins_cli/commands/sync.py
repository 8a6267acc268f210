"""Make a project as its lock file says: every plugin at its pinned digest, in each client that has it.

A pin is followed and never rewritten. For a plugin that this machine has no record of, what it would run is shown and you are asked:
a lock file that was cloned is a stranger's. With --check nothing is changed, and the exit status is 7 where something differs."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.install_options import (
    AskingConsent,
    add_client_option,
    add_consent_options,
    add_downgrade_option,
    installs_of,
    place_of,
    tell_denied,
    tell_owed,
)
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.several import status_of_several
from toolhive_plugins_cli.text import safe

if TYPE_CHECKING:
    from toolhive_plugins_service import Synced


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--project", metavar="DIR", help="the root of the project's repository (default: around the working directory)"
    )
    add_client_option(parser, "those that the record names; without a record, those that you have")
    parser.add_argument("--check", action="store_true", help="change nothing; exit status 7 where something differs")
    parser.add_argument("--adopt", action="store_true", help="take over folders without a record that are as locked")
    parser.add_argument("--prune", action="store_true", help="uninstall what the lock file does not have")
    parser.add_argument(
        "-f", "--force", action="store_true", help="replace folders that were edited, or that no installation made"
    )
    add_downgrade_option(parser)
    add_consent_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Do it, or compare."""
    from toolhive_plugins_service import SyncRequest, SyncStatus

    request = SyncRequest(
        place=place_of(args, session, project=True),
        clients=tuple(args.client),
        check=args.check,
        adopt=args.adopt,
        prune=args.prune,
        allow_unsigned=args.allow_unsigned,
        allow_signer_change=args.allow_signer_change,
        allow_downgrade=args.allow_downgrade,
        force=args.force,
    )
    failures: list[int] = []
    consent = AskingConsent(args, session)
    done = installs_of(session, failures, args).sync(request, consent, progress=session.progress("fetching plugins"))
    session.close_progress()
    if session.terse:
        session.write_lines(safe(each.name) for each in done.plugins if each.status is not SyncStatus.CURRENT)
    else:
        session.emit(done, lambda: _draw(done, session))
    for each in done.plugins:
        if each.status is not SyncStatus.CURRENT:
            tell_owed(session, each.owed)
        if each.denied_by:
            tell_denied(session, each.name, done.project)
    if failures:
        changed = {SyncStatus.INSTALLED, SyncStatus.ADOPTED, SyncStatus.PRUNED}
        return status_of_several(sum(each.status in changed for each in done.plugins), failures)
    left = {SyncStatus.DRIFTED, SyncStatus.MISSING, SyncStatus.UNLOCKED}
    return exit_codes.DRIFTED if left & {each.status for each in done.plugins} else exit_codes.OK


def _draw(done: "Synced", session: Session) -> None:
    from toolhive_plugins_cli.columns import columns

    if not done.plugins:
        session.say("The project's lock file has no plugins")
        return
    rows = [
        (safe(each.name), each.status.value, ", ".join(each.clients) or "-", safe("; ".join(each.reasons)) or "-")
        for each in done.plugins
    ]
    session.write(
        columns(("NAME", "STATUS", "CLIENTS", "WHY"), rows, width=1_000_000, color=session.color, flexible=3).rstrip()
    )
