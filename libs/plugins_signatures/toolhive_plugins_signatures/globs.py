"""Patterns for references and command lines: `*` is anything but a slash, `**` anything at all, and all else is itself."""

from typing import Final

from attrs import field, frozen

from toolhive_plugins import shown
from toolhive_plugins_signatures.errors import PolicyError

MAX_PATTERN: Final = 1024
"""Characters of one pattern."""

_ANY: Final = "**"
_WITHIN: Final = "*"


@frozen
class Glob:
    """A pattern for the whole of a text.

    Raises:
        PolicyError: it is empty or too long.
    """

    text: str = field()

    @text.validator
    def _check(self, _: object, value: str) -> None:
        if not 0 < len(value) <= MAX_PATTERN:
            raise PolicyError(f"a pattern has 1 to {MAX_PATTERN} characters", where=shown(value))

    def matches(self, text: str) -> bool:
        """Tell whether it matches all of `text`, in time that grows with the product of both lengths and no faster."""
        tokens = _tokens(self.text)
        states = _after_stars({0}, tokens)
        for character in text:
            following: set[int] = set()
            for state in states:
                if state == len(tokens):
                    continue
                token = tokens[state]
                if token == _ANY or (token == _WITHIN and character != "/"):
                    following.add(state)
                elif token == character:
                    following.add(state + 1)
            states = _after_stars(following, tokens)
            if not states:
                return False
        return len(tokens) in states

    def __str__(self) -> str:
        return self.text


def _tokens(pattern: str) -> list[str]:
    """Return the pattern's characters, each run of stars as one token."""
    tokens: list[str] = []
    for character in pattern:
        if character == _WITHIN and tokens and tokens[-1] in (_WITHIN, _ANY):
            tokens[-1] = _ANY
        else:
            tokens.append(character)
    return tokens


def _after_stars(states: set[int], tokens: list[str]) -> set[int]:
    """Return the states that are reached without taking a character: a star may match nothing."""
    reached: set[int] = set()
    for state in states:
        reached.add(state)
        while state < len(tokens) and tokens[state] in (_WITHIN, _ANY):
            state += 1
            reached.add(state)
    return reached
