"""Times as Go writes and reads them: RFC 3339, UTC, whole seconds, years 0000 to 9999.

The standard library's datetime begins at year 1, so the calendar (proleptic Gregorian) is computed here; the arithmetic
counts days in 400-year eras that begin on 1 March.
"""

import re
from typing import Final

from toolhive_artifact.errors import InvalidEpochError

MIN_EPOCH: Final = -62_167_219_200
"""0000-01-01T00:00:00Z in seconds since 1970-01-01T00:00:00Z."""

MAX_EPOCH: Final = 253_402_300_799
"""9999-12-31T23:59:59Z in seconds since 1970-01-01T00:00:00Z."""

_DAY = 86_400
_DAYS_PER_ERA = 146_097
_DAYS_FROM_ERA_TO_1970 = 719_468
_form = re.compile(
    r"(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
    r"(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 2


def check_epoch(epoch: int) -> int:
    """Return `epoch`, in seconds since 1970-01-01T00:00:00Z, if RFC 3339 can express it.

    Raises:
        InvalidEpochError: it is outside the years 0000 to 9999.
    """
    if not MIN_EPOCH <= epoch <= MAX_EPOCH:
        raise InvalidEpochError(
            "the epoch is outside the years 0000 to 9999",
            remedy=f"Use a number of seconds from {MIN_EPOCH} to {MAX_EPOCH}",
        )
    return epoch


def format_epoch(epoch: int) -> str:
    """Format seconds since 1970-01-01T00:00:00Z as RFC 3339.

    Raises:
        InvalidEpochError: the epoch is outside the years 0000 to 9999.
    """
    days, second = divmod(check_epoch(epoch), _DAY)
    era, day_of_era = divmod(days + _DAYS_FROM_ERA_TO_1970, _DAYS_PER_ERA)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_from_march + 2) // 5 + 1
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    year = 400 * era + year_of_era + (month <= _FEBRUARY)
    return f"{year:04}-{month:02}-{day:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"


def is_rfc3339(text: str) -> bool:
    """Return whether Go's JSON decoder accepts `text` as a time: RFC 3339, with uppercase letters and a day that exists."""
    match = _form.fullmatch(text)
    if match is None:
        return False
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    leap = month == _FEBRUARY and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return day <= _DAYS_IN_MONTH[month - 1] + leap
