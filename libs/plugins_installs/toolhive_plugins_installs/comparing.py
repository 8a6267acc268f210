"""What changes from an installed version to another one."""

from pathlib import Path

from toolhive_plugins import MemoryTree, ToolhiveError
from toolhive_plugins_installs.consent import Change
from toolhive_plugins_installs.installation import Installation
from toolhive_plugins_installs.resolved import ResolvedPlugin
from toolhive_plugins_installs.site import Site


def compare_with(site: Site, old: Installation, new: ResolvedPlugin) -> Change | None:
    """Return what is different from an installed version; None where its content cannot be had any more.

    The content is opened by its digest, from the store or from where it came. What is in the folder does not count: it may be edited.
    """
    try:
        with site.resolver.open_pinned(old.reference, source=old.source) as installed:
            return site.compare(installed, new)
    except ToolhiveError:
        return _compare_with_folder(site, old, new)


def _compare_with_folder(site: Site, old: Installation, new: ResolvedPlugin) -> Change | None:
    """Compare with the folder, if that still has what was installed in it, file for file."""
    from attrs import evolve

    from toolhive_plugins_installs.folder_state import compare_folder, read_folder

    try:
        folder = Path(old.folder)
        state = read_folder(folder)
        if state is None or compare_folder(folder, state, old.files).edited:
            return None
        tree = MemoryTree({path: (folder / path).read_bytes() for path in old.files})
        return site.compare(evolve(new, tree=tree, digest=old.digest, artifact=None, version=old.version), new)
    except (ToolhiveError, OSError):
        return None
