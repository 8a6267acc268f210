"""Show a catalog: every plugin that it pins, by digest.

A catalog is named by its prefix, REGISTRY/PREFIX, by the reference of its artifact, or by the address of a ToolHive registry server,
https://host/registry/NAME, whose list of plugins is then read."""

import argparse
import sys
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import plural, safe, short_digest

if TYPE_CHECKING:
    from toolhive_plugins_service import CatalogView


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "catalog",
        metavar="CATALOG",
        help="registry/prefix, a catalog's reference, or a registry server's address",
    )
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Fetch it, and show it."""
    view = session.marketplaces.show(args.catalog)
    if session.terse:
        session.write(view.pinned)
    else:
        session.emit(view, lambda: _draw(view, session))
    session.warn(f"not taken: {text}" for text in view.skipped)
    return exit_codes.OK


def _draw(view: "CatalogView", session: Session) -> None:
    from toolhive_plugins_cli.columns import columns
    from toolhive_plugins_cli.surface_words import parts_in_words

    page = session.page()
    page.title(view.name, plural(len(view.plugins), "plugin"))
    page.prose(view.description)
    page.line()
    page.field("owner", " ".join(filter(None, (view.owner.name, view.owner.email))))
    page.field("source", view.source)
    page.field("commit", view.revision)
    page.field("under", view.prefix)
    page.field("pin it as", view.pinned)
    page.field("renamed", ", ".join(f"{old} -> {new}" for old, new in view.renames.items()))
    page.line()
    rows = [
        (
            safe(plugin.name),
            safe(plugin.version) or "-",
            short_digest(plugin.digest),
            "yes" if plugin.surface.at_start else "no",
            ", ".join(f"{safe(each)} (made)" if each in plugin.adapted else safe(each) for each in plugin.formats),
            safe(parts_in_words(plugin.surface)) or "-",
        )
        for plugin in view.plugins
    ]
    header = ("PLUGIN", "VERSION", "DIGEST", "AT START", "FORMATS", "HAS")
    sys.stdout.write(columns(header, rows, width=session.width, color=session.color, flexible=5))
