"""The addresses of servers in the Agent Plugins format: https, or http to this machine, and nothing in them that is a secret."""

import re
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from toolhive_plugins_content.verdicts.web_addresses import is_absolute_url

_ADDRESS: Final = re.compile(r"(https?)://([^/?]*)(?:[/?].*)?", re.IGNORECASE | re.DOTALL)
_NOT_IN_ADDRESS: Final = re.compile(r"[\x00-\x20\x7f\\]")
_PORT: Final = re.compile(r":[0-9]*\Z")


def address_problem(url: str) -> str:
    """A check: say what is wrong with the address of a server; empty where nothing is."""
    found = _ADDRESS.fullmatch(url)
    if found is None or _NOT_IN_ADDRESS.search(url) or not is_absolute_url(url):
        return "must be an absolute http or https URL"
    if "#" in url:
        return "must not have a fragment"
    scheme, authority = found[1].lower(), found[2]
    if "@" in authority:
        return "must not have a user name or password"
    if scheme == "http" and not is_loopback(_PORT.sub("", authority)):
        return "must be https; http is for localhost and loopback addresses only"
    return ""


def is_loopback(host: str) -> bool:
    """Say whether a host, an IPv6 address in brackets, is `localhost` or an address of this machine as it is usually written."""
    if host.lower() == "localhost":
        return True
    try:
        address = IPv6Address(host[1:-1]) if host.startswith("[") and host.endswith("]") else IPv4Address(host)
    except ValueError:
        return False
    return address == IPv6Address(1) or (isinstance(address, IPv4Address) and address.is_loopback)
