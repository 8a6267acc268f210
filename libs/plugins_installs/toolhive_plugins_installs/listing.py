"""What is installed, and whether the clients load it now: read from their files, not from the record."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from attrs import frozen

from toolhive_plugins import Findings, ToolhiveError, open_plugin_directory
from toolhive_plugins_clients import ClientAdapter, PluginFacts, Scope, plugin_facts
from toolhive_plugins_installs.changes import describe
from toolhive_plugins_installs.folder_state import FolderChanges, compare_folder, read_folder
from toolhive_plugins_installs.installation import Installation, Records
from toolhive_plugins_installs.provenance import signer_name
from toolhive_plugins_installs.results import (
    ClientDetail,
    InstalledClient,
    InstalledPlugin,
    InstallInfo,
    Trouble,
    counts,
    edited_paths,
    owed_steps,
    troubles,
)
from toolhive_plugins_installs.site import Place, Site
from toolhive_plugins_installs.uninstalling import not_installed

EDITED = "edited"
MISSING = "missing"
UNREADABLE = "unreadable"
DENIED = "denied"


@frozen(kw_only=True)
class ListRequest:
    """Which installed plugins to list."""

    clients: tuple[str, ...] = ()
    """Names of clients; none for all."""

    scope: Scope | None = None
    """None for both."""

    project: str = ""
    """The root of one project; empty for all."""


def list_installed(site: Site, request: ListRequest) -> tuple[InstalledPlugin, ...]:
    """Return what is installed, a user's plugins first, then by project and name.

    Raises:
        RecordsError, DiskError: the record cannot be read.
        NoClientError: a client is not known.
    """
    wanted = {adapter.client for adapter in site.named(request.clients)}
    chosen = [
        each
        for each in site.here(_records(site))
        if each.client in wanted
        and request.scope in (None, each.scope)
        and (not request.project or each.project == request.project)
    ]
    groups: dict[tuple[str, str], list[Installation]] = {}
    for each in sorted(chosen, key=lambda each: (each.project, each.name)):
        groups.setdefault(each.group, []).append(each)
    return tuple(_listed(site, group) for group in groups.values())


def _records(site: Site) -> Records:
    """Return what is remembered; if a run was killed, say so: what is shown may be half of what it was about."""
    pending = site.book.executor.pending()
    if pending:
        site.notify(
            f"a run was interrupted ({pending}); the next command that changes installations finishes it or takes it back"
        )
    return site.book.read()


def _listed(site: Site, group: list[Installation]) -> InstalledPlugin:
    first = group[0]
    return InstalledPlugin(
        name=first.name,
        version=first.version,
        scope=first.scope,
        project=first.project,
        digest=first.digest,
        source=first.source,
        reference=first.reference,
        unsigned=first.unsigned,
        clients=tuple(_client(site, each) for each in group),
    )


def _client(site: Site, each: Installation) -> InstalledClient:
    found = look_at(site, each)
    return InstalledClient(
        client=each.client.value,
        method=each.method.value,
        folder=each.folder,
        version=each.version,
        digest=each.digest,
        ok=found.ok,
        troubles=found.troubles,
        denied_by=site.denied_by((each.digest, *each.parts)),
    )


@frozen
class Look:
    """What was found of one installation."""

    troubles: tuple[Trouble, ...]
    ok: bool
    changes: FolderChanges | None
    """None where the folder is gone, or cannot be read."""


def look_at(site: Site, each: Installation, facts: PluginFacts | None = None) -> Look:
    """Return whether a client loads an installation, and whether that is as it was installed. A failure is a trouble, not an error."""
    found: list[Trouble] = []
    changes: FolderChanges | None = None
    ok = True
    if denied_by := site.denied_by((each.digest, *each.parts)):
        ok = False
        found.append(Trouble(status=DENIED, text=f"{denied_by} denies {each.digest}", file=denied_by))
    try:
        folder = Path(each.folder)
        state = read_folder(folder)
        if state is None:
            ok = False
            found.append(Trouble(status=MISSING, text="its folder is gone", file=each.folder))
        else:
            changes = compare_folder(folder, state, each.files)
            if changes.edited:
                ok = False
                found.append(Trouble(status=EDITED, text=describe(changes), file=each.folder))
        health = site.adapter(each.client).health(each.placement(site.homes), facts)
        ok = ok and health.ok
        found += [trouble for trouble in troubles(health) if trouble.status not in {each.status for each in found}]
    except ToolhiveError as error:
        ok = False
        found.append(Trouble(status=UNREADABLE, text=error.problem, file=error.where))
    return Look(tuple(found), ok, changes)


def info(site: Site, name: str, places: Iterable[Place] = ()) -> tuple[InstallInfo, ...]:
    """Return the records of a plugin, one for the user and one for each project.

    Args:
        site: where.
        name: of the plugin.
        places: where to look; everywhere by default.

    Raises:
        NotInstalledError: it is not installed there.
        RecordsError, DiskError: the record cannot be read.
    """
    wanted = {place.root for place in places}
    groups: dict[tuple[str, str], list[Installation]] = {}
    for each in site.here(_records(site)):
        if each.name == name and (not wanted or each.project in wanted):
            groups.setdefault(each.group, []).append(each)
    if not groups:
        raise not_installed(name, next(iter(places), Place()))
    return tuple(_info(site, groups[key]) for key in sorted(groups, key=lambda key: key[1]))


def _info(site: Site, group: list[Installation]) -> InstallInfo:
    first = group[0]
    return InstallInfo(
        name=first.name,
        version=first.version,
        scope=first.scope,
        project=first.project,
        source=first.source,
        kind=first.kind,
        reference=first.reference,
        catalog=first.catalog,
        digest=first.digest,
        content_digest=first.content_digest,
        unsigned=first.unsigned,
        signer=signer_name(first.provenance),
        files=len(first.files),
        clients=tuple(_detail(site, each) for each in group),
    )


def _degraded(site: Site, adapter: ClientAdapter, each: Installation) -> str:
    try:
        return adapter.degraded(each.placement(site.homes))
    except ToolhiveError:  # Its project is gone, which `look_at` says.
        return ""


def _detail(site: Site, each: Installation) -> ClientDetail:
    adapter = site.adapter(each.client)
    with ExitStack() as stack:
        facts = None
        trouble: tuple[Trouble, ...] = ()
        try:
            tree = stack.enter_context(open_plugin_directory(each.folder, findings=Findings()))
            facts = plugin_facts(tree)
        except ToolhiveError as error:
            trouble = (Trouble(status=UNREADABLE, text=error.problem, file=error.where),)
        found = look_at(site, each, facts)
        try:
            owed = owed_steps(adapter.owed(each.placement(site.homes), facts))
        except ToolhiveError:
            owed = ()
        loads, leaves = counts(adapter.loads(facts)) if facts is not None else ({}, {})
    return ClientDetail(
        client=each.client.value,
        method=each.method.value,
        folder=each.folder,
        ok=found.ok and not trouble,
        troubles=found.troubles + (trouble if found.changes is not None else ()),
        loads=loads,
        leaves=leaves,
        owed=owed,
        edited=edited_paths(found.changes) if found.changes is not None else (),
        leavings=found.changes.leavings if found.changes is not None else (),
        degraded=_degraded(site, adapter, each),
    )
