"""One HTTP exchange: a request goes out, an answer comes back, and every way it can fail is one family of errors.

Nothing is repeated here, no redirect is followed and no credential is known; `client` does that. The session is
oras's (see `oras_mends`), and this is the only module that uses it.
"""

import errno
import http.client
import re
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

import requests
from attrs import field, frozen
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from toolhive_artifact import SizeLimitError
from toolhive_plugins_interfaces import RegistryConnectionError, RegistryError, RegistryResponseError
from toolhive_plugins_registry.bounded_http import OverlongHeadersError, bounded
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.faults import TransientConnectionError
from toolhive_plugins_registry.policies import Timeouts
from toolhive_plugins_registry.secrets_kept import Secrets
from toolhive_plugins_registry.urls import Url

CHUNK_SIZE: Final = 512 * 1024
"""Bytes read from, or handed to, a socket at once."""

_MAX_DRAIN: Final = 64 * 1024
"""Bytes of an answer that nobody wants, which are read so that its connection can serve again."""

_DECIMAL: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


class Body(Protocol):
    """The body of a request. It can be sent again: each call of `chunks` begins at the beginning."""

    @property
    def size(self) -> int:
        """Bytes in all."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes, `size` in all."""
        ...


@frozen
class BytesBody:
    """A body in memory."""

    data: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes in all."""
        return len(self.data)

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes."""
        if self.data:
            yield self.data


class _BodyError(Exception):
    """The source of a body failed; not an OSError, so that nobody takes it for a network fault."""


class _Outgoing:
    """A body on its way; requests takes the length from `len` and the rest by iterating."""

    def __init__(self, body: Body, deadline: Deadline, where: str) -> None:
        self._body = body
        self._deadline = deadline
        self._where = where
        self.error: BaseException | None = None
        """What the source raised."""

    def __len__(self) -> int:
        return self._body.size

    def __iter__(self) -> Iterator[bytes]:
        chunks: Iterable[bytes] = self._body.chunks()
        try:
            for chunk in chunks:
                self._deadline.check(self._where)
                yield chunk
        except Exception as error:  # noqa: BLE001 - kept as it is, and raised again by `send`
            self.error = error
        if self.error is not None:
            raise _BodyError


