"""Delete builds from the local store, with everything that no other build uses.

Registries are not changed."""

import argparse

from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.several import status_of_several
from toolhive_plugins_cli.text import safe


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("tags", metavar="TAG", nargs="+", help="a local tag, as thv-plugin builds shows it")
    parser.add_argument("-f", "--force", action="store_true", help="do not fail if there is no such tag")


def run(args: argparse.Namespace, session: Session) -> int:
    """Delete each, even if another does not exist."""
    from toolhive_plugins_service import ToolhiveError, error_kinds

    deleted = 0
    failures: list[int] = []
    for tag in args.tags:
        try:
            session.service.delete_build(tag)
        except ToolhiveError as error:
            if not (args.force and isinstance(error, error_kinds.NOT_FOUND)):
                failures.append(session.report(error))
            continue
        deleted += 1
        session.say(f"deleted {safe(tag)}")
    return status_of_several(deleted, failures)
