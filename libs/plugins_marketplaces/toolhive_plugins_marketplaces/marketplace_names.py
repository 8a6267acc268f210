"""The names that a marketplace may have in the clients."""

import re
from typing import Final

from toolhive_plugins import shown
from toolhive_plugins_marketplaces.errors import GenerateError

_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_MAX_NAME: Final = 64

_CLAUDE_CODE: Final = frozenset(
    {
        *("claude-code-marketplace", "claude-code-plugins", "claude-plugins-official", "anthropic-marketplace"),
        *("anthropic-plugins", "agent-skills", "anthropic-agent-skills", "life-sciences", "knowledge-work-plugins"),
        *("claude-for-legal", "claude-for-financial-services", "financial-services-plugins", "first-party-plugins"),
        *("claude-tag-plugins", "claude-community", "claude-plugins-community", "healthcare"),
        *("anthropic-plugin-directory", "claude-plugin-directory"),
        *("inline", "builtin", "skills-dir", "synced", "claude-plugin-test"),
    }
)
"""What Claude Code 2.1.332 keeps for its maker and for itself."""

_IMPERSONATES: Final = re.compile(
    r"official(?:anthropic|claude)|(?:anthropic|claude)official"
    r"|^(?:anthropic|claude)(?:marketplace|plugins|official|director(?:y|ies))",
    re.ASCII,
)
"""What Claude Code takes for an imitation of its maker's, in a name without its dashes."""

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
    if name in _CLAUDE_CODE or _IMPERSONATES.search(name.replace("-", "")):
        raise GenerateError(f"{name!r} is a name that Claude Code reserves", remedy="Choose another name")
    if _CODEX.fullmatch(name):
        raise GenerateError(f"{name!r} is a name that Codex reserves", remedy="Choose another name")
