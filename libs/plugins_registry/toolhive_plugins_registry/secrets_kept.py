"""Keeps what must not be said out of what is said: a registry may quote our own credentials back at us, anywhere."""

import base64
import re
import threading
from typing import Final
from urllib.parse import quote, quote_plus

from toolhive_artifact import ToolhiveError, shown
from toolhive_plugins_registry.credentials import Credential

_SHORTEST: Final = 4
"""Characters; a shorter secret occurs in any text, and hiding it everywhere would give it away."""

_TELLING: Final = 16
"""Characters by whose beginning a longer secret is known, so that one that was cut short is hidden as well."""


class Secrets:
    """The secrets that are in use; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, *secrets: str) -> None:
        """Learn secrets, in the forms in which a URL or a form may have them."""
        with self._lock:
            for secret in secrets:
                if len(secret) >= _SHORTEST:
                    plain = secret.encode("utf-8", "surrogateescape")
                    self._known.update((secret, quote(plain), quote(plain, safe=""), quote_plus(plain)))
            self._pattern = None

    def add_credential(self, credential: Credential) -> None:
        """Learn a credential's secrets, and its form on the wire."""
        self.add(credential.password, credential.refresh_token, credential.access_token)
        if credential.password:
            self.add(basic(credential))

    def hide(self, text: str) -> str:
        """Return text with an ellipsis in the place of each secret."""
        with self._lock:
            if not self._known:
                return text
            if self._pattern is None:
                self._pattern = re.compile("|".join(map(_form, sorted(self._known, key=len, reverse=True))))
            return self._pattern.sub("…", text)

    def without(self, outside: str) -> str:
        """Return outside text fit for a message: no secret in it, one line, at most 200 characters."""
        return shown(self.hide(outside))

    def scrub(self, error: BaseException) -> None:
        """Take the secrets out of an error of ours and of the errors that it carries; drop those of others that quote one."""
        seen: set[int] = set()
        item: BaseException | None = error
        while item is not None and id(item) not in seen:
            seen.add(id(item))
            if isinstance(item, ToolhiveError):
                item.problem, item.where, item.remedy = map(self.hide, (item.problem, item.where, item.remedy))
                item.args = tuple(self.hide(part) if isinstance(part, str) else part for part in item.args)
            if item.__suppress_context__ or not self._is_fit(item.__context__):
                item.__context__ = None
            if not self._is_fit(item.__cause__):
                item.__cause__ = None
            item = item.__cause__ or item.__context__

    def _is_fit(self, error: BaseException | None) -> bool:
        """Whether an error can be scrubbed, or needs not be."""
        text = "" if error is None or isinstance(error, ToolhiveError) else f"{error} {error!r}"
        return self.hide(text) == text


def _form(secret: str) -> str:
    """Return the pattern of a secret: all of it, or its beginning and what follows that without a space or a quote."""
    pattern = re.escape(secret[:_TELLING]) + (r"[^\s\"']*+" if len(secret) > _TELLING else "")
    return f"(?i:{pattern})" if len(secret) >= 2 * _SHORTEST else pattern


def basic(credential: Credential) -> str:
    """Return a user and password as HTTP Basic writes them (RFC 7617), bytes that are not UTF-8 included."""
    pair = f"{credential.username}:{credential.password}".encode("utf-8", "surrogateescape")
    return base64.b64encode(pair).decode("ascii")
