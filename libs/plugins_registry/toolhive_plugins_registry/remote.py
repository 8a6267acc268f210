"""A repository in a registry: the operations of the distribution spec, repeated where that is safe."""

from enum import StrEnum
from http import HTTPStatus
from typing import Final

from attrs import frozen

from toolhive_artifact import (
    MANIFEST_MEDIA_TYPES,
    MAX_MANIFEST_SIZE,
    Descriptor,
    Digest,
    DigestMismatchError,
    shown,
)
from toolhive_plugins_interfaces import RegistryResponseError
from toolhive_plugins_registry.client import Client
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.downloads import Download
from toolhive_plugins_registry.errors import TransientConnectionError, TransientResponseError
from toolhive_plugins_registry.operation import DISTRUST, Operation, check_stored, promised_digest
from toolhive_plugins_registry.oras_adapter import Repository
from toolhive_plugins_registry.references import Reference
from toolhive_plugins_registry.transport import Body, BytesBody, Response
from toolhive_plugins_registry.uploads import Upload
from toolhive_plugins_registry.urls import Url
from toolhive_plugins_registry.web_pages import refuse_page

_ACCEPT: Final = {"Accept": ", ".join(sorted(MANIFEST_MEDIA_TYPES))}
"""Docker's types too, which are refused afterwards: a registry that may not send one as it is would convert it."""
_GENERIC_TYPES: Final = frozenset({"application/json", "text/plain", "application/octet-stream"})
"""What a registry says that does not know the media types of OCI: the same as nothing."""
_ABSENT: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
"""What HEAD is answered with where the content is not there, or not known to be."""
_STORED: Final = (HTTPStatus.CREATED, HTTPStatus.OK, HTTPStatus.ACCEPTED)


@frozen
class Fetched:
    """A manifest or index as a registry served it."""

    data: bytes
    """Its bytes, which hash to the descriptor's digest."""

    descriptor: Descriptor
    """The media type that it was served as, empty if that says nothing; its digest and size."""


class Actions(StrEnum):
    """What a token must allow (distribution spec, "Token Scope")."""

    PULL = "pull"
    PUSH = "pull,push"


