"""Parses `WWW-Authenticate` (RFC 9110 section 11.6.1; the distribution spec's "Token Authentication" for its parameters)."""

import re
from collections.abc import Mapping
from typing import Final

from attrs import frozen

_MAX_LENGTH: Final = 16 * 1024

_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"  # noqa: S105 - a grammar rule
_QUOTED: Final = r'"((?:[^"\\]|\\.)*+)"'
_SEPARATORS: Final = re.compile(r"[ \t,]*+", re.ASCII)
_PARAMETER: Final = re.compile(
    rf"({_TOKEN})[ \t]*+=[ \t]*+(?:({_TOKEN})(?=[ \t]*+(?:,|$))|{_QUOTED})", re.ASCII | re.DOTALL
)
_SCHEME: Final = re.compile(rf"({_TOKEN})(?:[ \t]++|$|(?=,))", re.ASCII)
_TOKEN68: Final = re.compile(r"[A-Za-z0-9._~+/-]++=*+[ \t]*+(?=,|$)", re.ASCII)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)


@frozen(repr=False)  # a registry chose it, and may quote our secrets
class Challenge:
    """One way to log in that a server offers."""

    scheme: str
    """In lower case: `basic`, `bearer`."""

    parameters: Mapping[str, str]
    """Names in lower case; the first of equal names wins."""


def parse_challenges(text: str) -> tuple[Challenge, ...]:
    """Return the challenges in a header, or in several joined by commas. Reading stops at the first malformed one."""
    if len(text) > _MAX_LENGTH:
        return ()
    challenges: list[Challenge] = []
    pos = _skip(text, 0)
    while pos < len(text):
        match = _SCHEME.match(text, pos)
        if match is None:
            break
        parameters: dict[str, str] = {}
        challenges.append(Challenge(match[1].lower(), parameters))
        pos = match.end()
        token68 = _TOKEN68.match(text, pos)
        if token68 is not None and not text.startswith(",", match.end()) and _is_token68(text, pos):
            pos = _skip(text, token68.end())
            continue
        pos = _read_parameters(text, _skip(text, pos), parameters)
    return tuple(challenges)


def _is_token68(text: str, pos: int) -> bool:
    """Tell whether the text at `pos` is a bare token, and neither a parameter nor the next scheme."""
    return _PARAMETER.match(text, pos) is None and _SCHEME.match(text, pos) is None


def _read_parameters(text: str, pos: int, parameters: dict[str, str]) -> int:
    """Read `name=value` pairs into `parameters`; return where they end."""
    while True:
        match = _PARAMETER.match(text, pos)
        if match is None:
            return pos
        name, bare, quoted = match.groups()
        value = bare if bare is not None else _ESCAPE.sub(r"\1", quoted)
        parameters.setdefault(name.lower(), value)
        pos = _skip(text, match.end())


def _skip(text: str, pos: int) -> int:
    match = _SEPARATORS.match(text, pos)
    return match.end() if match else pos
