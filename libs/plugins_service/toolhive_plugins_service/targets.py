"""What a person names: a directory, a local tag or digest, or a reference in a registry; opened for reading, installed nowhere."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from attrs import frozen

from toolhive_plugins import (
    Digest,
    InvalidDigestError,
    InvalidReferenceError,
    InvalidTagError,
    Platform,
    Progress,
    RegistryClient,
    Store,
    StoreNotFoundError,
    parse_reference,
    shown,
)
from toolhive_plugins_service.artifacts import Artifact, load_artifact, open_layer
from toolhive_plugins_service.errors import RequestError, TargetNotFoundError
from toolhive_plugins_service.trees import DirectoryTree, Tree

_SHORT_DIGEST: Final = re.compile(r"[0-9a-f]{7,64}", re.ASCII)


@frozen
class Origin:
    """Where a plugin was read from."""

    kind: str
    """`directory`, `local` (the store) or `remote` (a registry)."""

    name: str
    """As it was named: a path, a tag, a digest, a reference."""

    digest: str = ""
    """The artifact's digest; empty for a directory."""


@frozen
class OpenArtifact:
    """An artifact, and the store to read its parts from."""

    origin: Origin
    artifact: Artifact
    store: Store


def is_directory(store: Store, target: str) -> bool:
    """Tell whether `target` means a directory.

    A path that looks like one (`.`, `./x`, `../x`, `/x`) always does. A bare word means the local build of that
    tag where there is one, and a directory only otherwise.
    """
    if target in (".", "..") or target.startswith(("./", "../", "/")) or (os.sep != "/" and os.sep in target):
        return True
    try:
        return bool(target) and find_local(store, target) is None and Path(target).is_dir()
    except (OSError, ValueError):  # a path that is too long, or has a NUL in it
        return False


def find_local(store: Store, target: str) -> Digest | None:
    """Return the digest that a local tag, a digest, or the beginning of a tagged build's digest stands for, or None.

    Raises:
        RequestError: several builds' digests begin so.
    """
    try:
        return store.resolve(target)
    except (StoreNotFoundError, InvalidTagError, InvalidDigestError):
        pass
    if _SHORT_DIGEST.fullmatch(target) is None:
        return None
    digests = {entry.digest for entry in store.tags()}
    found = [digest for digest in digests if digest.encoded.startswith(target)]
    if len(found) > 1:
        raise RequestError("several builds' digests begin so", where=target, remedy="Give more of the digest")
    return found[0] if found else None


@contextmanager
def open_artifact(
    store: Store, registry: RegistryClient, target: str, *, progress: Progress | None = None
) -> Iterator[OpenArtifact]:
    """Open the artifact that `target` names: one in the store, else one in a registry, fetched into a scratch store.

    Raises:
        TargetNotFoundError: it is neither in the store nor a complete reference.
        RegistryError: the registry does not have it, or failed.
        ToolhiveError: what it names is damaged or no plugin.
    """
    with ExitStack() as stack:
        local = find_local(store, target)
        if local is not None:
            yield OpenArtifact(Origin("local", target, local), load_artifact(store, local), store)
            return
        _check_remote(store, target)
        scratch = Store(stack.enter_context(TemporaryDirectory(prefix="thv-plugin-")))
        digest = registry.pull(scratch, target, progress=progress)
        yield OpenArtifact(Origin("remote", target, digest), load_artifact(scratch, digest), scratch)


@contextmanager
def open_tree(
    store: Store,
    registry: RegistryClient,
    target: str,
    platform: Platform | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[Origin, Tree]]:
    """Open the files that `target` names, in a directory or in an artifact.

    Raises: as `open_artifact`, and InvalidPluginDirError.
    """
    if is_directory(store, target):
        with DirectoryTree(target) as tree:
            yield Origin("directory", target), tree
        return
    with (
        open_artifact(store, registry, target, progress=progress) as opened,
        open_layer(opened.store, opened.artifact.variant(platform)) as layer,
    ):
        yield opened.origin, layer


def _check_remote(store: Store, target: str) -> None:
    """Raise TargetNotFoundError unless `target` is a reference that a registry could answer."""
    near = get_close_matches(target, store.list_tags(), n=1)
    remedy = f"Did you mean {shown(near[0])}; or, " if near else ""
    remedy += "thv-plugin list shows the local tags; a reference reads registry/repository:tag; a directory, ./name"
    try:
        reference = parse_reference(target)
    except InvalidReferenceError as error:
        raise TargetNotFoundError(
            "there is no local tag, directory or reference of that name", where=shown(target), remedy=remedy
        ) from error
    if not reference.reference:
        raise TargetNotFoundError(
            "there is no local tag of that name, and as a reference it lacks a tag or digest",
            where=shown(target),
            remedy=f"Add one, {shown(target)}:v1 say",
        )
