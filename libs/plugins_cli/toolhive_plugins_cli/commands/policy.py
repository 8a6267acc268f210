"""Policies say whom to trust and what a plugin may do, by where it comes from.

They are found in policy.toml in the folder of the configuration, in toolhive.policy.toml at the root of a project, and by --policy. All
that are found must hold, so a project's can only forbid more. Whatever hands plugins on obeys them: pull, extract, path, seed, install,
sync, upgrade and marketplace. See docs/policy.md for what a policy can say, and thv-plugin policy test --help."""

import argparse
from typing import NoReturn

from toolhive_plugins_cli.session import Session


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    from toolhive_plugins_cli.overview import FAMILIES

    group = parser.add_argument_group("what to do")
    group.add_argument("action", metavar="ACTION", help=", ".join(FAMILIES["policy"]))
    parser.epilog = "\n".join(f"  {name:<10} {summary}" for name, summary in FAMILIES["policy"].items())


def run(args: argparse.Namespace, session: Session) -> NoReturn:  # noqa: ARG001 - as every command's
    """End the run: every action is a command of its own."""
    session.usage_error("name what to do with policies")
