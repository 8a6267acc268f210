"""Check who has signed a plugin and, with --source, that it was built from a directory.

Signatures are looked for beside the artifact, in the layout of cosign's classic signatures and as Sigstore bundles. Exit status 9 if
nobody whom you name has signed it. If you name nobody, those count whom the policies that are in force name for it. With --source the
directory is then built again with the artifact's own epoch and platforms, in both profiles, and compared with it: files, modes, labels,
annotations. How the files were compressed does not matter. The commit and the address of the source that the artifact names are checked
only with --git and --source-url. Exit status 5 if the artifact was not built from it."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.policy_options import add_policy_options
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.source_options import add_source_options, source_of
from toolhive_plugins_cli.text import Text, plural, safe, short_digest
from toolhive_plugins_cli.trust_options import add_trust_options, trust_of

if TYPE_CHECKING:
    from toolhive_plugins_cli.page import Page
    from toolhive_plugins_service import SignatureCheck, Source, Trust, Verification

_SHOWN = 40
_PREDICATES = {
    "provenance": "https://slsa.dev/provenance/v1",
    "surface": "https://toolhive.dev/plugins/surface/v1",
    "signature": "",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "target", metavar="TARGET", help="the artifact: a local tag or digest, or registry/repository:tag"
    )
    parser.add_argument("former", nargs="*", help=argparse.SUPPRESS)
    add_trust_options(parser)
    add_policy_options(parser)
    parser.add_argument(
        "--attestation",
        metavar="TYPE",
        default="",
        help="look for statements of this type instead of signatures, and print them: provenance, surface, or a URI",
    )
    parser.add_argument(
        "--source", metavar="DIR", help="the plugin's directory, at the commit that was built, to build it again"
    )
    add_source_options(parser, url_help="the address of the source code that the artifact should name")
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Check the signatures, then the source, and show what came of it."""
    if args.former:
        former, target = safe(args.target), safe(args.former[0])
        session.usage_error(
            f"one artifact is verified, and its source is an option: thv-plugin verify {target} --source {former}"
        )
    source = source_of(args, session)
    if args.source is None and (args.git or args.source_url):
        session.usage_error("--git and --source-url are of use only with --source")
    trust = trust_of(args, session)
    checks = _checks(args, trust, session)
    if not checks and args.source is None:
        session.usage_error(
            "say whose signature is wanted (--key FILE, or --certificate-identity NAME --certificate-oidc-issuer URL), "
            "or which directory it was built from (--source DIR); no policy names a signer for it"
        )
    if not checks:
        if args.attestation:
            session.usage_error("--attestation needs somebody whose word counts: --key or --certificate-identity")
        return _verify_source(args, source, None, session)
    # All must hold: the first that does not is told.
    check = next((each for each in checks if not each.trusted), checks[-1])
    gate = session.service.gate
    if gate is not None:
        gate.admit_digest(args.target, str(check.origin.digest))
    session.warn(check.signatures.warnings)
    if check.trusted and args.source is not None:
        return _verify_source(args, source, check, session)
    if not session.terse:
        session.emit(check, lambda: _draw_signatures(check, session))
    check.signatures.require_trust()
    return exit_codes.OK


def _checks(args: argparse.Namespace, trust: "Trust | None", session: Session) -> "tuple[SignatureCheck, ...]":
    """Return what was found for those whom the options name or, if they name nobody, for those whom each policy names."""
    predicate_type = _PREDICATES.get(args.attestation, args.attestation)
    if trust is not None:
        return (session.service.signing.check(args.target, trust, predicate_type),)
    policies = session.policies()
    return session.service.signing.check_by_policies(args.target, policies, predicate_type) if policies else ()


def _verify_source(args: argparse.Namespace, source: "Source", check: "SignatureCheck | None", session: Session) -> int:
    """Build the source again and compare; the artifact is the very one whose signatures were looked at."""
    from attrs import evolve

    progress = session.progress(f"fetching {safe(args.target)}")
    target = args.target
    if check is not None and check.origin.kind.value == "remote":
        target = f"{check.signatures.repository}@{check.signatures.digest}"
    verification = session.service.verify(args.source, target, source=source, progress=progress)
    session.close_progress()
    if check is not None:
        verification = evolve(
            verification, origin=check.origin, signatures=check.signatures, attestations=check.attestations
        )
    if not session.terse:
        session.emit(verification, lambda: _draw_both(verification, check, session))
    return exit_codes.OK if verification.verified else exit_codes.NOT_VERIFIED


