"""Taking back what an installation wrote, and nothing else."""

from pathlib import Path
from typing import Final

from attrs import field, frozen

from toolhive_plugins import shown
from toolhive_plugins_installs.changes import Transaction, check_folder
from toolhive_plugins_installs.errors import ChangedMeanwhileError, Hint, NotInstalledError
from toolhive_plugins_installs.installation import Installation
from toolhive_plugins_installs.project_lock import ProjectLock, held_lock
from toolhive_plugins_installs.results import ClientFolder, Uninstalled, owed_steps
from toolhive_plugins_installs.site import Place, Site

_TRIES: Final = 3


@frozen(kw_only=True)
class UninstallRequest:
    """What to uninstall."""

    name: str
    place: Place = field(factory=Place)
    clients: tuple[str, ...] = ()
    """Names of clients; none for all that have it."""

    force: bool = False
    """Remove a folder that was edited."""


def uninstall(site: Site, request: UninstallRequest) -> Uninstalled:
    """Remove a plugin from its clients, from the record and from the project's lock file: all of it or nothing.

    Raises:
        NotInstalledError: it is not installed there.
        FolderTakenError: it was edited, and force is not asked for.
        ToolhiveError: a file cannot be read or written. Nothing was changed.
    """
    for attempt in range(_TRIES):
        try:
            with site.book.locked() as recovered, held_lock(_lockable(request.place)) as lock:
                if recovered:
                    site.notify(recovered)
                return _uninstall(site, request, lock)
        except ChangedMeanwhileError:
            if attempt == _TRIES - 1:
                raise
    raise AssertionError


def _lockable(place: Place) -> Path | None:
    return None if place.gone else place.project


def _uninstall(site: Site, request: UninstallRequest, lock: ProjectLock | None) -> Uninstalled:
    records = site.book.read()
    group = site.group(records, request.name, request.place)
    wanted = {adapter.client for adapter in site.named(request.clients)}
    going = tuple(each for each in group if each.client in wanted)
    if not going:
        raise not_installed(request.name, request.place)
    change = Transaction(site, records)
    leavings: list[str] = []
    for each in going:
        changes = check_folder(each, force=request.force, verb="remove")
        leavings += changes.leavings if changes is not None else ()
        _take(site, change, each)
    is_last = len(going) == len(group)
    steps = lock.steps(drop=[request.name]) if lock is not None and is_last else []
    change.execute(f"uninstall {request.name}", steps)
    return Uninstalled(
        name=request.name,
        scope=request.place.scope,
        project=request.place.root,
        clients=tuple(
            ClientFolder(client=each.client.value, method=each.method.value, folder=each.folder) for each in going
        ),
        leavings=tuple(sorted(set(leavings))),
        owed=owed_steps(change.owed),
        notes=tuple(change.notes),
    )


def _take(site: Site, change: Transaction, installed: Installation) -> None:
    if installed.project and not Path(installed.project).exists():
        change.notes.append(f"{shown(installed.project)} is gone; only the record of it was removed")
        change.forget(installed)
        return
    adapter = site.adapter(installed.client)
    plan = adapter.plan_remove(installed.placement(site.homes), change.records.files)
    change.tell(plan)
    if change.is_shared(installed):
        change.notes.append(f"{shown(installed.folder)} stays: another home of the client's uses it too")
        change.forget(installed)
        return
    change.edit(plan.edits)
    if plan.folder is not None and str(plan.folder) == installed.folder and Path(plan.folder).exists():
        change.take(plan.folder)
    change.forget(installed)


def not_installed(name: str, place: Place) -> NotInstalledError:
    """Return the error for a plugin that is not installed there."""
    where = "in this project" if place.project is not None else "for this user"
    return NotInstalledError(
        f"is not installed {where}, as far as this machine's record goes",
        where=shown(name),
        remedy="Name one that is installed",
        hint=Hint.LIST_INSTALLS,
    )
