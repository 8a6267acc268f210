"""Tags: another one for a local build, and those of a repository; and copying from one repository to another."""

from attrs import frozen

from toolhive_plugins import (
    Digest,
    InvalidReferenceError,
    Progress,
    RegistryCatalog,
    Store,
    parse_reference,
    shown,
)
from toolhive_plugins_service.errors import Hint, TargetNotFoundError
from toolhive_plugins_service.targets import find_local
from toolhive_plugins_signatures import CarryingRegistry, carry, repository_of


@frozen
class Tagged:
    """A local build, and the tag that it was given."""

    source: str
    """As it was named: a tag, a digest, or the beginning of one."""

    tag: str
    digest: Digest


@frozen
class RepositoryTags:
    """The tags of a repository."""

    repository: str
    """`registry/repository`."""

    tags: tuple[str, ...]
    """In the registry's order."""


@frozen
class Copied:
    """What was copied."""

    source: str
    """The reference that it was copied from."""

    ref: str
    """The reference that it now has."""

    digest: Digest

    pinned: str
    """The reference that always names exactly this content: registry/repository@digest."""


def tag_build(store: Store, source: str, tag: str) -> Tagged:
    """Give a local build another tag. It counts as built here if the source does.

    Raises:
        TargetNotFoundError: there is no such build.
        InvalidTagError: `tag` cannot be a tag.
    """
    local = find_local(store, source)
    if local is None:
        raise TargetNotFoundError(
            "there is no local build of that name", where=shown(source), remedy="Name another", hint=Hint.LIST_BUILDS
        )
    local_build = any(entry.local_build for entry in store.tags() if entry.digest == local.digest)
    store.tag(local.digest, tag, local_build=local_build)
    return Tagged(source, tag, local.digest)


def list_tags(catalog: RegistryCatalog, repository: str) -> RepositoryTags:
    """Return the tags of a repository; raises as `RegistryCatalog.tags`."""
    return RepositoryTags(repository, catalog.tags(repository))


def copy(
    catalog: RegistryCatalog, carrying: CarryingRegistry, source: str, target: str, progress: Progress | None
) -> Copied:
    """Copy an artifact from one reference to another with its signatures, and only then tag it.

    Raises: as `RegistryCatalog.copy`, and `toolhive_plugins_signatures.carry`.
    """
    there = parse_reference(target)
    if not there.reference:
        raise InvalidReferenceError(
            "names no tag", where=shown(target), remedy=f"Name one: {there.registry}/{there.repository}:TAG"
        )
    digest = there.reference if there.is_digest else str(catalog.resolve(source))
    pinned = f"{there.registry}/{there.repository}@{digest}"
    here = repository_of(source)
    copied = catalog.copy(f"{here}@{digest}", pinned, progress=progress)
    carry(carrying, here, f"{there.registry}/{there.repository}", copied)
    if not there.is_digest:
        catalog.tag(pinned, there.reference)
    return Copied(source, target, copied, pinned)
