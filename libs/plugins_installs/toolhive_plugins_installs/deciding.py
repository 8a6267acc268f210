"""What decides whether a plugin is installed: that it is not older, who signed it, and what a person is asked."""

from toolhive_plugins import read_surface
from toolhive_plugins_clients import ClientAdapter
from toolhive_plugins_installs.comparing import compare_with
from toolhive_plugins_installs.consent import Occasion, Proposal
from toolhive_plugins_installs.editions import Edition, check_not_older, highest
from toolhive_plugins_installs.installation import Installation
from toolhive_plugins_installs.lock_entries import LockEntry
from toolhive_plugins_installs.origins import origin_of
from toolhive_plugins_installs.project_lock import read_project_lock
from toolhive_plugins_installs.provenance import signer_name
from toolhive_plugins_installs.resolved import ResolvedPlugin
from toolhive_plugins_installs.site import Site
from toolhive_plugins_installs.terms import Terms
from toolhive_plugins_installs.trust import Admission, Candidate, Known


def known_editions(site: Site, plugin: ResolvedPlugin, terms: Terms) -> list[Edition]:
    """Return what a plugin must not be older than: what is there in any client or in the lock file, and the highest that was."""
    there = (*site.group(site.book.read(), plugin.name, terms.place), *terms.renamed_from)
    known = [Edition(each.version, each.created) for each in there if each.digest != plugin.digest]
    known += [Edition(each.highest_version, each.latest_created) for each in there]
    if terms.entry is None and terms.place.project is not None:
        entry = read_project_lock(terms.place.project).entry(plugin.name)
        known += [Edition(entry.version)] if entry is not None and entry.digest != plugin.digest else []
    return known


def checked_edition(site: Site, plugin: ResolvedPlugin, terms: Terms) -> Edition:
    """Return the highest edition that is there with this plugin, which it is not older than.

    Raises:
        DowngradeError: it is older, and that was not accepted.
    """
    edition = Edition(plugin.version, plugin.created)
    if terms.allow_downgrade:
        return highest([edition])
    known = known_editions(site, plugin, terms)
    check_not_older(plugin, known)
    return highest([*known, edition])


def admitted(site: Site, plugin: ResolvedPlugin, terms: Terms, before: tuple[Installation, ...]) -> Admission:
    """Return who signed it, as the judge says."""
    entry = terms.entry
    if entry is None and terms.place.project is not None:
        entry = read_project_lock(terms.place.project).entry(plugin.name)
    known = [_known(each, each.reference, is_here=True) for each in (*before, *terms.renamed_from)]
    if entry is not None:
        known.append(_known(entry, entry.resolved_reference or entry.source, is_here=False))
    return site.judge.admit(
        Candidate(
            plugin=plugin,
            repository=origin_of(plugin.reference),
            scope=terms.place.scope,
            known=tuple(known),
            allow_unsigned=terms.allow_unsigned,
            allow_signer_change=terms.allow_signer_change,
        )
    )


def _known(what: LockEntry | Installation, reference: str, *, is_here: bool) -> Known:
    return Known(
        digest=what.digest,
        repository=origin_of(reference),
        provenance=what.provenance,
        unsigned=what.unsigned,
        is_here=is_here,
    )


def proposal_of(
    site: Site,
    plugin: ResolvedPlugin,
    terms: Terms,
    adapters: tuple[ClientAdapter, ...],
    before: tuple[Installation, ...],
    admission: Admission,
) -> Proposal:
    """Return what a person is asked."""
    old = next((each for each in (*before, *terms.renamed_from) if each.digest != plugin.digest), None)
    change = (terms.change or compare_with(site, old, plugin)) if old is not None else None
    return Proposal(
        occasion=terms.occasion if old is None else Occasion.UPGRADE,
        name=plugin.name,
        version=plugin.version,
        description=plugin.description,
        source=plugin.source,
        digest=plugin.digest,
        scope=terms.place.scope,
        project=terms.place.root,
        clients=tuple(adapter.client.full_name for adapter in adapters),
        unsigned=admission.provenance is None,
        signer=signer_name(admission.provenance),
        signature_note=admission.note,
        surface=read_surface(plugin.tree),
        old_name=old.name if old is not None else "",
        old_version=old.version if old is not None else "",
        old_digest=old.digest if old is not None else "",
        old_source=old.source if old is not None else "",
        change=change,
        unknown_before=old is not None and change is None,
    )
