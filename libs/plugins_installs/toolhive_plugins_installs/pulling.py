"""Fetches an artifact into the store, if it is one that can be looked through."""

from toolhive_plugins import (
    Artifact,
    Progress,
    RegistryClient,
    Store,
    StoreNotFoundError,
    SurfaceLimitError,
    check_surface_size,
    load_artifact,
    open_layer,
)


def pull_artifact(store: Store, registry: RegistryClient, ref: str, progress: Progress | None = None) -> Artifact:
    """Fetch what `ref` names into the store, tagged as `ref`.

    Raises:
        InvalidReferenceError, RegistryError, CredentialError: as RegistryClient.pull.
        NotAPluginError: it is not a plugin artifact.
        SurfaceLimitError: it has more in it than anybody could look through. Nothing of it is kept.
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
    except SurfaceLimitError:
        if before is None:
            store.delete_build(ref)
        else:
            store.tag(before, ref)  # What only the other used is garbage now.
        raise
    return artifact
