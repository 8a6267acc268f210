"""Forget the login for a registry.

It is removed from where login keeps it: the credential helper that the configuration names, and the file itself. No registry is asked."""

import argparse

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import safe


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("registry", metavar="HOST", help="the registry, with its port where it needs one")
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Forget it."""
    from toolhive_plugins_service import log_out

    done = log_out(args.registry)
    session.emit(done)
    for place in done.removed_from:
        session.say(f"removed the login for {safe(done.registry)} from {safe(place)}")
    if not done.removed_from:
        session.say(f"there was no login for {safe(done.registry)} to remove")
    session.warn(f"{place} still holds a login for {done.registry}" for place in done.still_in)
    return exit_codes.OK
