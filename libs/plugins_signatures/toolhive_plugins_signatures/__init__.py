"""Sign, verify and attest plugins, and judge them by a policy."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins_signatures.bundles import MEDIA_TYPE_BUNDLE as MEDIA_TYPE_BUNDLE
    from toolhive_plugins_signatures.carrying import CarryingRegistry as CarryingRegistry
    from toolhive_plugins_signatures.carrying import carry as carry
    from toolhive_plugins_signatures.discovery import SignatureReader as SignatureReader
    from toolhive_plugins_signatures.errors import InvalidSignatureError as InvalidSignatureError
    from toolhive_plugins_signatures.errors import KeyFileError as KeyFileError
    from toolhive_plugins_signatures.errors import KeylessUnavailableError as KeylessUnavailableError
    from toolhive_plugins_signatures.errors import NotTrustedError as NotTrustedError
    from toolhive_plugins_signatures.errors import PolicyError as PolicyError
    from toolhive_plugins_signatures.errors import PolicyRefusedError as PolicyRefusedError
    from toolhive_plugins_signatures.errors import SignatureError as SignatureError
    from toolhive_plugins_signatures.errors import SigningError as SigningError
    from toolhive_plugins_signatures.errors import TrustError as TrustError
    from toolhive_plugins_signatures.key_files import decrypt_private_key as decrypt_private_key
    from toolhive_plugins_signatures.key_files import encrypt_private_key as encrypt_private_key
    from toolhive_plugins_signatures.key_files import load_private_key as load_private_key
    from toolhive_plugins_signatures.key_files import load_public_key as load_public_key
    from toolhive_plugins_signatures.key_files import write_key_pair as write_key_pair
    from toolhive_plugins_signatures.keyless_signing import KeylessSigner as KeylessSigner
    from toolhive_plugins_signatures.keys import PrivateKey as PrivateKey
    from toolhive_plugins_signatures.keys import PublicKey as PublicKey
    from toolhive_plugins_signatures.keys import generate_key as generate_key
    from toolhive_plugins_signatures.keys import parse_public_key as parse_public_key
    from toolhive_plugins_signatures.policy import Judgement as Judgement
    from toolhive_plugins_signatures.policy import Policy as Policy
    from toolhive_plugins_signatures.policy import Ruling as Ruling
    from toolhive_plugins_signatures.policy import denied_by as denied_by
    from toolhive_plugins_signatures.policy import judge as judge
    from toolhive_plugins_signatures.policy import wanted_signers as wanted_signers
    from toolhive_plugins_signatures.policy import wants_surface as wants_surface
    from toolhive_plugins_signatures.policy_file import PROJECT_POLICY as PROJECT_POLICY
    from toolhive_plugins_signatures.policy_file import load_policies as load_policies
    from toolhive_plugins_signatures.predicates import PREDICATE_PROVENANCE as PREDICATE_PROVENANCE
    from toolhive_plugins_signatures.predicates import PREDICATE_SURFACE as PREDICATE_SURFACE
    from toolhive_plugins_signatures.predicates import Build as Build
    from toolhive_plugins_signatures.predicates import provenance as provenance
    from toolhive_plugins_signatures.predicates import surface_predicate as surface_predicate
    from toolhive_plugins_signatures.signing import ALL_LAYOUTS as ALL_LAYOUTS
    from toolhive_plugins_signatures.signing import KeySigner as KeySigner
    from toolhive_plugins_signatures.signing import SignatureWriter as SignatureWriter
    from toolhive_plugins_signatures.signing import Signed as Signed
    from toolhive_plugins_signatures.signing import StatementSigner as StatementSigner
    from toolhive_plugins_signatures.signing import attest as attest
    from toolhive_plugins_signatures.signing import sign_artifact as sign_artifact
    from toolhive_plugins_signatures.signing import sign_keyless as sign_keyless
    from toolhive_plugins_signatures.statements import PREDICATE_SIGNATURE as PREDICATE_SIGNATURE
    from toolhive_plugins_signatures.subjects import LOCAL as LOCAL
    from toolhive_plugins_signatures.subjects import Subject as Subject
    from toolhive_plugins_signatures.subjects import canonical_name as canonical_name
    from toolhive_plugins_signatures.trust import Identity as Identity
    from toolhive_plugins_signatures.trust import Trust as Trust
    from toolhive_plugins_signatures.verification import FoundSignature as FoundSignature
    from toolhive_plugins_signatures.verification import Layout as Layout
    from toolhive_plugins_signatures.verification import Signer as Signer
    from toolhive_plugins_signatures.verification import SignerKind as SignerKind
    from toolhive_plugins_signatures.verification import Verification as Verification
    from toolhive_plugins_signatures.verifying import find_signers as find_signers
    from toolhive_plugins_signatures.verifying import repository_of as repository_of
    from toolhive_plugins_signatures.verifying import verify_attestations as verify_attestations
    from toolhive_plugins_signatures.verifying import verify_signatures as verify_signatures
else:
    from toolhive_plugins import lazy_exports

    __getattr__, __dir__ = lazy_exports(__name__)
