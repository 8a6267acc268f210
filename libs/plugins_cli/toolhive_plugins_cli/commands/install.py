"""Install a plugin into Claude Code, Codex, Copilot CLI and Gemini CLI.

It is fetched, what it would run is shown, and you are asked; then it is written into each client, all or nothing. With a project its
lock file, toolhive.lock.yaml, pins it for everybody who works on it."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.install_options import (
    AskingConsent,
    add_client_option,
    add_consent_options,
    add_place_options,
    installs_of,
    place_of,
    tell_owed,
)
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import safe

if TYPE_CHECKING:
    from toolhive_plugins_service import Installed


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "target",
        metavar="TARGET",
        help="registry/repository:tag, registry/repository@digest, git://host/owner/repo[@ref][#folder], a local tag, or a catalog's name",
    )
    add_client_option(parser, "those that you have")
    add_place_options(parser)
    parser.add_argument(
        "--method",
        choices=("folder", "marketplace"),
        help="how it gets into a client: a folder that loads in place, or a marketplace in its settings (default: the client's own)",
    )
    parser.add_argument(
        "-f", "--force", action="store_true", help="replace a folder that was edited, or that no installation made"
    )
    add_consent_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Install it."""
    from toolhive_plugins_service import InstallRequest, Method

    request = InstallRequest(
        target=args.target,
        place=place_of(args, session),
        clients=tuple(args.client),
        method=Method(args.method) if args.method else None,
        allow_unsigned=args.allow_unsigned,
        allow_signer_change=args.allow_signer_change,
        force=args.force,
    )
    progress = session.progress(f"fetching {safe(args.target)}")
    done = installs_of(session, signed_for=args).install(request, AskingConsent(args, session), progress=progress)
    session.close_progress()
    if session.terse:
        session.write(done.digest)
    else:
        session.emit(done, lambda: _draw(done, session))
    session.warn(done.warnings)
    for note in done.notes:
        session.say(f"note: {safe(note)}")
    tell_owed(session, done.owed)
    return exit_codes.OK


def _draw(done: "Installed", session: Session) -> None:
    page = session.page()
    page.title(done.name, done.version)
    page.field("status", done.status.value)
    page.field("digest", done.digest)
    page.field("from", done.source)
    page.field("signed by", done.signer or "nobody")
    if done.project:
        page.field("project", done.project)
    for client in done.clients:
        page.field(client.client, client.folder)
