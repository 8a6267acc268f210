"""The names of plugins that ToolHive installs, which are also names of folders."""

import re
from typing import Final

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}[a-z0-9]", re.ASCII)


def is_plugin_name(name: str) -> bool:
    """Tell whether ToolHive installs a plugin of that name: 2 to 64 lower-case letters, digits and single hyphens."""
    return _NAME.fullmatch(name) is not None and "--" not in name
