"""Writes a `CLAUDE_CODE_PLUGIN_SEED_DIR`, for containers and machines without a network: all of it or nothing."""

import json
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from toolhive_plugins import FileTree, Progress, is_plugin_name, shown
from toolhive_plugins_clients import ClaudeCodeAdapter, check_name, enabling_edits, refusal
from toolhive_plugins_installs import disk
from toolhive_plugins_installs.errors import FolderTakenError, Hint, InstallsError, InvalidTargetError
from toolhive_plugins_installs.executor import EditFile, PutTree, Step
from toolhive_plugins_installs.records import RecordBook
from toolhive_plugins_installs.resolved import ResolvedPlugin
from toolhive_plugins_installs.resolving import Resolver
from toolhive_plugins_installs.seed_tree import (
    MARKER,
    FolderTree,
    SeededPlugin,
    SeedTree,
    plugin_folders,
    version_folder,
)

DEFAULT_MARKETPLACE: Final = "toolhive-seed"
_MAX_MARKER: Final = 1024 * 1024
_MAKER: Final = ("claude", "anthropic", "official")
"""Words that Claude Code keeps for marketplaces of its maker."""


@frozen(kw_only=True)
class SeedRequest:
    """What to seed, and where."""

    directory: str
    """May be relative. Absent, empty, or a seed of ours, to which is added."""

    targets: Sequence[str]

    marketplace: str = DEFAULT_MARKETPLACE
    """What the seed's marketplace is called. It takes the place of a user's of that name."""

    settings: str = ""
    """A settings file to enable the plugins in; empty for none."""

    replace: bool = False
    """Write a seed of ours anew, with these plugins only, instead of adding to it."""


@frozen(kw_only=True)
class Seeded:
    """What was written."""

    directory: str
    """Absolute."""

    marketplace: str
    plugins: tuple[SeededPlugin, ...]
    """All that the seed has now."""

    enabled: dict[str, bool] = field(metadata={"key": "enabledPlugins"})
    """What settings need to say, for the plugins to load."""

    settings: str
    """The file that says it now; empty for none."""

    warnings: tuple[str, ...] = ()
    """Which of the added plugins Claude Code refuses, or a part of them."""


def write_seed(
    records: RecordBook, resolver: Resolver, request: SeedRequest, *, progress: Progress | None = None
) -> Seeded:
    """Resolve targets, and write a seed with their plugins.

    Raises:
        FolderTakenError: the folder has something else in it, or the seed has a plugin of that name.
        InvalidTargetError: two targets are plugins of one name, or the marketplace cannot be called so.
        ClientFileError: the settings cannot be edited. Nothing was written, in these cases as in all others.
        ToolhiveError: a target cannot be had, or the disk refuses.
    """
    marketplace = _checked_marketplace(request.marketplace)
    directory = Path(os.path.abspath(request.directory))  # noqa: PTH100 - links are not followed
    with ExitStack() as stack:
        opened = [stack.enter_context(resolver.open(target, progress=progress)) for target in request.targets]
        plugins: list[tuple[SeededPlugin, FileTree]] = [(_seeded(plugin), plugin.tree) for plugin in opened]
        warnings = [f"{plugin.name}: {text}" for plugin in opened if (text := _refusal(plugin.tree))]
        stack.enter_context(records.locked())
        plugins = [*_kept(directory, marketplace, request), *plugins]
        _check_names([plugin for plugin, _ in plugins], directory)
        plugins.sort(key=lambda each: each[0].name)
        keys = [f"{plugin.name}@{marketplace}" for plugin, _ in plugins]
        steps: list[Step] = [PutTree(directory, SeedTree(marketplace, plugins))]
        settings = os.path.abspath(request.settings) if request.settings else ""  # noqa: PTH100
        if settings:
            if Path(settings).is_relative_to(directory):
                raise InvalidTargetError(
                    "is in the seed's own folder", where=shown(settings), remedy="Name another file"
                )
            steps += [EditFile(edit) for edit in enabling_edits(Path(settings), keys)]
        records.executor.execute(f"write the seed {shown(directory)}", steps)
    return Seeded(
        directory=str(directory),
        marketplace=marketplace,
        plugins=tuple(plugin for plugin, _ in plugins),
        enabled=dict.fromkeys(keys, True),
        settings=settings,
        warnings=tuple(warnings),
    )


