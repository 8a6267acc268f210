"""Package a plugin directory into the local store.

The same files, epoch, platforms and profile give the same digest, on any machine."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.source_options import add_source_options, source_of
from toolhive_plugins_cli.text import inventory, plural, size

if TYPE_CHECKING:
    from toolhive_plugins_service import Build


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "directory", metavar="DIR", help="the plugin: the directory that holds .claude-plugin/plugin.json"
    )
    parser.add_argument(
        "-t", "--tag", metavar="TAG", default="", help="the tag to give it (default: the plugin's name)"
    )
    parser.add_argument(
        "--platform",
        action="append",
        default=[],
        metavar="OS/ARCH",
        help="build for this platform; may be repeated (default: linux/amd64, linux/arm64)",
    )
    parser.add_argument(
        "--epoch",
        metavar="SECONDS",
        help="the time to record, in seconds since 1970 (default: SOURCE_DATE_EPOCH, else the commit's with --git, else 0)",
    )
    parser.add_argument(
        "--compat",
        choices=("none", "toolhive-core"),
        default="none",
        help="toolhive-core: write exactly what that Go library writes, up to compression (default: none)",
    )
    parser.add_argument(
        "--adapt",
        action="append",
        default=[],
        choices=("claude-code", "agent-plugins", "gemini"),
        help="make what this client or format reads, where the plugin lacks it; may be repeated",
    )
    add_source_options(parser, url_help="the address of the source code, to record in the artifact")


def run(args: argparse.Namespace, session: Session) -> int:
    """Build, and show the result."""
    from toolhive_plugins_service import BuildRequest, Compat

    request = BuildRequest(
        directory=args.directory,
        tag=args.tag,
        epoch=args.epoch,
        platforms=tuple(args.platform),
        compat=Compat(args.compat),
        source=source_of(args, session),
        adapt=tuple(args.adapt),
    )
    build = session.service.build(request)
    if session.terse:
        session.write(build.digest)
    else:
        session.emit(build, lambda: _draw(build, session))
    session.warn(build.warnings)
    session.tell_running_thv()
    return exit_codes.OK


def _draw(build: "Build", session: Session) -> None:
    page = session.page()
    page.title(build.name, build.version, build.license)
    page.prose(build.description)
    page.line()
    page.field("tag", build.tag)
    page.field("digest", build.digest)
    page.field("files", f"{plural(build.files, 'file')}, {size(build.content_size)}; {size(build.layer_size)} to send")
    page.field("platforms", ", ".join(str(platform) for platform in build.platforms))
    page.field("commit", build.revision)
    page.field("source", build.source_url)
    page.field("components", inventory(build.components) or "none")
    page.field("requires", ", ".join(build.requires))
    page.field("left out", ", ".join(build.left_out))
    page.field("made", ", ".join(build.made))
    page.field("not carried", "; ".join(build.left_behind))
