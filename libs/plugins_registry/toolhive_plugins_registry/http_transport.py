"""The network: HTTP and HTTPS over urllib3, with proxies and certificates from the environment."""

import http.client
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from attrs import frozen
from urllib3 import HTTPConnectionPool, HTTPResponse, PoolManager, ProxyManager
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from toolhive_plugins_interfaces import RegistryConnectionError
from toolhive_plugins_registry.bounded_http import POOL_CLASSES, Bounds, bounded
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.errors import Hint
from toolhive_plugins_registry.http_log import redact_log
from toolhive_plugins_registry.network_errors import network_error, proxy_refusal
from toolhive_plugins_registry.policies import Timeouts
from toolhive_plugins_registry.proxies import Proxies, Proxy
from toolhive_plugins_registry.redaction import Secrets
from toolhive_plugins_registry.transport import CHUNK_SIZE, Body, Response
from toolhive_plugins_registry.trust import Trust
from toolhive_plugins_registry.urls import Url
from toolhive_plugins_registry.web_pages import is_page

_CONNECTIONS: Final = 64
"""Idle connections kept for each host: as many as are in use at once, so that none is opened twice."""

_FAILURES: Final = (HTTPError, http.client.HTTPException, OSError, ValueError)


class _BodyError(Exception):
    """The source of a body failed; not an OSError, so that nobody takes it for a network fault."""


class _Outgoing:
    """A body on its way out; urllib3 iterates over it."""

    def __init__(self, body: Body, deadline: Deadline, where: str) -> None:
        self._body = body
        self._deadline = deadline
        self._where = where
        self.error: BaseException | None = None
        """What the source raised."""

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


@frozen
class _Route:
    """How a host is reached."""

    pool: HTTPConnectionPool
    proxy: Proxy | None


class HttpTransport:
    """A `Transport` over a pool of connections that all threads share.

    Args:
        timeouts: the bounds of each request.
        secrets: what must not be in the log; a proxy's password is added.
        trust: whose certificates are trusted.
        proxies: which proxy leads where.
    """

    def __init__(
        self,
        timeouts: Timeouts | None = None,
        secrets: Secrets | None = None,
        trust: Trust | None = None,
        proxies: Proxies | None = None,
    ) -> None:
        self._timeouts = timeouts or Timeouts()
        self._secrets = secrets or Secrets()
        self._trust = trust or Trust()
        self._proxies = proxies or Proxies()
        self._routes: dict[tuple[str, str, int], _Route] = {}
        self._lock = threading.Lock()
        redact_log()

    def send(
        self, method: str, url: Url, headers: Mapping[str, str], body: Body | None, deadline: Deadline
    ) -> Response:
        """As `Transport.send`."""
        where = url.shown
        deadline.check(where)
        route = self._route(url)
        outgoing = _Outgoing(body, deadline, where) if body is not None and body.size else None
        silence = min(self._timeouts.read, deadline.remaining())
        connect = min(self._timeouts.connect, deadline.remaining())
        failure: BaseException | None = None
        try:
            with bounded(deadline, silence, self._secrets.redact) as bounds:
                raw = route.pool.urlopen(
                    method,
                    str(url) if route.proxy is not None and url.scheme == "http" else url.target,
                    outgoing,
                    _sized(method, headers, body),
                    retries=False,
                    redirect=False,
                    assert_same_host=False,
                    timeout=Timeout(connect=connect, read=silence),
                    preload_content=False,
                    decode_content=False,
                )
            return _response(raw, url, deadline, bounds, route.proxy)
        except _BodyError:
            pass
        except _FAILURES as error:
            # Raised below, outside the handler: the error that leaves must not carry the request, which holds secrets.
            failure = error
        if outgoing is not None and outgoing.error is not None:
            raise outgoing.error
        deadline.check(where)
        raise network_error(failure, where, route.proxy)

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            routes = list(self._routes.values())
            self._routes.clear()
        for route in routes:
            route.pool.close()

    def _route(self, url: Url) -> _Route:
        """Return how a host is reached. The environment and the certificates are read once for each host."""
        with self._lock:
            route = self._routes.get(url.origin)
            if route is None:
                route = self._routes[url.origin] = self._open_route(url)
            return route

    def _open_route(self, url: Url) -> _Route:
        proxy = self._proxies.proxy_for(url)
        options: dict[str, Any] = {"maxsize": _CONNECTIONS}
        if url.scheme == "https":
            options["ssl_context"] = self._trust.context(url)
        if proxy is not None:
            self._secrets.add(*proxy.secrets)
        manager = self._manager(proxy, options)
        return _Route(manager.connection_from_host(url.host.strip("[]"), url.port, url.scheme), proxy)

    def _manager(self, proxy: Proxy | None, options: dict[str, Any]) -> PoolManager:
        if proxy is None:
            manager = PoolManager(**options)
        elif proxy.is_socks:
            return _socks_manager(proxy, options)
        else:
            if proxy.scheme == "https":
                options["proxy_ssl_context"] = self._trust.context(Url("https", proxy.host, proxy.port, "/"))
            manager = ProxyManager(proxy.url, proxy_headers=proxy.headers, **options)
        manager.pool_classes_by_scheme = POOL_CLASSES
        return manager


