"""Versions as tags have them (semver.org), and which is newer."""

import re
from collections.abc import Iterable
from functools import total_ordering
from typing import Final

from attrs import field, frozen

_NUMBER: Final = r"(0|[1-9][0-9]{0,17})"
_SEMVER: Final = re.compile(
    rf"v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:[+_]([0-9A-Za-z.-]+))?", re.ASCII
)
"""In a tag the build part follows `_`, since registries allow no `+`."""

_MAX: Final = 128


@total_ordering
@frozen(eq=False)
class Version:
    """A semantic version. What follows `+` does not count."""

    numbers: tuple[int, int, int]
    pre: tuple[tuple[bool, int, str], ...] = ()
    """The parts of a pre-release: whether it is text, the number, the text; numbers come before text."""

    text: str = field(default="")
    """As it is written."""

    @property
    def _key(self) -> tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]:
        return self.numbers, not self.pre, self.pre

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key == other._key

    def __lt__(self, other: "Version") -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(self._key)


def parse_version(text: str) -> Version | None:
    """Return the version that a text is, with or without a `v` before it; None where it is none."""
    match = _SEMVER.fullmatch(text) if len(text) <= _MAX else None
    if match is None:
        return None
    parts = match[4].split(".") if match[4] else []
    pre = tuple((False, int(part), "") if part.isdigit() else (True, 0, part) for part in parts)
    return Version((int(match[1]), int(match[2]), int(match[3])), pre, text)


def newest(tags: Iterable[str], than: Version) -> Version | None:
    """Return the newest version among tags that is newer than one; pre-releases only where that is one itself."""
    found = [version for tag in tags if (version := parse_version(tag)) is not None and version > than]
    return max((version for version in found if than.pre or not version.pre), default=None)
