"""What a policy is asked about: one artifact, or one commit, as it is about to be handed on."""

import contextlib
from ipaddress import IPv6Address
from typing import Final

from attrs import frozen

from toolhive_plugins import Surface, parse_reference
from toolhive_plugins_signatures.verification import canonical

_DEFAULT_PORT: Final = "443"
_GIT: Final = ("git://", "git+ssh://")
_PACKAGES: Final = ("https://", "npm://")
LOCAL: Final = "local:"
"""What precedes the name of a build that came from no registry."""


@frozen(kw_only=True)
class Subject:
    """One plugin that somebody is about to use.

    Attributes that are not known, because the policy is asked before the content is there, are None: what a rule says of them
    then does not hold.
    """

    name: str
    """Where it comes from, in canonical form: see `canonical_name`."""

    digest: str
    """Of the artifact (`sha256:…`), or the commit."""

    parts: frozenset[str] = frozenset()
    """Digests of an artifact's manifests and layers: to deny one of these is to deny it, whatever it is wrapped in."""

    license: str | None = None
    """As the plugin states it; empty if it states none."""

    surface: tuple[Surface, ...] | None = None
    """What it could do, of each platform whose files differ."""

    @property
    def is_commit(self) -> bool:
        """Whether it is a commit, and no artifact."""
        return "://" in self.name

    @property
    def reference(self) -> str:
        """What always names it: a reference, the digest of a local build, a git address with its commit."""
        return self.digest if self.name.startswith(LOCAL) else f"{self.name}@{self.digest}"


def canonical_name(source: str) -> str:
    """Return the one spelling of where something comes from, which patterns are compared with.

    A reference becomes `registry/repository`, with the registry in lower case, Docker Hub as `docker.io`, and without the port of
    HTTPS; its tag or digest does not count. A git target becomes `git://host/owner/repository`, without user and `.git`. The address
    of an archive, and `npm://package`, are as they are. Anything else is a local build, and
    gets `local:` in front.

    Args:
        source: a reference, a git target, or the name of a local build.

    Raises:
        InvalidReferenceError: it has the slash of a reference, and is malformed.
    """
    for scheme in _GIT:
        if source.startswith(scheme):
            host, _, path = source.removeprefix(scheme).partition("#")[0].partition("/")
            repository = path.partition("@")[0].rstrip("/").removesuffix(".git")
            return f"git://{_canonical_host(host.rpartition('@')[2])}/{repository}"
    for scheme in _PACKAGES:
        if source.startswith(scheme):
            host, _, path = source.removeprefix(scheme).partition("/")
            return f"{scheme}{_canonical_host(host)}" + (f"/{path}" if path else "")
    if "/" not in source:
        return LOCAL + source.removeprefix(LOCAL)
    reference = parse_reference(source)
    return canonical(f"{_canonical_host(reference.registry)}/{reference.repository}")


def _canonical_host(host: str) -> str:
    """Return the one spelling of a host and port: lower case, no final dot, no port 443, IPv6 as RFC 5952 has it."""
    name, bracket, rest = host.lower().rpartition("]")
    if not bracket:
        name, _, port = host.lower().partition(":")
        name = name.rstrip(".") or name
    else:
        port = rest.removeprefix(":")
        with contextlib.suppress(ValueError):
            name = "[" + IPv6Address(name.removeprefix("[")).compressed
        name += "]"
    port = port.lstrip("0") or port
    return name if port in ("", _DEFAULT_PORT) else f"{name}:{port}"
