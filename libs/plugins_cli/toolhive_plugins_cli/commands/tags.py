"""List the tags of a repository in a registry."""

import argparse

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import plural, safe


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("repository", metavar="REPOSITORY", help="registry/repository, without a tag")
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Ask the registry, and list them."""
    found = session.service.tags(args.repository)
    session.emit(found, lambda: session.write_lines(safe(tag) for tag in found.tags))
    session.say(f"{safe(found.repository)}: {plural(len(found.tags), 'tag')}")
    return exit_codes.OK