def _draw_both(verification: "Verification", check: "SignatureCheck | None", session: Session) -> None:
    if check is not None:
        _draw_signatures(check, session)
        session.write("")
    _draw(verification, session)


def _draw_signatures(check: "SignatureCheck", session: Session) -> None:
    from toolhive_plugins_cli.page import untrusted

    page = session.page()
    what = "stated" if check.attestations else "signed"
    if check.trusted:
        page.line(Text("trusted  ", "good"), Text(f"{what} by somebody whom you, or a policy, named"))
    else:
        page.line(Text("not trusted  ", "danger"), Text("nobody whom you, or a policy, named has signed it"))
    page.line()
    page.field("artifact", check.origin.name)
    page.field("digest", check.origin.digest)
    for signature in check.signatures.signatures:
        if signature.trusted:
            page.field(f"{what} by", untrusted(f"{signature.signer} ({signature.layout})"))
        elif session.verbose or not check.trusted:
            whose = f"{signature.signer}: " if signature.signer else ""
            page.field("found", untrusted(f"{whose}{signature.problem} ({signature.layout})"))
    for statement in check.attestations:
        import json

        page.section("States")
        for line in json.dumps(statement, indent=2).splitlines():
            page.line(untrusted(line.lstrip(" ")), indent=2 + len(line) - len(line.lstrip(" ")))


def _draw(verification: "Verification", session: Session) -> None:
    from toolhive_plugins_cli.page import untrusted
    from toolhive_plugins_service import Verdict

    page = session.page()
    match verification.verdict:
        case Verdict.IDENTICAL:
            page.line(Text("verified  ", "good"), Text("built from this source, bit for bit"))
        case Verdict.SAME_CONTENT if verification.oddities:
            page.line(Text("verified  ", "good"), Text("built from this source, but not bit for bit"))
        case Verdict.SAME_CONTENT:
            page.line(Text("verified  ", "good"), Text("built from this source, with another compressor"))
        case Verdict.DIFFERENT:
            page.line(Text("does not verify  ", "danger"), Text("this artifact was not built from this source"))
    page.line()
    page.field("artifact", verification.origin.name)
    page.field("digest", verification.origin.digest)
    page.field("source", verification.directory)
    page.field("profile", verification.compat.value)
    page.field("epoch", str(verification.epoch))
    page.field("platforms", ", ".join(str(platform) for platform in verification.platforms))
    if verification.signatures is None:
        page.field("signatures", "not checked")
    if verification.unchecked:
        page.field("not checked", ", ".join(verification.unchecked))
    if verification.verdict is Verdict.SAME_CONTENT:
        page.field("content", f"the same archive, {short_digest(verification.diff_id)}, and the same config")
        page.field(
            "layer",
            f"compressed to {short_digest(verification.layer_digest)} there and to "
            f"{short_digest(verification.rebuilt_layer_digest)} here; the content is the same",
        )
    if verification.oddities:
        page.section("Carries what no build writes", "the content is not changed by it", "caution")
        for oddity in verification.oddities:
            place = f"{oddity.aspect.value} {oddity.platform or oddity.subject}"
            page.line(untrusted(place, "name"), "  ", untrusted(oddity.problem), indent=2, hang=4)
    if verification.differences:
        _draw_differences(verification, page, verbose=session.verbose)


def _draw_differences(verification: "Verification", page: "Page", *, verbose: bool) -> None:
    """Draw the differences; what is different in the same way in several documents is drawn once."""
    from toolhive_plugins_cli.page import untrusted
    from toolhive_plugins_service import Aspect

    places: dict[tuple[str, str], list[str]] = {}
    for difference in verification.differences:
        place = "" if difference.aspect is Aspect.FILE else f"{difference.aspect.value} {difference.platform}".strip()
        places.setdefault((difference.subject or place, difference.problem), []).append(place)
    page.section(plural(len(places), "difference"))
    shown = list(places.items()) if verbose else list(places.items())[:_SHOWN]
    for (subject, problem), where in shown:
        page.line(untrusted(subject, "name"), "  ", untrusted(problem), indent=2, hang=4)
        if where not in ([""], [subject]):
            page.line(Text("in " + ", ".join(where), "quiet"), indent=4)
    if len(shown) < len(places):
        page.line(f"and {len(places) - len(shown)} more; --verbose shows all", indent=2)
