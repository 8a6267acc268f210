"""Write a folder of plugins for CLAUDE_CODE_PLUGIN_SEED_DIR: Claude Code loads them from there without fetching anything.

For containers and machines without a network. The folder can be moved, and be read-only. Plugins in it load once settings enable them:
stdout has what they need to say, and --settings writes it into a file. A seed that is there already is added to; a plugin whose name it has
is refused. All is written or nothing."""

import argparse
import json
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.install_options import add_yes_option
from toolhive_plugins_cli.policy_options import add_policy_options
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import plural, safe

if TYPE_CHECKING:
    from toolhive_plugins_service import Seeded


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", metavar="DIR", help="the folder: absent, empty, or a seed to add to")
    parser.add_argument(
        "targets",
        metavar="TARGET",
        nargs="+",
        help="registry/repository:tag or @digest, git://host/owner/repo[@ref][#folder], a local tag, or a catalog's name",
    )
    parser.add_argument("--settings", metavar="FILE", help="enable the plugins in this settings file of Claude Code's")
    parser.add_argument(
        "--marketplace", metavar="NAME", help="what the seed's marketplace is called (default: toolhive-seed)"
    )
    parser.add_argument("-f", "--force", action="store_true", help="write a seed that is there anew, with these alone")
    add_yes_option(parser)
    add_policy_options(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Write the folder."""
    from toolhive_plugins_service import SeedRequest

    names = {"marketplace": args.marketplace} if args.marketplace is not None else {}
    request = SeedRequest(
        directory=args.directory, targets=args.targets, settings=args.settings or "", replace=args.force, **names
    )
    seeded = session.service.seed(request, progress=session.progress("fetching plugins"))
    session.close_progress()
    session.emit(seeded, lambda: _draw(seeded, session))
    session.warn(seeded.warnings)
    session.say(f"{plural(len(seeded.plugins), 'plugin')} in {safe(seeded.directory)}")
    session.say(f"CLAUDE_CODE_PLUGIN_SEED_DIR={safe(seeded.directory)} loads them, wherever the folder is then")
    session.say(
        "In `claude -p`, set CLAUDE_CODE_SYNC_PLUGIN_INSTALL=1 too: else the first session may start without them"
    )
    return exit_codes.OK


def _draw(seeded: "Seeded", session: Session) -> None:
    if session.quiet or seeded.settings:
        session.write(safe(seeded.settings or seeded.directory))
    else:
        session.write_lines(json.dumps({"enabledPlugins": seeded.enabled}, indent=2).splitlines())
