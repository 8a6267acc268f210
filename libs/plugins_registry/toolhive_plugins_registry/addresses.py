"""Tells which hosts are on this machine or a private network, in whatever notation an address is written."""

import ipaddress
import re
import socket
from collections.abc import Iterator
from typing import Final

_NUMERIC_HOST: Final = re.compile(r"(?:0x)?[0-9a-f.x]+", re.ASCII)

_LOW_32_BITS: Final = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "::/96",  # IPv4-compatible, RFC 4291 section 2.5.5.1
        "::ffff:0:0/96",  # IPv4-mapped, RFC 4291 section 2.5.5.2
        "::ffff:0:0:0/96",  # IPv4-translated, RFC 2765
        "64:ff9b::/96",  # NAT64, RFC 6052
    )
)
_6TO4: Final = ipaddress.IPv6Network("2002::/16")
_TEREDO: Final = ipaddress.IPv6Network("2001::/32")
_LOCAL_NAT64: Final = ipaddress.IPv6Network("64:ff9b:1::/48")
_ISATAP: Final = (0x00005EFE, 0x02005EFE)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_private(host: str) -> bool:
    """Tell whether `host` names this machine, or is an address outside the public Internet.

    Args:
        host: lowercase; an IPv6 address may be in brackets. A name other than `localhost` is not resolved.
    """
    if is_localhost(host):
        return True
    address = parse_address(host)
    return address is not None and _is_private_address(address)


def is_loopback(host: str) -> bool:
    """Tell whether `host` is this machine: `localhost`, a name below it, or a loopback address."""
    if is_localhost(host):
        return True
    address = parse_address(host)
    if address is None:
        return False
    embedded = () if isinstance(address, ipaddress.IPv4Address) else embedded_addresses(address)
    return address.is_loopback or any(inner.is_loopback for inner in embedded)


def is_localhost(host: str) -> bool:
    """Tell whether `host` is `localhost` or a name below it (RFC 6761 section 6.3)."""
    name = host.rstrip(".")
    return name == "localhost" or name.endswith(".localhost")


def parse_address(host: str) -> Address | None:
    """Return the IP address that `host` is, in any notation that a connection would accept; None for a name."""
    host = host.strip("[]").rstrip(".")
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        if _NUMERIC_HOST.fullmatch(host) is None:
            return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))  # 127.1, 0x7f000001, 017700000001
    except OSError:
        return None


def embedded_addresses(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    """Yield the IPv4 addresses that an IPv6 address carries, and that a translator or tunnel would send to."""
    value = int(address)
    if any(address in network for network in _LOW_32_BITS) and value > 1:
        yield ipaddress.IPv4Address(value & 0xFFFFFFFF)
    if address in _6TO4:
        yield ipaddress.IPv4Address((value >> 80) & 0xFFFFFFFF)
    if address in _TEREDO:
        yield ipaddress.IPv4Address((value & 0xFFFFFFFF) ^ 0xFFFFFFFF)
    if (value >> 32) & 0xFFFFFFFF in _ISATAP:
        yield ipaddress.IPv4Address(value & 0xFFFFFFFF)


def _is_private_address(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return not address.is_global or address.is_multicast
    embedded = tuple(embedded_addresses(address))
    if any(map(_is_private_address, embedded)):
        return True
    if address.is_site_local or address.is_multicast or address in _LOCAL_NAT64:
        return True
    # Some versions of `ipaddress` count a whole translation prefix as private; what it carries decides instead.
    return not embedded and not address.is_global
