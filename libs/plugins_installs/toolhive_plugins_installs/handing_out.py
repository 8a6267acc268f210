"""Hands out a plugin's folder: the one line that a `command` source of Claude Code's wants.

A target that always names the same content needs no network once it is here. For any other, what it named last is remembered, and a
version that can do more is not handed out until somebody has accepted that.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import frozen

from toolhive_plugins import Store, ToolhiveError, shown
from toolhive_plugins_installs.errors import GrowthError, Hint, InstallsError
from toolhive_plugins_installs.git_targets import GitTarget, is_git_target, parse_git_target
from toolhive_plugins_installs.local_builds import LocalTagTarget
from toolhive_plugins_installs.plugin_folders import FolderRecord, LastHandedOut, PluginFolders, folder_key
from toolhive_plugins_installs.targets import InstallTarget, ReferenceTarget, parse_install_target

if TYPE_CHECKING:  # What is here already is handed out without any of them.
    from toolhive_plugins import FileTree, Progress
    from toolhive_plugins_installs.editions import Edition
    from toolhive_plugins_installs.gate import Gate
    from toolhive_plugins_installs.provenance import Provenance
    from toolhive_plugins_installs.resolved import ResolvedPlugin
    from toolhive_plugins_installs.resolving import Resolver
    from toolhive_plugins_installs.trust import Judge

_SHOWN = 5
"""How many of the things that a new version can do more are named."""


@frozen(kw_only=True)
class HandedOut:
    """A plugin's folder."""

    source: str
    """The target as it was written."""

    path: str
    """Absolute. Nothing in it may be changed."""

    name: str
    version: str
    digest: str
    """The artifact's, `sha256:<hex>`; or a commit."""

    reference: str
    """Always names the same content."""

    extracted: bool
    """Whether the folder was written now: it was not there, or not as it had been written."""


@frozen(kw_only=True)
class Judging:
    """Who decides whose plugins are handed out, and what the caller accepts."""

    judge: "Judge"
    allow_unsigned: bool = False
    allow_signer_change: bool = False


def hand_out(
    folders: PluginFolders,
    store: Store,
    make_resolver: "Callable[[], Resolver]",
    text: str,
    *,
    accept_growth: bool = False,
    allow_downgrade: bool = False,
    make_judging: "Callable[[], Judging | None]" = lambda: None,
    make_gate: "Callable[[], Gate | None]" = lambda: None,
    progress: "Progress | None" = None,
) -> HandedOut:
    """Return the folder of what `text` names, written if it is not there.

    Args:
        folders: the folders.
        store: where local builds are.
        make_resolver: returns what resolves a target that is not there yet, or may have changed.
        text: the target.
        accept_growth: whether it may be something now that can do more than what it was last.
        allow_downgrade: whether it may be older than what it was last.
        make_judging: returns who decides whether what it names now is by whom it was last; None where nobody does.
        make_gate: returns what decides whether a folder that is there may still be handed out; None where it may.
        progress: is told how a fetch progresses.

    Raises:
        GrowthError: it can do more than what it named last, or cannot be compared with that. Nothing is remembered.
        DowngradeError: it is older than what it named last.
        UntrustedError: it is signed by somebody else than what it named last, or by nobody any more.
        InstallsError, ToolhiveError: as `Resolver.open` and `PluginFolders`.
    """
    target = parse_install_target(store, text)
    pinned = _pinned(target)
    if pinned is not None:
        key, name = pinned
        with folders.reading():
            found = folders.find(key)
        if found is not None and name in ("", found[1].name):
            gate = make_gate()
            if gate is not None:
                from toolhive_plugins import open_plugin_directory

                with open_plugin_directory(str(found[0])) as tree:
                    gate.admit_again(found[1].reference, found[1].digest, tree)
            return _handed_out(text, *found, extracted=False)
    resolver = make_resolver()
    with resolver.open(text, progress=progress) as plugin, folders.locked():
        key = _key_of(plugin)
        last = None if pinned is not None else folders.last_of(text)
        is_new = pinned is None and (last is None or last.key != key)
        edition = _edition(plugin, None if allow_downgrade else last) if is_new else None
        if last is not None and last.key != key and not accept_growth:
            _refuse_growth(folders, resolver, last, plugin)
        judging = make_judging() if is_new else None
        provenance = _signer(judging, plugin, last) if judging is not None else None
        found = folders.find(key)
        result = found or folders.put(key, plugin)
        if edition is not None:
            folders.remember(
                LastHandedOut(
                    source=text,
                    key=key,
                    reference=plugin.reference,
                    provenance=provenance,
                    version=edition.version,
                    created=edition.created,
                )
            )
        return _handed_out(text, *result, extracted=found is None)


