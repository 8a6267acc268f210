"""Opens what a target names for reading. A plugin in a registry is fetched into a scratch store, and kept nowhere."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import frozen

from toolhive_plugins import MANIFEST_PATH, FileTree, Platform, Progress, RegistryClient, Store
from toolhive_plugins_service.sources import absolute
from toolhive_plugins_service.targets import ArtifactTarget, DirectoryTarget, LocalTarget, Origin, OriginKind, Target

if TYPE_CHECKING:
    from toolhive_plugins import Artifact, PluginTree


@frozen
class OpenArtifact:
    """An artifact, and the store to read its parts from."""

    origin: Origin
    artifact: "Artifact"
    store: Store


@contextmanager
def open_candidate(target: DirectoryTarget) -> "Iterator[PluginTree]":
    """Open a directory that may be a plugin of the Agent Plugins format alone; else as `open_directory`."""
    if target.commit or os.path.isfile(os.path.join(absolute(target.path), "plugin.json")):  # noqa: PTH113, PTH118 - as text
        from toolhive_plugins import claims_open_format  # lazily: most directories have no such file

        with open_directory(target, needs_manifest=False) as tree:
            if MANIFEST_PATH not in tree.files and claims_open_format(tree):
                yield tree
                return
    with open_directory(target) as tree:
        yield tree


def as_built(source: "PluginTree") -> "tuple[PluginTree, tuple[str, ...]]":
    """Return a plugin as it can be packaged, and the formats that were made for that: one has the Agent Plugins format alone.

    Raises:
        AdaptError: that cannot be said in the format of Claude Code.
    """
    if MANIFEST_PATH in source.files:
        return source, ()
    from toolhive_plugins import PluginFormat, adapt, claims_open_format  # lazily: few plugins have that format alone

    if not claims_open_format(source):
        return source, ()
    adapted = adapt(source, (PluginFormat.CLAUDE_CODE,))
    return adapted.plugin, tuple(adapted.formats)


@contextmanager
def open_directory(target: DirectoryTarget, *, needs_manifest: bool = True) -> "Iterator[PluginTree]":
    """Open a plugin's directory to look into it; what could not be packaged is gathered in its findings.

    Args:
        needs_manifest: whether one without a `.claude-plugin/plugin.json` is at fault, and not read.

    Raises:
        InvalidPluginDirError: there is no such directory.
        GitError: it is read from a commit, and git failed.
    """
    from toolhive_plugins import Findings  # lazily: an artifact does not need them

    path = absolute(target.path)
    if target.commit:
        from toolhive_plugins import open_plugin_commit

        with open_plugin_commit(path, target.commit, findings=Findings(), needs_manifest=needs_manifest) as committed:
            yield committed
        return
    from toolhive_plugins import open_plugin_directory

    with open_plugin_directory(path, findings=Findings(), needs_manifest=needs_manifest) as tree:
        yield tree


@frozen
class Opener:
    """Opens targets."""

    store: Store
    """Where local builds are."""

    registry: Callable[[], RegistryClient]
    """Returns what fetches the rest; called only for a remote target."""

    progress: Progress | None = None

    @contextmanager
    def artifact(self, target: ArtifactTarget) -> Iterator[OpenArtifact]:
        """Open an artifact.

        Raises:
            RegistryError: the registry does not have it, or failed.
            ToolhiveError: what it names is damaged or not a plugin.
        """
        from toolhive_plugins import load_artifact  # lazily: a directory does not need it

        if isinstance(target, LocalTarget):
            origin = Origin(OriginKind.LOCAL, target.name, target.digest)
            yield OpenArtifact(origin, load_artifact(self.store, target.digest), self.store)
            return
        from tempfile import TemporaryDirectory  # lazily: a local build needs none

        with TemporaryDirectory(prefix="thv-plugin-") as folder:
            scratch = Store(folder)
            digest = self.registry().pull(scratch, target.reference, progress=self.progress)
            origin = Origin(OriginKind.REMOTE, target.reference, digest)
            yield OpenArtifact(origin, load_artifact(scratch, digest), scratch)

    @contextmanager
    def tree(self, target: Target, platform: Platform | None = None) -> Iterator[tuple[Origin, FileTree]]:
        """Open the files of a directory, or those that an artifact has for `platform` or for its first one.

        Raises: as `artifact`, and InvalidPluginDirError.
        """
        if isinstance(target, DirectoryTarget):
            with open_directory(target) as tree:
                yield target.origin, tree
            return
        from toolhive_plugins import open_layer

        with (
            self.artifact(target) as opened,
            open_layer(opened.store, opened.artifact.variant(platform)) as layer,
        ):
            yield opened.origin, layer
