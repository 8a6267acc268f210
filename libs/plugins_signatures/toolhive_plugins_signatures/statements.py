"""in-toto statements: what is said of which artifact, and the DSSE envelope around it.

Formats: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md and
https://github.com/secure-systems-lab/dsse/blob/master/envelope.md.
"""

import base64
from typing import Final

from attrs import frozen

from toolhive_plugins import Digest, Encodable, JsonObject, encode_json, shown
from toolhive_plugins_signatures.documents import Fields, parse_fields
from toolhive_plugins_signatures.errors import InvalidSignatureError
from toolhive_plugins_signatures.keys import PrivateKey

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
PREDICATE_SIGNATURE: Final = "https://sigstore.dev/cosign/sign/v1"
"""Says nothing but that the artifact is signed."""

_STATEMENT: Final = "https://in-toto.io/Statement/v1"
_STATEMENTS: Final = (_STATEMENT, "https://in-toto.io/Statement/v0.1")
"""The second is what `cosign attest` writes."""

MAX_SUBJECTS: Final = 64


@frozen
class Statement:
    """What is said."""

    digests: frozenset[Digest]
    """Of the artifacts that it is said of."""

    predicate_type: str
    predicate: JsonObject

    def check_subject(self, digest: Digest) -> None:
        """Return if the statement is about an artifact.

        Raises:
            InvalidSignatureError: it is about others.
        """
        if digest not in self.digests:
            others = ", ".join(sorted(self.digests)) or "nothing that has a SHA-256 digest"
            raise InvalidSignatureError(f"it is a signature of another artifact: {others}")


@frozen
class Envelope:
    """A payload with its one signature."""

    payload_type: str
    payload: bytes
    signature: bytes

    @property
    def signed(self) -> bytes:
        """The bytes that the signature is over (DSSE, "Pre-Authentication Encoding")."""
        kind = self.payload_type.encode()
        return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(self.payload), self.payload)


def encode_statement(digest: Digest, predicate_type: str, predicate: Encodable) -> bytes:
    """Return a statement about one artifact. Its name says nothing ("_"), so that no log learns what private repositories are called."""
    return encode_json(
        {
            "_type": _STATEMENT,
            "subject": [{"name": "_", "digest": {"sha256": digest.encoded}}],
            "predicateType": predicate_type,
            "predicate": predicate,
        }
    )


def parse_statement(data: bytes) -> Statement:
    """Read a statement.

    Raises:
        InvalidSignatureError: it is malformed, or of an unknown version.
    """
    fields = parse_fields(data, "the statement")
    kind = fields.text("_type")
    if kind not in _STATEMENTS:
        raise InvalidSignatureError(f"the statement is of an unknown type, {shown(kind)!r}")
    digests = set()
    for subject in fields.objects("subject", limit=MAX_SUBJECTS):
        hexadecimal = subject.object("digest").value.get("sha256")
        if isinstance(hexadecimal, str):
            digests.add(Digest.parse(f"sha256:{hexadecimal}") if _is_sha256(hexadecimal) else _refuse(hexadecimal))
    predicate = fields.value.get("predicate")
    empty = JsonObject(())
    if predicate is not None and not isinstance(predicate, JsonObject):
        raise InvalidSignatureError("the statement's predicate is not an object")
    return Statement(frozenset(digests), fields.text("predicateType"), predicate or empty)


def sign_statement(statement: bytes, key: PrivateKey) -> Envelope:
    """Return a statement in an envelope that a key has signed."""
    unsigned = Envelope(PAYLOAD_TYPE, statement, b"")
    return Envelope(PAYLOAD_TYPE, statement, key.sign(unsigned.signed))


def encode_envelope(envelope: Envelope) -> dict[str, Encodable]:
    """Return the envelope's JSON as a bundle holds it; the bundle names the key, and a second name here would have to agree."""
    return {
        "payload": base64.b64encode(envelope.payload).decode(),
        "payloadType": envelope.payload_type,
        "signatures": [{"sig": base64.b64encode(envelope.signature).decode()}],
    }


def read_envelope(fields: Fields) -> Envelope:
    """Read an envelope.

    Raises:
        InvalidSignatureError: it is malformed, has not exactly one signature, or holds something other than a statement.
    """
    signatures = fields.objects("signatures", limit=MAX_SUBJECTS)
    if len(signatures) != 1:
        raise InvalidSignatureError(f"the envelope has {len(signatures)} signatures, and one is expected")
    envelope = Envelope(fields.text("payloadType"), fields.data("payload"), signatures[0].data("sig"))
    if envelope.payload_type != PAYLOAD_TYPE:
        raise InvalidSignatureError(f"the envelope holds another type of payload, {shown(envelope.payload_type)!r}")
    return envelope


def _is_sha256(text: str) -> bool:
    return len(text) == 64 and all(c in "0123456789abcdef" for c in text)


def _refuse(text: str) -> Digest:
    raise InvalidSignatureError(f"the statement names {shown(text)!r}, which is not a SHA-256 digest")
