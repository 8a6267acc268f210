"""A plugin in a simulated registry, with signatures as honest people make them and as attackers would."""

import base64
import json
from collections.abc import Callable
from typing import Any

from attrs import frozen
from registry_artifacts import INDEX, MANIFEST, Artifact, descriptor, encode, plugin
from registry_simulator import Simulator, digest_of

from toolhive_plugins import Digest, Registry
from toolhive_plugins_signatures import (
    MEDIA_TYPE_BUNDLE,
    PREDICATE_SIGNATURE,
    Layout,
    PrivateKey,
    Signed,
    Trust,
    Verification,
    generate_key,
    sign_artifact,
    verify_signatures,
)
from toolhive_plugins_signatures.bundles import encode_bundle
from toolhive_plugins_signatures.discovery import classic_tag
from toolhive_plugins_signatures.simple_signing import (
    ANNOTATION_SIGNATURE,
    MEDIA_TYPE_SIMPLE_SIGNING,
    encode_payload,
)
from toolhive_plugins_signatures.statements import Envelope, encode_statement, sign_statement

EMPTY = "application/vnd.oci.empty.v1+json"
KEY = generate_key()
OTHER_KEY = generate_key()


@frozen
class Scene:
    """The plugin, and what can be done to it."""

    simulator: Simulator
    client: Registry
    artifact: Artifact
    path: str = "acme/hello"

    @classmethod
    def of(cls, simulator: Simulator, client: Registry) -> "Scene":
        artifact = plugin()
        artifact.serve(simulator)
        return cls(simulator, client, artifact)

    @property
    def repository(self) -> str:
        return f"{self.simulator.host}/{self.path}"

    @property
    def digest(self) -> Digest:
        return Digest.parse(self.artifact.digest)

    def sign(self, key: PrivateKey = KEY, *layouts: Layout) -> Signed:
        """Sign it as people do."""
        chosen = layouts or (Layout.CLASSIC, Layout.BUNDLE)
        return sign_artifact(self.client, self.repository, self.digest, key, layouts=chosen, settling=0)

    def verify(self, *keys: PrivateKey) -> Verification:
        """Verify it with these keys, or with the one that honest people sign with."""
        trust = Trust(keys=tuple(key.public for key in keys or (KEY,)))
        return verify_signatures(self.client, self.repository, self.digest, trust)

    def add_bundle(self, data: bytes, *, of: bytes | None = None, **changes: Any) -> str:
        """Put a referrer with a bundle into the registry, whatever it is; return the digest of its manifest."""
        self.simulator.add_blob(self.path, b"{}")
        self.simulator.add_blob(self.path, data)
        document = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": MEDIA_TYPE_BUNDLE,
            "config": descriptor(EMPTY, b"{}"),
            "layers": [descriptor(MEDIA_TYPE_BUNDLE, data)],
            "subject": descriptor(INDEX, self.artifact.root if of is None else of),
            **changes,
        }
        manifest = encode({key: value for key, value in document.items() if value is not None})
        return self.simulator.add_manifest(self.path, digest_of(manifest), MANIFEST, manifest)

    def add_classic(self, *layers: tuple[bytes, bytes], **changes: Any) -> None:
        """Put an image with signatures, of payload and signature, into the registry, whatever they are."""
        described = []
        for payload, signature in layers:
            self.simulator.add_blob(self.path, payload)
            annotations = {ANNOTATION_SIGNATURE: base64.b64encode(signature).decode()}
            described.append({**descriptor(MEDIA_TYPE_SIMPLE_SIGNING, payload), "annotations": annotations})
        self.simulator.add_blob(self.path, b"{}")
        document = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": descriptor("application/vnd.oci.image.config.v1+json", b"{}"),
            "layers": described,
            **changes,
        }
        self.simulator.add_manifest(self.path, classic_tag(self.digest), MANIFEST, encode(document))

    def payload(self) -> bytes:
        """The payload that an honest signature is over."""
        return encode_payload(self.digest, self.repository)

    def statement(self, **changes: Any) -> bytes:
        """The statement that an honest signature is over, or nearly."""
        document = json.loads(encode_statement(self.digest, PREDICATE_SIGNATURE, {}))
        return encode({key: value for key, value in {**document, **changes}.items() if value is not None})

    def bundle(self, key: PrivateKey = KEY, **changes: Any) -> bytes:
        """A bundle over such a statement."""
        return encode_bundle(sign_statement(self.statement(**changes), key), key.public)

    def edited_bundle(self, edit: Callable[[dict[str, Any]], object], **changes: Any) -> bytes:
        """A bundle that was changed after it was signed."""
        document = json.loads(self.bundle(**changes))
        edit(document)
        return encode(document)


def signed_envelope(payload_type: str, payload: bytes, key: PrivateKey = KEY) -> bytes:
    """A bundle with a properly signed envelope of any type of payload."""
    unsigned = Envelope(payload_type, payload, b"")
    return encode_bundle(Envelope(payload_type, payload, key.sign(unsigned.signed)), key.public)
