"""Which of two versions of a plugin is the older one: by their version numbers or, without these, by when they were made."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from attrs import frozen

from toolhive_plugins import shown
from toolhive_plugins_installs.errors import DowngradeError, Hint
from toolhive_plugins_installs.resolved import ResolvedPlugin
from toolhive_plugins_installs.versions import parse_version

_MAX: Final = 64
"""Characters of a time."""


@frozen
class Edition:
    """When a plugin's content was published, as far as it says."""

    version: str
    created: str = ""
    """Of an artifact, as RFC 3339 has it."""

    def is_older_than(self, other: "Edition") -> bool:
        """Tell whether it comes before another one: by SemVer where both have such a version, else by their times if both have one."""
        mine, theirs = parse_version(self.version), parse_version(other.version)
        if mine is not None and theirs is not None:
            return mine < theirs
        made, made_there = _time(self.created), _time(other.created)
        return made is not None and made_there is not None and made < made_there

    def __str__(self) -> str:
        return self.version or self.created or "without a version"


def highest(known: Iterable[Edition]) -> Edition:
    """Return the highest version of several editions and the latest time, which need not be of the same one.

    Each counts by itself: a version without a number between two others does not make the first of them forgotten.
    """
    version, created = "", ""
    for each in known:
        number, best = parse_version(each.version), parse_version(version)
        if number is not None and (best is None or number > best):
            version = each.version
        made, latest = _time(each.created), _time(created)
        if made is not None and (latest is None or made > latest):
            created = each.created
    return Edition(version, created)


def newer_one(edition: Edition, known: Iterable[Edition]) -> Edition | None:
    """Return one of `known` that `edition` is older than; None if there is none."""
    return next((each for each in known if edition.is_older_than(each)), None)


def _time(text: str) -> datetime | None:
    if not 0 < len(text) <= _MAX:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except ValueError:
        return None


def check_not_older(plugin: ResolvedPlugin, known: Iterable[Edition]) -> None:
    """Check that a plugin is not older than what is known of it.

    Raises:
        DowngradeError: it is.
    """
    edition = Edition(plugin.version, plugin.created)
    newer = newer_one(edition, known)
    if newer is not None:
        raise DowngradeError(
            f"is {shown(edition)}, which is older than {shown(newer)}",
            where=plugin.source,
            remedy="Find out why it went back, then accept the older version",
            hint=Hint.ALLOW_DOWNGRADE,
        )
