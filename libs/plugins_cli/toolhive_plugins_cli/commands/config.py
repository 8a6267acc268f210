"""Show the settings for registries, and where each comes from.

Each is an option of the commands that talk to registries; or an environment variable, THV_PLUGIN_ and its name (THV_PLUGIN_CA_FILE); or
a line of config.toml, under the option's name (ca-file = "/etc/ssl/mine.pem"); in this order. THV_PLUGIN_CONFIG names another file."""

import argparse
import os
import sys
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import safe

if TYPE_CHECKING:
    from toolhive_plugins_cli.settings import Setting, Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Look the settings up, and show them."""
    from toolhive_plugins_cli.settings import read_settings

    settings = read_settings(args, os.environ)
    session.emit(settings, lambda: _draw(settings, session))
    if not settings.file_found:
        session.say(f"There is no configuration file; it would be {safe(settings.file)}")
    return exit_codes.OK


def _draw(settings: "Settings", session: Session) -> None:
    from toolhive_plugins_cli.columns import columns

    rows = [(each.name, _value(each), safe(each.origin) or each.source.value) for each in settings.settings]
    sys.stdout.write(columns(("SETTING", "VALUE", "FROM"), rows, width=10_000, color=session.color, flexible=1))


def _value(setting: "Setting") -> str:
    if isinstance(setting.value, tuple):
        return safe(", ".join(setting.value)) or "-"
    if isinstance(setting.value, float):
        return f"{setting.value:g}"
    return safe(setting.value) or "-"
