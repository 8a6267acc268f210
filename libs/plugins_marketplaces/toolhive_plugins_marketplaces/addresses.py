"""Addresses of git repositories: HTTPS and SSH only, shown without what may be a password, and judged by the host that they name."""

import ipaddress
import re
import socket
from typing import Final

from attrs import field, frozen

from toolhive_plugins import shown
from toolhive_plugins_marketplaces.errors import AddressError

_URL: Final = re.compile(
    r"(https|ssh)://(?:([^\s/@]+)@)?([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[^\s\\]*)",
    re.ASCII,
)
_SCP: Final = re.compile(
    r"([A-Za-z0-9._-]+)@([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?):(?!//)([^\s\\:][^\s\\]*)", re.ASCII
)
_MAX_LENGTH: Final = 2048
_GITHUB: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}", re.ASCII)
_LOCAL_NAMES: Final = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")
_LOCAL_ENDS: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


@frozen
class GitAddress:
    """Where a repository is."""

    text: str = field(repr=False)
    """As git takes it; it may hold a password."""

    shown: str
    """Without a user's name and password, query and fragment: what may be told to everybody."""

    host: str

    def __str__(self) -> str:
        return self.shown


def looks_like_address(text: str) -> bool:
    """Tell whether a text is an address rather than a path: it has a scheme, or the form of scp."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text) is not None or _SCP.fullmatch(text) is not None


def parse_git_address(text: str) -> GitAddress:
    """Parse `https://host/path`, `ssh://user@host/path` or `user@host:path`.

    Raises:
        AddressError: it is none of these. It is not shown, since it may hold a password.
    """
    match = _URL.fullmatch(text) if len(text) <= _MAX_LENGTH else None
    if match is not None:
        scheme, _, host, port, path = match.groups()
        path = re.split(r"[?#]", path)[0]
        return GitAddress(text, shown(f"{scheme}://{host.lower()}{port or ''}{path}"), host.lower())
    match = _SCP.fullmatch(text) if len(text) <= _MAX_LENGTH else None
    if match is not None:
        _, host, path = match.groups()
        return GitAddress(text, shown(f"ssh://{host.lower()}/{path}"), host.lower())
    scheme = text.partition("://")[0] if "://" in text else ""
    known = scheme.isalnum() and len(scheme) <= 16
    raise AddressError(
        f"git is used over https and ssh, not {scheme}"
        if known and scheme not in ("https", "ssh")
        else "is not the address of a repository",
        remedy="Write https://host/path or ssh://user@host/path",
    )


def github_address(repository: str) -> GitAddress:
    """Return the address of `owner/name` on GitHub.

    Raises:
        AddressError: it is not of that form.
    """
    if _GITHUB.fullmatch(repository) is None or ".." in repository:
        raise AddressError(f"{shown(repository)!r} is not owner/name")
    text = f"https://github.com/{repository.removesuffix('.git')}.git"
    return GitAddress(text, text, "github.com")


def is_private(host: str) -> bool:
    """Tell whether a host is this machine, or on a private network, by its name or by any address that it has.

    A name that cannot be looked up counts as public: only a proxy or the user's own settings can then reach it.
    """
    name = host.strip("[]").rstrip(".").lower()
    if name in _LOCAL_NAMES or name.endswith(_LOCAL_ENDS) or not name:
        return True
    if (literal := _literal(name)) is not None:
        return _is_inside(literal)
    if "." not in name:
        return True
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    addresses = (_literal(str(entry[4][0]).partition("%")[0]) for entry in found)
    return any(address is None or _is_inside(address) for address in addresses)


def _literal(text: str) -> "ipaddress.IPv4Address | ipaddress.IPv6Address | None":
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        pass
    try:  # 127.1, 0x7f000001, 2130706433: the forms that the system's resolver takes as well
        return ipaddress.IPv4Address(socket.inet_aton(text)) if re.fullmatch(r"[0-9a-fx.]+", text) else None
    except OSError:
        return None


def _is_inside(address: "ipaddress.IPv4Address | ipaddress.IPv6Address") -> bool:
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return not address.is_global or address.is_multicast or (mapped is not None and not mapped.is_global)
