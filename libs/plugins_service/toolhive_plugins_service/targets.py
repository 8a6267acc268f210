"""What a person names: a directory, a build in the local store, or a reference in a registry. Parsed once, here."""

import enum
import os
from typing import TypeAlias

from attrs import evolve, frozen

from toolhive_plugins import (
    Digest,
    InvalidReferenceError,
    Store,
    parse_reference,
    shown,
)
from toolhive_plugins_installs import find_local_build
from toolhive_plugins_service.errors import Hint, RequestError, TargetNotFoundError
from toolhive_plugins_service.sources import absolute, is_directory


class OriginKind(enum.StrEnum):
    """Where a plugin can be read from."""

    DIRECTORY = "directory"
    LOCAL = "local"
    """The local store."""
    REMOTE = "remote"
    """A registry."""


@frozen
class Origin:
    """Where a plugin was read from."""

    kind: OriginKind

    name: str
    """As it was named: a path, a tag, a digest, a reference."""

    digest: str = ""
    """The artifact's digest; empty for a directory."""

    revision: str = ""
    """The ID of the commit that a directory was read from; empty for an artifact, and for a directory as it is on disk."""


@frozen
class DirectoryTarget:
    """A plugin's directory."""

    path: str
    """As it was named; may be relative."""

    commit: str = ""
    """The ID of the commit to read it from; empty for the files as they are on disk."""

    @property
    def origin(self) -> Origin:
        """What to tell of where the plugin was read from."""
        return Origin(OriginKind.DIRECTORY, self.path, revision=self.commit)


@frozen
class LocalTarget:
    """A build in the local store."""

    name: str
    """As it was named: a tag, a digest, or the beginning of one."""

    digest: Digest
    """The index or manifest that it names."""


@frozen
class RemoteTarget:
    """An artifact in a registry."""

    reference: str
    """`registry/repository:tag` or `registry/repository@digest`; well-formed."""


ArtifactTarget: TypeAlias = LocalTarget | RemoteTarget
Target: TypeAlias = DirectoryTarget | LocalTarget | RemoteTarget


def parse_target(store: Store, text: str) -> Target:
    """Return what `text` names.

    A path that looks like one (`.`, `./x`, `../x`, `/x`) is a directory. A bare word is the local build of that tag or digest
    where there is one, then a directory where there is one, and otherwise a reference.

    Raises: as `parse_artifact_target`.
    """
    if text in (".", "..") or text.startswith(("./", "../", "/")) or (os.sep != "/" and os.sep in text):
        return DirectoryTarget(text)
    local = find_local(store, text)
    if local is not None:
        return local
    return DirectoryTarget(text) if text and is_directory(text) else _parse_remote(store, text)


def at_commit(target: DirectoryTarget, revision: str | None) -> DirectoryTarget:
    """Return a directory as the commit has it that a revision names; as it is on disk if the revision is None.

    Raises:
        PluginError: it is in no git work tree, there is no such commit, or it does not have the directory.
        GitError: git is not installed, or failed.
    """
    if revision is None:
        return target
    from toolhive_plugins import find_commit_directory  # lazily: most commands run no git

    return evolve(target, commit=find_commit_directory(absolute(target.path), revision).commit)


def all_at_commit(targets: tuple[Target, ...], revision: str | None) -> tuple[Target, ...]:
    """Return targets, each directory among them as `at_commit` does.

    Raises: as `at_commit`, and RequestError where a revision is given and none is a directory.
    """
    if revision is not None and not any(isinstance(target, DirectoryTarget) for target in targets):
        raise RequestError("only a directory can be read from a commit", remedy="Name a plugin's directory: ./NAME")
    return tuple(at_commit(target, revision) if isinstance(target, DirectoryTarget) else target for target in targets)


def parse_artifact_target(store: Store, text: str) -> ArtifactTarget:
    """Return what `text` names, where a directory is of no use.

    Raises:
        TargetNotFoundError: it is neither in the store nor a complete reference.
        AmbiguousTargetError: it is the beginning of several builds' digests.
    """
    return find_local(store, text) or _parse_remote(store, text)


def find_local(store: Store, text: str) -> LocalTarget | None:
    """Return the build with that tag, that digest, or the one whose digest begins so; None where there is none.

    Raises:
        AmbiguousTargetError: several builds' digests begin so.
    """
    found = find_local_build(store, text)
    return LocalTarget(found.name, found.digest) if found is not None else None


def _parse_remote(store: Store, text: str) -> RemoteTarget:
    try:
        reference = parse_reference(text)
    except InvalidReferenceError as error:
        from difflib import get_close_matches

        near = get_close_matches(text, store.list_tags(), n=1)
        raise TargetNotFoundError(
            "there is no local build, directory or reference of that name",
            where=shown(text),
            remedy=f"Did you mean {shown(near[0])}" if near else "A reference reads registry/repository:tag",
            hint=Hint.NAME_A_TARGET,
        ) from error
    if not reference.reference:
        raise TargetNotFoundError(
            "there is no local build of that name, and as a reference it lacks a tag or digest",
            where=shown(text),
            remedy=f"Add one: {shown(text)}:1.0.0",
        )
    return RemoteTarget(text)
