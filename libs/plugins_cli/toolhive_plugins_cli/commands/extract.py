"""Write a plugin's files to a directory: all of them or none, and nothing outside it.

The plugin must have the name of its repository. An existing plugin is replaced only with --force, and nothing else is ever
replaced."""

import argparse

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.policy_options import add_policy_options
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import plural, safe, size


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("target", metavar="TARGET", help="a local tag or digest, or registry/repository:tag")
    parser.add_argument(
        "directory",
        metavar="DIR",
        nargs="?",
        default="",
        help="the directory to write (default: ./NAME, the plugin's name)",
    )
    parser.add_argument("-f", "--force", action="store_true", help="replace the plugin that is there")
    add_policy_options(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Write the files."""
    from toolhive_plugins_service import ExtractRequest

    request = ExtractRequest(target=args.target, directory=args.directory, replace=args.force)
    extracted = session.service.extract(request, progress=session.progress(f"fetching {safe(args.target)}"))
    session.close_progress()
    session.emit(extracted, lambda: session.write(safe(extracted.directory)))
    what = f"{safe(extracted.name)} {safe(extracted.version)}".strip()
    replaced = ", replacing the plugin that was there" if extracted.replaced else ""
    session.say(f"{what}: {plural(extracted.files, 'file')}, {size(extracted.size)}{replaced}")
    return exit_codes.OK
