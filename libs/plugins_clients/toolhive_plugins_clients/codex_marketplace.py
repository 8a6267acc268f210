"""The marketplace file that Codex reads: where it is, its name, and which of its entries are ours."""

import re
from pathlib import Path
from typing import Final

from toolhive_plugins import shown
from toolhive_plugins_clients.documents import ClientFile, read_client_file
from toolhive_plugins_clients.errors import ClientFileError, Hint
from toolhive_plugins_clients.json_edits import find
from toolhive_plugins_clients.json_text import Plain
from toolhive_plugins_clients.placements import Placement
from toolhive_plugins_clients.project_names import PREFIX, project_marketplace

USER_MARKETPLACE: Final = "toolhive"
FOLDER: Final = ".agents/plugins/toolhive"
"""Where plugins go, from the home or the project, which is also what the marketplace's paths are resolved from."""

_name = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII).fullmatch
_reserved = re.compile(r"openai-", re.ASCII).match


def market_file(placement: Placement) -> Path:
    """Return the marketplace's file."""
    return root_of(placement) / ".agents" / "plugins" / "marketplace.json"


def _market_name(market: ClientFile) -> str:
    """Return the name that a marketplace's file has.

    Raises:
        ClientFileError: it has none that Codex takes.
    """
    node = find(market.document, ["name"])
    name = node.scalar if node is not None else None
    if isinstance(name, str) and _name(name) and not _reserved(name):
        return name
    problem = f"Codex drops a marketplace of the name {shown(name)!r}"
    remedy = "Give it a name of letters, digits, _ and -, which does not begin with openai-"
    raise ClientFileError(problem, where=shown(market.where), remedy=remedy, hint=Hint.CORRECT_FILE)


def is_our_path(entry: Plain, plugin: str) -> bool:
    """Tell whether an entry leads to where we put a plugin, or where `thv` does, whose path Codex does not find."""
    source = entry.get("source") if isinstance(entry, dict) else None
    path = source.get("path") if isinstance(source, dict) and source.get("source") == "local" else None
    return path in (our_path(plugin), f"./toolhive/{plugin}")


def our_path(plugin: str) -> str:
    """Return a plugin's path as the marketplace has it: from the folder above `.agents`."""
    return f"./{FOLDER}/{plugin}"


def root_of(placement: Placement) -> Path:
    """Return what the marketplace's paths are resolved from: the home or the project."""
    return placement.homes.home if placement.project is None else placement.project


def default_name(placement: Placement) -> str:
    """Return the name that we give to a marketplace."""
    return USER_MARKETPLACE if placement.project is None else project_marketplace(placement.project)


def is_our_name(name: str, placement: Placement) -> bool:
    """Tell whether we gave a marketplace its name."""
    return name == USER_MARKETPLACE if placement.project is None else name.startswith(PREFIX)


def name_of(market: ClientFile, placement: Placement) -> str:
    """Return the name of the marketplace, which the file has, or will have.

    Raises:
        ClientFileError: it has a name that Codex does not take, or none.
    """
    return default_name(placement) if market.document.root is None else _market_name(market)


def read_market(placement: Placement) -> ClientFile:
    """Read the marketplace's file.

    Raises:
        ClientFileError: it cannot be read, or has no name that Codex takes.
    """
    market = read_client_file(market_file(placement))
    name_of(market, placement)
    return market
