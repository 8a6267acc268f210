"""Makes a marketplace for the clients of a team from plugins in a registry, each pinned by its digest."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import evolve, field, frozen

from toolhive_plugins import (
    Digest,
    Encodable,
    FileTree,
    encode_json,
    is_reserved_plugin,
    open_layer,
    parse_reference,
    read_manifest,
    shown,
    write_files,
)
from toolhive_plugins_marketplaces.catalog import CatalogPlugin, Owner
from toolhive_plugins_marketplaces.catalog_diff import PluginSource
from toolhive_plugins_marketplaces.client_files import (
    CLAUDE_CODE_FILE,
    CODEX_FILE,
    ListedPlugin,
    SourceChoice,
    archive_source,
    claude_code_file,
    codex_file,
    command_source,
    least_client,
    path_command,
)
from toolhive_plugins_marketplaces.deterministic_zip import write_zip
from toolhive_plugins_marketplaces.errors import GenerateError
from toolhive_plugins_marketplaces.gates import Gate, pulled, refusals
from toolhive_plugins_marketplaces.marketplace_names import check_marketplace_name
from toolhive_plugins_marketplaces.names import is_repository_name
from toolhive_plugins_marketplaces.parallel import each
from toolhive_plugins_marketplaces.staging import MARKETPLACE, Staged, check_ours, staging
from toolhive_plugins_marketplaces.texts import one_line

_URL: Final = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?", re.ASCII)
_MAX_PLUGINS: Final = 10_000


@frozen(kw_only=True)
class GenerateOptions:
    """What to make."""

    name: str
    owner: Owner = field(factory=Owner)
    description: str = ""
    source: SourceChoice = SourceChoice.COMMAND
    archive_url: str = ""
    """Where the zip files will be, `https://host/folder/`."""

    min_client: str = ""
    """The oldest Claude Code that must read the file; empty for any."""

    path_options: tuple[str, ...] = ()
    """Options of the command that prints a plugin's folder."""

    jobs: int = 8


@frozen(kw_only=True)
class GeneratedPlugin:
    """A plugin of the marketplace that was made."""

    name: str
    version: str
    reference: str
    """`registry/repository@digest`."""

    source: str
    """The command, the URL or the folder."""


@frozen(kw_only=True)
class ForbiddenPlugin:
    """A plugin that is not in the marketplace, since a policy forbids it."""

    name: str
    reference: str
    """`registry/repository@digest`."""

    reason: str


@frozen(kw_only=True)
class Generated:
    """A marketplace that was made."""

    name: str
    kind: SourceChoice
    directory: str
    """Where it was written; empty if it was not."""

    least_client: str
    """The oldest Claude Code that reads it."""

    plugins: tuple[GeneratedPlugin, ...]
    left_out: tuple[str, ...]
    """Plugins whose names Claude Code reserves: it would refuse the whole file."""

    forbidden: tuple[ForbiddenPlugin, ...]
    """Plugins that a policy forbids."""

    files: tuple[str, ...]
    """What clients read, from the folder."""

    document: str
    """Claude Code's file."""


def resolve_plugins(references: Sequence[str], registry: PluginSource, *, jobs: int = 8) -> tuple[CatalogPlugin, ...]:
    """Return the plugins that references name, each read from its artifact.

    Raises:
        InvalidReferenceError, RegistryError, PluginError: one cannot be had, or is not a plugin.
    """
    return tuple(each(lambda reference: _resolve(reference, registry), references, jobs))


def generate(
    plugins: Iterable[CatalogPlugin],
    options: GenerateOptions,
    registry: PluginSource,
    directory: str = "",
    gate: Gate | None = None,
) -> Generated:
    """Make a marketplace.

    Args:
        plugins: what is in it.
        options: how it is made.
        registry: fetches plugins, where their files are needed.
        directory: where it is written, a folder that is not there, empty, or made by this before; empty to write nothing, which is
            enough for commands.
        gate: asked about every plugin, which is fetched for that.

    Raises:
        PolicyRefusedError: every plugin is forbidden.
        GenerateError: a name is reserved, a command too long, two plugins have one name, the folder is somebody else's.
        RegistryError, PluginError: a plugin cannot be fetched, or written.
    """
    check_marketplace_name(options.name)
    least = least_client(options.source, options.min_client)
    given = checked_plugins(plugins)
    chosen = tuple(plugin for plugin in given if not is_reserved_plugin(plugin.name))
    if not chosen:
        raise GenerateError("every plugin has a name that Claude Code reserves", remedy="Name other plugins")
    if options.source is not SourceChoice.COMMAND and not directory:
        raise GenerateError("a folder must be named for the plugins", remedy="Name a folder to write to")
    if options.source is SourceChoice.ARCHIVE and _URL.fullmatch(options.archive_url) is None:
        raise GenerateError(
            "it must be known where the archives will be",
            where=shown(options.archive_url),
            remedy="Name it as https://host/folder/, without a user name or query",
        )
    left_out = tuple(plugin.name for plugin in given if plugin not in chosen)
    target = Path(os.path.abspath(directory)) if directory else None  # noqa: PTH100 - links stay as they are
    if target is not None:
        check_ours(target, MARKETPLACE)
    refused = refusals(chosen, registry, gate, jobs=options.jobs)
    chosen = tuple(plugin for plugin in chosen if plugin.name not in refused)
    if not chosen:
        raise next(iter(refused.values()))
    forbidden = tuple(
        ForbiddenPlugin(
            name=plugin.name, reference=plugin.reference, reason=one_line(refused[plugin.name].problem, 500)
        )
        for plugin in given
        if plugin.name in refused
    )
    if target is None:
        return evolve(_write(chosen, options, registry, least, None), left_out=left_out, forbidden=forbidden)
    with staging(target, MARKETPLACE) as fresh:
        return evolve(_write(chosen, options, registry, least, fresh), left_out=left_out, forbidden=forbidden)


