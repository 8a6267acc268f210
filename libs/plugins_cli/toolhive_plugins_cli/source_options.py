"""The options that say where a plugin's files come from: a commit instead of the directory as it is, and an address to tell."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli.session import Session

if TYPE_CHECKING:
    from toolhive_plugins_service import Source


def add_git_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that name a commit."""
    _add_git_options(parser.add_argument_group("the source"))


def add_source_options(parser: argparse.ArgumentParser, *, url_help: str) -> None:
    """Add the options that name a commit, and the one for the address of the source code."""
    group = parser.add_argument_group("the source")
    _add_git_options(group)
    group.add_argument("--source-url", metavar="URL", default="", help=url_help)


def revision_of(args: argparse.Namespace, session: Session) -> str | None:
    """Return the revision that the options name; None for the files as they are on disk."""
    if args.rev is not None and not args.git:
        session.usage_error("--rev is of use only with --git")
    if not args.git:
        return None
    revision: str = "HEAD" if args.rev is None else args.rev
    return revision


def source_of(args: argparse.Namespace, session: Session) -> "Source":
    """Return the source that the options name."""
    from toolhive_plugins_service import Source

    return Source(revision=revision_of(args, session), url=args.source_url)


def _add_git_options(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--git", action="store_true", help="use the files of the last commit, not those on disk")
    group.add_argument("--rev", metavar="REV", help="with --git: a branch, a tag or a commit (default: HEAD)")
