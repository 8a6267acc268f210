"""Takes secrets out of messages and logs: a registry may quote our own credentials back at us, anywhere."""

import base64
import re
import threading
from typing import Final
from urllib.parse import quote, quote_plus

from toolhive_artifact import ToolhiveError, shown
from toolhive_plugins_registry.credentials import Credential

_SHORTEST: Final = 4
"""Characters; a shorter secret occurs in any text, and replacing it everywhere would give it away."""

_TELLING: Final = 16
"""Characters at the beginning by which a longer secret is recognised, so that one that was cut short is taken out as well."""


class Secrets:
    """The secrets that are in use; threads may share them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, *secrets: str) -> None:
        """Add secrets, in each form in which a URL or an HTML form may contain them."""
        with self._lock:
            for secret in secrets:
                if len(secret) >= _SHORTEST:
                    plain = secret.encode("utf-8", "surrogateescape")
                    self._known.update((secret, quote(plain), quote(plain, safe=""), quote_plus(plain)))
            self._pattern = None

    def add_credential(self, credential: Credential) -> None:
        """Add a credential's secrets, and its form on the wire."""
        self.add(credential.password, credential.refresh_token, credential.access_token)
        if credential.password:
            self.add(basic(credential))

    def redact(self, text: str) -> str:
        """Return text with an ellipsis in place of each secret."""
        with self._lock:
            if not self._known:
                return text
            if self._pattern is None:
                self._pattern = re.compile("|".join(map(_pattern, sorted(self._known, key=len, reverse=True))))
            return self._pattern.sub("…", text)

    def shown(self, outside: str) -> str:
        """Return text from outside in a form fit for a message: without secrets, one line, at most 200 characters."""
        return shown(self.redact(outside))

    def scrub(self, error: BaseException) -> None:
        """Take the secrets out of an error of ours and the errors that it carries; drop other errors that quote one."""
        seen: set[int] = set()
        item: BaseException | None = error
        while item is not None and id(item) not in seen:
            seen.add(id(item))
            if isinstance(item, ToolhiveError):
                item.problem, item.where, item.remedy = map(self.redact, (item.problem, item.where, item.remedy))
                item.args = tuple(self.redact(part) if isinstance(part, str) else part for part in item.args)
            if item.__suppress_context__ or not self._is_clean(item.__context__):
                item.__context__ = None
            if not self._is_clean(item.__cause__):
                item.__cause__ = None
            item = item.__cause__ or item.__context__

    def _is_clean(self, error: BaseException | None) -> bool:
        """Tell whether an error can be scrubbed, or need not be."""
        text = "" if error is None or isinstance(error, ToolhiveError) else f"{error} {error!r}"
        return self.redact(text) == text


def _pattern(secret: str) -> str:
    """Return the pattern of a secret: all of it, or its beginning and what follows up to a space or a quote."""
    pattern = re.escape(secret[:_TELLING]) + (r"[^\s\"']*+" if len(secret) > _TELLING else "")
    return f"(?i:{pattern})" if len(secret) >= 2 * _SHORTEST else pattern


def basic(credential: Credential) -> str:
    """Return a user name and password as HTTP Basic writes them (RFC 7617), bytes that are not UTF-8 included."""
    pair = f"{credential.username}:{credential.password}".encode("utf-8", "surrogateescape")
    return base64.b64encode(pair).decode("ascii")
