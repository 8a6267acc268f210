"""The options of a build for which the caller gives none."""

import os
import re
from typing import Final

from toolhive_artifact.errors import InvalidEpochError, shown
from toolhive_plugins_interfaces.interfaces import PackageOptions

SOURCE_DATE_EPOCH: Final = "SOURCE_DATE_EPOCH"
"""The environment variable of https://reproducible-builds.org/specs/source-date-epoch/."""

_decimal = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII).fullmatch


def default_package_options() -> PackageOptions:
    """Return the default profile for the default platforms, at the epoch that SOURCE_DATE_EPOCH gives, or 0.

    Raises:
        InvalidEpochError: SOURCE_DATE_EPOCH is set, but is not an integer or outside the years that can be written.
            The specification asks that a build then fails, and does not silently use another date.
    """
    text = os.environ.get(SOURCE_DATE_EPOCH, "")
    if not text:
        return PackageOptions()
    if _decimal(text) is None:
        raise InvalidEpochError(
            f"{shown(text)!r} is not a whole number of seconds",
            where=SOURCE_DATE_EPOCH,
            remedy="Set it to seconds since 1970-01-01T00:00:00Z, as `date +%s` prints them, or unset it",
        )
    return PackageOptions(epoch=int(text))
