"""What every operation works with: the records, the clients, the homes, and who decides."""

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

from attrs import field, frozen

from toolhive_plugins import Client, ToolhiveError, shown
from toolhive_plugins_clients import ADAPTERS, ClientAdapter, Homes, Method, Placement, Scope, check_project
from toolhive_plugins_installs.consent import Comparer
from toolhive_plugins_installs.errors import NoClientError
from toolhive_plugins_installs.installation import Installation, Records
from toolhive_plugins_installs.records import RecordBook
from toolhive_plugins_installs.resolving import Resolver
from toolhive_plugins_installs.trust import Judge, UnsignedJudge

ALL: Final = "all"


def is_any(names: Iterable[str]) -> bool:
    """Tell whether the names of clients leave it open which: there are none, or `all`."""
    return set(names) in (set(), {ALL})


def _nothing(_: str) -> None:
    return None


def _by_nobody(_: Collection[str]) -> str:
    return ""


def _ignored(_: ToolhiveError) -> None:
    return None


@frozen(kw_only=True)
class Site:
    """Where plugins are installed, and by whose rules."""

    book: RecordBook
    resolver: Resolver
    homes: Homes
    compare: Comparer
    judge: Judge = field(factory=UnsignedJudge)
    denied_by: Callable[[Collection[str]], str] = _by_nobody
    """Returns the policy that denies one of several digests by now; empty where none does."""

    adapters: Mapping[Client, ClientAdapter] = field(default=ADAPTERS)
    notify: Callable[[str], None] = _nothing
    """Called with what was done about a run that was killed, in words."""

    failed: Callable[[ToolhiveError], None] = _ignored
    """Called with each failure that does not stop the rest."""

    def adapter(self, client: Client) -> ClientAdapter:
        """Return a client's adapter.

        Raises:
            NoClientError: there is none any more.
        """
        if client not in self.adapters:
            raise NoClientError("plugins cannot be installed into this client", where=client)
        return self.adapters[client]

    def chosen(self, names: Iterable[str], scope: Scope = Scope.USER) -> tuple[ClientAdapter, ...]:
        """Return the adapters of the clients that were named; of those that the user has where none was, or `all`.

        Args:
            names: of clients.
            scope: clients that have no plugins of it are left out, unless they were named.

        Raises:
            NoClientError: a name is not a client's, or the user has no client.
        """
        wanted = list(dict.fromkeys(names))
        if not is_any(wanted):
            known = {str(client): adapter for client, adapter in self.adapters.items()}
            for name in wanted:
                if name not in known:
                    remedy = f"There are {', '.join(known)}"
                    raise NoClientError(
                        "plugins cannot be installed into this client", where=shown(name), remedy=remedy
                    )
            return tuple(known[name] for name in known if name in wanted)
        able = {client: adapter for client, adapter in self.adapters.items() if scope in adapter.scopes}
        found = tuple(adapter for adapter in able.values() if adapter.detected(self.homes))
        if not found:
            there = ", ".join(client.full_name for client in able)
            raise NoClientError("no client was found on this machine", remedy=f"Start {there} once, or name the client")
        return found

    def named(self, names: Iterable[str]) -> tuple[ClientAdapter, ...]:
        """Return the adapters of the clients that were named; all where none was, or `all`, whether the user has them or not.

        Raises:
            NoClientError: a name is no client's.
        """
        wanted = tuple(names)
        return tuple(self.adapters.values()) if is_any(wanted) else self.chosen(wanted)

    def placement(self, name: str, adapter: ClientAdapter, place: "Place", method: Method | None = None) -> Placement:
        """Return where a plugin goes in a client.

        Args:
            name: of the plugin.
            adapter: of the client.
            place: for whom.
            method: how; the client's default where it is not given, or where the client does not have it.

        Raises:
            PlacementError: the name or the project cannot be used.
        """
        chosen = method if method in adapter.methods else None
        return Placement(
            name=name,
            scope=place.scope,
            method=chosen or adapter.methods[0],
            homes=self.homes,
            project=place.project,
        )

    def here(self, records: Records) -> tuple[Installation, ...]:
        """Return the installations of this user's homes as they are now, and of all projects."""
        homes = {client: str(adapter.home(self.homes)) for client, adapter in self.adapters.items()}
        return tuple(
            each for each in records.installations if each.scope is Scope.PROJECT or homes.get(each.client) == each.home
        )

    def group(self, records: Records, name: str, place: "Place") -> tuple[Installation, ...]:
        """Return the installations of one plugin, one a client."""
        return tuple(each for each in self.here(records) if each.group == (name, place.root))


@frozen
class Place:
    """For whom plugins are installed: a user, or everybody who works on a project.

    Raises:
        PlacementError: the project cannot be used.
    """

    project: Path | None = None
    gone: bool = False
    """Whether the project is not there any more, so that only what is remembered of it can go."""

    def __attrs_post_init__(self) -> None:
        if self.project is not None and not self.gone:
            check_project(self.project)

    @property
    def scope(self) -> Scope:
        """The scope."""
        return Scope.USER if self.project is None else Scope.PROJECT

    @property
    def root(self) -> str:
        """The project's root as records have it; empty for a user."""
        return "" if self.project is None else str(self.project)
