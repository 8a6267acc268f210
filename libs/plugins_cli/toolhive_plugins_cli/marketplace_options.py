"""The options that the subcommands of `marketplace` share, and what tells how far they are."""

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.terminal import is_terminal
from toolhive_plugins_cli.text import clip, safe

if TYPE_CHECKING:
    from enum import StrEnum

    from toolhive_plugins_service import MarketplaceSource

    class Done(Protocol):
        """A plugin that is done."""

        @property
        def name(self) -> str:
            """The plugin's name."""
            ...

        @property
        def state(self) -> StrEnum:
            """What became of it."""
            ...


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what names a marketplace, and how it is read."""
    parser.add_argument(
        "source", metavar="SRC", help="a folder, a local git repository, or its address: https://host/path[#branch]"
    )
    parser.add_argument("--rev", metavar="REV", default="", help="a branch, a tag or a commit (default: the newest)")
    parser.add_argument(
        "--include",
        metavar="KINDS",
        default="",
        help="also read plugins that come from npm packages or archives: npm,archive",
    )


def source_of(args: argparse.Namespace) -> "MarketplaceSource":
    """Return the marketplace that the arguments name."""
    from toolhive_plugins_service import MarketplaceSource

    kinds = tuple(kind.strip() for kind in args.include.split(",") if kind.strip())
    return MarketplaceSource(place=args.source, revision=args.rev, include=kinds)


def counter(session: Session) -> "Callable[[Done, int, int], None]":
    """Return what tells on a terminal how many plugins are done; it leaves nothing behind."""
    if session.quiet or not is_terminal(sys.stderr):
        return lambda _plugin, _done, _total: None

    def tell(plugin: "Done", done: int, total: int) -> None:
        line = clip(f"{done} of {total}  {safe(plugin.name)} {plugin.state.value}", 76)
        sys.stderr.write("\r\x1b[K" + (line if done < total else ""))
        sys.stderr.flush()

    return tell
