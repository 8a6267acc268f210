"""A repository in a registry: the verbs of the distribution spec, with retries where they are safe."""

from typing import Final

from attrs import frozen

from toolhive_artifact import (
    MAX_MANIFEST_SIZE,
    MEDIA_TYPE_IMAGE_INDEX,
    MEDIA_TYPE_IMAGE_MANIFEST,
    Descriptor,
    Digest,
    DigestMismatchError,
    shown,
)
from toolhive_plugins_interfaces import RegistryResponseError
from toolhive_plugins_registry.client import Client
from toolhive_plugins_registry.conversation import DISTRUST, Conversation, check_stored, promised_digest
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.downloads import Download
from toolhive_plugins_registry.faults import TransientConnectionError, TransientResponseError
from toolhive_plugins_registry.oras_mends import Repository
from toolhive_plugins_registry.references import Reference
from toolhive_plugins_registry.transport import Body, BytesBody, Response
from toolhive_plugins_registry.uploads import Upload
from toolhive_plugins_registry.urls import Url

_ACCEPT: Final = {"Accept": f"{MEDIA_TYPE_IMAGE_INDEX}, {MEDIA_TYPE_IMAGE_MANIFEST}"}
_OK: Final = 200
_CREATED: Final = 201
_ACCEPTED: Final = 202
_NOT_FOUND: Final = 404
_NOT_ALLOWED: Final = 405


@frozen
class Fetched:
    """A manifest or index as a registry served it."""

    data: bytes
    """Its bytes, which hash to the descriptor's digest."""

    descriptor: Descriptor
    """The media type that it was served as (may be empty), its digest and its size."""


class RemoteRepository:
    """One repository, for the length of one push or pull; threads may share it.

    Args:
        client: talks to the registry.
        reference: names the repository.
        actions: what is to be done: `pull`, or `pull,push`.
        deadline: of the operation.
    """

    def __init__(self, client: Client, reference: Reference, actions: str, deadline: Deadline) -> None:
        self._client = client
        self._paths = Repository(reference)
        self._deadline = deadline
        self._conversation = Conversation(client, (f"repository:{reference.repository}:{actions}",), deadline)
        self._upload = Upload(self._conversation, client.home.at(self._paths.uploads_path()))

    def fetch_manifest(self, reference: str, *, limit: int = MAX_MANIFEST_SIZE) -> Fetched:
        """Return the manifest or index that a tag or digest names.

        Raises:
            DigestMismatchError: it is not what `reference`, if a digest, or the registry's own header says.
            SizeLimitError: it is larger than `limit` bytes.
            RegistryError: by the answer.
        """
        url = self._manifest_url(reference)

        def attempt() -> Fetched:
            with self._conversation.request("GET", url, _ACCEPT) as response:
                self._client.check(response, _OK)
                _check_not_encoded(response)
                promised = promised_digest(response)
                data = response.read(limit)
                media_type = response.header("Content-Type").partition(";")[0].strip().lower()
            digest = Digest.of(data)
            for expected in (promised, reference if ":" in reference else None):
                if expected is not None and digest != expected:
                    raise DigestMismatchError(
                        f"the registry sent {digest} and promised {expected}", where=url.shown, remedy=DISTRUST
                    )
            return Fetched(data, Descriptor(media_type, digest, len(data)))

        return self._client.retries.run(attempt, self._deadline)

    def manifest_digest(self, reference: str) -> str | None:
        """Return the digest that the registry gives for a tag or digest; None where it has none or does not say."""
        url = self._manifest_url(reference)

        def attempt() -> str | None:
            with self._conversation.request("HEAD", url, _ACCEPT) as response:
                if response.status in (_NOT_FOUND, _NOT_ALLOWED):
                    return None
                self._client.check(response, _OK)
                return response.header("Docker-Content-Digest") or None

        return self._client.retries.run(attempt, self._deadline)

    def put_manifest(self, reference: str, data: bytes, descriptor: Descriptor) -> None:
        """Store a manifest or index under a tag or its digest. Doing so twice changes nothing, so failures are retried.

        Raises:
            DigestMismatchError: the registry says that it stored something else.
            RegistryError: by the answer.
        """
        url = self._manifest_url(reference)

        def attempt() -> None:
            headers = {"Content-Type": descriptor.media_type}
            with self._conversation.request("PUT", url, headers, BytesBody(data), size=len(data)) as response:
                self._client.check(response, _CREATED, _OK, _ACCEPTED)
                check_stored(response, descriptor)
                response.drain()

        self._client.retries.run(attempt, self._deadline)

    def has_blob(self, descriptor: Descriptor) -> bool:
        """Say whether the registry has a blob of that digest and size."""
        url = self._blob_url(descriptor)

        def attempt() -> bool:
            with self._conversation.request("HEAD", url) as response:
                if response.status in (_NOT_FOUND, _NOT_ALLOWED):
                    return False
                self._client.check(response, _OK)
                same = response.header("Docker-Content-Digest") in ("", descriptor.digest)
                return same and response.length in (None, descriptor.size)

        return self._client.retries.run(attempt, self._deadline)

    def download(self, descriptor: Descriptor) -> Download:
        """Return the download of a blob, not begun."""
        return Download(self._conversation, self._blob_url(descriptor), descriptor)

    def mount_blob(self, descriptor: Descriptor, source: str) -> bool:
        """Have the registry take a blob from its repository `source`; return whether it now has it."""
        return self._upload.mount(descriptor, source) and self.has_blob(descriptor)

    def upload(self, descriptor: Descriptor, body: Body) -> None:
        """Store a blob that the registry does not have.

        A session that broke is not continued: whether it took the last bytes cannot be known. The blob is looked for, and if
        it is not there, sent again in a new session.

        Raises:
            DigestMismatchError: the registry says that it stored something else.
            RegistryError: by the answers.
        """
        tries = self._client.retries.begin(self._deadline)
        while True:
            try:
                self._upload.send(descriptor, body)
                return
            except (TransientConnectionError, TransientResponseError) as error:
                failure = error
            tries.failed(failure)
            if self.has_blob(descriptor):
                return

    def _manifest_url(self, reference: str) -> Url:
        return self._client.home.at(self._paths.manifest_path(reference))

    def _blob_url(self, descriptor: Descriptor) -> Url:
        return self._client.home.at(self._paths.blob_path(descriptor.digest))


def _check_not_encoded(response: Response) -> None:
    """Refuse a document in a content coding, which was not asked for and is not undone: it may be a bomb.

    A blob is let pass: its digest judges the bytes as they are, and some object stores label theirs at random.
    """
    encoding = response.header("Content-Encoding")
    if encoding.lower() not in ("", "identity"):
        raise RegistryResponseError(
            f"answers in the content coding {shown(encoding)!r}, which was not asked for", where=response.url.shown
        )
