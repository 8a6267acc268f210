"""Keeps what must not be said out of what is said: a registry may quote our own credentials back at us."""

import base64
import threading

from toolhive_artifact import shown
from toolhive_plugins_registry.credentials import Credential

_SHORTEST = 4
"""Characters; a shorter secret occurs in any text, and hiding it everywhere would give it away."""


class Secrets:
    """The secrets that are in use; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: set[str] = set()

    def add(self, *secrets: str) -> None:
        """Learn secrets."""
        with self._lock:
            self._known.update(secret for secret in secrets if len(secret) >= _SHORTEST)

    def add_credential(self, credential: Credential) -> None:
        """Learn a credential's secrets, and its form on the wire."""
        self.add(credential.password, credential.refresh_token, credential.access_token)
        if credential.password:
            self.add(basic(credential))

    def without(self, outside: str) -> str:
        """Return outside text fit for a message: no secret in it, one line, at most 200 characters."""
        with self._lock:
            known = sorted(self._known, key=len, reverse=True)
        for secret in known:
            outside = outside.replace(secret, "…")
        return shown(outside)


def basic(credential: Credential) -> str:
    """Return a user and password as HTTP Basic writes them (RFC 7617), bytes that are not UTF-8 included."""
    pair = f"{credential.username}:{credential.password}".encode("utf-8", "surrogateescape")
    return base64.b64encode(pair).decode("ascii")