class RemoteRepository:
    """One repository during one operation; threads may share it.

    Args:
        client: talks to the registry.
        reference: names the repository.
        actions: what is to be done.
        deadline: of the operation.
    """

    def __init__(self, client: Client, reference: Reference, actions: Actions, deadline: Deadline) -> None:
        self._client = client
        self._paths = Repository(reference)
        self._operation = Operation(client, (f"repository:{reference.repository}:{actions}",), deadline)
        self._upload = Upload(self._operation, client.home.at(self._paths.uploads_path()))

    def fetch_manifest(self, reference: str, *, limit: int = MAX_MANIFEST_SIZE) -> Fetched:
        """Return the manifest or index that a tag or digest names.

        Raises:
            DigestMismatchError: its digest is not `reference`, if that is one, or not what the registry's header says.
            SizeLimitError: it is larger than `limit` bytes.
            RegistryError: by the response.
        """
        url = self._manifest_url(reference)

        def attempt() -> Fetched:
            with self._operation.request("GET", url, _ACCEPT) as response:
                self._client.check(response, HTTPStatus.OK)
                refuse_page(response)
                _check_not_encoded(response)
                promised = promised_digest(response)
                data = response.read(limit)
                media_type = "" if response.media_type in _GENERIC_TYPES else response.media_type
            digest = Digest.of(data)
            for expected in (promised, reference if ":" in reference else None):
                if expected is not None and digest != expected:
                    raise DigestMismatchError(
                        f"the registry sent {digest} and promised {expected}", where=url.shown, remedy=DISTRUST
                    )
            return Fetched(data, Descriptor(media_type, digest, len(data)))

        return self._operation.retry(attempt)

    def manifest_digest(self, reference: str) -> str | None:
        """Return the digest that the registry has for a tag or digest; None if it has none or does not say."""
        return self.look_up(reference) or None

    def look_up(self, reference: str) -> str | None:
        """Return the digest that the registry has for a tag or digest; None if it has none, "" if it does not say which."""
        url = self._manifest_url(reference)

        def attempt() -> str | None:
            with self._operation.request("HEAD", url, _ACCEPT) as response:
                if _is_absent(response):
                    return None
                self._client.check(response, HTTPStatus.OK)
                return response.header("Docker-Content-Digest")

        return self._operation.retry(attempt)

    def put_manifest(self, reference: str, data: bytes, descriptor: Descriptor) -> bool:
        """Store a manifest or index under a tag or its digest. Doing so twice changes nothing, so it is retried.

        Returns:
            Whether the registry says that it lists the manifest as a referrer of its subject (`OCI-Subject`).

        Raises:
            DigestMismatchError: the registry says that it stored something else.
            RegistryError: by the response.
        """
        url = self._manifest_url(reference)

        def attempt() -> bool:
            headers = {"Content-Type": descriptor.media_type}
            with self._operation.request("PUT", url, headers, BytesBody(data), size=len(data)) as response:
                self._client.check(response, *_STORED)
                refuse_page(response)
                check_stored(response, descriptor)
                response.drain()
                return response.header("OCI-Subject") != ""

        return self._operation.retry(attempt)

    def has_blob(self, descriptor: Descriptor) -> bool:
        """Tell whether the registry has a blob of that digest and size."""
        url = self._blob_url(descriptor)

        def attempt() -> bool:
            with self._operation.request("HEAD", url) as response:
                if _is_absent(response):
                    return False
                self._client.check(response, HTTPStatus.OK)
                same = response.header("Docker-Content-Digest") in ("", descriptor.digest)
                return same and response.length in (None, descriptor.size)

        return self._operation.retry(attempt)

    def download(self, descriptor: Descriptor) -> Download:
        """Return the download of a blob, which starts when it is read."""
        return Download(self._operation, self._blob_url(descriptor), descriptor)

    def mount_blob(self, descriptor: Descriptor, source: str) -> bool:
        """Ask the registry to mount a blob from its repository `source`; return whether it now has it."""
        return self._upload.mount(descriptor, source) and self.has_blob(descriptor)

    def upload(self, descriptor: Descriptor, body: Body) -> None:
        """Store a blob that the registry does not have.

        A session that broke is not continued, as nobody can know whether it took the last bytes. The blob is looked for and, if
        it is not there, sent again in a new session.

        Raises:
            DigestMismatchError: the registry says that it stored something else.
            RegistryError: by the responses.
        """
        attempts = self._operation.attempts()
        while True:
            try:
                self._upload.send(descriptor, body)
                return
            except (TransientConnectionError, TransientResponseError) as error:
                failure = error
            attempts.failed(failure)
            if self.has_blob(descriptor):
                return

    def tags(self) -> tuple[str, ...]:
        """Return the tags in the registry's order, each once.

        Raises:
            SizeLimitError, RegistryError: as `tag_list.list_tags`.
        """
        from toolhive_plugins_registry.tag_list import list_tags

        return list_tags(self._operation, self._client.home.at(self._paths.tags_path()))

    def referrers(self, digest: Digest, artifact_type: str = "") -> tuple[Descriptor, ...]:
        """Return what refers to a manifest or index.

        Raises:
            SizeLimitError, RegistryError: as `referrers.list_referrers`.
        """
        from toolhive_plugins_registry.referrers import list_referrers

        url = self._client.home.at(self._paths.referrers_path(digest))
        return list_referrers(lambda tag: self.fetch_manifest(tag).data, self._operation, url, digest, artifact_type)

    def _manifest_url(self, reference: str) -> Url:
        return self._client.home.at(self._paths.manifest_path(reference))

    def _blob_url(self, descriptor: Descriptor) -> Url:
        return self._client.home.at(self._paths.blob_path(descriptor.digest))


def _is_absent(response: Response) -> bool:
    """Tell whether a HEAD found nothing, or nobody can know.

    An object store that a registry redirects to signs its URLs for GET, and answers HEAD with 403 or another refusal.
    """
    elsewhere = response.url.origin != response.asked.origin
    return response.status in _ABSENT or (
        elsewhere and HTTPStatus.BAD_REQUEST <= response.status < HTTPStatus.INTERNAL_SERVER_ERROR
    )


def _check_not_encoded(response: Response) -> None:
    """Refuse a document in a content coding, which was not asked for and is not undone: it may be a bomb.

    A blob passes: its digest is that of the bytes as they are, and some object stores label theirs at random.
    """
    encoding = response.header("Content-Encoding")
    if encoding.lower() not in ("", "identity"):
        raise RegistryResponseError(
            f"answered in the content coding {shown(encoding)!r}, which was not asked for", where=response.url.shown
        )
