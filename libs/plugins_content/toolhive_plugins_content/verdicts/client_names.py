"""Which plugin names Claude Code keeps for its maker, and which it cannot load."""

import re
import unicodedata
from typing import Final

_BRANDS: Final = ("claude", "anthropic", "anthropics")
_RESERVED: Final = frozenset((*_BRANDS, "claudecode", "claudemods"))
"""Names that are reserved however they are cut into words."""

_LOOKALIKES: Final = str.maketrans("асԁеһіјӏорԛѕуԝхαιкνορτυχ", "acdehijlopqsywxaiknoptux")
"""Letters of other alphabets that look like Latin ones."""

_BIDIRECTIONAL: Final = "\u200e\u200f\u202a-\u202e\u2066-\u2069"
_FORBIDDEN: Final = re.compile(f"[\x00-\x1f\x7f-\x9f{_BIDIRECTIONAL}]")
_NOT_WORD: Final = "[^a-z0-9]"
_OFFICIAL: Final = re.compile("official(?:claude|anthropic)|(?:claude|anthropic)official")


def _begins_with(word: str) -> str:
    """Return a pattern for a word that is cut into pieces anywhere, and goes on after a cut."""
    return f"{_NOT_WORD}*".join(word) + f"{_NOT_WORD}+[a-z0-9]"


_PREFIX: Final = re.compile("|".join(_begins_with(word) for word in (*_BRANDS, "ccplugin")))

_BY_PATH: Final = re.compile(r"[/\\:@]")


def reserved(name: str) -> bool:
    """Say whether Claude Code takes a name for one of its maker's own."""
    read = unicodedata.normalize("NFKD", name).casefold().translate(_LOOKALIKES)
    read = "".join(char for char in read if unicodedata.category(char) not in ("Mn", "Cf"))
    words = re.sub(f"^{_NOT_WORD}+|{_NOT_WORD}+$", "", read)
    squashed = re.sub(_NOT_WORD, "", words)
    return squashed in _RESERVED or bool(_PREFIX.match(words) or _OFFICIAL.search(squashed))


def name_problem(name: str) -> str:
    """A check: say what is wrong with a name to Claude Code, apart from being reserved; empty where nothing is."""
    if not name:
        return "must not be empty"
    if " " in name:
        return "must not contain spaces"
    return "must not contain control or bidirectional characters" if _FORBIDDEN.search(name) else ""


def only_from_a_marketplace(name: str) -> bool:
    """Say whether Claude Code refuses a plugin of this name that is loaded by its path."""
    return bool(_BY_PATH.search(name))
