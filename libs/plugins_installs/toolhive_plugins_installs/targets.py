"""What a person names to install: a reference, a local build, a git address, or a name in a catalog. Parsed once, here."""

import os
from typing import TypeAlias

from attrs import frozen

from toolhive_plugins import (
    InvalidReferenceError,
    Reference,
    Store,
    is_plugin_name,
    parse_reference,
    shown,
)
from toolhive_plugins_installs.errors import (
    Hint,
    InstallsError,
    InvalidTargetError,
    UnknownTargetError,
)
from toolhive_plugins_installs.git_targets import GitTarget, is_git_target, parse_git_target
from toolhive_plugins_installs.local_builds import LocalTagTarget, find_local_build


@frozen
class ReferenceTarget:
    """An artifact in a registry."""

    reference: Reference
    """With a tag or a digest."""

    def __str__(self) -> str:
        return str(self.reference)


@frozen
class CatalogName:
    """A plugin's name, to be looked up in catalogs."""

    name: str

    def __str__(self) -> str:
        return self.name


InstallTarget: TypeAlias = ReferenceTarget | LocalTagTarget | GitTarget | CatalogName


def parse_install_target(store: Store, text: str) -> InstallTarget:
    """Return what `text` names: a git address by its scheme, a reference if it has a slash, else a local build or a catalog's name.

    Args:
        store: where local builds are looked up.
        text: what a person wrote.

    Raises:
        InvalidTargetError: it is malformed, or a directory. AmbiguousTargetError if several builds' digests begin so.
        UnknownTargetError: it is neither a local build nor a name that a catalog could have.
    """
    if not text.strip():
        raise InvalidTargetError(
            "the target is empty",
            remedy="Name a reference, a local build, a git address, or a plugin of a catalog",
            hint=Hint.NAME_AN_INSTALLABLE,
        )
    if is_git_target(text):
        return parse_git_target(text)
    if text in (".", "..") or text.startswith(("./", "../", "/")) or (os.sep != "/" and os.sep in text):
        raise _directory_refused(text)
    if "/" in text:
        return _parse_reference(text)
    local = find_local_build(store, text)
    if local is not None:
        return local
    if is_plugin_name(text.lower()):
        return CatalogName(text)
    raise unknown_target(store, text)


def unknown_target(store: Store, text: str) -> InstallsError:
    """Return the error for a name that nothing has."""
    if _is_folder(text):
        return _directory_refused(text)
    from difflib import get_close_matches

    near = get_close_matches(text, store.list_tags(), n=1)
    return UnknownTargetError(
        "there is no local build of that name, no catalog has it, and it is not a reference",
        where=shown(text),
        remedy=f"Did you mean {shown(near[0])}" if near else "A reference reads registry/repository:tag",
        hint=Hint.NAME_AN_INSTALLABLE,
    )


def _parse_reference(text: str) -> ReferenceTarget:
    try:
        reference = parse_reference(text)
    except InvalidReferenceError:
        if _is_folder(text):
            raise _directory_refused(text) from None
        raise
    if reference.reference:
        return ReferenceTarget(reference)
    if _is_folder(text):
        raise _directory_refused(text)
    raise InvalidTargetError(
        "as a reference it lacks a tag or digest", where=shown(text), remedy=f"Add one: {shown(text)}:1.0.0"
    )


def _directory_refused(text: str) -> InvalidTargetError:
    return InvalidTargetError(
        "is a directory, and only an artifact is installed",
        where=shown(text),
        remedy="Build it first, and name the build",
        hint=Hint.BUILD_FIRST,
    )


def _is_folder(text: str) -> bool:
    try:
        return os.path.isdir(text)  # noqa: PTH112 - as text
    except ValueError:  # a NUL in it
        return False
