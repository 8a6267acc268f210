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
    return max(_delete(tag, session, force=args.force) for tag in args.tags)


def _delete(tag: str, session: Session, *, force: bool) -> int:
    from toolhive_plugins_cli.failures import report
    from toolhive_plugins_service import ToolhiveError, errors

    try:
        session.service.delete_build(tag)
    except errors.NOT_FOUND as error:
        return exit_codes.OK if force else report(error)
    except ToolhiveError as error:
        return report(error)
    session.say(f"deleted {safe(tag)}")
    return exit_codes.OK
