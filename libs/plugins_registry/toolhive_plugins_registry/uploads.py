"""Uploads a blob (distribution spec, "Pushing blobs"): mounted, in one piece, or in chunks."""

from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, urlencode

from toolhive_artifact import Descriptor
from toolhive_plugins_interfaces import RegistryAuthError, RegistryResponseError
from toolhive_plugins_registry.conversation import Conversation, check_stored
from toolhive_plugins_registry.faults import TransientConnectionError, TransientResponseError
from toolhive_plugins_registry.transport import Body, BytesBody, Response
from toolhive_plugins_registry.urls import Url

_OCTETS: Final = {"Content-Type": "application/octet-stream"}
_CHUNK_SIZES: Final = (4 * 1024 * 1024, 768 * 1024, 256 * 1024)
"""Bytes of a chunk, and of the smaller ones that are tried where a proxy finds it too large (nginx: 1 MiB by default)."""
_LARGEST_CHUNK: Final = 32 * 1024 * 1024
"""Bytes that a registry may demand of a chunk at least; each upload holds one in memory."""

_OK: Final = 200
_CREATED: Final = 201
_ACCEPTED: Final = 202
_NO_CONTENT: Final = 204
_NOT_FOUND: Final = 404
_TOO_LARGE: Final = 413
_RANGE_REFUSED: Final = 416
_WHOLE_REFUSED: Final = frozenset({405, 411, 413, 415, 501})
"""What a registry, or a proxy before it, answers to a blob in one piece where it takes none, or none so large."""
_MOUNT_REFUSED: Final = frozenset({400, 401, 403, 404, 405, 501})


class Upload:
    """Sends blobs to one repository.

    Args:
        conversation: with the repository.
        uploads_url: where sessions begin.
    """

    def __init__(self, conversation: Conversation, uploads_url: Url) -> None:
        self._conversation = conversation
        self._uploads_url = uploads_url
        self._client = conversation.client

    def mount(self, descriptor: Descriptor, source: str) -> bool:
        """Have the registry take the blob from its repository `source`; return whether it says that it did."""
        url = self._uploads_url.with_query(urlencode({"mount": descriptor.digest, "from": source}))
        scopes = (*self._conversation.scopes, f"repository:{source}:pull")
        try:
            with self._conversation.request("POST", url, scopes=scopes) as response:
                if response.status not in _MOUNT_REFUSED:
                    self._client.check(response, _CREATED, _ACCEPTED)
                response.drain()
                # An answer of 202 has opened a session instead; it is left to expire.
                return response.status == _CREATED
        except (RegistryAuthError, TransientConnectionError, TransientResponseError):
            return False  # it was only a short cut

    def send(self, descriptor: Descriptor, body: Body) -> None:
        """Upload a blob in one piece or, where that is refused, in chunks.

        Raises:
            DigestMismatchError: the registry says that it stored something else.
            TransientConnectionError, TransientResponseError: the session is lost; the blob may be there or not.
            RegistryError: by the answers.
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
        """Upload a blob by PATCHes; return False if the chunks are too large, unless that is the `last_try`."""
        session, least = self._begin()
        start = 0
        for chunk in _cut(body.chunks(), max(size, least)):
            headers = {**_OCTETS, "Content-Range": f"{start}-{start + len(chunk) - 1}"}
            with self._conversation.request("PATCH", session, headers, BytesBody(chunk), size=len(chunk)) as response:
                if response.status == _TOO_LARGE and not last_try:
                    return False
                self._check(response, _ACCEPTED, _NO_CONTENT, _CREATED)
                session = self._session(response, session)
                response.drain()
            start += len(chunk)
        with self._put(session, descriptor, None) as response:
            self._finish(response, descriptor)
        return True

    def _begin(self) -> tuple[Url, int]:
        """Open a session; return its URL, and the least bytes a chunk must have. To open one too many does no harm."""

        def attempt() -> tuple[Url, int]:
            with self._conversation.request("POST", self._uploads_url) as response:
                self._client.check(response, _ACCEPTED)
                session = self._session(response, None)
                least = response.header("OCI-Chunk-Min-Length")
                response.drain()
            return session, min(int(least[:9]), _LARGEST_CHUNK) if least.isascii() and least.isdigit() else 0

        return self._client.retries.run(attempt, self._conversation.deadline)

    def _put(self, session: Url, descriptor: Descriptor, body: Body | None) -> Response:
        """Close a session with the digest, and the content if it was not sent before."""
        url = session.with_query(f"digest={quote(descriptor.digest, safe='')}")
        return self._conversation.request("PUT", url, _OCTETS, body, size=descriptor.size)

    def _finish(self, response: Response, descriptor: Descriptor) -> None:
        self._check(response, _CREATED, _OK, _NO_CONTENT)
        check_stored(response, descriptor)
        response.drain()

    def _check(self, response: Response, *accepted: int) -> None:
        """As `Client.check`; a session that the registry has lost is another thing that a new one may cure."""
        if response.status in (_NOT_FOUND, _RANGE_REFUSED):
            raise TransientResponseError(
                f"lost the upload (HTTP {response.status})", where=response.url.shown, status=response.status
            )
        self._client.check(response, *accepted)

    def _session(self, response: Response, current: Url | None) -> Url:
        """Return where the session goes on: absolute or relative, query and all."""
        location = response.header("Location")
        if location:
            return self._client.follow(location, response.url, "an upload location")
        if current is None:
            raise RegistryResponseError("opened an upload and names no Location", where=response.url.shown)
        return current


def _cut(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield the same bytes in pieces of `size`, the last of which may be shorter."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)
