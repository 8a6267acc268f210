"""Which proxy leads to a host, from the environment, as curl and Go's clients read it.

`https_proxy`, `http_proxy` and `all_proxy`, in lower or upper case, name proxies; `no_proxy` lists hosts that are reached without one: a
domain and all below it (`x.test`, `.x.test`, `*.x.test`), an address, a network (`10.0.0.0/8`), each with a port if need be
(`x.test:5000`), or `*` for all. A host on this machine is never reached through a proxy, whose owner would see the
credentials.
"""

import base64
import contextlib
import ipaddress
import os
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

from attrs import field, frozen

from toolhive_artifact import shown
from toolhive_plugins_interfaces import RegistryConnectionError
from toolhive_plugins_registry.addresses import is_loopback, parse_address
from toolhive_plugins_registry.errors import Hint
from toolhive_plugins_registry.urls import Url

_SCHEMES: Final = {"http": 80, "https": 443, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080}
_VISIBLE: Final = re.compile(r"[!-~]+", re.ASCII)


@frozen
class Proxy:
    """A proxy, and where it is configured."""

    scheme: str
    host: str
    """An IPv6 address is in brackets."""

    port: int

    variable: str
    """The environment variable that names it."""

    userinfo: str = field(default="", repr=False)
    """`user:password`, percent-encoded, as the variable has it."""

    @property
    def is_socks(self) -> bool:
        """Whether it speaks SOCKS."""
        return self.scheme.startswith("socks")

    @property
    def url(self) -> str:
        """Its URL, without the user and password."""
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def where(self) -> str:
        """What to call it in errors."""
        return f"proxy {shown(self.url)} (from {self.variable})"

    @property
    def headers(self) -> dict[str, str]:
        """What it is sent with each request or tunnel (RFC 9110 section 11.7.2)."""
        if not self.userinfo:
            return {}
        user, _, password = self.userinfo.partition(":")
        pair = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
        return {"Proxy-Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be in a message."""
        if not self.userinfo:
            return ()
        password = self.userinfo.partition(":")[2]
        header = self.headers["Proxy-Authorization"]
        return (password, unquote_to_bytes(password).decode("utf-8", "surrogateescape"), header.partition(" ")[2])


class Proxies:
    """The proxies of an environment.

    Args:
        environment: by default the process's.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    def proxy_for(self, url: Url) -> Proxy | None:
        """Return the proxy that leads to the host of `url`; None where there is none, or must be none.

        Raises:
            RegistryConnectionError: the variable that names it is malformed.
        """
        if is_loopback(url.host):
            return None
        variable, value = self._first(self._names(url.scheme))
        if not value or _is_excepted(url, self._first(("no_proxy", "NO_PROXY"))[1]):
            return None
        return parse_proxy(value, variable)

    def _names(self, scheme: str) -> tuple[str, ...]:
        names = [f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY"]
        # A CGI program gets a request's `Proxy` header under this name (CVE-2016-5385).
        if scheme == "http" and "REQUEST_METHOD" in self._environment:
            names.remove("HTTP_PROXY")
        return tuple(names)

    def _first(self, names: tuple[str, ...]) -> tuple[str, str]:
        """Return the first variable that is set to something, and its value."""
        for name in names:
            value = self._environment.get(name, "").strip()
            if value:
                return name, value
        return names[0], ""


def parse_proxy(value: str, variable: str) -> Proxy:
    """Return the proxy that an environment variable names; without a scheme, it speaks HTTP.

    Raises:
        RegistryConnectionError: it is malformed. The error does not quote it, as it may hold a password.
    """
    text = value if "://" in value else f"http://{value}"
    parts, port = None, None
    with contextlib.suppress(ValueError):  # which quotes the value
        candidate = urlsplit(text)
        port = candidate.port
        parts = candidate
    if parts is None:
        raise _malformed(variable, "is not a valid URL")
    userinfo, _, _ = parts.netloc.rpartition("@")
    host = parts.hostname or ""
    if _VISIBLE.fullmatch(text) is None or not host or port == 0:
        raise _malformed(variable, "is not a valid URL")
    if parts.scheme not in _SCHEMES:
        raise _malformed(variable, f"names a proxy of the scheme {shown(parts.scheme)!r}, which is not supported")
    host = f"[{host}]" if ":" in host else host
    return Proxy(parts.scheme, host, port or _SCHEMES[parts.scheme], variable, userinfo)


def _malformed(variable: str, problem: str) -> RegistryConnectionError:
    return RegistryConnectionError(
        problem,
        where=f"environment variable {variable}",
        remedy="Write it as http://host:port",
        hint=Hint.CHECK_PROXY,
    )


def _is_excepted(url: Url, no_proxy: str) -> bool:
    """Tell whether `no_proxy` lists the host of `url`."""
    return any(_matches(url, entry) for entry in re.split(r"[,\s]+", no_proxy.lower()) if entry)


def _matches(url: Url, entry: str) -> bool:
    if entry == "*":
        return True
    host = url.host.strip("[]").rstrip(".")
    address = parse_address(host)
    network = _network(entry)
    if network is not None:
        return address is not None and address.version == network.version and address in network
    name, port = _split_port(entry)
    if port and port != str(url.port):
        return False
    listed = parse_address(name)
    if listed is not None or address is not None:
        return listed == address
    domain = name.removeprefix("*").removeprefix(".").rstrip(".")
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    if "/" not in entry:
        return None
    try:
        return ipaddress.ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return None


def _split_port(entry: str) -> tuple[str, str]:
    """Split `host:port`, `[address]:port`, or any of them without a port."""
    if entry.startswith("["):
        address, _, rest = entry[1:].partition("]")
        return address, rest.removeprefix(":")
    if entry.count(":") == 1:
        name, _, port = entry.partition(":")
        return name, port
    return entry, ""
