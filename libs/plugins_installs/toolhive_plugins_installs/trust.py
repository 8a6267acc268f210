"""Whether a plugin's content may be handed on to a client, and who vouches for it: decided by a `Judge`, before anything is written."""

from typing import Protocol

from attrs import frozen

from toolhive_plugins_clients import Scope
from toolhive_plugins_installs.errors import Hint, UntrustedError
from toolhive_plugins_installs.lock_entries import Provenance
from toolhive_plugins_installs.resolved import ResolvedPlugin


@frozen(kw_only=True)
class Candidate:
    """A plugin that somebody wants to install or to upgrade to."""

    plugin: ResolvedPlugin
    scope: Scope
    pinned: Provenance | None = None
    """The signer that the lock file or the record names; None where it was not signed, or is new."""

    unsigned_before: bool = False
    """Whether the lock file or the record has it as unsigned: it was accepted so."""

    allow_unsigned: bool = False
    """Whether the user accepts it unsigned."""

    version_before: str = ""
    """The version that is installed; empty where none is."""

    digest_before: str = ""


class Judge(Protocol):
    """Decides what content may be handed on."""

    def admit(self, candidate: Candidate) -> Provenance | None:
        """Return who signed a plugin; None for one that is unsigned and may be installed so.

        Raises:
            UntrustedError: it may not be installed.
        """
        ...


class UnsignedJudge:
    """Takes every artifact for unsigned: a project wants that said once, and an entry that names a signer is refused."""

    def admit(self, candidate: Candidate) -> Provenance | None:
        """See Judge."""
        if candidate.pinned is not None:
            raise UntrustedError(
                "was signed when it was pinned, and its signature is not checked here",
                where=candidate.plugin.source,
                remedy="Install it with a program that checks signatures",
            )
        if candidate.scope is Scope.PROJECT and not (candidate.allow_unsigned or candidate.unsigned_before):
            raise UntrustedError(
                "is not signed, and everybody who works on the project would run it",
                where=candidate.plugin.source,
                remedy="Say that an unsigned plugin is accepted",
                hint=Hint.ALLOW_UNSIGNED,
            )
        return None