def _write(
    plugins: Sequence[CatalogPlugin],
    options: GenerateOptions,
    registry: PluginSource,
    least: str,
    folder: Staged | None,
) -> Generated:
    place = None if folder is None else folder.path
    listed = each(lambda plugin: _listed(plugin, options, registry, place), plugins, options.jobs)
    files = {CLAUDE_CODE_FILE: claude_code_file(options.name, options.owner, options.description, listed)}
    if options.source is SourceChoice.DIRECTORY:
        files[CODEX_FILE] = codex_file(options.name, listed)
    if place is not None:
        pinned: Encodable = {plugin.name: plugin.reference for plugin in plugins}
        marker: Encodable = {"generatedBy": "thv-plugin", "plugins": pinned}
        for path, data in {**files, MARKETPLACE.marker: encode_json(marker) + b"\n"}.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(data)
    return Generated(
        name=options.name,
        kind=options.source,
        directory="" if folder is None else str(folder.target),
        least_client=least,
        plugins=tuple(
            GeneratedPlugin(name=entry.name, version=entry.version, reference=plugin.reference, source=_told(entry))
            for entry, plugin in zip(listed, plugins, strict=True)
        ),
        left_out=(),
        forbidden=(),
        files=tuple(files),
        document=files[CLAUDE_CODE_FILE].decode(),
    )


def _listed(
    plugin: CatalogPlugin, options: GenerateOptions, registry: PluginSource, place: Path | None
) -> ListedPlugin:
    source: dict[str, str | int] | str
    if options.source is SourceChoice.COMMAND or place is None:
        source = command_source(path_command(plugin.reference, options.path_options))
    else:
        with _fetched(plugin.reference, registry) as (_, tree):
            if read_manifest(tree, where=plugin.reference).name != plugin.name:
                raise GenerateError("the artifact holds a plugin of another name", where=plugin.reference)
            if options.source is SourceChoice.ARCHIVE:
                name = f"{plugin.name}-{plugin.digest.encoded[:16]}.zip"
                sha256 = write_zip(tree, place / name)
                source = archive_source(f"{options.archive_url.rstrip('/')}/{name}", sha256)
            else:
                (place / "plugins").mkdir(exist_ok=True)
                write_files(tree, place / "plugins" / plugin.name)
                source = f"./plugins/{plugin.name}"
    return ListedPlugin(
        name=plugin.name,
        version=plugin.version,
        description=plugin.description,
        category=plugin.category,
        source=source,
    )


def _told(entry: ListedPlugin) -> str:
    if isinstance(entry.source, str):
        return entry.source
    return str(entry.source.get("command") or entry.source.get("url"))


def checked_plugins(plugins: Iterable[CatalogPlugin]) -> tuple[CatalogPlugin, ...]:
    """Return the plugins by name. Whatever they come from, the names and references are ones that we would write.

    Raises:
        GenerateError: one is not, two have one name, or there are none, or too many.
    """
    found: dict[str, CatalogPlugin] = {}
    for plugin in plugins:
        parsed = parse_reference(plugin.reference)
        if not is_repository_name(plugin.name) or str(parsed) != plugin.reference:
            raise GenerateError("cannot be listed under that name", where=shown(plugin.name))
        if plugin.name in found:
            raise GenerateError(
                f"two plugins are called {plugin.name}", where=plugin.reference, remedy="Leave one of them out"
            )
        found[plugin.name] = plugin
    if not found or len(found) > _MAX_PLUGINS:
        raise GenerateError(f"there are {len(found)} plugins to list", remedy=f"Name 1 to {_MAX_PLUGINS}")
    return tuple(found[name] for name in sorted(found))


def _resolve(reference: str, registry: PluginSource) -> CatalogPlugin:
    parsed = parse_reference(reference)
    with _fetched(reference, registry) as (digest, tree):
        manifest = read_manifest(tree, where=reference)
    return CatalogPlugin(
        name=manifest.name,
        repository=f"{parsed.registry}/{parsed.repository}",
        digest=digest,
        version=one_line(manifest.version, 128),
        description=manifest.description,
    )


@contextmanager
def _fetched(reference: str, registry: PluginSource) -> Iterator[tuple[Digest, FileTree]]:
    with pulled(registry, reference) as (store, artifact), open_layer(store, artifact.variant()) as tree:
        yield artifact.digest, tree
