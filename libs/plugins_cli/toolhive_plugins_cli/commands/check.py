"""Check the local store for damage: every blob is read, and every build is followed to its last file.

Exit status 1 if there is damage; `thv-plugin repair` repairs what it can."""

import argparse

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import plural, safe


def configure(parser: argparse.ArgumentParser) -> None:
    """Add nothing: it has no arguments of its own."""


def run(_: argparse.Namespace, session: Session) -> int:
    """Check, and print what was found."""
    found = session.service.check()
    session.emit(found, lambda: session.write_lines(safe(problem) for problem in found.problems))
    if found.problems:
        session.say(f"{plural(len(found.problems), 'problem')}; thv-plugin repair repairs what it can")
        return exit_codes.FAILED
    session.say(f"{safe(found.root)}: no damage")
    return exit_codes.OK
