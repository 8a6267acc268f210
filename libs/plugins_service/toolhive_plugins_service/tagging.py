"""Tags: another one for a local build, and those of a repository; and copying from one repository to another."""

from attrs import frozen

from toolhive_plugins import Digest, Progress, RegistryCatalog, Store, parse_reference, shown
from toolhive_plugins_service.errors import Hint, TargetNotFoundError
from toolhive_plugins_service.targets import find_local


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


def copy(catalog: RegistryCatalog, source: str, target: str, progress: Progress | None) -> Copied:
    """Copy an artifact from one reference to another; raises as `RegistryCatalog.copy`."""
    digest = catalog.copy(source, target, progress=progress)
    reference = parse_reference(target)
    return Copied(source, target, digest, f"{reference.registry}/{reference.repository}@{digest}")
