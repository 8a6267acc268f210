"""What cosign's classic layout signs: a *simple signing* payload that names a repository and a digest.

Format: https://github.com/containers/image/blob/main/docs/containers-signature.5.md, as cosign writes it.
"""

from typing import Final

from attrs import frozen

from toolhive_plugins import Digest, InvalidDigestError, encode_json, shown
from toolhive_plugins_signatures.documents import parse_fields
from toolhive_plugins_signatures.errors import InvalidSignatureError

MEDIA_TYPE_SIMPLE_SIGNING: Final = "application/vnd.dev.cosign.simplesigning.v1+json"
ANNOTATION_SIGNATURE: Final = "dev.cosignproject.cosign/signature"
ANNOTATION_CERTIFICATE: Final = "dev.sigstore.cosign/certificate"

_TYPE: Final = "cosign container image signature"


@frozen
class Payload:
    """What was signed."""

    digest: Digest
    """Of the artifact."""

    reference: str
    """The repository that it was signed in, as the signer says; perhaps with a tag or digest."""


def encode_payload(digest: Digest, repository: str) -> bytes:
    """Return the payload for an artifact of a repository, `registry/repository`."""
    return encode_json(
        {
            "critical": {
                "identity": {"docker-reference": repository},
                "image": {"docker-manifest-digest": str(digest)},
                "type": _TYPE,
            },
            "optional": None,
        }
    )


def parse_payload(data: bytes) -> Payload:
    """Read a payload.

    Raises:
        InvalidSignatureError: it is malformed, or of another type.
    """
    critical = parse_fields(data, "the payload").object("critical")
    kind = critical.text("type")
    if kind != _TYPE:
        raise InvalidSignatureError(f"the payload is of another type, {shown(kind)!r}")
    named = critical.object("image").text("docker-manifest-digest")
    try:
        digest = Digest.parse(named)
    except InvalidDigestError:
        raise InvalidSignatureError(f"the payload names {shown(named)!r}, which is not a digest") from None
    return Payload(digest, critical.object("identity").text("docker-reference"))
