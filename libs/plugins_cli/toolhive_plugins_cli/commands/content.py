"""List the files of a plugin, or print one of them, without installing it."""

import argparse
import sys
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import plural, safe, short_digest, size

if TYPE_CHECKING:
    from toolhive_plugins_service import Content


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "target", metavar="TARGET", help="a local tag or digest, registry/repository:tag, or ./directory"
    )
    parser.add_argument("path", metavar="PATH", nargs="?", help="print this file, byte for byte")
    parser.add_argument("--platform", metavar="OS/ARCH", help="use the artifact for this platform (default: its first)")
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Print the list, or the file."""
    progress = session.progress(f"fetching {safe(args.target)}")
    if args.path is not None:
        _print_file(args, session)
        return exit_codes.OK
    content = session.service.content(args.target, platform=session.platform(args.platform), progress=progress)
    session.close_progress()
    session.emit(content, lambda: _draw(content, session))
    return exit_codes.OK


def _print_file(args: argparse.Namespace, session: Session) -> None:
    out = sys.stdout.buffer
    # A pipe gets raw bytes; a terminal would act upon the escape sequences in them.
    escape = sys.stdout.isatty()
    for chunk in session.service.file(args.target, args.path, platform=session.platform(args.platform)):
        if escape:
            sys.stdout.write("".join(c if c in "\n\t" else safe(c) for c in chunk.decode("utf-8", "backslashreplace")))
        else:
            out.write(chunk)
    out.flush()


def _draw(content: "Content", session: Session) -> None:
    from toolhive_plugins_cli.columns import columns

    rows = [
        ("x" if file.executable else "", size(file.size), short_digest(file.digest), safe(file.path))
        for file in content.files
    ]
    sys.stdout.write(columns(("EXEC", "SIZE", "SHA256", "PATH"), rows, width=10_000, color=session.color, flexible=3))
    total = sum(file.size for file in content.files)
    what = f"{safe(content.name)} {safe(content.version)}".strip()
    session.say(f"{what}: {plural(len(content.files), 'file')}, {size(total)}")
