"""Whether one plugin of a project is as its lock file says: the record, the folders, the clients' files."""

from typing import Final

from attrs import frozen

from toolhive_plugins import Client, ToolhiveError
from toolhive_plugins_clients import HealthStatus, PluginFacts
from toolhive_plugins_installs.installation import Installation
from toolhive_plugins_installs.listing import DENIED, EDITED, MISSING, UNREADABLE, look_at
from toolhive_plugins_installs.lock_entries import LockEntry
from toolhive_plugins_installs.results import OwedStep, owed_steps
from toolhive_plugins_installs.site import Site

_DRIFT: Final = frozenset(
    {
        DENIED,
        EDITED,
        MISSING,
        UNREADABLE,
        HealthStatus.SHADOWED.value,
        HealthStatus.STALE.value,
        HealthStatus.OWED.value,
    }
)
"""What makes a plugin other than locked. That a user or an organisation has turned it off, or that trust is missing, does not."""


@frozen
class Drift:
    """What is not as the lock file says."""

    reasons: tuple[str, ...] = ()
    owed: tuple[OwedStep, ...] = ()

    @property
    def is_current(self) -> bool:
        """Whether nothing is."""
        return not self.reasons


def drift_of(site: Site, entry: LockEntry, group: tuple[Installation, ...], expected: frozenset[Client]) -> Drift:
    """Compare an entry with what is recorded and with what is on disk.

    Args:
        site: where.
        entry: of the lock file.
        group: the installations of the plugin in the project.
        expected: the clients that are to have it.
    """
    there = {each.client for each in group}
    reasons = [f"{client.full_name}: it is not installed" for client in sorted(expected - there)]
    owed: list[OwedStep] = []
    for each in group:
        name = each.client.full_name
        if each.digest != entry.digest:
            reasons.append(f"{name}: {each.digest} is installed, and {entry.digest} is locked")
        elif entry.content_digest and each.content_digest != entry.content_digest:
            reasons.append(f"{name}: the content is not the locked one")
        found = look_at(site, each)
        reasons += [f"{name}: {trouble.text}" for trouble in found.troubles if trouble.status in _DRIFT]
        try:
            adapter = site.adapter(each.client)
            placement = each.placement(site.homes)
            owed += [step for step in owed_steps(adapter.owed(placement)) if step not in owed]
            facts = PluginFacts(name=each.name, version=each.version)
            if adapter.plan_install(placement, facts).edits and not reasons:
                reasons.append(f"{name}: the client is not told of it")
        except ToolhiveError as error:
            reasons.append(f"{name}: {error.problem}" + (f" ({error.where})" if error.where else ""))
    return Drift(tuple(dict.fromkeys(reasons)), tuple(owed))
