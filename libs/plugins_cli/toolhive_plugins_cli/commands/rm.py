"""Delete builds from the local store, with all that no other build uses.

What was pushed stays in its registry."""

import argparse

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import safe


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("tags", metavar="TAG", nargs="+", help="a local tag, as thv-plugin list shows it")
    parser.add_argument("-f", "--force", action="store_true", help="do not fail where there is no such tag")


def run(args: argparse.Namespace, session: Session) -> int:
    """Delete each; what can be deleted is, even where another is not there."""
    from toolhive_plugins_cli.failures import complain, status_of
    from toolhive_plugins_service import ToolhiveError, errors

    status = exit_codes.OK
    for tag in args.tags:
        try:
            session.service.delete_build(tag)
        except ToolhiveError as error:
            if args.force and isinstance(error, errors.NOT_FOUND):
                continue
            complain(error.problem, where=error.where, remedy=error.remedy)
            status = status_of(error)
        else:
            session.say(f"deleted {safe(tag)}")
    return status
