"""The options that say where a plugin's files come from: a commit instead of the directory as it is, and an address to tell."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli.session import Session

if TYPE_CHECKING:
    from toolhive_plugins_service import Source


def add_source_options(parser: argparse.ArgumentParser, *, url_help: str) -> None:
    """Add the options."""
    group = parser.add_argument_group("the source")
    group.add_argument("--git", action="store_true", help="use the files of the last commit, not those on disk")
    group.add_argument("--rev", metavar="REV", help="with --git: a branch, a tag or a commit (default: HEAD)")
    group.add_argument("--source-url", metavar="URL", default="", help=url_help)


def source_of(args: argparse.Namespace, session: Session) -> "Source":
    """Return the source that the options name."""
    from toolhive_plugins_service import Source

    if args.rev is not None and not args.git:
        session.usage_error("--rev is of use only with --git")
    revision = "HEAD" if args.rev is None else args.rev
    return Source(revision=revision if args.git else None, url=args.source_url)
