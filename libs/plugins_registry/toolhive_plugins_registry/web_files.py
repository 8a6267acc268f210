"""Fetches files from web servers that are no registries, archives and lists of plugins: as nobody, within bounds."""

from collections.abc import Callable
from http import HTTPStatus
from typing import IO, Final
from urllib.parse import urljoin

from toolhive_artifact import SizeLimitError
from toolhive_plugins_interfaces import RegistryNotFoundError, RegistryResponseError
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.errors import TransientResponseError
from toolhive_plugins_registry.policies import Timeouts
from toolhive_plugins_registry.retries import Retries
from toolhive_plugins_registry.transport import Response, Transport
from toolhive_plugins_registry.urls import Url, parse_url

_MAX_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class WebFiles:
    """Fetches files.

    Args:
        transport: sends the requests.
        is_plain: tells for a host, with its port, whether it may be spoken to without TLS.
        allows: tells for a host whether it may be asked at all; each redirect is judged.
        timeouts: bounds in time.
        retries: tries again.
        deadline: of the operation.
    """

    def __init__(
        self,
        transport: Transport,
        is_plain: Callable[[str], bool],
        allows: Callable[[str], bool],
        timeouts: Timeouts,
        retries: Retries,
        deadline: Deadline,
    ) -> None:
        self._transport = transport
        self._is_plain = is_plain
        self._allows = allows
        self._timeouts = timeouts
        self._retries = retries
        self._deadline = deadline

    def fetch(self, url: str, out: IO[bytes], *, limit: int, accept: str) -> int:
        """Write a file to `out`, from its beginning, and return its size in bytes.

        Raises:
            RegistryNotFoundError: there is none.
            SizeLimitError: it has more than `limit` bytes.
            RegistryError: by the response; where the URL, or one that it redirects to, is malformed, without TLS, or not allowed.
        """
        first = self._checked(parse_url(url, "the address"))

        def attempt() -> int:
            out.seek(0)
            out.truncate()
            with self._open(first, accept, limit) as response:
                return _written(response, out, limit)

        return self._retries.run(attempt, self._deadline)

    def _open(self, url: Url, accept: str, limit: int) -> Response:
        within = self._deadline.within(self._timeouts.exchange + limit / self._timeouts.slowest)
        for _ in range(_MAX_REDIRECTS + 1):
            headers = {"Accept": accept, "User-Agent": "thv-plugin"}
            response = self._transport.send("GET", url, headers, None, within)
            if response.status == HTTPStatus.OK:
                return response
            with response:
                if response.status not in _REDIRECTS:
                    raise _refusal(response)
                target = response.header("Location")
                response.drain()
            url = self._checked(parse_url(urljoin(str(url), target), url.shown))
        raise RegistryResponseError(f"redirected more than {_MAX_REDIRECTS} times", where=url.shown)

    def _checked(self, url: Url) -> Url:
        if url.scheme != "https" and not self._is_plain(f"{url.host}:{url.port}") and not self._is_plain(url.authority):
            raise RegistryResponseError("is not reached by HTTPS", where=url.shown, remedy="Name an https:// address")
        if not self._allows(url.host):
            raise RegistryResponseError("is on this machine or a private network", where=url.shown)
        return url


def _written(response: Response, out: IO[bytes], limit: int) -> int:
    total = 0
    length = response.length
    for chunk in response.chunks() if length is None or length <= limit else ():
        total += len(chunk)
        if total > limit:
            break
        out.write(chunk)
    if total > limit or (length is not None and length > limit):
        raise SizeLimitError(f"is larger than {limit} bytes", where=response.url.shown)
    return total


def _refusal(response: Response) -> RegistryResponseError | RegistryNotFoundError:
    status = response.status
    problem, where = f"answered with HTTP {status}", response.url.shown
    if (
        status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)
        or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        return TransientResponseError(problem, where=where, status=status)
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return RegistryNotFoundError(problem, where=where)
    return RegistryResponseError(problem, where=where)
