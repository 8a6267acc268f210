"""Whether a plugin's content may be handed on to a client, and who vouches for it: decided by a `Judge`, before anything is written."""

from typing import Protocol

from attrs import frozen

from toolhive_plugins_clients import Scope
from toolhive_plugins_installs.errors import Hint, UntrustedError
from toolhive_plugins_installs.provenance import Provenance
from toolhive_plugins_installs.resolved import ResolvedPlugin


@frozen(kw_only=True)
class Known:
    """What the lock file, or a record of this machine, says of a plugin."""

    digest: str
    repository: str
    """Where it came from: a repository, a git address with its folder, or the tag of a local build."""

    provenance: Provenance | None = None
    """Who signed it."""

    unsigned: bool = False
    """Whether it was accepted without a signature."""

    is_here: bool = False
    """Whether it was installed on this machine, and so judged before."""


@frozen(kw_only=True)
class Candidate:
    """A plugin that somebody wants to install or to upgrade to."""

    plugin: ResolvedPlugin
    repository: str
    """As `Known.repository`."""

    scope: Scope
    known: tuple[Known, ...] = ()
    """What is known of the plugin that is installed, or locked, under this name."""

    allow_unsigned: bool = False
    """Whether the user accepts it without a signature."""

    allow_signer_change: bool = False
    """Whether the user accepts another signer than the known one."""

    @property
    def signers(self) -> tuple[Provenance, ...]:
        """The signers that are known, each once."""
        return tuple(dict.fromkeys(each.provenance for each in self.known if each.provenance is not None))

    @property
    def may_be_unsigned(self) -> bool:
        """Whether nothing more has to be said for it to be installed unsigned, where no signer is known."""
        unsigned_before = any(each.unsigned and each.repository == self.repository for each in self.known)
        return self.scope is Scope.USER or self.allow_unsigned or unsigned_before


@frozen
class Admission:
    """That a plugin may be installed."""

    provenance: Provenance | None = None
    """Who signed it; None for nobody who could be verified."""

    note: str = ""
    """What a person should know of its signatures where they do not count."""


class Judge(Protocol):
    """Decides what content may be handed on."""

    def admit(self, candidate: Candidate) -> Admission:
        """Return who signed a plugin that may be installed.

        Raises:
            UntrustedError: it may not.
            ToolhiveError: that cannot be found out.
        """
        ...


class UnsignedJudge:
    """Takes every artifact for unsigned: a project wants that said once, and an entry that names a signer is refused."""

    def admit(self, candidate: Candidate) -> Admission:
        """See Judge."""
        if candidate.signers:
            raise UntrustedError(
                "was signed when it was pinned, and its signature is not checked here",
                where=candidate.plugin.source,
                remedy="Install it with a program that checks signatures",
            )
        require_unsigned(candidate, "is not signed")
        return Admission()


def require_unsigned(candidate: Candidate, problem: str) -> None:
    """Return if a plugin may be installed unsigned.

    Raises:
        UntrustedError: it may not; `problem` says what there is instead of a signature that counts.
    """
    if not candidate.may_be_unsigned:
        raise UntrustedError(
            f"{problem}, and everybody who works on the project would run it",
            where=candidate.plugin.source,
            remedy="Say that an unsigned plugin is accepted",
            hint=Hint.ALLOW_UNSIGNED,
        )
