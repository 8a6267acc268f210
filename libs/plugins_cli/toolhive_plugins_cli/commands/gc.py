"""Delete from the local store what no build uses, and what interrupted runs left behind."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import plural, size

if TYPE_CHECKING:
    from toolhive_plugins_service import GcReport


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--grace",
        metavar="SECONDS",
        type=float,
        default=3600.0,
        help="keep what is younger, since another run may be about to use it (default: 3600)",
    )


def run(args: argparse.Namespace, session: Session) -> int:
    """Delete, and print what was freed."""
    if not args.grace >= 0:
        session.usage_error("argument --grace: must not be negative")
    report = session.service.gc(grace=args.grace)
    session.emit(report, lambda: _draw(report, session))
    return exit_codes.OK


def _draw(report: "GcReport", session: Session) -> None:
    if not report.blobs and not report.files:
        session.write("nothing to delete")
        return
    left = f", and {plural(report.files, 'file')} left by interrupted runs" if report.files else ""
    session.write(f"deleted {plural(len(report.blobs), 'blob')}, {size(report.size)}{left}")
