"""Keeps secrets out of what urllib3 logs about our requests."""

import logging
import re
from typing import Final

from toolhive_plugins_registry.bounded_http import current_redaction

_QUERY: Final = re.compile(r"\?\S*")


class _Redaction(logging.Filter):
    """Redacts the records of the thread that makes one of our requests.

    A signed URL is as good as a password, so queries are cut. A path may be the registry's own choice, so the secrets that it
    knows are taken out. A malformed header is quoted in full, and may be our own `Authorization` sent back to us, so such a
    record is dropped.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        redact = current_redaction()
        if redact is None:
            return True
        if isinstance(record.args, tuple):
            record.args = tuple(redact(_QUERY.sub("?…", a)) if isinstance(a, str) else a for a in record.args)
        return not record.exc_info


def redact_log() -> None:
    """Redact urllib3's loggers from now on; calling it again changes nothing."""
    for name in ("urllib3.connectionpool", "urllib3.connection"):
        logging.getLogger(name).addFilter(_FILTER)


_FILTER: Final = _Redaction()
