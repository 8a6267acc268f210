"""Fetches an artifact into the store, if it is one that can be looked through."""

from toolhive_plugins import (
    Artifact,
    Progress,
    RegistryClient,
    Store,
    StoreNotFoundError,
    ToolhiveError,
    check_surface_size,
    load_artifact,
    open_layer,
)
from toolhive_plugins_installs.gate import Gate


def pull_artifact(
    store: Store,
    registry: RegistryClient,
    ref: str,
    progress: Progress | None = None,
    gate: Gate | None = None,
) -> Artifact:
    """Fetch what `ref` names into the store, tagged as `ref`, if the gate lets it through.

    Raises:
        InvalidReferenceError, RegistryError, CredentialError: as RegistryClient.pull.
        NotAPluginError: it is not a plugin artifact.
        SurfaceLimitError: it has more in it than anybody could look through.
        ToolhiveError: as `Gate.admit_artifact`.

    What is refused is not kept.
    """
    try:
        before = store.resolve(ref)
    except StoreNotFoundError:
        before = None
    digest = registry.pull(store, ref, progress=progress)
    try:
        artifact = load_artifact(store, digest)
        for variant in {variant.layer.digest: variant for variant in artifact.variants}.values():
            with open_layer(store, variant) as tree:
                check_surface_size(tree)
        if gate is not None:
            gate.admit_artifact(store, ref, artifact)
    except ToolhiveError:
        if before is None:
            store.delete_build(ref)
        else:
            store.tag(before, ref)  # What only the other used is garbage now.
        raise
    return artifact
