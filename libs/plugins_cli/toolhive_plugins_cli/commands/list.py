"""List the installed plugins, and whether their clients load them.

Health is read from the clients' own files at this moment, not from our record. What the local store holds is listed by
`thv-plugin builds`."""

import argparse
import sys
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.install_options import (
    add_client_option,
    add_place_options,
    installs_of,
    place_of,
    tell_denied,
)
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import safe, short_digest

if TYPE_CHECKING:
    from toolhive_plugins_service import InstalledPlugin


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_client_option(parser, "all")
    add_place_options(parser)
    parser.add_argument("--no-trunc", action="store_true", help="do not shorten digests and sources")


def run(args: argparse.Namespace, session: Session) -> int:
    """Show the table."""
    from toolhive_plugins_service import ListRequest, Scope

    project = "" if args.project is None else place_of(args, session).root
    scope = Scope.PROJECT if project else (Scope(args.scope) if args.scope else None)
    found = installs_of(session).list(ListRequest(clients=tuple(args.client), scope=scope, project=project))
    if session.terse:
        session.write_lines(safe(plugin.name) for plugin in found)
    else:
        session.emit(found, lambda: _draw(found, session, whole=args.no_trunc))
    return exit_codes.OK


def _draw(found: "tuple[InstalledPlugin, ...]", session: Session, *, whole: bool) -> None:
    if not found:
        # For one release: until then `list` showed the builds.
        session.say("No plugin is installed. The builds in the local store are listed by: thv-plugin builds")
        return
    from toolhive_plugins_cli.columns import columns

    rows = [
        (
            safe(plugin.name),
            safe(client.version) or "-",
            plugin.scope.value,
            client.client,
            ", ".join(trouble.status for trouble in client.troubles) or "ok",
            client.digest if whole else short_digest(client.digest),
            safe(plugin.source),
        )
        for plugin in found
        for client in plugin.clients
    ]
    header = ("NAME", "VERSION", "SCOPE", "CLIENT", "HEALTH", "DIGEST", "SOURCE")
    width = 1_000_000 if whole else session.width
    sys.stdout.write(columns(header, rows, width=width, color=session.color, flexible=6))
    session.warn(
        f"{plugin.name} in {client.client}: {trouble.text}"
        for plugin in found
        for client in plugin.clients
        for trouble in client.troubles
        if not client.ok
    )
    for plugin in found:
        if any(client.denied_by for client in plugin.clients):
            tell_denied(session, plugin.name, plugin.project)