def _signer(judging: "Judging", plugin: "ResolvedPlugin", last: LastHandedOut | None) -> "Provenance | None":
    from toolhive_plugins_clients import Scope
    from toolhive_plugins_installs.origins import origin_of
    from toolhive_plugins_installs.trust import Candidate, Known

    known: tuple[Known, ...] = ()
    if last is not None:
        known = (Known(digest="", repository=origin_of(last.reference), provenance=last.provenance),)
    return judging.judge.admit(
        Candidate(
            plugin=plugin,
            repository=origin_of(plugin.reference),
            scope=Scope.USER,
            known=known,
            allow_unsigned=judging.allow_unsigned,
            allow_signer_change=judging.allow_signer_change,
        )
    ).provenance


def _handed_out(text: str, path: object, record: FolderRecord, *, extracted: bool) -> HandedOut:
    line = str(path)
    if any(ord(character) < 0x20 for character in line):
        raise InstallsError(
            "the store's path cannot be written on one line", where=shown(line), remedy="Use a store at another path"
        )
    return HandedOut(
        source=text,
        path=line,
        name=record.name,
        version=record.version,
        digest=record.digest,
        reference=record.reference,
        extracted=extracted,
    )


def _pinned(target: InstallTarget) -> tuple[str, str] | None:
    """Return the key of what a target always names, and the name that it must have; None for a target that may change."""
    match target:
        case ReferenceTarget(reference=reference) if reference.reference.startswith("sha256:"):
            return folder_key(reference.reference), reference.repository.rpartition("/")[2]
        case GitTarget() if target.is_commit:
            return folder_key(target.ref, target.subdir), target.expected_name
        case LocalTagTarget(name=name, digest=digest) if name == digest or digest.encoded.startswith(name):
            return folder_key(digest), ""
        case _:
            return None


def _key_of(plugin: "ResolvedPlugin") -> str:
    subdir = parse_git_target(plugin.reference).subdir if is_git_target(plugin.reference) else ""
    return folder_key(plugin.digest, subdir)


def _edition(plugin: "ResolvedPlugin", last: LastHandedOut | None) -> "Edition":
    """Return the highest edition that was handed out, with this one, which must not be older."""
    from toolhive_plugins_installs.editions import Edition, check_not_older, highest

    known = [Edition(last.version, last.created)] if last is not None else []
    check_not_older(plugin, known)
    return highest([*known, Edition(plugin.version, plugin.created)])


def _refuse_growth(folders: PluginFolders, resolver: "Resolver", last: LastHandedOut, plugin: "ResolvedPlugin") -> None:
    from toolhive_plugins_installs.growth import can_do_more

    try:
        with _opened(folders, resolver, last) as old:
            more = can_do_more(old, plugin.tree)
    except ToolhiveError as error:
        raise GrowthError(
            f"it is not what it was, {shown(last.reference)}, and cannot be compared with that: {error.problem}",
            where=shown(plugin.reference),
            remedy="Look at what it can do, then accept it",
            hint=Hint.ACCEPT_GROWTH,
        ) from error
    if more:
        told = ", ".join(more[:_SHOWN]) + (f" and {len(more) - _SHOWN} more" if len(more) > _SHOWN else "")
        raise GrowthError(
            f"it can do more than what it was, {shown(last.reference)}: {told}",
            where=shown(plugin.reference),
            remedy="Look at what changed, then accept it",
            hint=Hint.ACCEPT_GROWTH,
        )


@contextmanager
def _opened(folders: PluginFolders, resolver: "Resolver", last: LastHandedOut) -> "Iterator[FileTree]":
    """Open what was handed out last: its folder, else the store's copy, else fetched again."""
    found = folders.find(last.key)
    if found is not None:
        from toolhive_plugins import open_plugin_directory

        with open_plugin_directory(str(found[0])) as tree:
            yield tree
    else:
        with resolver.open_pinned(last.reference) as old:
            yield old.tree
