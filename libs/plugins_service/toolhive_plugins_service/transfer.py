"""Sending builds to registries and fetching them."""

from collections.abc import Callable

from attrs import frozen

from toolhive_plugins import (
    Digest,
    Progress,
    RegistryClient,
    Store,
    load_artifact,
    parse_reference,
    shown,
)
from toolhive_plugins_installs import Gate, beyond_thv, pull_artifact
from toolhive_plugins_service.errors import Hint, TargetNotFoundError
from toolhive_plugins_service.targets import find_local


@frozen
class Pushed:
    """What was sent."""

    tag: str
    """The local tag or digest it was sent from."""

    ref: str
    """The reference it now has in the registry."""

    digest: Digest
    name: str
    version: str

    pinned: str
    """The reference that always names exactly this content: registry/repository@digest."""

    warnings: tuple[str, ...] = ()


@frozen
class Pulled:
    """What was fetched."""

    ref: str
    """The reference, which is also its local tag."""

    digest: Digest
    name: str
    version: str
    description: str
    license: str

    warnings: tuple[str, ...] = ()


def push(
    store: Store, registry: Callable[[], RegistryClient], tag: str, ref: str, progress: Progress | None = None
) -> Pushed:
    """Send the build that `tag` names, to where `ref` says.

    Raises:
        TargetNotFoundError: there is no such build.
        NotAPluginError: what the tag names is not a plugin artifact.
        InvalidReferenceError, RegistryError, CredentialError: as RegistryClient.push.
    """
    local = find_local(store, tag)
    if local is None:
        raise TargetNotFoundError(
            "there is no local build of that name",
            where=shown(tag),
            remedy="Build or pull it first",
            hint=Hint.LIST_BUILDS,
        )
    pushed = described_push(store, tag, ref, local.digest)
    registry().push(store, local.digest, ref, progress=progress)
    return pushed


def described_push(store: Store, tag: str, ref: str, digest: Digest) -> Pushed:
    """Return what is to be said of a build once it is where `ref` says.

    Raises:
        NotAPluginError: it is not a plugin artifact.
        InvalidReferenceError: `ref` is malformed.
    """
    variants = load_artifact(store, digest).variants
    config = variants[0].config
    reference = parse_reference(ref)
    limits = beyond_thv(len(config.files or ()), max(each.layer.size for each in variants))
    return Pushed(
        tag=tag,
        ref=ref,
        digest=digest,
        name=config.name,
        version=config.version,
        pinned=f"{reference.registry}/{reference.repository}@{digest}",
        warnings=(*name_warnings(config.name, ref), *limits),
    )


def pull(
    store: Store, registry: RegistryClient, ref: str, progress: Progress | None = None, gate: Gate | None = None
) -> Pulled:
    """Fetch what `ref` names into the store, tagged as `ref`, if the gate lets it through.

    Raises:
        InvalidReferenceError, RegistryError, CredentialError: as RegistryClient.pull.
        NotAPluginError: it is not a plugin artifact.
        SurfaceLimitError: it has more in it than anybody could look through. Nothing of it is kept.
    """
    artifact = pull_artifact(store, registry, ref, progress, gate)
    config = artifact.variants[0].config
    return Pulled(
        ref,
        artifact.digest,
        config.name,
        config.version,
        config.description,
        config.license,
        name_warnings(config.name, ref),
    )


def repository_name(ref: str) -> str:
    """Return the last part of a reference's repository: the name that a plugin in it must have to be extracted."""
    return parse_reference(ref).repository.rpartition("/")[2]


def name_warnings(name: str, ref: str) -> tuple[str, ...]:
    """Return what to say where a plugin is not named as its repository is."""
    if name == repository_name(ref):
        return ()
    expected = repository_name(ref)
    calls = f"the plugin calls itself {shown(name)!r}, and its repository {expected!r}"
    return (f"{calls}: neither install nor extract takes it, and thv does not either",)
