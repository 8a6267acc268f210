"""Whether a string is an absolute URL to a browser or to Node.js (the WHATWG's URL standard)."""

import re
from typing import Final

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.ASCII | re.IGNORECASE)
_HOST_SCHEMES: Final = ("http:", "https:", "ws:", "wss:", "ftp:")
"""The standard's special schemes, whose URLs must have a host, without `file:`."""

_NOT_IN_HOST: Final = re.compile(r"[\x00-\x20\"#%/:<>?@\[\\\]^`{|}\x7f\xa0\u3000]")
_AROUND: Final = (
    "".join(map(chr, range(0x21)))
    + "\xa0\ufeff\u1680\u2028\u2029\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
"""What is dropped at both ends: C0 controls and space by the standard, all that JavaScript trims by the client."""

_MAX_PORT: Final = 65535
_IPV6: Final = re.compile(r"\[[0-9a-f:.]+\]", re.ASCII | re.IGNORECASE)
_NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+", re.ASCII | re.IGNORECASE)
_ESCAPES: Final = re.compile(r"(?:%[0-9a-f]{2})+", re.ASCII | re.IGNORECASE)


def is_absolute_url(text: str) -> bool:
    """Say whether `new URL(text)` would succeed, without looking at what non-ASCII host names map to."""
    text = re.sub(r"[\t\n\r]", "", text).strip(_AROUND)
    scheme = _SCHEME.match(text)
    if scheme is None:
        return False
    if scheme[0].lower() not in _HOST_SCHEMES:
        return True
    rest = text[scheme.end() :].lstrip("/\\")
    authority = re.split(r"[/\\?#]", rest, maxsplit=1)[0]
    return _is_host_and_port(authority.rpartition("@")[2])


def _is_host_and_port(text: str) -> bool:
    bracketed = re.match(r"\[[^\]]*\]", text)
    host, _, port = (bracketed[0], "", text[bracketed.end() :]) if bracketed else text.partition(":")
    if bracketed:
        if port and not port.startswith(":"):
            return False
        port = port.removeprefix(":")
    if port and (not port.isascii() or not port.isdigit() or int(port) > _MAX_PORT):
        return False
    return bool(_IPV6.fullmatch(host)) if bracketed else _is_host(host)


def _is_host(host: str) -> bool:
    host = _ESCAPES.sub(lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"), host)
    if not host or _NOT_IN_HOST.search(host):
        return False
    labels = host.removesuffix(".").split(".")
    return not _NUMBER.fullmatch(labels[-1]) or _is_ipv4(labels)


def _is_ipv4(labels: list[str]) -> bool:
    """Say whether labels of which the last is a number are an IPv4 address: 1 to 4 numbers, the last filling the rest."""
    if len(labels) > 4 or not all(_NUMBER.fullmatch(label) for label in labels):
        return False
    try:
        numbers = [_number(label) for label in labels]
    except ValueError:
        return False
    return all(number < 256 for number in numbers[:-1]) and numbers[-1] < 256 ** (5 - len(numbers))


def _number(label: str) -> int:
    if label[:2].lower() == "0x":
        return int(label[2:] or "0", 16)
    return int(label, 8) if label.startswith("0") and len(label) > 1 else int(label)
