"""URLs that a registry names, and whether we go there.

A registry may send us elsewhere: a redirect, a place to upload to, a token service. All three are outside text, so they
are parsed once, here, into parts that mean one thing only, and judged by one policy.
"""

import ipaddress
import re
import socket
from typing import Final
from urllib.parse import urljoin, urlsplit

from attrs import frozen
from requests import PreparedRequest
from requests.exceptions import InvalidURL

from toolhive_artifact import shown
from toolhive_plugins_interfaces import InvalidReferenceError, RegistryResponseError

MAX_URL_LENGTH: Final = 16 * 1024
"""Characters; signed URLs of object stores reach two thousand."""

_PORTS: Final = {"http": 80, "https": 443}
_VISIBLE_ASCII: Final = re.compile(r"[!-~]+", re.ASCII)
_HOST: Final = re.compile(r"[a-z0-9._~-]+|\[[0-9a-f:.]+\]", re.ASCII)
_NUMERIC_HOST: Final = re.compile(r"(?:0x)?[0-9a-f.x]+", re.ASCII)


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
        """Scheme, host and port: whom credentials belong to."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """Host, and port where it is not the scheme's own."""
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"

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
        """Return the URL with `query` added to what query it has."""
        return self.at(f"{self.target}{'&' if '?' in self.target else '?'}{query}")


def registry_url(host: str, *, plain_http: bool) -> Url:
    """Return the root URL of the registry at `host`, a host with perhaps a port, as a checked reference has it.

    Raises:
        InvalidReferenceError: no host can have that name, or its port is out of range.
    """
    scheme = "http" if plain_http else "https"
    try:
        return _parse(f"{scheme}://{host if host.isascii() else _to_ascii(host)}/", "")
    except (RegistryResponseError, InvalidURL):
        raise InvalidReferenceError(
            "cannot be connected to: no host has such a name, or the port is out of range",
            where=f"registry {shown(host)!r}",
            remedy="Mend the reference",
        ) from None


def _to_ascii(host: str) -> str:
    """Return an internationalised host name as it stands in DNS, by the rules that requests follows."""
    prepared = PreparedRequest()
    prepared.prepare_url(f"https://{host}/", None)
    return urlsplit(str(prepared.url)).netloc


def _parse(text: str, where: str) -> Url:
    """Parse an absolute URL.

    Raises:
        RegistryResponseError: it is no http or https URL, carries a user, or has odd characters.
    """
    if len(text) > MAX_URL_LENGTH or _VISIBLE_ASCII.fullmatch(text) is None or "\\" in text:
        raise RegistryResponseError("named a URL that is malformed or overlong", where=where)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise RegistryResponseError("named a URL that is malformed", where=where) from None
    scheme = parts.scheme
    if scheme not in _PORTS:
        raise RegistryResponseError(f"named a URL of the scheme {shown(scheme)!r}, which is not followed", where=where)
    if "@" in parts.netloc:
        raise RegistryResponseError("named a URL with a user name in it, which is not followed", where=where)
    host = parts.netloc.lower()
    host = host[: host.rindex("]") + 1] if "]" in host else host.partition(":")[0]
    if _HOST.fullmatch(host) is None or port == 0:
        raise RegistryResponseError("named a URL whose host is malformed", where=where)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Url(scheme, host, port or _PORTS[scheme], target)


@frozen
class Policy:
    """Where a registry may send us."""

    home: Url
    """The registry."""

    plain_http: bool
    """Whether plain HTTP was asked for."""

    token_hosts: frozenset[str] = frozenset()
    """Other hosts that the credentials of this registry may be sent to, as its token service."""

    def follow(self, location: str, base: Url, what: str) -> Url:
        """Return the URL that `location` names, relative to `base`.

        Args:
            location: the text of a header.
            base: where the header came from.
            what: what the URL is, for errors: "a redirect".

        Raises:
            RegistryResponseError: it is malformed, is not HTTPS where it must be, or leads from a public name to
                an address of this machine or network.
        """
        where = f"{what} of {base.shown}"
        if len(location) > MAX_URL_LENGTH or _VISIBLE_ASCII.fullmatch(location) is None:
            raise RegistryResponseError("named a URL that is malformed or overlong", where=where)
        try:
            parts = urlsplit(location)
            joined = urljoin(str(base), location)
        except ValueError:
            raise RegistryResponseError("named a URL that is malformed", where=where) from None
        if parts.scheme in _PORTS and not parts.netloc:
            raise RegistryResponseError("named a URL without a host", where=where)
        url = _parse(joined, where)
        if url.scheme == "http" and not self.plain_http:
            raise RegistryResponseError(
                f"leads to plain HTTP at {url.shown}",
                where=where,
                remedy="Have the registry's operator mend its configuration; plain HTTP is only used if you ask for it",
            )
        if is_private(url.host) and not is_private(self.home.host):
            raise RegistryResponseError(f"leads to the private address {url.host}, which is not followed", where=where)
        return url

    def may_send_credentials(self, realm: Url) -> bool:
        """Say whether the registry's credentials may go to the token service at `realm`.

        That is so on the registry's own host, on a host that shares its parent domain (registry-1.docker.io and
        auth.docker.io, registry.gitlab.com and gitlab.com), and on those in `token_hosts`.
        """
        host, home = realm.host, self.home.host
        if host == home or host in self.token_hosts or realm.authority in self.token_hosts:
            return True
        _, _, parent = home.partition(".")
        if "." not in parent or _address(home) is not None:
            return False
        return host == parent or host.endswith("." + parent)


def is_private(host: str) -> bool:
    """Say whether `host` names this machine, or is the address of something that is not on the public Internet."""
    name = host.rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    if address is None:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_global


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that `host` is, in any of the forms that connecting to it would understand."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        if _NUMERIC_HOST.fullmatch(host) is None:
            return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))  # 127.1, 0x7f000001, 017700000001
    except OSError:
        return None
