"""Read marketplaces of plugins, mirror them to a registry, compare what changed, show them, and hand them to the clients of a team.

Name what to do: read, push, show, diff, copy, generate or page. Each has a help of its own, thv-plugin marketplace push --help say."""

import argparse
from typing import NoReturn

from toolhive_plugins_cli.session import Session


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    from toolhive_plugins_cli.overview import FAMILIES

    group = parser.add_argument_group("what to do")
    members = ", ".join(FAMILIES["marketplace"])
    group.add_argument("action", metavar="ACTION", help=members)
    parser.epilog = "\n".join(f"  {name:<10} {summary}" for name, summary in FAMILIES["marketplace"].items())


def run(args: argparse.Namespace, session: Session) -> NoReturn:  # noqa: ARG001 - as every command's
    """End the run: every action is a command of its own."""
    session.usage_error("name what to do with a marketplace")