def _refusal(tree: FileTree) -> str:
    """Say what Claude Code refuses of a plugin; empty where that is nothing."""
    return refusal(ClaudeCodeAdapter().verdict(tree))


def _checked_marketplace(name: str) -> str:
    if not is_plugin_name(name) or any(word in name for word in _MAKER):
        raise InvalidTargetError(
            f"{shown(name)!r} cannot be the name of a marketplace",
            remedy=f"Use 2 to 64 lower-case letters, digits and single hyphens, without the words {', '.join(_MAKER)}",
        )
    return name


def _seeded(plugin: ResolvedPlugin) -> SeededPlugin:
    return SeededPlugin(
        name=check_name(plugin.name),
        version=version_folder(plugin.version, plugin.digest),
        source=plugin.source,
        reference=plugin.reference,
        digest=plugin.digest,
        description=plugin.description,
    )


def _check_names(plugins: Sequence[SeededPlugin], directory: Path) -> None:
    seen: dict[str, SeededPlugin] = {}
    for plugin in plugins:
        if (other := seen.get(plugin.name)) is not None:
            raise FolderTakenError(
                f"{plugin.name} would be there twice: as {shown(other.source)} and as {shown(plugin.source)}",
                where=shown(directory),
                remedy="Leave one out, or write the seed anew",
                hint=Hint.REPLACE_FOLDER,
            )
        seen[plugin.name] = plugin


def _kept(directory: Path, marketplace: str, request: SeedRequest) -> list[tuple[SeededPlugin, FileTree]]:
    """Return what a seed of ours has that is there already, if it is added to.

    Raises:
        FolderTakenError: the folder is not empty and no seed of ours, or one with another marketplace.
    """
    marker = _marker(directory)
    if marker is None:
        _check_empty(directory)
        return []
    if request.replace:
        return []
    if marker["marketplace"] != marketplace:
        raise FolderTakenError(
            f"is a seed whose marketplace is {shown(marker['marketplace'])!r}",
            where=shown(directory),
            remedy="Give that name, or another folder",
        )
    plugins = [SeededPlugin(**each) for each in marker["plugins"]]
    return [(plugin, FolderTree(directory / plugin_folders(marketplace, plugin)[0])) for plugin in plugins]


def _check_empty(directory: Path) -> None:
    try:
        if directory.is_symlink() or any(directory.iterdir()):
            raise FolderTakenError(
                "is not empty, and no seed of ours; it is left alone",
                where=shown(directory),
                remedy="Name another folder",
            )
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise FolderTakenError("is not a folder", where=shown(directory), remedy="Name another") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or "the path is malformed"
        raise InstallsError(f"cannot be read: {reason}", where=shown(directory)) from error


def _marker(directory: Path) -> dict[str, Any] | None:
    """Return what our file in a seed says; None where there is none.

    Raises:
        FolderTakenError: it is damaged.
    """
    if directory.is_symlink() or not directory.is_dir():
        return None
    data = disk.read_file(directory / MARKER, _MAX_MARKER)
    if data is None:
        return None
    try:
        return _parsed(json.loads(data))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise FolderTakenError(
            f"has a {MARKER} that is damaged", where=shown(directory), remedy="Remove the folder, or name another"
        ) from error


def _parsed(document: dict[str, Any]) -> dict[str, Any]:
    """Check what our file says, from which paths are made."""
    if document["version"] != 1 or not is_plugin_name(document["marketplace"]):
        raise ValueError("version")
    fields = {"name", "version", "source", "reference", "digest", "description"}
    for each in document["plugins"]:
        if set(each) != fields or not all(isinstance(value, str) for value in each.values()):
            raise ValueError("plugins")
        if not is_plugin_name(each["name"]) or version_folder(each["version"], "x") != each["version"]:
            raise ValueError("names")
    return document
