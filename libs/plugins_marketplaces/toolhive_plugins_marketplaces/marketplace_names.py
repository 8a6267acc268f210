"""The names that a marketplace may have in the clients."""

import re
from typing import Final

from toolhive_plugins import is_reserved_marketplace, shown
from toolhive_plugins_marketplaces.errors import GenerateError

_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_MAX_NAME: Final = 64

_CODEX: Final = re.compile(r"openai(?:-.*)?", re.ASCII)
"""What Codex 0.171.0 keeps for its maker: it shows nothing of such a marketplace, and says nothing."""


def check_marketplace_name(name: str) -> None:
    """Refuse a name that a client would.

    Raises:
        GenerateError: it is malformed, or reserved.
    """
    if len(name) > _MAX_NAME or _NAME.fullmatch(name) is None:
        raise GenerateError(
            f"{shown(name)!r} cannot be the name of a marketplace",
            remedy="Write it in lower-case letters, digits and single dashes, at most 64 of them: acme-tools",
        )
    if is_reserved_marketplace(name):
        raise GenerateError(f"{name!r} is a name that Claude Code reserves", remedy="Choose another name")
    if _CODEX.fullmatch(name):
        raise GenerateError(f"{name!r} is a name that Codex reserves", remedy="Choose another name")
