"""A policy: whom to trust and what a plugin may do, by where it comes from. All policies that are found must hold."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from attrs import evolve, field, frozen

from toolhive_plugins import shown
from toolhive_plugins_signatures.errors import Hint, PolicyRefusedError
from toolhive_plugins_signatures.globs import Glob
from toolhive_plugins_signatures.subjects import Subject
from toolhive_plugins_signatures.surface_rules import SurfaceRule, shortened
from toolhive_plugins_signatures.trust import Trust
from toolhive_plugins_signatures.verification import canonical

if TYPE_CHECKING:
    from toolhive_plugins_signatures.verification import FoundSignature, Verification

    Verify = Callable[[Trust], Verification]

UNSTATED_LICENSE: Final = "(none)"


@frozen(kw_only=True)
class PolicyRule:
    """What must hold of the plugins that come from some places."""

    number: int
    """Which of the file's rules it is, from 1."""

    references: tuple[Glob, ...]
    """Where from, as `canonical_name` gives it."""

    trust: Trust | None = None
    """Who must have signed; None where nobody need have."""

    origins: tuple[Glob, ...] = ()
    """The repositories that such a signature must have been made in; empty where that does not count."""

    surface: SurfaceRule | None = None
    licenses: tuple[str, ...] = ()
    """The licences that it may have, without regard to case; empty for any."""

    def matches(self, subject: Subject) -> bool:
        """Tell whether the rule is about a subject."""
        return any(glob.matches(subject.name) for glob in self.references)

    def narrowed(self, verification: "Verification") -> "Verification":
        """Return what was found of signatures, in which only those count that were made where the rule wants it."""
        if not self.origins:
            return verification

        def judged(signature: "FoundSignature") -> "FoundSignature":
            made_in = canonical(signature.repository or verification.repository)
            if not signature.trusted or any(glob.matches(made_in) for glob in self.origins):
                return signature
            return evolve(
                signature,
                trusted=False,
                problem=f"it was signed in {shown(made_in)}, which the rule does not name as its origin",
            )

        return evolve(verification, signatures=tuple(map(judged, verification.signatures)))


@frozen(kw_only=True)
class Policy:
    """One policy file."""

    path: str
    """Where it was read from, for messages."""

    allows_unmatched: bool = False
    """Whether what none of its rules matches may be used."""

    denied: frozenset[str] = frozenset()
    """Digests, and commits, that may not be used whatever the rules say."""

    rules: tuple[PolicyRule, ...] = ()


@frozen
class Ruling:
    """What one requirement of a policy says of a subject."""

    policy: str
    """The policy's file."""

    rule: int
    """The number of the rule; 0 where no rule is meant."""

    requirement: str
    """`signature`, `surface`, `licence`, `denied`, `match`."""

    holds: bool
    reasons: tuple[str, ...]
    """Why, each a sentence without its full stop."""


@frozen
class Judgement:
    """What the policies say of one subject."""

    subject: Subject = field(repr=False)
    rulings: tuple[Ruling, ...]
    verifications: tuple["Verification", ...] = ()
    """What was found of signatures, where a rule wanted any: the signers to show, and to remember."""

    @property
    def allowed(self) -> bool:
        """Whether every policy allows it."""
        return all(ruling.holds for ruling in self.rulings)

    def require(self) -> None:
        """Return if it is allowed.

        Raises:
            PolicyRefusedError: it is not; the message names each requirement that does not hold, and its file.
        """
        if self.allowed:
            return
        refused = [ruling for ruling in self.rulings if not ruling.holds]
        words = "; ".join(f"{_place(ruling)}: {', '.join(ruling.reasons)}" for ruling in refused)
        raise PolicyRefusedError(
            f"the policy forbids it: {words}",
            where=shown(self.subject.reference),
            hint="" if self.subject.is_commit else Hint.TEST_POLICY,
        )


