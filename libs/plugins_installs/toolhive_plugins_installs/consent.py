"""The questions that installing asks. This library never prints or prompts: whoever embeds it answers them through `Consent`."""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol, TypeAlias

from attrs import field, frozen

from toolhive_plugins import Surface
from toolhive_plugins_clients import Scope
from toolhive_plugins_installs.errors import DeclinedError, GrowthError, Hint
from toolhive_plugins_installs.resolved import ResolvedPlugin


class Change(Protocol):
    """What changes from the installed version to the new one."""

    @property
    def grew(self) -> bool:
        """Whether the new one can do more."""
        ...

    @property
    def other_code(self) -> bool:
        """Whether it runs other code."""
        ...


Comparer: TypeAlias = Callable[[ResolvedPlugin, ResolvedPlugin], Change]
"""Compares what is installed, opened again, with what is to be installed."""


class Occasion(StrEnum):
    """Why a question is asked."""

    INSTALL = "install"
    UPGRADE = "upgrade"
    SYNC = "sync"
    """A lock file names a plugin that this machine has no record of."""


@frozen(kw_only=True)
class Proposal:
    """What is about to be installed."""

    occasion: Occasion
    name: str
    version: str
    description: str
    source: str
    digest: str
    scope: Scope
    project: str = ""
    clients: tuple[str, ...]
    """Their names in a sentence."""

    unsigned: bool
    signer: str = ""
    """Who signed it: a name and its issuer, or a key's fingerprint; empty where it is unsigned."""

    signature_note: str = ""
    """Why signatures that are there do not count."""

    surface: Surface = field(repr=False)
    """What it would run."""

    old_name: str = ""
    """What is installed is called so: otherwise only where a catalog says that it was renamed."""

    old_version: str = ""
    old_digest: str = ""
    old_source: str = ""
    """Where what is installed came from: perhaps from somebody else, under the same name."""

    change: Change | None = field(default=None, repr=False)
    """What is different from what is installed; None where nothing is, or where that cannot be had any more."""

    unknown_before: bool = False
    """Whether something is installed that cannot be compared with, so that all of it counts as more."""

    @property
    def grew(self) -> bool:
        """Whether it can do more than what is installed."""
        return self.unknown_before or (self.change is not None and self.change.grew)


class Consent(Protocol):
    """Answers whether something may be installed."""

    def agrees(self, proposal: Proposal) -> bool:
        """Return whether to go on.

        Raises:
            InstallsError: nobody can be asked; see `refuse_growth`.
        """
        ...


@frozen
class Unattended:
    """A yes to everything, as a program without a person gives it; to what can do more only if that was said before."""

    accept_growth: bool = False

    def agrees(self, proposal: Proposal) -> bool:
        """See Consent."""
        if proposal.grew and not self.accept_growth:
            raise refuse_growth(proposal)
        return True


def refuse_growth(proposal: Proposal) -> GrowthError:
    """Return the error for a new version that can do more, which nobody has accepted."""
    problem = (
        "what is installed cannot be compared with it"
        if proposal.unknown_before
        else "it can do more than the version that is installed"
    )
    return GrowthError(
        problem,
        where=f"{proposal.name} {proposal.version}".strip(),
        remedy="Look at what changed, then accept it",
        hint=Hint.ACCEPT_GROWTH,
    )


def ask(consent: Consent, proposal: Proposal) -> None:
    """Ask.

    Raises:
        DeclinedError: the answer is no.
    """
    if not consent.agrees(proposal):
        raise DeclinedError("was not agreed to, and nothing was changed", where=proposal.name)
