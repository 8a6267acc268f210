"""Uploads a blob (distribution spec, "Pushing blobs"): mounted, in one piece, or in chunks."""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

from toolhive_artifact import Descriptor
from toolhive_plugins_interfaces import RegistryAuthError, RegistryResponseError
from toolhive_plugins_registry.errors import TransientConnectionError, TransientResponseError
from toolhive_plugins_registry.operation import Operation, check_stored
from toolhive_plugins_registry.transport import Body, BytesBody, Response
from toolhive_plugins_registry.urls import Url
from toolhive_plugins_registry.web_pages import refuse_page

_OCTETS: Final = {"Content-Type": "application/octet-stream"}
_CHUNK_SIZES: Final = (4 * 1024 * 1024, 768 * 1024, 256 * 1024)
"""Sizes of a chunk in bytes; the smaller ones are tried if a proxy refuses a larger one (nginx: 1 MiB by default)."""
_LARGEST_CHUNK: Final = 32 * 1024 * 1024
"""The largest minimum size in bytes that a registry may ask for; each upload holds one chunk in memory."""

_STORED: Final = (HTTPStatus.CREATED, HTTPStatus.OK, HTTPStatus.NO_CONTENT)
_CONTINUED: Final = (HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT, HTTPStatus.CREATED)
_LOST: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
_WHOLE_REFUSED: Final = (
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.LENGTH_REQUIRED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.NOT_IMPLEMENTED,
)
"""What a registry, or a proxy in front of it, answers to a blob in one piece where it takes none, or none so large."""
_MOUNT_REFUSED: Final = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.NOT_IMPLEMENTED,
)


class Upload:
    """Sends blobs to one repository.

    Args:
        operation: at the repository.
        uploads_url: where sessions begin.
    """

    def __init__(self, operation: Operation, uploads_url: Url) -> None:
        self._operation = operation
        self._uploads_url = uploads_url
        self._client = operation.client

    def mount(self, descriptor: Descriptor, source: str) -> bool:
        """Ask the registry to mount the blob from its repository `source`; return whether it says that it did."""
        url = self._uploads_url.with_query(urlencode({"mount": descriptor.digest, "from": source}))
        scopes = (*self._operation.scopes, f"repository:{source}:pull")
        try:
            with self._operation.request("POST", url, scopes=scopes) as response:
                if response.status not in _MOUNT_REFUSED:
                    self._client.check(response, HTTPStatus.CREATED, HTTPStatus.ACCEPTED)
                response.drain()
                # A 202 has opened an upload session instead, which is left to expire.
                return response.status == HTTPStatus.CREATED
        except (RegistryAuthError, TransientConnectionError, TransientResponseError):
            return False  # it was only a shortcut

    def send(self, descriptor: Descriptor, body: Body) -> None:
        """Upload a blob in one piece or, if that is refused, in chunks.

        Raises:
            DigestMismatchError: the registry says that it stored something else.
            TransientConnectionError, TransientResponseError: the session is lost; the blob may be there or not.
            RegistryError: by the responses.
        """
        session, _ = self._begin()
        with self._put(session, descriptor, body) as response:
            if response.status not in _WHOLE_REFUSED:
                self._finish(response, descriptor)
                return
        for size in _CHUNK_SIZES:
            if self._send_in_chunks(descriptor, body, size, last_try=size == _CHUNK_SIZES[-1]):
                return

    def _send_in_chunks(self, descriptor: Descriptor, body: Body, size: int, *, last_try: bool) -> bool:
        """Upload a blob by PATCH; return False if the chunks are too large, unless that is the `last_try`."""
        session, least = self._begin()
        start = 0
        for chunk in _cut(body.chunks(), max(size, least)):
            headers = {**_OCTETS, "Content-Range": f"{start}-{start + len(chunk) - 1}"}
            with self._operation.request("PATCH", session, headers, BytesBody(chunk), size=len(chunk)) as response:
                if response.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and not last_try:
                    return False
                self._check(response, *_CONTINUED)
                session = self._session(response, session)
                response.drain()
            start += len(chunk)
        with self._put(session, descriptor, None) as response:
            self._finish(response, descriptor)
        return True

    def _begin(self) -> tuple[Url, int]:
        """Open a session; return its URL and the minimum size of a chunk in bytes. One session too many does no harm."""

        def attempt() -> tuple[Url, int]:
            with self._operation.request("POST", self._uploads_url) as response:
                self._client.check(response, HTTPStatus.ACCEPTED)
                session = self._session(response, None)
                least = response.header("OCI-Chunk-Min-Length")
                response.drain()
            return session, min(int(least[:9]), _LARGEST_CHUNK) if least.isascii() and least.isdigit() else 0

        return self._operation.retry(attempt)

    def _put(self, session: Url, descriptor: Descriptor, body: Body | None) -> Response:
        """Close a session with the digest, and with the content if it was not sent before."""
        url = session.with_query(f"digest={quote(descriptor.digest, safe='')}")
        return self._operation.request("PUT", url, _OCTETS, body, size=descriptor.size)

    def _finish(self, response: Response, descriptor: Descriptor) -> None:
        self._check(response, *_STORED)
        refuse_page(response)
        check_stored(response, descriptor)
        response.drain()

    def _check(self, response: Response, *accepted: int) -> None:
        """As `Client.check`; a session that the registry has lost may be cured by a new one, too."""
        if response.status in _LOST:
            raise TransientResponseError(
                f"lost the upload (HTTP {response.status})", where=response.url.shown, status=response.status
            )
        self._client.check(response, *accepted)

    def _session(self, response: Response, current: Url | None) -> Url:
        """Return where the session continues: absolute or relative, with its query."""
        location = response.header("Location")
        if location:
            return self._client.follow(location, response.url, "an upload location")
        if current is None:
            raise RegistryResponseError("opened an upload without a Location", where=response.url.shown)
        return current


def _cut(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield the same bytes in pieces of `size` bytes; the last may be shorter."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)
