"""Downloads a blob, and resumes after a broken connection."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from toolhive_artifact import Descriptor, DigestMismatchError
from toolhive_plugins_registry.errors import TransientConnectionError, TransientResponseError
from toolhive_plugins_registry.operation import DISTRUST, Operation, promised_digest
from toolhive_plugins_registry.transport import Response
from toolhive_plugins_registry.urls import Url
from toolhive_plugins_registry.web_pages import refuse_page

_CONTENT_RANGE: Final = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/(?:([0-9]{1,18})|\*)", re.ASCII)


class Download:
    """The download of one blob. Its bytes are counted; the caller hashes them.

    Args:
        operation: at the repository.
        url: of the blob.
        descriptor: its digest and size.
    """

    def __init__(self, operation: Operation, url: Url, descriptor: Descriptor) -> None:
        self._operation = operation
        self._url = url
        self._descriptor = descriptor
        self._by_range = True
        self.resumed = False
        """Whether the bytes came in several pieces: a wrong digest may then mean that the pieces do not fit."""

    def chunks(self) -> Iterator[bytes]:
        """Yield the blob, exactly as many bytes as its descriptor says.

        Raises:
            DigestMismatchError: the registry sends more or fewer, or says that it serves another digest.
            RegistryError: by the responses.
        """
        size = self._descriptor.size
        attempts = self._operation.attempts()
        received = 0
        while True:
            begun_at = received
            failure: TransientConnectionError | TransientResponseError
            try:
                for chunk in self._from(received):
                    received += len(chunk)
                    if received > size:
                        raise self._wrong(f"sent more than the {size} bytes")
                    yield chunk
                if received == size:
                    return
                failure = TransientConnectionError(f"sent {received} of {size} bytes", where=self._url.shown)
            except (TransientConnectionError, TransientResponseError) as error:
                failure = error
            attempts.advanced(received - begun_at)
            attempts.failed(failure)
            self.resumed = received > 0

    def _from(self, offset: int) -> Iterator[bytes]:
        """Yield the bytes from `offset` on; a registry that does not serve ranges sends all of them again."""
        headers = {"Range": f"bytes={offset}-"} if offset and self._by_range else None
        with self._operation.request("GET", self._url, headers, size=self._descriptor.size - offset) as response:
            skip = self._check(response, offset, ranged=headers is not None)
            for chunk in response.chunks():
                if skip >= len(chunk):
                    skip -= len(chunk)
                    continue
                yield chunk[skip:] if skip else chunk
                skip = 0

    def _check(self, response: Response, offset: int, *, ranged: bool) -> int:
        """Check the headers of a response and return how many bytes of its body to skip."""
        if ranged and response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            self._by_range = False
            raise TransientResponseError(
                "refused to resume the download",
                where=self._url.shown,
                status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            )
        if ranged and response.status == HTTPStatus.PARTIAL_CONTENT:
            if self._continues(response, offset):
                return 0
            self._by_range = False
            raise TransientResponseError(
                "resumed the download at another place", where=self._url.shown, status=HTTPStatus.PARTIAL_CONTENT
            )
        self._operation.client.check(response, HTTPStatus.OK)
        if response.length != self._descriptor.size:
            refuse_page(response)
        promised = promised_digest(response)
        if promised is not None and promised != self._descriptor.digest:
            raise self._wrong(f"says that it serves {promised}, not {self._descriptor.digest}")
        if response.length not in (None, self._descriptor.size):
            raise self._wrong(f"announces {response.length} bytes, not the {self._descriptor.size}")
        return offset

    def _continues(self, response: Response, offset: int) -> bool:
        """Tell whether a partial response is the whole rest of the blob."""
        match = _CONTENT_RANGE.fullmatch(response.header("Content-Range"))
        if match is None:
            return False
        size = self._descriptor.size
        first, last, total = match.groups()
        rest = response.length
        return (
            (int(first), int(last)) == (offset, size - 1)
            and total in (None, str(size))
            and rest in (None, size - offset)
        )

    def _wrong(self, problem: str) -> DigestMismatchError:
        return DigestMismatchError(
            f"the registry {problem} that the manifest promises", where=self._url.shown, remedy=DISTRUST
        )
