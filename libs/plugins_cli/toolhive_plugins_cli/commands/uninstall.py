"""Take back exactly what an installation wrote: the plugin's folder, and our entries in the clients' files.

A folder that was edited since is left alone unless --force is passed. In a project the plugin leaves the lock file too. Several
plugins are removed one after the other; one that fails does not stop the rest."""

import argparse

from toolhive_plugins_cli.install_options import (
    add_client_option,
    add_place_options,
    add_yes_option,
    installs_of,
    place_of,
    tell_owed,
)
from toolhive_plugins_cli.session import OutputFormat, Session
from toolhive_plugins_cli.several import status_of_several
from toolhive_plugins_cli.text import plural, safe


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("names", metavar="NAME", nargs="+", help="an installed plugin, as thv-plugin list shows it")
    add_client_option(parser, "all that have it")
    add_place_options(parser)
    parser.add_argument("-f", "--force", action="store_true", help="remove a folder that was edited")
    add_yes_option(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Uninstall each, even if another is not installed."""
    from toolhive_plugins_service import ToolhiveError, UninstallRequest

    place = place_of(args, session, may_be_gone=True)
    installs = installs_of(session)
    results = []
    failures: list[int] = []
    for name in args.names:
        request = UninstallRequest(name=name, place=place, clients=tuple(args.client), force=args.force)
        try:
            done = installs.uninstall(request)
        except ToolhiveError as error:
            failures.append(session.report(error))
            continue
        results.append(done)
        session.say(f"uninstalled {safe(done.name)} from {', '.join(client.client for client in done.clients)}")
        if done.leavings:
            session.say(f"{plural(len(done.leavings), 'file')} that it had left in its folder went with it")
        for note in done.notes:
            session.say(f"note: {safe(note)}")
        tell_owed(session, done.owed)
    if session.format is not OutputFormat.TABLE:
        session.emit(results)
    return status_of_several(len(results), failures)
