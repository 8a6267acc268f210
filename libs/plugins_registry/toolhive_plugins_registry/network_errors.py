"""Turns what went wrong on the wire into errors of ours, without quoting a word that another program chose."""

import errno
import http.client
import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from urllib3.exceptions import ProxyError

from toolhive_plugins_interfaces import RegistryConnectionError, RegistryResponseError
from toolhive_plugins_registry.bounded_http import OverlongHeadersError, ProxyRefusedError
from toolhive_plugins_registry.errors import Hint, TransientConnectionError
from toolhive_plugins_registry.proxies import Proxy

_CHECK_HOST: Final = "Check the host in the reference, and the network"
_CHECK_PROXY: Final = "Correct the variable, or exempt the registry from the proxy in NO_PROXY"
_LOCAL: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOENT})
"""Faults of this machine, which another try does not cure."""


def network_error(
    error: BaseException | None, where: str, proxy: Proxy | None = None
) -> RegistryConnectionError | RegistryResponseError:
    """Return the error of ours for one of urllib3, http.client or a socket.

    Args:
        error: what was raised. It holds the request, with its secrets: do not chain it.
        where: the URL that was asked for.
        proxy: the one on the way, if there is one; what it did is blamed on it.
    """
    causes = list(_causes(error))
    if proxy is not None:
        for cause in causes:
            if isinstance(cause, ProxyRefusedError):
                return proxy_refusal(cause.status, proxy, where)
        if any(isinstance(cause, ProxyError) for cause in causes):
            return _proxy_error(causes, proxy, where)
    return _certain_error(causes, where) or _likely_error(causes, where)


def proxy_refusal(status: int, proxy: Proxy, where: str) -> RegistryConnectionError:
    """Return the error for a proxy that answered a request or a tunnel with `status`."""
    problem = f"the proxy refused with HTTP {status}"
    remedy = f"Ask whoever runs the proxy to allow it, or exempt the registry in NO_PROXY; {where} was asked for"
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        has_login = (
            "did not accept the user name and password" if proxy.userinfo else "asks for a user name and password"
        )
        problem = f"the proxy {has_login} (HTTP {status})"
        remedy = f"Correct them in {proxy.variable}: http://user:password@host:port, special characters percent-encoded"
    kind = TransientConnectionError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else RegistryConnectionError
    return kind(problem, where=proxy.where, remedy=remedy, hint=Hint.CHECK_PROXY)


def _proxy_error(causes: list[BaseException], proxy: Proxy, where: str) -> RegistryConnectionError:
    """Return the error for a proxy that could not be reached."""
    found = _certain_error(causes, where) or _likely_error(causes, where)
    kind = TransientConnectionError if isinstance(found, TransientConnectionError) else RegistryConnectionError
    return kind(found.problem, where=proxy.where, remedy=_CHECK_PROXY, hint=Hint.CHECK_PROXY)


def _certain_error(causes: list[BaseException], where: str) -> RegistryConnectionError | RegistryResponseError | None:
    """Return the error for what can only mean one thing, wherever it is in the chain."""
    for cause in causes:
        if isinstance(cause, OverlongHeadersError):
            return RegistryResponseError("sent endless headers", where=where)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return RegistryConnectionError(
                f"its certificate is not trusted: {cause.verify_message or 'verification failed'}",
                where=where,
                remedy="Check the name in the reference; if its authority is a private one, add that to those trusted",
                hint=Hint.TRUST_CERTIFICATE,
            )
        if isinstance(cause, socket.gaierror):
            kind = TransientConnectionError if cause.errno == socket.EAI_AGAIN else RegistryConnectionError
            return kind("its name cannot be resolved", where=where, remedy=_CHECK_HOST)
        if isinstance(cause, ConnectionRefusedError):
            remedy = "Check the host and its port"
            return RegistryConnectionError("the connection was refused", where=where, remedy=remedy)
    return None


def _likely_error(causes: list[BaseException], where: str) -> RegistryConnectionError | RegistryResponseError:
    """Return the error for the first cause that says something."""
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return TransientConnectionError(
                f"TLS failed: {cause.reason or 'the connection ended'}",
                where=where,
                remedy="If the registry speaks plain HTTP, ask for that",
                hint=Hint.USE_PLAIN_HTTP,
            )
        if isinstance(cause, TimeoutError):
            return TransientConnectionError("there was no answer in time", where=where)
        if isinstance(cause, http.client.LineTooLong) or type(cause) is http.client.HTTPException:
            return RegistryResponseError("sent endless headers", where=where)
        if isinstance(cause, http.client.BadStatusLine) and not isinstance(cause, http.client.RemoteDisconnected):
            return RegistryResponseError(
                "did not answer with HTTP",
                where=where,
                remedy="If it speaks HTTPS, do not ask for plain HTTP",
                hint=Hint.USE_HTTPS,
            )
        if isinstance(cause, OSError) and cause.errno in _LOCAL:
            return RegistryConnectionError(f"cannot be connected to: {cause.strerror}", where=where)
    return TransientConnectionError("the connection broke", where=where)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and all that it wraps, in whatever way urllib3 wrapped it."""
    pending: list[object] = [error]
    seen: set[int] = set()
    while pending:
        item = pending.pop(0)
        if not isinstance(item, BaseException) or id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        pending += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]
