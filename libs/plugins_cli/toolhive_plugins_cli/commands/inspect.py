"""Show what a plugin would run on your machine, read from its files and not from its labels.

That is hooks, MCP and LSP servers, monitors, executable files, and the tools that commands, skills and agents may use. Nothing
is run or installed; a plugin in a registry is fetched for this and not kept."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.source_options import add_git_options, revision_of
from toolhive_plugins_cli.text import Text, plural, safe, size

if TYPE_CHECKING:
    from toolhive_plugins_service import Inspection


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "target", metavar="TARGET", help="a local tag or digest, registry/repository:tag, or ./directory"
    )
    parser.add_argument("--platform", metavar="OS/ARCH", help="use the artifact for this platform (default: its first)")
    add_git_options(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Inspect it, and show what was found."""
    inspection = session.service.inspect(
        args.target,
        platform=session.platform(args.platform),
        revision=revision_of(args, session),
        progress=session.progress(f"fetching {safe(args.target)}"),
    )
    session.close_progress()
    session.emit(inspection, lambda: _draw(inspection, session))
    return exit_codes.OK


def _draw(inspection: "Inspection", session: Session) -> None:
    from toolhive_plugins_cli.page import untrusted
    from toolhive_plugins_cli.surface_page import draw_disagreements, draw_headline, draw_surface

    page = session.page()
    page.title(inspection.name, inspection.version, inspection.license)
    if inspection.description:
        page.prose(inspection.description)
    page.line()
    page.field("by", inspection.author)
    page.field("home", inspection.homepage)
    page.field(inspection.origin.kind, inspection.origin.name)
    page.field("digest", inspection.origin.digest)
    page.field("commit", inspection.origin.revision)
    page.field("made for", ", ".join(inspection.adapted))
    page.field("files", f"{plural(inspection.files, 'file')}, {size(inspection.size)}")
    page.line()
    draw_headline(page, inspection.surface)
    draw_surface(page, inspection.surface, verbose=session.verbose)
    for other in inspection.other_platforms:
        page.line()
        page.line(Text("For ", "danger"), str(other.platform), Text(" it holds other files", "danger"))
        page.line()
        draw_headline(page, other.surface)
        draw_surface(page, other.surface, verbose=session.verbose)
    draw_disagreements(page, inspection)
    if inspection.irregular:
        page.section("Cannot be packaged", "", "caution")
        for item in inspection.irregular:
            page.line(untrusted(item.path, "name"), f"  is {item.what}", indent=2)
    if inspection.left_out:
        page.section("Left out of artifacts", "hidden files; a client that loads this directory may still read them")
        for path in inspection.left_out:
            page.line(untrusted(path), indent=2)
