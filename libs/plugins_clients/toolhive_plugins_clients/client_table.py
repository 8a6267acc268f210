"""Where each client loads plugins from, and which manifest it takes first: one line a client.

Sources: docs/clients.md, which says what of this was seen at the programs.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from toolhive_plugins import Client
from toolhive_plugins_clients.homes import Homes
from toolhive_plugins_clients.placements import Scope

_CLAUDE: Final = ".claude-plugin/plugin.json"
_OPEN: Final = "plugin.json"
_BOTH: Final = (Scope.USER, Scope.PROJECT)


@frozen
class ClientLine:
    """What of a client is a fact and no behaviour."""

    variable: str
    """The environment variable that names its folder, or the folder above that: see `names_parent`."""
    folder: str
    """Its folder where the variable is not set, from the home."""
    plugins: str
    """Where plugins for a user go, from its folder or, with `~/`, from the home; by its default method."""
    manifests: tuple[str, ...]
    """The manifests that it reads, first the one that it prefers. A plugin without any of them loads nothing of its own there."""
    scopes: tuple[Scope, ...]
    """The scopes that it has plugins of."""
    names_parent: bool = False

    def home(self, homes: Homes) -> Path:
        """Return its folder.

        Raises:
            PlacementError: the variable holds no absolute path.
        """
        if self.names_parent:
            return homes.folder(self.variable, "") / self.folder
        return homes.folder(self.variable, self.folder)


# fmt: off
CLIENTS: Final[Mapping[Client, ClientLine]] = {
    Client.CLAUDE_CODE: ClientLine("CLAUDE_CONFIG_DIR", ".claude", "skills", (_CLAUDE,), _BOTH),
    Client.CODEX: ClientLine("CODEX_HOME", ".codex", "~/.agents/plugins/toolhive", (_OPEN, ".codex-plugin/plugin.json", _CLAUDE), _BOTH),
    Client.COPILOT: ClientLine("COPILOT_HOME", ".copilot", "toolhive-plugins/plugins", (_OPEN, _CLAUDE), (Scope.USER,)),
    Client.GEMINI: ClientLine("GEMINI_CLI_HOME", ".gemini", "extensions", ("gemini-extension.json",), (Scope.USER,), names_parent=True),
}
# fmt: on
"""In the order in which clients are shown."""
