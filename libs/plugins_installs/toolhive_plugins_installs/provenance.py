"""Who signed a plugin, as lock files and records hold it."""

from attrs import frozen

from toolhive_plugins import shown


@frozen(kw_only=True)
class Provenance:
    """Who signed a plugin, as it was when it was first trusted."""

    signer_identity: str = ""
    cert_issuer: str = ""
    public_key: str = ""
    """Base64 of its DER, where a key signed it."""

    repository_uri: str = ""
    repository_ref: str = ""
    runner_environment: str = ""
    sigstore_url: str = ""
    provisional: bool = False


def signer_name(provenance: Provenance | None) -> str:
    """Return who signed, for a person; empty for nobody."""
    if provenance is None:
        return ""
    if provenance.public_key:
        return f"the key {key_fingerprint(provenance.public_key)}"
    return f"{shown(provenance.signer_identity)}, for whom {shown(provenance.cert_issuer)} vouches"


def key_fingerprint(public_key: str) -> str:
    """Return what a person compares of a key: `SHA256:` and the SHA-256 of its DER in base64.

    Args:
        public_key: the DER in base64. What is not base64 is returned as it is.
    """
    import base64
    import binascii
    import hashlib

    try:
        der = base64.b64decode(public_key, validate=True)
    except (binascii.Error, ValueError):
        return shown(public_key)
    return "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")
