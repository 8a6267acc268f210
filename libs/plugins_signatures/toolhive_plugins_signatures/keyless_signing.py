"""Signs without a key, by the `sigstore` library: a certificate of a few minutes for an identity, and an entry in a public log.

What needs the `keyless` extra is imported as it is used, so that the class has a name without it.
"""

from typing import TYPE_CHECKING

from toolhive_plugins import shown
from toolhive_plugins_signatures.bundles import parse_bundle
from toolhive_plugins_signatures.errors import InvalidSignatureError, SigningError, TrustError
from toolhive_plugins_signatures.key_files import read_small_file
from toolhive_plugins_signatures.verification import Signer

if TYPE_CHECKING:
    from sigstore.oidc import IdentityToken
    from sigstore.sign import SigningContext


class KeylessSigner:
    """Signs for the identity that a token is for; a `StatementSigner`.

    Args:
        token: an OIDC identity token for the audience `sigstore`; empty for the one that a build service offers, such as GitHub Actions.
        trusted_root: the path of a trusted root; empty for the public Sigstore's.
        signing_config: the path of a signing config, which says where the services are; empty for the public Sigstore's.

    Raises:
        KeylessUnavailableError: the extra is not installed.
        SigningError: there is no token, or it is not one.
        TrustError: a file cannot be used; or only one of both is given, and they belong together.
    """

    def __init__(self, token: str, *, trusted_root: str = "", signing_config: str = "") -> None:
        if bool(trusted_root) != bool(signing_config):
            raise TrustError("a trusted root and a signing config belong together, and one of them is missing")
        from toolhive_plugins_signatures import keyless  # first, for its error where the extra is not installed

        self._keyless = keyless
        self._token = _identity(token)
        self._trusted_root = trusted_root
        self._context = _context(trusted_root, signing_config)

    def sign_bundle(self, statement: bytes) -> tuple[bytes, Signer]:
        """Return the Sigstore bundle of a statement, and who signed it.

        The bundle is verified before it is handed on: what nobody could verify is not worth storing.

        Raises:
            SigningError: a service refused, did not answer, or gave something that does not verify.
        """
        from sigstore.dsse import Statement

        try:
            with self._context.signer(self._token, cache=True) as signer:
                data = signer.sign_dsse(Statement(statement)).to_json().encode()
        except Exception as error:  # noqa: BLE001 - whatever the library raises: of the network, of the services' answers
            reason = shown(error) or shown(error.__cause__ or "") or type(error).__name__
            raise SigningError(f"a service of Sigstore did not sign: {reason}") from None
        try:
            return data, self._keyless.KeylessVerifier(self._trusted_root).verify(parse_bundle(data))
        except InvalidSignatureError as error:
            raise SigningError(f"the signature that Sigstore's services gave is not good: {error.problem}") from None


def _identity(token: str) -> "IdentityToken":
    from sigstore.oidc import IdentityToken, detect_credential

    try:
        found = token or detect_credential()
    except Exception as error:  # noqa: BLE001 - as above
        raise SigningError(f"the build service gives no identity token: {shown(error)}") from None
    if not found:
        raise SigningError("there is no identity token", remedy="Pass one for the audience `sigstore`")
    try:
        return IdentityToken(found.strip())
    except Exception as error:  # noqa: BLE001 - as above
        raise SigningError(f"the identity token cannot be used: {shown(error)}") from None


def _context(trusted_root: str, signing_config: str) -> "SigningContext":
    from sigstore.models import ClientTrustConfig, SigningConfig
    from sigstore.sign import SigningContext

    from toolhive_plugins_signatures.keyless import MAX_TRUST_FILE, load_trusted_root

    if not trusted_root:
        try:
            return SigningContext.from_trust_config(ClientTrustConfig.production())
        except Exception as error:  # noqa: BLE001 - as above
            raise SigningError(f"the public Sigstore is not to be had: {shown(error)}") from None
    root = load_trusted_root(trusted_root)
    read_small_file(signing_config, MAX_TRUST_FILE, TrustError)  # is it a file, and not a large one?
    try:
        config = SigningConfig.from_file(signing_config)
        return SigningContext(
            fulcio=config.get_fulcio(),
            rekor=config.get_tlogs()[0],
            trusted_root=root,
            tsa_clients=config.get_tsas(),
        )
    except Exception as error:  # noqa: BLE001 - as above
        raise TrustError(f"cannot be used as a signing config: {shown(error)}", where=signing_config) from None
