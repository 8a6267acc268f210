"""Repair what can be repaired in the local store; nothing undamaged is lost.

What cannot be repaired is moved aside, and the builds that need it are named. Exit status 1 if damage is left."""

import argparse

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import plural, safe


def configure(parser: argparse.ArgumentParser) -> None:
    """Add nothing: it has no arguments of its own."""


def run(_: argparse.Namespace, session: Session) -> int:
    """Repair, and print what was found and done."""
    found = session.service.repair()
    session.emit(found, lambda: session.write_lines(safe(problem) for problem in found.problems))
    left = sum(not problem.mended for problem in found.problems)
    if not found.problems:
        session.say(f"{safe(found.root)}: no damage")
    else:
        session.say(f"{plural(len(found.problems) - left, 'problem')} repaired, {left} left")
    return exit_codes.FAILED if left else exit_codes.OK