def judge(policies: Iterable[Policy], subject: Subject, verify: "Verify | None") -> Judgement:
    """Ask every policy about a subject. Without a policy everything is allowed.

    Args:
        policies: those that were found.
        subject: what is about to be used.
        verify: looks for the signatures of the subject and verifies them; None where it can have none (a commit, a local build).

    Raises:
        ToolhiveError: signatures could not be looked for. That is never the same as there being none.
    """
    verifications: list[Verification] = []
    rulings = [ruling for policy in policies for ruling in _rulings(policy, subject, verify, verifications)]
    return Judgement(subject, tuple(rulings), tuple(verifications))


def wants_surface(policies: Iterable[Policy], subject: Subject) -> bool:
    """Tell whether a rule about a subject asks what it can do, so that reading it is worth the time."""
    return any(rule.surface is not None and rule.matches(subject) for policy in policies for rule in policy.rules)


def wanted_signers(policies: Iterable[Policy], subject: Subject) -> tuple[PolicyRule, ...]:
    """Return the rules about a subject that want a signature."""
    return tuple(
        rule for policy in policies for rule in policy.rules if rule.trust is not None and rule.matches(subject)
    )


def denied_by(policies: Iterable[Policy], digest: str) -> str:
    """Return the file of the policy that lists a digest as denied; "" if none does."""
    return next((policy.path for policy in policies if digest in policy.denied), "")


def _rulings(
    policy: Policy, subject: Subject, verify: "Verify | None", verifications: "list[Verification]"
) -> Iterator[Ruling]:
    if denied := policy.denied & {subject.digest, *subject.parts}:
        yield Ruling(policy.path, 0, "denied", False, (f"it denies {', '.join(sorted(denied))}",))
        return
    matching = [rule for rule in policy.rules if rule.matches(subject)]
    if not matching:
        reason = "no rule is about it, and its default is " + ("to allow" if policy.allows_unmatched else "to deny")
        yield Ruling(policy.path, 0, "match", policy.allows_unmatched, (reason,))
    for rule in matching:
        yield Ruling(policy.path, rule.number, "match", True, ("it is about this plugin",))
        if rule.trust is not None:
            yield _signature(policy, rule, rule.trust, verify, verifications)
        if rule.surface is not None:
            yield _surface(policy, rule, rule.surface, subject)
        if rule.licenses:
            yield _license(policy, rule, subject)


def _signature(
    policy: Policy, rule: PolicyRule, trust: Trust, verify: "Verify | None", verifications: "list[Verification]"
) -> Ruling:
    def ruling(holds: bool, *reasons: str) -> Ruling:
        return Ruling(policy.path, rule.number, "signature", holds, reasons)

    if verify is None:
        return ruling(False, "it must be signed, and only what is from a registry has signatures")
    verification = rule.narrowed(verify(trust))
    verifications.append(verification)
    if not verification.trusted:
        return ruling(False, verification.refusal)
    return ruling(True, *(f"it is signed by {signer}" for signer in verification.signers))


def _surface(policy: Policy, rule: PolicyRule, wanted: SurfaceRule, subject: Subject) -> Ruling:
    if subject.surface is None:
        return Ruling(policy.path, rule.number, "surface", False, ("what it can do is not known",))
    faults = dict.fromkeys(fault for surface in subject.surface for fault in wanted.faults(surface))
    reasons = shortened(faults) if faults else ("it does nothing that is forbidden",)
    return Ruling(policy.path, rule.number, "surface", not faults, reasons)


def _license(policy: Policy, rule: PolicyRule, subject: Subject) -> Ruling:
    stated = subject.license
    holds = stated is not None and stated.casefold() in {allowed.casefold() for allowed in rule.licenses}
    reason = f"its licence is {shown(stated) if stated else UNSTATED_LICENSE}"
    return Ruling(policy.path, rule.number, "licence", holds, (reason,))


def _place(ruling: Ruling) -> str:
    rule = f", rule {ruling.rule}" if ruling.rule else ""
    return f"{shown(ruling.policy)}{rule}, {ruling.requirement}"
