"""Where the shared cache is and who asks, read from the environment, so that no file holds it.

- `TOOLHIVE_CACHE_ADDRESS`: `grpcs://host:port`, or `grpc://host:port` without TLS
- `TOOLHIVE_CACHE_INSTANCE`: the engine's instance name; empty by default
- `TOOLHIVE_CACHE_TOKEN`: a bearer token, sent over TLS or to this machine only
"""

from __future__ import annotations

from typing import Mapping, NamedTuple
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class SettingsError(Exception):
    """The environment names no cache that can be used; the message holds no token."""


class Settings(NamedTuple):
    """A cache, as the environment names it."""

    address: str
    instance: str
    headers: Mapping[str, str]


def settings(environ: Mapping[str, str]) -> Settings | None:
    """Return the cache that the environment names, or None where it names none.

    Raises:
        SettingsError: the address is not one, or a token would be sent in the clear.
    """
    address = environ.get("TOOLHIVE_CACHE_ADDRESS", "")
    token = environ.get("TOOLHIVE_CACHE_TOKEN", "")
    if not address:
        return None
    scheme, host = _scheme_and_host(address)
    if token and scheme == "grpc" and host not in LOOPBACK:
        raise SettingsError(
            "TOOLHIVE_CACHE_TOKEN would be sent to {} in the clear. Use grpcs://, or unset the token.".format(host)
        )
    if not token.isascii() or not token.isprintable() or " " in token:
        raise SettingsError("TOOLHIVE_CACHE_TOKEN holds what a bearer token cannot. Set it anew, on one line.")
    headers = {"authorization": "Bearer " + token} if token else {}
    return Settings(address, environ.get("TOOLHIVE_CACHE_INSTANCE", ""), headers)


def _scheme_and_host(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
        plain = address == "{}://{}".format(parts.scheme, parts.netloc) and "@" not in address
        if plain and parts.scheme in ("grpc", "grpcs") and parts.hostname and parts.port:
            return parts.scheme, parts.hostname
    except ValueError:
        pass
    raise SettingsError(
        "TOOLHIVE_CACHE_ADDRESS must be grpcs://HOST:PORT, or grpc://HOST:PORT for a cache without TLS."
    )
