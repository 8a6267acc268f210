"""Give a local build another tag.

The build itself is not copied, and keeps the tags that it has."""

import argparse

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import safe


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("source", metavar="SRC", help="the build: a local tag or digest")
    parser.add_argument("tag", metavar="NEW", help="the tag to add; if another build has it, it moves to this one")


def run(args: argparse.Namespace, session: Session) -> int:
    """Tag it."""
    tagged = session.service.tag(args.source, args.tag)
    session.emit(tagged, lambda: session.write(tagged.digest))
    session.say(f"tagged {safe(tagged.tag)}")
    session.tell_running_thv()
    return exit_codes.OK
