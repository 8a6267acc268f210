"""State of a plugin in a registry what it could run and, with --source, how it was built.

Both are in-toto statements about its digest, signed and stored beside it as Sigstore bundles, which policy engines read. What it
could run is read from its files. How it was built is stated only if the source, built again, gives the same plugin: exit status 5 if
it does not, and then nothing is stated."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.signer_options import add_signer_options, signer_of
from toolhive_plugins_cli.source_options import add_source_options, source_of
from toolhive_plugins_cli.text import safe

if TYPE_CHECKING:
    from toolhive_plugins_service import Attested


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("ref", metavar="REF", help="registry/repository:tag or registry/repository@digest")
    parser.add_argument("--source", metavar="DIR", default="", help="the directory that it was built from")
    parser.add_argument(
        "--builder",
        metavar="URI",
        default="",
        help="with --source: where it was built (default: a machine of your own)",
    )
    add_source_options(parser, url_help="the address of the source code")
    add_signer_options(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """State it."""
    source = source_of(args, session)
    if not args.source and (args.git or args.source_url or args.builder):
        session.usage_error("--git, --source-url and --builder are of use only with --source")
    from toolhive_plugins_cli.version import version
    from toolhive_plugins_service import KeySigner, PrivateKey

    signer = signer_of(args, session)
    attested = session.service.attest(
        args.ref,
        KeySigner(signer) if isinstance(signer, PrivateKey) else signer,
        directory=args.source,
        source=source,
        builder=args.builder,
        version=version(),
        progress=session.progress(f"fetching {safe(args.ref)}"),
    )
    session.close_progress()
    if not session.terse:
        session.emit(attested, lambda: _draw(attested, session))
    return exit_codes.OK if attested.signed else exit_codes.NOT_VERIFIED


def _draw(attested: "Attested", session: Session) -> None:
    page = session.page()
    if not attested.signed:
        page.line("nothing is stated: the plugin was not built from this source; see thv-plugin verify --source")
    for signed in attested.signed:
        page.field("stated", signed.predicate_type)
        page.field("of", f"{signed.repository}@{signed.digest}")
        page.field("by", str(signed.signer))
