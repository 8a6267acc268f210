"""Show what is known of an installed plugin: its record, what each client loads of it and what it leaves, and what is wrong.

It is shown for the user and for each project that has it, unless one is named."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.install_options import add_place_options, installs_of, place_of
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import Text, plural

if TYPE_CHECKING:
    from toolhive_plugins_cli.page import Page
    from toolhive_plugins_service import ClientDetail, InstallInfo


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("name", metavar="NAME", help="an installed plugin, as thv-plugin list shows it")
    add_place_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Show it."""
    places = () if args.scope is None and args.project is None else (place_of(args, session),)
    found = installs_of(session).info(args.name, places)
    session.emit(found, lambda: _draw(found, session))
    return exit_codes.OK


def _draw(found: "tuple[InstallInfo, ...]", session: Session) -> None:
    page = session.page()
    for number, each in enumerate(found):
        if number:
            page.line()
        page.title(each.name, each.version)
        page.field("scope", each.project or each.scope.value)
        page.field("from", each.source)
        page.field("pinned as", each.reference)
        if each.catalog:
            page.field("catalog", each.catalog)
        page.field("digest", each.digest)
        page.field("content", each.content_digest)
        page.field("signed", "no" if each.unsigned else f"by {each.signer}")
        page.field("files", plural(each.files, "file"))
        for client in each.clients:
            _draw_client(client, page)


def _draw_client(client: "ClientDetail", page: "Page") -> None:
    from toolhive_plugins_cli.page import untrusted

    page.section(client.client, client.method, "" if client.ok else "caution")
    page.field("folder", client.folder)
    page.field("loads", _counted(client.loads) or "nothing")
    if client.leaves:
        page.field("leaves", _counted(client.leaves))
    if client.degraded:
        page.field("scope", client.degraded)
    for trouble in client.troubles:
        page.line(Text(f"{trouble.status}  ", "caution"), untrusted(trouble.text), indent=2, hang=4)
        if trouble.file:
            page.line("in ", untrusted(trouble.file, "quiet"), indent=4)
    for path in client.leavings:
        page.line(Text("left in the folder  ", "quiet"), untrusted(path), indent=2, hang=4)
    for step in client.owed:
        page.line(Text("still to do  ", "caution"), untrusted(step.text), indent=2, hang=4)
        if step.command:
            page.line(untrusted(step.command, "name"), indent=4)


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(plural(count, kind.removesuffix("s")) for kind, count in counts.items())
