"""References to artifacts in registries: `registry/repository[:tag][@digest]`.

The grammar is the distribution spec's ("Pulling manifests") with toolhive-core's rules for hosts: a registry is always
named, none is filled in, and a digest wins over a tag before it.
"""

import re
from typing import Final

from attrs import frozen

from toolhive_artifact import shown
from toolhive_plugins_interfaces import InvalidReferenceError
from toolhive_plugins_registry.errors import Hint

DOCKER_HUB: Final = "docker.io"
DOCKER_HUB_HOST: Final = "registry-1.docker.io"
"""The host of Docker Hub's registry; its credentials are stored under a third name (see docker_config.py)."""
DOCKER_HUB_NAMES: Final = frozenset({DOCKER_HUB, DOCKER_HUB_HOST, "index.docker.io"})

# A component is words of [a-z0-9] joined by one of . _ __ or any number of dashes.
_COMPONENT: Final = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REPOSITORY: Final = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*", re.ASCII)
_TAG: Final = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_PORT: Final = re.compile(r"[0-9]*", re.ASCII)
_HOST: Final = re.compile(r"[^\x00-\x20\x7f:/?#@%\[\]\\^`{|}\"<>!$&'()*+,;=]+")
_IP_LITERAL: Final = re.compile(r"\[[0-9A-Fa-f:.]+\]", re.ASCII)
_DIGEST_LENGTHS: Final = {"sha256": 64, "sha384": 96, "sha512": 128}
_LOWERCASE_HEX: Final = re.compile(r"[0-9a-f]+", re.ASCII)

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://", re.ASCII)
_MAX_CORRECTED: Final = 200
"""Characters of a reference for which a correction is offered, all of which a message shows."""

_REMEDY: Final = "Write registry/repository:tag or registry/repository@sha256:digest, ghcr.io/acme/plugin:v1 say"


@frozen
class Reference:
    """A parsed reference."""

    registry: str
    """Host, with a port if one was given, as written: `ghcr.io`, `localhost:5000`."""

    repository: str
    """Path of the repository: `acme/plugin`."""

    reference: str
    """A digest if one was given, else a tag, else empty."""

    @property
    def host(self) -> str:
        """The host and port to connect to: the registry, except for Docker Hub, whose name is not its address."""
        return DOCKER_HUB_HOST if self.registry == DOCKER_HUB else self.registry

    @property
    def is_digest(self) -> bool:
        """Tell whether `reference` is a digest, of any algorithm that the grammar knows."""
        return ":" in self.reference

    def __str__(self) -> str:
        name = f"{self.registry}/{self.repository}"
        if not self.reference:
            return name
        return f"{name}{'@' if self.is_digest else ':'}{self.reference}"


def parse_reference(ref: str) -> Reference:
    """Parse `ref`. Its tag or digest may be missing, which leaves `Reference.reference` empty.

    Raises:
        InvalidReferenceError: the registry or repository is missing, or some part is malformed.
    """
    registry, _, path = ref.partition("/")
    scheme = _SCHEME.match(ref)
    if scheme is not None:
        raise _error(f"begins with {shown(scheme[0])!r}, and a reference has no scheme", ref)
    if not path:
        raise _error("names no repository in a registry", ref)
    if not _is_registry(registry):
        raise _malformed(ref, "registry", registry)
    name, at, digest = path.partition("@")
    repository, _, tag = name.partition(":")
    if _REPOSITORY.fullmatch(repository) is None:
        raise _malformed(ref, "repository", repository)
    if at:
        # As in toolhive-core, a tag before a digest is not looked at: the digest decides.
        if digest and not _is_digest(digest):
            raise _malformed(ref, "digest", digest)
        return Reference(registry, repository, digest)
    if tag and not is_tag(tag):
        raise _malformed(ref, "tag", tag)
    return Reference(registry, repository, tag)


def parse_registry(text: str) -> str:
    """Return the host to connect to of a registry that is named alone: `ghcr.io`, `localhost:5000`, any name of Docker Hub.

    Raises:
        InvalidReferenceError: it is malformed, or says more than a host and port.
    """
    if "/" in text or not _is_registry(text):
        meant = _SCHEME.sub("", text.strip(), count=1).partition("/")[0]
        is_near = meant != text and len(meant) <= _MAX_CORRECTED and _is_registry(meant)
        raise InvalidReferenceError(
            "is not the host of a registry, with a port where it needs one",
            where=f"registry {shown(text)!r}",
            remedy=f"You probably mean {meant}" if is_near else "Write it as ghcr.io or localhost:5000",
            hint=Hint.CHECK_REFERENCE,
        )
    return DOCKER_HUB_HOST if text in DOCKER_HUB_NAMES else text


def is_tag(text: str) -> bool:
    """Tell whether `text` is a valid tag."""
    return _TAG.fullmatch(text) is not None


def _is_digest(text: str) -> bool:
    """Tell whether `text` is a digest of an algorithm that OCI registers and toolhive-core knows."""
    algorithm, _, encoded = text.partition(":")
    return len(encoded) == _DIGEST_LENGTHS.get(algorithm) and _LOWERCASE_HEX.fullmatch(encoded) is not None


def _is_registry(registry: str) -> bool:
    """Tell whether `registry` is a host name, an IPv4 address or a bracketed IPv6 address, with an optional port."""
    if registry.startswith("["):
        host, bracket, rest = registry.partition("]")
        port = rest[1:] if rest.startswith(":") else ""
        return (
            bool(bracket)
            and _IP_LITERAL.fullmatch(host + "]") is not None
            and rest in ("", f":{port}")
            and _is_port(port)
        )
    host, _, port = registry.partition(":")
    return _HOST.fullmatch(host) is not None and host.isprintable() and _is_port(port)


def _is_port(port: str) -> bool:
    """Tell whether `port` is decimal, or empty. Its range is checked when connecting, as in toolhive-core."""
    return _PORT.fullmatch(port) is not None


def _malformed(ref: str, what: str, part: str) -> InvalidReferenceError:
    """Return the error for the part of a reference that breaks the grammar."""
    problem = f"{shown(part)!r} is not a valid {what}"
    if any(char.isspace() for char in part):
        problem += ": it cannot have a space in it"
    elif what == "repository" and part != part.lower():
        problem += ": it must be in lower case"
    elif "+" in part and what in ("repository", "tag"):
        problem += ": it cannot have a '+' in it"
    return _error(problem, ref)


def _error(problem: str, ref: str) -> InvalidReferenceError:
    """Return an error whose remedy is what was probably meant, if that can be told."""
    meant = _corrected(ref)
    return InvalidReferenceError(
        problem,
        where=f"reference {shown(ref)!r}",
        remedy=f"You probably mean {meant}" if meant else _REMEDY,
        hint=Hint.CHECK_REFERENCE,
    )


def _corrected(ref: str) -> str:
    """Return the reference without the mistakes that people make, if it is then a valid one, else ""."""
    if len(ref) > _MAX_CORRECTED:
        return ""
    text = _SCHEME.sub("", ref.strip(), count=1)
    registry, _, path = text.partition("/")
    name, at, digest = path.partition("@")
    repository, colon, tag = name.partition(":")
    # Helm writes the "+" of a version as "_", since a tag cannot have it.
    text = f"{registry.lower()}/{repository.lower()}{colon}{tag.replace('+', '_')}{at}{digest.lower()}"
    try:
        return text if text != ref and parse_reference(text) else ""
    except InvalidReferenceError:
        return ""