class Response:
    """An answer whose body has not been read. Close it, best by `with`, or its connection is lost to others."""

    def __init__(self, raw: requests.Response, url: Url, deadline: Deadline, done: Callable[[], None]) -> None:
        self._raw = raw
        self._deadline = deadline
        self._done = done
        self.url = url
        """Where it came from."""
        self.status = raw.status_code
        """Its HTTP status."""

    def header(self, name: str) -> str:
        """Return a header's text, or nothing; one that came repeatedly is joined by commas."""
        return str(self._raw.headers.get(name, "")).strip()

    @property
    def length(self) -> int | None:
        """The bytes that `Content-Length` promises, where it is a number."""
        text = self.header("Content-Length")
        return int(text) if _DECIMAL.fullmatch(text) else None

    def read(self, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            SizeLimitError: it is more than `limit` bytes.
            RegistryConnectionError: it broke off, or the time was over.
        """
        length = self.length
        if length is not None and length > limit:
            raise self._too_large(f"announces {length} bytes, and {limit} is the limit")
        parts: list[bytes] = []
        total = 0
        for chunk in self.chunks():
            total += len(chunk)
            if total > limit:
                raise self._too_large(f"sent more than {limit} bytes, the limit")
            parts.append(chunk)
        return b"".join(parts)

    def chunks(self) -> Iterator[bytes]:
        """Yield the body as it comes, as sent: no content coding is undone.

        Raises:
            RegistryConnectionError: it broke off, or the time was over; what had come by then was yielded.
        """
        while True:
            # What one packet brings is taken at once, so that nothing that came is lost when the connection breaks.
            parts: list[bytes] = []
            held = 0
            failure: Exception | None = None
            while held < CHUNK_SIZE // 2:
                try:
                    part = self._raw.raw.read1(CHUNK_SIZE, decode_content=False)
                except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
                    failure = error
                    break
                if not part:
                    break
                parts.append(part)
                held += len(part)
            if held:
                yield parts[0] if len(parts) == 1 else b"".join(parts)
            if failure is not None:
                self._deadline.check(self.url.shown)
                raise fault(failure, self.url.shown)
            if held < CHUNK_SIZE // 2:
                return

    def _too_large(self, problem: str) -> SizeLimitError:
        return SizeLimitError(
            problem, where=self.url.shown, remedy="This is no plugin: do not trust the registry with it"
        )

    def drain(self) -> None:
        """Read the rest of a small body and forget it."""
        length = self.length
        if length is not None and length > _MAX_DRAIN:
            return
        total = 0
        try:
            for chunk in self.chunks():
                total += len(chunk)
                if total > _MAX_DRAIN:
                    return
        except RegistryError:
            return

    def close(self) -> None:
        """Give the connection back if all was read, else end it."""
        self._done()
        self._raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Transport:
    """Sends requests over a pool of connections that all threads share.

    Args:
        session: what `oras_mends.open_session` returns.
        timeouts: the bounds of each request.
        secrets: what must not stand in the log.
    """

    def __init__(self, session: requests.Session, timeouts: Timeouts, secrets: Secrets) -> None:
        self._secrets = secrets
        self._session = session
        self._timeouts = timeouts
        self._settings: dict[tuple[str, str, int], dict[str, Any]] = {}

    def send(
        self, method: str, url: Url, headers: Mapping[str, str], body: Body | None, deadline: Deadline
    ) -> Response:
        """Send one request and return its answer, whatever its status.

        Raises:
            RegistryConnectionError: there was no answer; TransientConnectionError where another try could help.
            RegistryResponseError: there was one, but it was not HTTP.
            Exception: what the source of the body raised.
        """
        where = url.shown
        deadline.check(where)
        outgoing = None if body is None else _Outgoing(body, deadline, where)
        request = _prepare(method, url, headers, outgoing)
        settings = self._settings_for(url)
        patience = min(self._timeouts.read, deadline.remaining())
        connect = min(self._timeouts.connect, deadline.remaining())
        failure: Exception | None = None
        try:
            with bounded(deadline, patience, self._secrets.hide) as done:
                adapter = self._session.get_adapter(str(url))
                raw = adapter.send(request, stream=True, timeout=(connect, patience), **settings)
                return Response(raw, url, deadline, done)
        except _BodyError:
            pass
        except (requests.RequestException, HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            # Raised below, outside the handler: the error that leaves must not carry the request, which holds secrets.
            failure = error
        if outgoing is not None and outgoing.error is not None:
            raise outgoing.error
        deadline.check(where)
        raise fault(failure, where)

    def close(self) -> None:
        """Close the idle connections."""
        self._session.close()

    def _settings_for(self, url: Url) -> dict[str, Any]:
        """Return the proxies and certificates for a host, from the environment, as requests finds them."""
        settings = self._settings.get(url.origin)
        if settings is None:
            merged = self._session.merge_environment_settings(str(url.at("/")), {}, None, self._session.verify, None)
            settings = {"proxies": merged["proxies"], "verify": merged["verify"]}
            _check_authorities(merged["verify"], url.shown)
            self._settings[url.origin] = settings
        return settings


def _check_authorities(verify: object, where: str) -> None:
    """Refuse to go on without certificates that were asked for, and never without any."""
    if isinstance(verify, str) and not Path(verify).exists():
        raise RegistryConnectionError(
            f"the certificates to trust cannot be found at {verify}",
            where=where,
            remedy="Mend ca_file or REQUESTS_CA_BUNDLE",
        )


def _prepare(method: str, url: Url, headers: Mapping[str, str], body: _Outgoing | None) -> requests.PreparedRequest:
    """Build the request as it is to go out; requests' own preparation would rewrite the URL, which may be signed."""
    request = requests.PreparedRequest()
    request.method = method
    request.url = str(url)
    request.headers = CaseInsensitiveDict(headers)
    if body is not None:
        request.headers["Content-Length"] = str(len(body))
        request.body = body if len(body) else b""
    elif method in ("POST", "PUT", "PATCH"):
        request.headers["Content-Length"] = "0"
    return request


def fault(error: Exception | None, where: str) -> RegistryConnectionError | RegistryResponseError:
    """Say what went wrong on the wire, without a word that another program chose."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, OverlongHeadersError):
            return RegistryResponseError("sent headers without end", where=where)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return RegistryConnectionError(
                f"its certificate is not trusted: {cause.verify_message or 'verification failed'}",
                where=where,
                remedy="Check the name in the reference; for a private authority, name its certificates in ca_file",
            )
        if isinstance(cause, socket.gaierror):
            return _no_such_host(cause, where)
        if isinstance(cause, ConnectionRefusedError):
            return RegistryConnectionError(
                "the connection was refused", where=where, remedy="Check the host and its port"
            )
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            problem = f"TLS failed: {cause.reason or 'the connection ended'}"
            return TransientConnectionError(
                problem, where=where, remedy="If the registry speaks plain HTTP, ask for that"
            )
        if isinstance(cause, TimeoutError):
            return TransientConnectionError("there was no answer in time", where=where)
        if isinstance(cause, http.client.LineTooLong) or type(cause) is http.client.HTTPException:
            return RegistryResponseError("sent headers without end", where=where)
        if isinstance(cause, http.client.BadStatusLine) and not isinstance(cause, http.client.RemoteDisconnected):
            return RegistryResponseError(
                "did not answer with HTTP", where=where, remedy="If it speaks HTTPS, do not ask for plain HTTP"
            )
        if isinstance(cause, OSError) and cause.errno in (errno.EMFILE, errno.ENFILE, errno.ENOENT):
            return RegistryConnectionError(f"cannot be connected to: {cause.strerror}", where=where)
    return TransientConnectionError("the connection broke", where=where)


def _no_such_host(error: socket.gaierror, where: str) -> RegistryConnectionError:
    remedy = "Check the host in the reference, and the network"
    kind = TransientConnectionError if error.errno == socket.EAI_AGAIN else RegistryConnectionError
    return kind("its name cannot be resolved", where=where, remedy=remedy)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and all that it wraps, in whatever manner requests and urllib3 wrapped it."""
    pending: list[object] = [error]
    seen: set[int] = set()
    while pending:
        item = pending.pop(0)
        if not isinstance(item, BaseException) or id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        pending += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]
