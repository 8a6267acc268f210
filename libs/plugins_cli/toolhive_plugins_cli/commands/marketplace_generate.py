"""Make a marketplace for Claude Code, and for Codex, from plugins in a registry, each pinned by its digest.

Three kinds of source: command, where the client runs thv-plugin path once its user has accepted that; archive, zip files to put at
--archive-url; directory, the plugins' folders, which Codex reads too. Without -o, the file is printed; that is enough for commands.

Status 8: a policy forbids some of the plugins, and the others are in it."""

import argparse
import sys
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.policy_options import add_policy_options
from toolhive_plugins_cli.registry_options import add_jobs, add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import plural

if TYPE_CHECKING:
    from toolhive_plugins_service import Generated


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("refs", metavar="REF", nargs="*", help="a plugin: registry/repository:tag or @digest")
    parser.add_argument("--from", dest="catalog", metavar="CATALOG", default="", help="all plugins of this catalog")
    parser.add_argument("--name", metavar="NAME", required=True, help="the marketplace's name in the clients")
    parser.add_argument("--owner", metavar="OWNER", default="", help="whose it is (default: its name)")
    parser.add_argument("--description", metavar="TEXT", default="", help="what it is for")
    parser.add_argument(
        "--source",
        choices=("command", "archive", "directory"),
        default="command",
        help="how clients get a plugin (default: command)",
    )
    parser.add_argument("-o", "--output", metavar="DIR", default="", help="the folder to write, new, empty or ours")
    parser.add_argument(
        "--archive-url", metavar="URL", default="", help="where the archives will be: https://host/folder/"
    )
    parser.add_argument(
        "--min-client", metavar="VERSION", default="", help="refuse what Claude Code of this version cannot read"
    )
    add_jobs(parser)
    add_policy_options(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Make it."""
    from toolhive_plugins_service import GenerateOptions, Owner, SourceChoice

    if not args.refs and not args.catalog:
        session.usage_error("name plugins, or a catalog with --from")
    options = GenerateOptions(
        name=args.name,
        owner=Owner(args.owner or args.name),
        description=args.description,
        source=SourceChoice(args.source),
        archive_url=args.archive_url,
        min_client=args.min_client,
        path_options=("--plain-http",) if args.plain_http else (),
        jobs=args.jobs,
    )
    made = session.marketplaces.generate(args.refs, options, catalog=args.catalog, directory=args.output)
    if session.format.value == "table" and not made.directory:
        sys.stdout.write(made.document)
    elif session.terse:
        session.write(made.directory)
    else:
        session.emit(made, lambda: _draw(made, session))
    session.warn(
        f"{name} is left out: Claude Code reserves the name, and would refuse the file" for name in made.left_out
    )
    session.warn(f"{plugin.name} is left out: {plugin.reason}" for plugin in made.forbidden)
    session.say(f"Claude Code {made.least_client} or newer reads it; older ones refuse the whole file")
    return exit_codes.PARTLY_FAILED if made.forbidden else exit_codes.OK


def _draw(made: "Generated", session: Session) -> None:
    page = session.page()
    page.title(made.name, plural(len(made.plugins), "plugin"), f"{made.kind.value} sources")
    page.field("written to", made.directory)
    page.field("files", ", ".join(made.files))
