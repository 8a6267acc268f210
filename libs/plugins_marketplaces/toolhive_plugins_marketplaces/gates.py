"""What is asked before a plugin of a marketplace is handed on: pushed, copied, put into a file for clients."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Protocol

from toolhive_plugins import Artifact, FileTree, Store, load_artifact
from toolhive_plugins_marketplaces.catalog import CatalogPlugin
from toolhive_plugins_marketplaces.catalog_diff import PluginSource
from toolhive_plugins_marketplaces.document import Entry
from toolhive_plugins_marketplaces.parallel import each
from toolhive_plugins_marketplaces.reading import OpenPlugin
from toolhive_plugins_marketplaces.sources import ArchiveSource, GitSource, NpmSource
from toolhive_plugins_signatures import PolicyRefusedError


class Gate(Protocol):
    """Lets plugins through, or raises; threads share it. `toolhive_plugins_installs.Gate` is one."""

    def admit_artifact(self, store: Store, source: str, artifact: Artifact) -> None:
        """Return if an artifact, which `store` holds whole, may be handed on.

        Raises:
            ToolhiveError: it may not, or that cannot be found out.
        """
        ...

    def admit_digest(self, source: str, digest: str) -> None:
        """Return if nothing denies what is named by its digest alone, such as a catalog; raises as `admit_artifact`."""
        ...

    def admit_tree(self, source: str, commit: str, tree: FileTree) -> None:
        """Return if the files of a commit may be handed on; raises as `admit_artifact`."""
        ...


def comes_from(entry: Entry, plugin: OpenPlugin) -> str:
    """Return where an entry's plugin comes from, as a gate is told it.

    That is `git://host/path` of a repository that has an address, `npm://package`, the address of an archive, and else, as for a
    local build, the plugin's name.
    """
    if isinstance(entry.source, NpmSource):
        return f"npm://{entry.source.package}"
    if isinstance(entry.source, ArchiveSource):
        return entry.source.url.partition("?")[0]
    return f"git://{plugin.source_url.partition('://')[2]}" if plugin.source_url else entry.name


def admit_packaged(gate: Gate, entry: Entry, plugin: OpenPlugin, store: Store, artifact: Artifact) -> None:
    """Return if a plugin that was read from a marketplace may be handed on: its artifact, and the commits that it is from.

    Raises: as `Gate.admit_artifact`.
    """
    source = comes_from(entry, plugin)
    named = entry.source.commit if isinstance(entry.source, GitSource) else ""
    for commit in dict.fromkeys((named, plugin.change.revision if plugin.change else "")):
        if commit:
            gate.admit_tree(source, commit, plugin.tree)
    gate.admit_artifact(store, source, artifact)


@contextmanager
def pulled(registry: PluginSource, reference: str) -> Iterator[tuple[Store, Artifact]]:
    """Fetch a plugin into a scratch store."""
    with TemporaryDirectory(prefix="thv-plugin-") as folder, Store(folder) as store:
        yield store, load_artifact(store, registry.pull(store, reference))


def admit_pulled(gate: Gate | None, registry: PluginSource, reference: str) -> None:
    """Fetch a plugin and return if it may be handed on; without a gate nothing is fetched.

    Raises: as `Gate.admit_artifact`, and RegistryError.
    """
    if gate is not None:
        with pulled(registry, reference) as (store, artifact):
            gate.admit_artifact(store, reference, artifact)


def refusals(
    plugins: Sequence[CatalogPlugin], registry: PluginSource, gate: Gate | None, *, jobs: int
) -> dict[str, PolicyRefusedError]:
    """Return which plugins a policy forbids, by name, each with its refusal.

    Raises: as `admit_pulled`, but for what a policy forbids.
    """

    def ask(plugin: CatalogPlugin) -> PolicyRefusedError | None:
        try:
            admit_pulled(gate, registry, plugin.reference)
        except PolicyRefusedError as error:
            return error
        return None

    answers = each(ask, plugins, jobs) if gate is not None else ()
    return {plugin.name: answer for plugin, answer in zip(plugins, answers, strict=False) if answer is not None}
