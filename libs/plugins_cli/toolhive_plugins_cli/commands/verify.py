"""Check that an artifact was built from a directory.

The directory is built again with the artifact's own epoch and platforms, in both profiles, and compared with it: files, modes,
labels, annotations. How the files were compressed does not matter. The commit and the address of the source that the artifact names
are checked only with --git and --source-url. Exit status 5 if the artifact was not built from it."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.source_options import add_source_options, source_of
from toolhive_plugins_cli.styled_text import Text
from toolhive_plugins_cli.text import plural, safe, short_digest

if TYPE_CHECKING:
    from toolhive_plugins_cli.page import Page
    from toolhive_plugins_service import Verification

_SHOWN = 40


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "directory", metavar="DIR", help="the source: the plugin's directory, at the commit that was built"
    )
    parser.add_argument(
        "target", metavar="TARGET", help="the artifact: a local tag or digest, or registry/repository:tag"
    )
    add_source_options(parser, url_help="the address of the source code that the artifact should name")
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Compare, and show the verdict."""
    source = source_of(args, session)
    progress = session.progress(f"fetching {safe(args.target)}")
    verification = session.service.verify(args.directory, args.target, source=source, progress=progress)
    session.close_progress()
    if not session.terse:
        session.emit(verification, lambda: _draw(verification, session))
    return exit_codes.OK if verification.verified else exit_codes.NOT_VERIFIED


def _draw(verification: "Verification", session: Session) -> None:
    from toolhive_plugins_cli.page import untrusted
    from toolhive_plugins_service import Verdict

    page = session.page()
    match verification.verdict:
        case Verdict.IDENTICAL:
            page.line(Text("verified  ", "good"), Text("built from this source, bit for bit"))
        case Verdict.SAME_CONTENT if verification.oddities:
            page.line(Text("verified  ", "good"), Text("built from this source, but not bit for bit"))
        case Verdict.SAME_CONTENT:
            page.line(Text("verified  ", "good"), Text("built from this source, with another compressor"))
        case Verdict.DIFFERENT:
            page.line(Text("does not verify  ", "danger"), Text("this artifact was not built from this source"))
    page.line()
    page.field("artifact", verification.origin.name)
    page.field("digest", verification.origin.digest)
    page.field("source", verification.directory)
    page.field("profile", verification.compat.value)
    page.field("epoch", str(verification.epoch))
    page.field("platforms", ", ".join(str(platform) for platform in verification.platforms))
    if verification.unchecked:
        page.field("not checked", ", ".join(verification.unchecked))
    if verification.verdict is Verdict.SAME_CONTENT:
        page.field("content", f"the same archive, {short_digest(verification.diff_id)}, and the same config")
        page.field(
            "layer",
            f"compressed to {short_digest(verification.layer_digest)} there and to "
            f"{short_digest(verification.rebuilt_layer_digest)} here; the content is the same",
        )
    if verification.oddities:
        page.section("Carries what no build writes", "the content is not changed by it", "caution")
        for oddity in verification.oddities:
            place = f"{oddity.aspect.value} {oddity.platform or oddity.subject}"
            page.line(untrusted(place, "name"), "  ", untrusted(oddity.problem), indent=2, hang=4)
    if verification.differences:
        _draw_differences(verification, page, verbose=session.verbose)


def _draw_differences(verification: "Verification", page: "Page", *, verbose: bool) -> None:
    """Draw the differences; what is different in the same way in several documents is drawn once."""
    from toolhive_plugins_cli.page import untrusted
    from toolhive_plugins_service import Aspect

    places: dict[tuple[str, str], list[str]] = {}
    for difference in verification.differences:
        place = "" if difference.aspect is Aspect.FILE else f"{difference.aspect.value} {difference.platform}".strip()
        places.setdefault((difference.subject or place, difference.problem), []).append(place)
    page.section(plural(len(places), "difference"))
    shown = list(places.items()) if verbose else list(places.items())[:_SHOWN]
    for (subject, problem), where in shown:
        page.line(untrusted(subject, "name"), "  ", untrusted(problem), indent=2, hang=4)
        if where not in ([""], [subject]):
            page.line(Text("in " + ", ".join(where), "quiet"), indent=4)
    if len(shown) < len(places):
        page.line(f"and {len(places) - len(shown)} more; --verbose shows all", indent=2)
