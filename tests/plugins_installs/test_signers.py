"""Whom a plugin must be signed by: whoever signed it first, until a person accepts another."""

from collections.abc import Callable

import pytest
from attrs import evolve

from toolhive_plugins import Digest, RegistryError
from toolhive_plugins_clients import Scope
from toolhive_plugins_installs import Admission, Candidate, Known, Provenance, SignatureJudge, UntrustedError, signers
from toolhive_plugins_installs.resolved import ResolvedPlugin, SourceKind
from toolhive_plugins_signatures import (
    FoundSignature,
    Identity,
    Layout,
    PublicKey,
    Signer,
    SignerKind,
    Trust,
    Verification,
    generate_key,
)

REPOSITORY = "ghcr.io/acme/demo"
DIGEST, NEWER = str(Digest.of(b"one")), str(Digest.of(b"two"))
KEY, OTHER_KEY = generate_key().public, generate_key().public
WORKFLOW = "https://github.com/acme/demo/.github/workflows/release.yml@refs/tags/"
ISSUER = "https://token.actions.githubusercontent.com"

Found = Callable[..., SignatureJudge]


def by_key(key: PublicKey) -> Signer:
    return Signer(SignerKind.KEY, fingerprint=key.fingerprint, public_key=key.encoded)


def by_identity(identity: str, issuer: str = ISSUER, repository: str = "https://github.com/acme/demo") -> Signer:
    return Signer(SignerKind.KEYLESS, identity=identity, issuer=issuer, repository_uri=repository)


def pinned_to(signer: Signer) -> Provenance:
    return signers.provenance_of(signer)


def unknown(problem: str = "it does not verify with any trusted key") -> FoundSignature:
    return FoundSignature(Layout.BUNDLE, DIGEST, Signer(SignerKind.KEY, fingerprint="SHA256:abc"), problem=problem)


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Found:
    """Make a judge who finds these signers, or these signatures, and may look only where the test lets it."""

    def make(*found: Signer | FoundSignature, trust: Trust | None = None, may_look: bool = True) -> SignatureJudge:
        signatures = tuple(
            one if isinstance(one, FoundSignature) else FoundSignature(Layout.BUNDLE, DIGEST, one, valid=True)
            for one in found
        )

        def look(_: object, repository: str, digest: Digest, *rest: object) -> Verification:
            assert may_look, "nobody has to be asked"
            return Verification(repository, digest, signatures)

        monkeypatch.setattr(signers, "find_signers", look)
        return SignatureJudge(lambda: None, trust or Trust())  # type: ignore[arg-type,return-value]

    return make


def candidate(
    *known: Known, digest: str = NEWER, project: bool = True, kind: SourceKind = SourceKind.REGISTRY, **allowed: bool
) -> Candidate:
    plugin = ResolvedPlugin(
        f"{REPOSITORY}:latest",
        kind,
        f"{REPOSITORY}@{digest}",
        digest,
        "demo",
        "1.0.0",
        "",
        None,  # type: ignore[arg-type]
    )
    scope = Scope.PROJECT if project else Scope.USER
    return Candidate(plugin=plugin, repository=REPOSITORY, scope=scope, known=known, **allowed)


def known(signer: Signer | None, *, digest: str = DIGEST, is_here: bool = True, repository: str = REPOSITORY) -> Known:
    provenance = pinned_to(signer) if signer is not None else None
    return Known(digest=digest, repository=repository, provenance=provenance, unsigned=signer is None, is_here=is_here)


# --- the first time ---


@pytest.mark.parametrize("signer", [by_key(KEY), by_identity("me@example.com")])
def test_whoever_signed_the_first_version_is_remembered(judge: Found, signer: Signer) -> None:
    assert judge(signer).admit(candidate()) == Admission(pinned_to(signer))


def test_a_project_wants_it_said_that_nobody_signed_and_a_user_does_not(judge: Found) -> None:
    with pytest.raises(UntrustedError, match="is not signed") as caught:
        judge().admit(candidate())
    assert caught.value.hint == "allow-unsigned"
    assert judge().admit(candidate(allow_unsigned=True)) == Admission()
    assert judge().admit(candidate(project=False)) == Admission()


def test_a_signature_that_nobody_can_verify_is_told_and_does_not_count(judge: Found) -> None:
    with pytest.raises(UntrustedError, match="signed by nobody who is known: the key SHA256:abc"):
        judge(unknown()).admit(candidate())
    admitted = judge(unknown()).admit(candidate(project=False))
    assert admitted.provenance is None
    assert "SHA256:abc" in admitted.note


@pytest.mark.parametrize("kind", [SourceKind.LOCAL, SourceKind.GIT])
def test_what_comes_from_no_registry_is_unsigned_and_nobody_is_asked(judge: Found, kind: SourceKind) -> None:
    plugin = candidate(kind=kind, allow_unsigned=True)
    assert judge(may_look=False).admit(plugin) == Admission()


