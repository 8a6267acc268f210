"""Look for damage in the local store: reads all of it and follows every build to its last file.

Exit status 1 where there is damage; `thv-plugin repair` mends what can be mended."""

import argparse

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import plural, safe


def configure(parser: argparse.ArgumentParser) -> None:
    """It takes no arguments of its own."""


def run(_: argparse.Namespace, session: Session) -> int:
    """Look, and say what was found."""
    found = session.service.check()
    session.emit(found, lambda: session.write_lines(safe(problem) for problem in found.problems))
    if found.problems:
        session.say(f"{plural(len(found.problems), 'problem')}; thv-plugin repair mends what can be mended")
        return exit_codes.FAILED
    session.say(f"{safe(found.root)}: sound")
    return exit_codes.OK
