"""How plugins and catalogs are named in a registry."""

import re
from typing import Final

from attrs import frozen

from toolhive_plugins import InvalidReferenceError, parse_reference, shown
from toolhive_plugins_marketplaces.errors import Hint

CATALOG_REPOSITORY: Final = "toolhive.catalog"
"""The repository under a prefix that its catalog is in. No plugin can have that name."""

CATALOG_TAG: Final = "latest"
"""The tag of a prefix's newest catalog."""

_COMPONENT: Final = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*", re.ASCII)
"""A component of a repository's path (distribution spec, "Pulling manifests")."""

_MAX_NAME: Final = 128
_NOT_IN_TAGS: Final = re.compile(r"[^\w.-]", re.ASCII)
_TAG: Final = re.compile(r"\w[\w.-]{0,127}", re.ASCII)


@frozen
class Prefix:
    """Where the plugins of a marketplace are: `registry/prefix/NAME`."""

    registry: str
    path: str
    """May not be empty."""

    def __str__(self) -> str:
        return f"{self.registry}/{self.path}"

    def repository(self, name: str) -> str:
        """Return the repository of a plugin, `registry/repository`."""
        return f"{self}/{name}"

    @property
    def catalog(self) -> str:
        """The reference of the prefix's newest catalog."""
        return f"{self}/{CATALOG_REPOSITORY}:{CATALOG_TAG}"


@frozen
class CatalogName:
    """A catalog, and the prefix that its plugins are under."""

    prefix: Prefix
    reference: str
    """Of the catalog's artifact, with a tag or a digest."""


def parse_prefix(text: str) -> Prefix:
    """Parse `registry/prefix`.

    Raises:
        InvalidReferenceError: it is malformed, or names a tag or digest.
    """
    found = parse_reference(text)
    if found.reference:
        raise InvalidReferenceError(
            "names a tag or a digest, and a prefix has none",
            where=shown(text),
            remedy=f"Write {found.registry}/{found.repository}",
        )
    return Prefix(found.registry, found.repository.removesuffix(f"/{CATALOG_REPOSITORY}"))


def parse_catalog_name(text: str) -> CatalogName:
    """Parse what names a catalog: a prefix, `registry/prefix`, or the reference of its artifact, by tag or digest.

    Raises:
        InvalidReferenceError: it is malformed, or a reference whose repository is under no prefix.
    """
    found = parse_reference(text)
    if not found.reference:
        prefix = parse_prefix(text)
        return CatalogName(prefix, prefix.catalog)
    path, slash, _ = found.repository.rpartition("/")
    if not slash:
        raise InvalidReferenceError(
            "is under no prefix, and a catalog is",
            where=shown(text),
            remedy=f"Name the prefix, or {found.registry}/PREFIX/{CATALOG_REPOSITORY} with a tag or digest",
            hint=Hint.NAME_A_CATALOG,
        )
    return CatalogName(Prefix(found.registry, path), text)


def is_repository_name(name: str) -> bool:
    """Tell whether a plugin of that name can have a repository of its own under a prefix."""
    return len(name) <= _MAX_NAME and name != CATALOG_REPOSITORY and _COMPONENT.fullmatch(name) is not None


def version_tag(version: str) -> str:
    """Return the tag of a version, in which `+` becomes `_` as in Helm; "" where it cannot be a tag."""
    tag = version.replace("+", "_")
    return tag if _TAG.fullmatch(tag) and not _NOT_IN_TAGS.search(tag) else ""
