"""Print the folder of a plugin, as a marketplace's source of the type "command" wants it: one line, or nothing.

The folder is read-only. It is checked each time, and written again where anything in it differs. A target with a digest, once it is
here, needs no network. For a tag, a branch or a name it is remembered what was handed out last: a newer version that can do more is
not handed out, status 4, until --accept-growth is passed once. Folders are kept for 30 days after they were last asked for."""

import argparse
import os
import sys

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.policy_options import add_policy_options
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import safe
from toolhive_plugins_cli.trust_options import add_first_use_options, first_use_trust


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "target",
        metavar="TARGET",
        help="registry/repository@digest, a tag, git://host/owner/repo[@ref][#folder], a local tag, or a catalog's name",
    )
    parser.add_argument(
        "--accept-growth", action="store_true", help="hand out a newer version that can do more than the last one"
    )
    parser.add_argument(
        "--allow-downgrade", action="store_true", help="hand out a version that is older than the last one"
    )
    add_first_use_options(parser)
    add_policy_options(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Find or write the folder, and print its path."""
    progress = session.progress(f"fetching {safe(args.target)}")
    found = session.service.path(
        args.target,
        accept_growth=args.accept_growth,
        allow_downgrade=args.allow_downgrade,
        trust=first_use_trust(args, session),
        allow_unsigned=args.allow_unsigned,
        allow_signer_change=args.allow_signer_change,
        progress=progress,
    )
    session.close_progress()
    session.emit(found, lambda: _write_path(found.path))
    return exit_codes.OK


def _write_path(path: str) -> None:
    """Write the path's own bytes: it is for a program, which opens it."""
    sys.stdout.flush()
    sys.stdout.buffer.write(os.fsencode(path) + b"\n")
    sys.stdout.buffer.flush()
