"""The options that say whose signature is wanted."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli.session import Session

if TYPE_CHECKING:
    from toolhive_plugins_service import Trust


def add_trust_options(parser: argparse.ArgumentParser) -> "argparse._ArgumentGroup":
    """Add the options, and return the group that they are in."""
    group = parser.add_argument_group("whose signature is wanted; any one of several is enough")
    group.add_argument("--key", metavar="FILE", action="append", default=[], help="a public key; may be repeated")
    group.add_argument(
        "--certificate-identity",
        metavar="NAME",
        action="append",
        default=[],
        help="who signed without a key: exactly this e-mail address or URI; may be repeated",
    )
    group.add_argument(
        "--certificate-identity-regexp",
        metavar="RE2",
        action="append",
        default=[],
        help="the same, by a pattern for the whole of it",
    )
    group.add_argument("--certificate-oidc-issuer", metavar="URL", default="", help="who vouches for these identities")
    group.add_argument(
        "--trusted-root",
        metavar="FILE",
        default="",
        help="the authorities, logs and clocks that count (default: the public Sigstore's)",
    )
    return group


def add_first_use_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the commands that remember who signed a plugin."""
    group = add_trust_options(parser)
    group.add_argument("--allow-unsigned", action="store_true", help="accept a plugin without a signature that counts")
    group.add_argument(
        "--allow-signer-change", action="store_true", help="accept another signer than the one that is remembered"
    )


def first_use_trust(args: argparse.Namespace, session: Session) -> "Trust | None":
    """Return whom the options of `add_first_use_options` trust; they may name a trusted root alone."""
    if not args.trusted_root or args.key or args.certificate_identity or args.certificate_identity_regexp:
        return trust_of(args, session)
    if args.certificate_oidc_issuer:
        session.usage_error("an issuer is of use only with --certificate-identity")
    from toolhive_plugins_service import Trust

    return Trust(trusted_root=args.trusted_root)


def trust_of(args: argparse.Namespace, session: Session) -> "Trust | None":
    """Return whom the options trust; None if they name nobody."""
    issuer = args.certificate_oidc_issuer
    named = [(name, False) for name in args.certificate_identity]
    named += [(name, True) for name in args.certificate_identity_regexp]
    if named and not issuer:
        session.usage_error("an identity needs its issuer: --certificate-oidc-issuer URL")
    if not named and (issuer or args.trusted_root):
        session.usage_error("an issuer or a trusted root is of use only with --certificate-identity")
    if not named and not args.key:
        return None
    from toolhive_plugins_service import Identity, Trust, load_public_key

    return Trust(
        keys=tuple(load_public_key(path) for path in args.key),
        identities=tuple(Identity(name, issuer, is_pattern=pattern) for name, pattern in named),
        trusted_root=args.trusted_root,
    )
