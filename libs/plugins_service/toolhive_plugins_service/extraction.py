"""Writing a plugin's tree to disk: all of it or nothing, nowhere but below the destination, through no link.

The files are written to a new folder next to the destination, which only its owner can enter, and then renamed to it. So an
interrupted extraction leaves the destination as it was, and at worst a hidden folder next to it.
"""

import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Final

from attrs import frozen

from toolhive_plugins import (
    MANIFEST_PATH,
    Digest,
    FileTree,
    InvalidReferenceError,
    NameMismatchError,
    Platform,
    check_portable,
    is_portable,
    open_layer,
    read_manifest,
    replace_directory,
    shown,
    sync_folder,
    write_files,
)
from toolhive_plugins_service.errors import DestinationError, Hint
from toolhive_plugins_service.opening import OpenArtifact
from toolhive_plugins_service.targets import Origin
from toolhive_plugins_service.transfer import repository_name

_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)


@frozen
class ExtractRequest:
    """What to extract, and where to."""

    target: str
    """A local tag or digest, or a reference in a registry."""

    directory: str = ""
    """Where to write the plugin; empty for a folder of its name in the working directory."""

    replace: bool = False
    """Replace a plugin that is there already. Nothing else is ever replaced."""

    platform: Platform | None = None
    """Which platform's files; None for the artifact's first one."""


@frozen
class Extracted:
    """What was written."""

    origin: Origin
    directory: str
    """Absolute."""
    name: str
    version: str
    digest: Digest
    files: int
    size: int
    """Size in bytes of all files together."""
    replaced: bool


def extract(opened: OpenArtifact, request: ExtractRequest) -> Extracted:
    """Write the files of an artifact to a directory.

    Raises:
        NotAPluginError: it has nothing for that platform; NameMismatchError where it poses as another plugin.
        DestinationError: the destination is taken, or cannot be written.
    """
    variant = opened.artifact.variant(request.platform)
    with open_layer(opened.store, variant) as tree:
        config = variant.config
        check_name(opened.origin, config.name, tree)
        target = destination(request.directory, config.name)
        replaced = write_tree(tree, target, replace=request.replace)
        return Extracted(
            origin=opened.origin,
            directory=str(target),
            name=config.name,
            version=config.version,
            digest=opened.artifact.digest,
            files=len(tree.files),
            size=sum(file.size for file in tree.files.values()),
            replaced=replaced,
        )


def check_name(origin: Origin, name: str, tree: FileTree) -> None:
    """Check that a plugin is what its labels and its repository call it.

    Raises:
        NameMismatchError: its label, its `plugin.json` and the last part of its repository do not agree.
        PluginError: it has no `plugin.json`, or one that cannot be read.
    """
    written = read_manifest(tree, where=origin.name).name
    if written != name:
        raise NameMismatchError(
            f"the label says {shown(name)!r} and {MANIFEST_PATH} says {shown(written)!r}",
            where=shown(origin.name),
            remedy="Do not trust this artifact; ask its publisher",
        )
    with contextlib.suppress(
        InvalidReferenceError
    ):  # a local tag need not be a reference, and then names no repository
        expected = repository_name(origin.name)
        if written != expected:
            raise NameMismatchError(
                f"the plugin calls itself {shown(written)!r}, and its repository {shown(expected)!r}",
                where=shown(origin.name),
                remedy="A plugin is published under its own name; this one may pose as another",
            )


def destination(directory: str, name: str) -> Path:
    """Return the absolute path to extract to.

    Raises:
        DestinationError: none was given, and the plugin's name is not fit to be a folder's.
    """
    if not directory:
        if _PLAIN_NAME.fullmatch(name) is None or not is_portable(name):
            raise DestinationError(
                f"the plugin's name, {shown(name)!r}, is not fit for a folder", remedy="Name a directory"
            )
        directory = name
    return Path(os.path.normpath(Path(directory).absolute()))


def write_tree(tree: FileTree, target: Path, *, replace: bool) -> bool:
    """Write the tree's files below `target`, and return whether that replaced something.

    Files are made readable for everyone the umask allows, and executable only where the artifact has them so.

    Raises:
        NotAPluginError: a file's path is too deep, or a name in it is not portable.
        DestinationError: something is there that may not be replaced, or the disk refuses.
    """
    for path in tree.files:
        check_portable(path)
    try:
        occupied = _check_free(target, replace=replace)
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}.", suffix=".thv-plugin", dir=target.parent))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise _refused(target.parent, error) from error
    leftover = scratch / "old"
    try:
        fresh = scratch / "new"
        write_files(tree, fresh)
        if occupied:
            leftover = replace_directory(fresh, target, leftover)
        else:
            fresh.rename(target)  # onto nothing, or onto an empty folder; fails if something appeared there meanwhile
    except OSError as error:
        if occupied and not target.exists():
            raise DestinationError(
                f"could not be replaced nor put back: {error.strerror or error}",
                where=shown(target),
                remedy=f"The plugin that was there is in {shown(leftover)}",
            ) from error
        raise _refused(Path(error.filename or target), error) from error
    finally:
        if target.exists() or not occupied:  # else the old plugin is in it
            with contextlib.suppress(RecursionError):  # of an old one that is very deep
                shutil.rmtree(scratch, ignore_errors=True)
    _sync_done(target)
    return occupied


def _check_free(target: Path, *, replace: bool) -> bool:
    """Return whether there is a plugin at `target` that may be replaced."""
    if target.is_symlink():
        raise DestinationError("is a symbolic link", where=shown(target), remedy="Name the directory itself")
    if not target.exists():
        return False
    if not target.is_dir():
        raise DestinationError("is not a directory", where=shown(target), remedy="Name another directory")
    if not any(target.iterdir()):
        return False
    if not replace:
        raise DestinationError(
            "exists and is not empty",
            where=shown(target),
            remedy="Name another directory, or ask for it to be replaced",
            hint=Hint.REPLACE_PLUGIN,
        )
    if not (target / MANIFEST_PATH).is_file():
        raise DestinationError(
            "is not a plugin, and is left alone", where=shown(target), remedy="Name another directory"
        )
    return True


def _sync_done(target: Path) -> None:
    try:
        sync_folder(target.parent)
    except OSError as error:
        raise DestinationError(
            f"was written, but may not survive a power cut: {error.strerror or error}",
            where=shown(target),
            remedy="Check the disk",
        ) from error


def _refused(path: Path, error: OSError | ValueError) -> DestinationError:
    reason = error.strerror if isinstance(error, OSError) else "the path is malformed"
    return DestinationError(f"cannot be written: {reason or error}", where=shown(path), remedy="Nothing was extracted")
