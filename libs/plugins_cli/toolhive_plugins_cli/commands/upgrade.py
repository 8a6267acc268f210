"""Ask again what each source names, show what changed, and install what is new.

A new version that can do more than the installed one needs your yes, or --accept-growth; else the exit status is 4 and nothing of it
is installed. With --preview nothing is changed. A source that names a digest or a commit never changes."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.install_options import (
    AskingConsent,
    add_consent_options,
    add_downgrade_option,
    add_place_options,
    installs_of,
    place_of,
    tell_owed,
)
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.several import status_of_several
from toolhive_plugins_cli.text import safe

if TYPE_CHECKING:
    from toolhive_plugins_service import UpgradedPlugin


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("names", metavar="NAME", nargs="*", help="an installed plugin (default: all)")
    add_place_options(parser)
    parser.add_argument("--preview", action="store_true", help="show what is new, and change nothing")
    parser.add_argument("--fail-on-changes", action="store_true", help="exit status 7 where something is new")
    parser.add_argument(
        "--allow-ref-change", action="store_true", help="accept that a catalog now names another repository"
    )
    parser.add_argument("-f", "--force", action="store_true", help="replace folders that were edited")
    add_downgrade_option(parser)
    add_consent_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Upgrade each, even if another fails."""
    from toolhive_plugins_service import UpgradeRequest, UpgradeStatus

    request = UpgradeRequest(
        names=tuple(args.names),
        place=place_of(args, session),
        preview=args.preview,
        allow_ref_change=args.allow_ref_change,
        allow_unsigned=args.allow_unsigned,
        allow_signer_change=args.allow_signer_change,
        allow_downgrade=args.allow_downgrade,
        force=args.force,
    )
    failures: list[int] = []
    consent = AskingConsent(args, session)
    done = installs_of(session, failures, args).upgrade(request, consent, progress=session.progress("fetching plugins"))
    session.close_progress()
    if session.terse:
        session.write_lines(safe(each.name) for each in done if each.old_digest != each.new_digest)
    else:
        session.emit(done, lambda: _draw(done, session))
    for each in done:
        for note in each.notes:
            session.say(f"note: {safe(each.name)}: {safe(note)}")
        tell_owed(session, each.owed)
    if failures:
        return status_of_several(sum(each.status is UpgradeStatus.UPGRADED for each in done), failures)
    if args.preview and not args.accept_growth and any(each.grew for each in done):
        return exit_codes.SURFACE_GREW
    new = {UpgradeStatus.AVAILABLE, UpgradeStatus.UPGRADED} & {each.status for each in done}
    return exit_codes.DRIFTED if new and args.fail_on_changes else exit_codes.OK


def _draw(done: "tuple[UpgradedPlugin, ...]", session: Session) -> None:
    if not done:
        session.say("Nothing is installed there")
        return
    from toolhive_plugins_cli.columns import columns
    from toolhive_plugins_service import Comparison, UpgradeStatus

    rows = [
        (
            safe(each.name) + (f" -> {safe(each.new_name)}" if each.new_name else ""),
            each.status.value,
            _versions(each),
            ", ".join(["can do more"] * each.grew + ["older"] * each.older) or "-",
            safe(each.source),
        )
        for each in done
    ]
    header = ("NAME", "STATUS", "VERSION", "GROWTH", "SOURCE")
    session.write(columns(header, rows, width=max(session.width, 80), color=session.color, flexible=4).rstrip())
    for each in done:
        if each.status is UpgradeStatus.AVAILABLE and isinstance(each.change, Comparison):
            from toolhive_plugins_cli.comparison_page import draw_changes

            page = session.page()
            page.line()
            page.title(each.name, _versions(each))
            draw_changes(page, each.change, verbose=session.verbose)


def _versions(each: "UpgradedPlugin") -> str:
    old, new = safe(each.old_version) or "no version", safe(each.new_version) or "no version"
    return old if each.old_digest == each.new_digest else f"{old} -> {new}"