def test_a_registry_that_does_not_say_what_there_is_is_never_the_same_as_unsigned(
    judge: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = judge()

    def refuse(*_: object) -> Verification:
        raise RegistryError("the registry refused it", where=REPOSITORY)

    monkeypatch.setattr(signers, "find_signers", refuse)
    for project in (True, False):
        with pytest.raises(RegistryError):
            made.admit(candidate(project=project, allow_unsigned=True, allow_signer_change=True))


# --- whom the user names ---


def test_whom_the_user_names_must_have_signed_whatever_is_allowed(judge: Found) -> None:
    named = Trust(keys=(KEY,))
    assert judge(by_key(OTHER_KEY), by_key(KEY), trust=named).admit(candidate()) == Admission(pinned_to(by_key(KEY)))
    for found in ([by_key(OTHER_KEY)], [by_identity("me@example.com")], [unknown()], []):
        with pytest.raises(UntrustedError):
            judge(*found, trust=named).admit(candidate(allow_unsigned=True, allow_signer_change=True))


def test_a_named_identity_is_exact(judge: Found) -> None:
    named = Trust(identities=(Identity("me@example.com", ISSUER),))
    assert judge(by_identity("me@example.com"), trust=named).admit(candidate()).provenance is not None
    for signer in (by_identity("me@example.com.evil.org"), by_identity("me@example.com", "https://evil.org")):
        with pytest.raises(UntrustedError):
            judge(signer, trust=named).admit(candidate())


# --- the next time ---


def test_the_same_signer_needs_no_word_and_the_lock_file_stays_as_it_is(judge: Found) -> None:
    before = evolve(pinned_to(by_identity("me@example.com")), sigstore_url="tuf.example.com")
    pinned = Known(digest=DIGEST, repository=REPOSITORY, provenance=before)
    assert judge(by_identity("me@example.com")).admit(candidate(pinned)) == Admission(before)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (by_key(KEY), by_key(OTHER_KEY)),
        (by_key(KEY), by_identity("me@example.com")),
        (by_identity("me@example.com"), by_key(KEY)),
        (by_identity("me@example.com"), by_identity("you@example.com")),
        (by_identity("me@example.com"), by_identity("me@example.com", "https://evil.org")),
        (by_identity(WORKFLOW + "v1"), by_identity(WORKFLOW.replace("acme", "evil") + "v1")),
        (by_identity(WORKFLOW + "v1"), by_identity(WORKFLOW.replace("tags", "heads") + "v1")),
        (by_identity(WORKFLOW + "v1"), by_identity(WORKFLOW + "v1/../../evil")),
        (by_identity(WORKFLOW + "v1"), by_identity(WORKFLOW + "v1", repository="https://github.com/evil/demo")),
    ],
)
def test_another_signer_is_refused_until_that_is_accepted(judge: Found, before: Signer, now: Signer) -> None:
    with pytest.raises(UntrustedError, match=r"was signed by .*, and is signed by .* now") as caught:
        judge(now).admit(candidate(known(before), allow_unsigned=True))
    assert caught.value.hint == "allow-signer-change"
    accepted = judge(now).admit(candidate(known(before), allow_signer_change=True))
    assert accepted == Admission(pinned_to(now))


def test_a_workflow_that_ran_for_another_git_tag_is_the_same_signer(judge: Found) -> None:
    now = by_identity(WORKFLOW + "v2.0.0")
    assert judge(now).admit(candidate(known(by_identity(WORKFLOW + "v1.0.0")))) == Admission(pinned_to(now))


def test_an_old_signer_among_several_is_enough(judge: Found) -> None:
    found = (by_key(OTHER_KEY), by_identity("me@example.com"))
    assert judge(*found).admit(candidate(known(found[1]))) == Admission(pinned_to(found[1]))


@pytest.mark.parametrize("found", [[], [unknown()]])
def test_a_signed_plugin_does_not_become_unsigned_in_silence(judge: Found, found: list[FoundSignature]) -> None:
    for project in (True, False):
        with pytest.raises(UntrustedError, match="was signed by the key") as caught:
            judge(*found).admit(candidate(known(by_key(KEY)), project=project, allow_signer_change=True))
        assert caught.value.hint == "allow-unsigned"
        accepted = judge(*found).admit(candidate(known(by_key(KEY)), project=project, allow_unsigned=True))
        assert accepted.provenance is None


def test_a_lock_file_cannot_take_back_what_this_machine_knows(judge: Found) -> None:
    """A change of the lock file, pulled from git, says that the plugin is unsigned now, or names another signer."""
    here = known(by_key(KEY))
    for locked in (None, by_key(OTHER_KEY)):
        found = [locked] if locked is not None else []
        with pytest.raises(UntrustedError):
            judge(*found).admit(candidate(here, known(locked, digest=NEWER, is_here=False)))


def test_an_entry_that_is_unsigned_needs_no_word_again_from_the_same_repository(judge: Found) -> None:
    assert judge().admit(candidate(known(None))) == Admission()
    with pytest.raises(UntrustedError, match="is not signed"):
        judge().admit(candidate(known(None, repository="ghcr.io/evil/demo")))


def test_an_unsigned_plugin_may_become_signed(judge: Found) -> None:
    assert judge(by_key(KEY)).admit(candidate(known(None))) == Admission(pinned_to(by_key(KEY)))


@pytest.mark.parametrize("signer", [by_key(KEY), None])
def test_what_was_judged_on_this_machine_is_not_looked_for_again(judge: Found, signer: Signer | None) -> None:
    expected = pinned_to(signer) if signer is not None else None
    same = known(signer, digest=NEWER)
    assert judge(may_look=False).admit(candidate(same)) == Admission(expected)


def test_a_lock_file_that_was_cloned_is_verified(judge: Found) -> None:
    locked = known(by_key(KEY), digest=NEWER, is_here=False)
    assert judge(by_key(KEY)).admit(candidate(locked)) == Admission(pinned_to(by_key(KEY)))
    with pytest.raises(UntrustedError):
        judge().admit(candidate(locked))


def test_signatures_are_looked_for_once_for_each_digest(judge: Found) -> None:
    made = judge(by_key(KEY))
    first = made.admit(candidate())
    judge(may_look=False)
    assert made.admit(candidate()) == first
