"""The service: everything the command does, without printing. The counterpart of ToolHive's `pluginsvc`, and what that lacks.

Each method's work stands in a module of its own, imported when the method is first called, so that a program that lists
builds does not load what verifies them.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins import GcReport, Platform, PluginPackager, Progress, RegistryClient, Store
    from toolhive_plugins_service.builds import Build, BuildRequest
    from toolhive_plugins_service.comparison import Comparison
    from toolhive_plugins_service.content import Content
    from toolhive_plugins_service.diagnostics import ValidationReport
    from toolhive_plugins_service.extraction import Extracted, ExtractRequest
    from toolhive_plugins_service.inspection import Inspection
    from toolhive_plugins_service.listing import StoredBuild
    from toolhive_plugins_service.transfer import Pulled, Pushed
    from toolhive_plugins_service.upkeep import StoreCheck
    from toolhive_plugins_service.verification import Verification


class Service:
    """Plugins, from a directory to a registry and back.

    A *target* is what a person names: a local tag, a digest, or the first 7 or more of its hexadecimal digits; a reference in a
    registry, `registry/repository:tag`; or, where that makes sense, a directory, `./name`. A target in a registry is
    fetched for the one call and kept nowhere.

    Args:
        store: where builds and pulled plugins are kept.
        packager: packages directories into that same store.
        registry: pushes and pulls.
        packager_for: returns a packager into the store it is given, for `verify`, which builds in a scratch store. None
            means ours.
    """

    def __init__(
        self,
        store: "Store",
        packager: "PluginPackager",
        registry: "RegistryClient",
        *,
        packager_for: "Callable[[Store], PluginPackager] | None" = None,
    ) -> None:
        self._store = store
        self._packager = packager
        self._registry = registry
        self._packager_for = packager_for

    @property
    def store(self) -> "Store":
        """The store that the service works on."""
        return self._store

    def build(self, request: "BuildRequest") -> "Build":
        """Package a directory into the store, tag it, and mark it as made on this machine.

        Raises: PluginError, InvalidTagError, InvalidEpochError, or another ToolhiveError where the store cannot be written.
        """
        from toolhive_plugins_service.builds import build

        return build(self._store, self._packager, request)

    def validate(self, directory: str) -> "ValidationReport":
        """Find everything that is wrong with a plugin directory.

        Raises:
            InvalidPluginDirError: there is no such directory.
        """
        from toolhive_plugins_service.validation import validate

        return validate(directory)

    def push(self, tag: str, ref: str, *, progress: "Progress | None" = None) -> "Pushed":
        """Send the local build that `tag` names to where `ref` says.

        Raises: TargetNotFoundError, NotAPluginError, InvalidReferenceError, RegistryError, CredentialError.
        """
        from toolhive_plugins_service.transfer import push

        return push(self._store, self._registry, tag, ref, progress)

    def pull(self, ref: str, *, progress: "Progress | None" = None) -> "Pulled":
        """Fetch what `ref` names into the store, tagged as `ref`.

        Raises: InvalidReferenceError, RegistryError, CredentialError, NotAPluginError, and others for content that lies.
        """
        from toolhive_plugins_service.transfer import pull

        return pull(self._store, self._registry, ref, progress)

    def list_builds(self) -> "tuple[StoredBuild, ...]":
        """Return what is tagged in the store, by tag; damaged builds too, with their damage."""
        from toolhive_plugins_service.listing import list_builds

        return list_builds(self._store)

    def delete_build(self, tag: str) -> None:
        """Delete a tag, and whatever no other build uses.

        Raises:
            StoreNotFoundError: there is no such tag.
        """
        self._store.delete_build(tag)

    def gc(self, *, grace: float = 3600.0) -> "GcReport":
        """Delete what no build uses and what interrupted runs left; what is younger than `grace` seconds is spared."""
        return self._store.gc(grace=grace)

    def check(self) -> "StoreCheck":
        """Look for damage in the store."""
        from toolhive_plugins_service.upkeep import check

        return check(self._store)

    def repair(self) -> "StoreCheck":
        """Mend what can be mended in the store, and return what was found."""
        from toolhive_plugins_service.upkeep import repair

        return repair(self._store)

    def content(
        self, target: str, *, platform: "Platform | None" = None, progress: "Progress | None" = None
    ) -> "Content":
        """Return the metadata and the files of a target, without installing it.

        Raises: TargetNotFoundError, NotAPluginError, RegistryError, PluginError.
        """
        from toolhive_plugins_service.content import content

        return content(self._store, self._registry, target, platform, progress)

    def file(
        self, target: str, path: str, *, platform: "Platform | None" = None, progress: "Progress | None" = None
    ) -> Iterator[bytes]:
        """Yield the content of one file of a target.

        Raises: as `content`, and TargetNotFoundError where there is no such file.
        """
        from toolhive_plugins_service.content import file_chunks

        return file_chunks(self._store, self._registry, target, path, platform, progress)

    def inspect(
        self, target: str, *, platform: "Platform | None" = None, progress: "Progress | None" = None
    ) -> "Inspection":
        """Return what a target would run, read from its content, and where its labels say otherwise.

        Raises: TargetNotFoundError, NotAPluginError, RegistryError, PluginError.
        """
        from toolhive_plugins_service.inspection import inspect

        return inspect(self._store, self._registry, target, platform, progress)

    def diff(self, old: str, new: str, *, progress: "Progress | None" = None) -> "Comparison":
        """Return what changed from one target to another: what runs first, then files, then metadata.

        Raises: TargetNotFoundError, NotAPluginError, RegistryError, PluginError.
        """
        from toolhive_plugins_service.comparison import compare

        return compare(self._store, self._registry, old, new, progress)

    def verify(self, directory: str, target: str, *, progress: "Progress | None" = None) -> "Verification":
        """Tell whether an artifact was built from a directory.

        Raises: TargetNotFoundError, NotAPluginError, RegistryError, PluginError.
        """
        from toolhive_plugins_service.targets import open_artifact
        from toolhive_plugins_service.verification import verify

        packager_for = self._packager_for
        if packager_for is None:
            from toolhive_plugins import Packager

            packager_for = Packager
        with open_artifact(self._store, self._registry, target, progress=progress) as opened:
            return verify(opened, directory, packager_for)

    def extract(self, request: "ExtractRequest", *, progress: "Progress | None" = None) -> "Extracted":
        """Write the files of a target to a directory: all or nothing, and nothing outside it.

        Raises: TargetNotFoundError, NotAPluginError (NameMismatchError where it poses as another), DestinationError, RegistryError.
        """
        from toolhive_plugins_service.extraction import extract

        return extract(self._store, self._registry, request, progress)