def _socks_manager(proxy: Proxy, options: dict[str, Any]) -> PoolManager:
    try:
        with warnings.catch_warnings(action="ignore"):  # urllib3 warns about what the error below says
            from urllib3.contrib.socks import SOCKSProxyManager
    except ImportError:
        raise RegistryConnectionError(
            "a SOCKS proxy needs the Python package PySocks, which is not installed",
            where=proxy.where,
            remedy="Install PySocks, or name an HTTP proxy",
            hint=Hint.CHECK_PROXY,
        ) from None
    userinfo = f"{proxy.userinfo}@" if proxy.userinfo else ""
    return SOCKSProxyManager(f"{proxy.scheme}://{userinfo}{proxy.host}:{proxy.port}", **options)


def _sized(method: str, headers: Mapping[str, str], body: Body | None) -> dict[str, str]:
    """Return the headers with the length of the body, so that it is not sent in chunks."""
    if body is not None:
        return {**headers, "Content-Length": str(body.size)}
    return {**headers, "Content-Length": "0"} if method in ("POST", "PUT", "PATCH") else dict(headers)


def _response(raw: Any, url: Url, deadline: Deadline, bounds: Bounds, proxy: Proxy | None) -> Response:
    def close() -> None:
        bounds.done()
        raw.close()
        raw.release_conn()

    response = Response(url, raw.status, raw.headers, _chunks(raw, url, deadline), close)
    if proxy is not None and url.scheme == "http" and _is_from_proxy(response):
        close()
        raise proxy_refusal(raw.status, proxy, url.shown)
    return response


def _is_from_proxy(response: Response) -> bool:
    """Tell whether a response to plain HTTP is the proxy's own: it asks for a login, or fails with a web page."""
    return response.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED or (
        response.status >= HTTPStatus.BAD_REQUEST and is_page(response)
    )


def _chunks(raw: HTTPResponse, url: Url, deadline: Deadline) -> Iterator[bytes]:
    """Yield a body as it arrives. What one packet brings is taken at once, so that nothing is lost when the connection breaks."""
    while True:
        parts: list[bytes] = []
        held = 0
        failure: Exception | None = None
        while held < CHUNK_SIZE // 2:
            try:
                part = raw.read1(CHUNK_SIZE, decode_content=False)
            except _FAILURES as error:
                failure = error
                break
            if not part:
                break
            parts.append(part)
            held += len(part)
        if held:
            yield parts[0] if len(parts) == 1 else b"".join(parts)
        if failure is not None:
            deadline.check(url.shown)
            raise network_error(failure, url.shown)
        if held < CHUNK_SIZE // 2:
            return
