"""Where Claude Code keeps what, and which files decide what it loads."""

import json
import re
import sys
from pathlib import Path
from typing import Final

from toolhive_plugins import shown
from toolhive_plugins_clients.directory_marketplace import MARKET_FOLDER
from toolhive_plugins_clients.documents import ClientFile
from toolhive_plugins_clients.errors import ClientFileError, Hint
from toolhive_plugins_clients.files import read_file
from toolhive_plugins_clients.homes import Homes
from toolhive_plugins_clients.json_edits import find
from toolhive_plugins_clients.json_text import JsonText
from toolhive_plugins_clients.placements import Placement
from toolhive_plugins_clients.project_names import PREFIX, project_marketplace

SKILLS_DIR: Final = "skills-dir"
"""What the client calls the marketplace of the plugins in `skills/`."""

_MAX_STATE: Final = 64 * 1024 * 1024

_market_name = re.compile(rf"{PREFIX}[a-z0-9](?:[a-z0-9-]{{0,60}}[a-z0-9])?", re.ASCII).fullmatch


def base_of(placement: Placement) -> Path:
    """Return the folder of the scope: the project's `.claude`, or the client's home."""
    if placement.project is not None:
        return placement.project / ".claude"
    return placement.homes.folder("CLAUDE_CONFIG_DIR", ".claude")


def settings_of(placement: Placement) -> Path:
    """Return the settings of the scope, which a marketplace is written into."""
    return base_of(placement) / "settings.json"


def state_of(homes: Homes) -> Path:
    """Return the client's own state, which has the folders that the user trusts."""
    if homes.variables.get("CLAUDE_CONFIG_DIR"):
        return homes.folder("CLAUDE_CONFIG_DIR", ".claude") / ".claude.json"
    return homes.home / ".claude.json"


def installed_plugins(homes: Homes) -> Path:
    """Return the client's own list of what it has installed."""
    return homes.folder("CLAUDE_CONFIG_DIR", ".claude") / "plugins" / "installed_plugins.json"


def managed_folder(homes: Homes) -> Path:
    """Return the folder of the settings that an organisation deploys (code.claude.com/docs/en/managed-settings)."""
    if sys.platform == "darwin":
        return homes.system / "Library" / "Application Support" / "ClaudeCode"
    return homes.system / "etc" / "claude-code"


def market_of(placement: Placement, market: ClientFile) -> str:
    """Return the name of our marketplace: the one that its file has, so that a clone in another folder keeps it.

    Raises:
        ClientFileError: the file has another name, which could be that of somebody else's marketplace.
    """
    name = find(market.document, ["name"])
    if name is None and market.document.root is None:
        return MARKET_FOLDER if placement.project is None else project_marketplace(placement.project)
    text = name.scalar if name is not None else None
    if isinstance(text, str) and (text == MARKET_FOLDER if placement.project is None else _market_name(text)):
        return text
    problem = f"the name {shown(text)!r} is not one that we give a marketplace"
    raise ClientFileError(problem, where=shown(market.where), remedy="Move the file away", hint=Hint.CORRECT_FILE)


def is_trusted(placement: Placement) -> bool:
    """Tell whether the user has trusted the project's folder, or one above it; not where the client's state cannot be read."""
    try:
        # The client's own file, of many megabytes sometimes: only read, so the standard library's reader will do.
        state = json.loads(read_file(state_of(placement.homes), max_size=_MAX_STATE).data or b"{}")
    except (ClientFileError, ValueError, RecursionError):
        return False
    projects = state.get("projects") if isinstance(state, dict) else None
    if not isinstance(projects, dict) or placement.project is None:
        return False
    for folder in (placement.project, *placement.project.parents):
        entry = projects.get(str(folder))
        if isinstance(entry, dict) and entry.get("hasTrustDialogAccepted") is True:
            return True
    return False


def known_marketplaces(settings: JsonText) -> str:
    """Return the member that names marketplaces. The newer alias counts only where the old name is absent."""
    has_old = find(settings, ["extraKnownMarketplaces"]) is not None
    return (
        "additionalMarketplaces"
        if not has_old and find(settings, ["additionalMarketplaces"])
        else "extraKnownMarketplaces"
    )
