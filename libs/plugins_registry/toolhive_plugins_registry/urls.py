"""HTTP URLs, parsed once into parts that mean one thing only.

A registry may send us elsewhere: by a redirect, an upload location or a token service. Those URLs come from outside; they are
parsed here and judged by `redirect_policy`.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from attrs import frozen

from toolhive_artifact import shown
from toolhive_plugins_interfaces import InvalidReferenceError, RegistryResponseError
from toolhive_plugins_registry.errors import Hint

MAX_URL_LENGTH: Final = 16 * 1024
"""Characters; signed URLs of object stores reach two thousand."""

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
VISIBLE_ASCII: Final = re.compile(r"[!-~]+", re.ASCII)
_HOST: Final = re.compile(r"[a-z0-9._~-]+|\[[0-9a-f:.]+\]", re.ASCII)


@frozen(repr=False)  # a registry may have chosen it, and a signed one is as good as a password
class Url:
    """An HTTP URL in parts."""

    scheme: str
    """`http` or `https`."""

    host: str
    """Lowercase ASCII; an IPv6 address is in brackets."""

    port: int
    """Always given."""

    target: str
    """Path and query, as they go on the wire."""

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: what credentials belong to."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """The host, with the port unless it is the scheme's default."""
        return self.host if self.port == DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def shown(self) -> str:
        """The URL for messages: without its query, which may be a signature or a session."""
        return shown(f"{self.scheme}://{self.authority}{self.path}")

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    def at(self, target: str) -> "Url":
        """Return the URL of another target on the same host."""
        return Url(self.scheme, self.host, self.port, target)

    def with_query(self, query: str) -> "Url":
        """Return the URL with `query` appended to its own query."""
        return self.at(f"{self.target}{'&' if '?' in self.target else '?'}{query}")


def registry_url(host: str, *, plain_http: bool) -> Url:
    """Return the root URL of the registry at `host`, a host with an optional port from a parsed reference.

    Raises:
        InvalidReferenceError: no host can have that name, or its port is out of range.
    """
    scheme = "http" if plain_http else "https"
    ascii_host = host if host.isascii() else _to_ascii(host)
    try:
        return parse_url(f"{scheme}://{ascii_host}/", "")
    except RegistryResponseError:
        raise InvalidReferenceError(
            "is not a valid host, or its port is out of range",
            where=f"registry {shown(host)!r}",
            remedy="Correct the reference",
            hint=Hint.CHECK_REFERENCE,
        ) from None


def _to_ascii(host: str) -> str:
    """Return an internationalised host name in its DNS form, by the rules that the HTTP library follows; "" for none."""
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url as parse

    try:
        return parse(f"https://{host}/").netloc or ""
    except LocationParseError:
        return ""


def parse_url(text: str, where: str) -> Url:
    """Parse an absolute URL that a registry named.

    Raises:
        RegistryResponseError: it is not an http or https URL, contains a user name, or has characters that a URL cannot have.
    """
    if len(text) > MAX_URL_LENGTH or VISIBLE_ASCII.fullmatch(text) is None or "\\" in text:
        raise RegistryResponseError("named a URL that is malformed or too long", where=where)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise RegistryResponseError("named a malformed URL", where=where) from None
    scheme = parts.scheme
    if scheme not in DEFAULT_PORTS:
        raise RegistryResponseError(f"named a URL of the scheme {shown(scheme)!r}, which is not followed", where=where)
    if "@" in parts.netloc:
        raise RegistryResponseError("named a URL with a user name in it, which is not followed", where=where)
    host = parts.netloc.lower()
    host = host[: host.rindex("]") + 1] if "]" in host else host.partition(":")[0]
    if _HOST.fullmatch(host) is None or port == 0:
        raise RegistryResponseError("named a URL with a malformed host", where=where)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Url(scheme, host, port or DEFAULT_PORTS[scheme], target)
