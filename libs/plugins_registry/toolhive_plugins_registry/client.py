"""Requests to one registry: with credentials where they belong, redirects followed by rule, and retries where safe."""

import threading
from collections.abc import Callable, Mapping
from typing import Final

from attrs import define, field

from toolhive_artifact import InvalidDocumentError, JsonObject, SizeLimitError, parse_json
from toolhive_plugins_interfaces import (
    RegistryAuthError,
    RegistryError,
    RegistryNotFoundError,
    RegistryResponseError,
)
from toolhive_plugins_registry.credentials import Credential, CredentialStore
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.faults import TransientResponseError
from toolhive_plugins_registry.oras_mends import RepositoryAuth
from toolhive_plugins_registry.policies import Clock, RetryPolicy, Timeouts
from toolhive_plugins_registry.retries import Retries
from toolhive_plugins_registry.secrets_kept import Secrets
from toolhive_plugins_registry.tokens import TokenService
from toolhive_plugins_registry.transport import Body, Response, Transport
from toolhive_plugins_registry.urls import Policy, Url

_MAX_REDIRECTS: Final = 5
_MAX_LOGINS: Final = 2
"""How often one request may be answered with a challenge: a token may have expired, and the next may lack a scope."""

_MAX_ERROR_BODY: Final = 64 * 1024
_SEE_OTHER: Final = frozenset({301, 302, 303})
_SAME_AGAIN: Final = frozenset({307, 308})
_LATER: Final = frozenset({408, 429})
_NEVER_BETTER: Final = frozenset({501, 505, 511})
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_SERVER_ERROR: Final = 500

_HEADERS: Final = {"User-Agent": "toolhive-plugins", "Accept-Encoding": "identity"}


@define
class _KnownCredential:
    """The registry's credential, asked for once and only when it is needed."""

    store: Callable[[], CredentialStore]
    host: str
    secrets: Secrets
    lock: threading.Lock = field(factory=threading.Lock)
    known: Credential | None = field(default=None, repr=False)

    def get(self) -> Credential:
        with self.lock:
            if self.known is None:
                self.known = self.store().get(self.host)
                self.secrets.add_credential(self.known)
            return self.known

    def forget(self) -> None:
        with self.lock:
            self.known = None


class Client:
    """Talks to one registry, for all the pushes and pulls that go there.

    Args:
        transport: sends requests.
        policy: the registry's URL, and where it may send us.
        credentials: returns the credential store.
        credential_host: what the registry is called there.
        secrets: learns what must not be said.
        timeouts, retries, clock: the bounds.
    """

    def __init__(
        self,
        transport: Transport,
        policy: Policy,
        credentials: Callable[[], CredentialStore],
        credential_host: str,
        secrets: Secrets,
        timeouts: Timeouts,
        retries: RetryPolicy,
        clock: Clock,
    ) -> None:
        self._transport = transport
        self._policy = policy
        self._secrets = secrets
        self._clock = clock
        self._credential = _KnownCredential(credentials, credential_host, secrets)
        self._tokens = TokenService(self._ask_token_service, policy, secrets, clock.monotonic)
        self._auths: dict[tuple[str, ...], RepositoryAuth] = {}
        self._example: RepositoryAuth | None = None
        self._lock = threading.Lock()
        self.timeouts = timeouts
        """The bounds in time."""
        self.retries = Retries(retries, clock)
        """For whoever makes several requests of which one may have to be made again."""

    @property
    def home(self) -> Url:
        """The root of the registry."""
        return self._policy.home

    def follow(self, location: str, base: Url, what: str) -> Url:
        """Return the URL in a `Location`, if the policy allows to go there.

        Raises:
            RegistryResponseError: it does not.
        """
        return self._policy.follow(location, base, what)

    def request(
        self,
        method: str,
        url: Url,
        *,
        scopes: tuple[str, ...],
        deadline: Deadline,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
    ) -> Response:
        """Send a request, log in where the registry asks for it, follow redirects; return the answer, whatever its status.

        The credentials go to the registry's own host and port only: not to where a redirect leads, nor to an upload's
        place elsewhere, and a challenge from there is not answered.

        Raises:
            RegistryAuthError: the registry does not accept what credentials there are.
            RegistryError: there was no answer, or it cannot be followed; TransientConnectionError if it broke.
            CredentialError: the credential cannot be had.
        """
        all_headers = {**_HEADERS, **(headers or {})}
        if url.origin != self.home.origin:
            return self._send(method, url, all_headers, body, None, deadline)
        auth = self._auth(scopes)
        authorization = auth.authorization(deadline)
        for _ in range(_MAX_LOGINS):
            response = self._send(method, url, all_headers, body, authorization, deadline)
            if response.status != _UNAUTHORIZED or response.url.origin != self.home.origin:
                return response
            with response:
                challenge = response.header("WWW-Authenticate")
                response.drain()
            authorization = self._log_in(auth, challenge, authorization, url, deadline)
        return self._send(method, url, all_headers, body, authorization, deadline)

    def check(self, response: Response, *accepted: int) -> None:
        """Do nothing if the answer's status is among `accepted`, else say what the registry said.

        Raises:
            RegistryNotFoundError, RegistryAuthError, RegistryResponseError: by the status.
            TransientResponseError: another try may help.
        """
        status = response.status
        if status in accepted:
            return
        problem = f"answered with HTTP {status}{self._said(response)}"
        where = response.url.shown
        if status in _LATER or (status >= _SERVER_ERROR and status not in _NEVER_BETTER):
            raise TransientResponseError(problem, where=where, status=status, retry_after=self._retry_after(response))
        if status in (_UNAUTHORIZED, _FORBIDDEN):
            remedy = "Check that you may do this there; docker login gives other credentials"
            if status == _UNAUTHORIZED:
                self._credential.forget()
            raise RegistryAuthError(problem, where=where, remedy=remedy)
        if status == _NOT_FOUND:
            raise RegistryNotFoundError(problem, where=where, remedy="Check the reference")
        raise RegistryResponseError(problem, where=where)

    def _auth(self, scopes: tuple[str, ...]) -> RepositoryAuth:
        with self._lock:
            auth = self._auths.get(scopes)
            if auth is None:
                auth = RepositoryAuth(self._tokens, self._credential.get, scopes, self._clock.monotonic)
                if self._example is not None:
                    auth.learn_from(self._example)
                self._auths[scopes] = auth
            return auth

    def _log_in(self, auth: RepositoryAuth, challenge: str, rejected: str | None, url: Url, deadline: Deadline) -> str:
        try:
            answer = auth.answer(challenge, rejected, url.shown, deadline)
        except RegistryAuthError:
            self._credential.forget()
            raise
        self._example = auth
        return answer

    def _send(
        self,
        method: str,
        url: Url,
        headers: Mapping[str, str],
        body: Body | None,
        authorization: str | None,
        deadline: Deadline,
    ) -> Response:
        """Send a request and follow its redirects; from the first that leaves the host on, without `authorization`."""
        origin = url.origin
        for _ in range(_MAX_REDIRECTS + 1):
            with_login = {**headers, "Authorization": authorization} if authorization else headers
            response = self._transport.send(method, url, with_login, body, deadline)
            target = self._redirected(method, response)
            if target is None:
                return response
            if target.origin != origin:
                authorization = None
            url = target
        raise RegistryResponseError(f"redirected more than {_MAX_REDIRECTS} times", where=url.shown)

    def _redirected(self, method: str, response: Response) -> Url | None:
        """Return where an answer redirects to, if it does; the answer is then done with."""
        status = response.status
        if status not in _SAME_AGAIN and not (status in _SEE_OTHER and method in ("GET", "HEAD")):
            return None
        with response:
            location = response.header("Location")
            response.drain()
        if not location:
            raise RegistryResponseError(f"answered with HTTP {status} but names no Location", where=response.url.shown)
        return self._policy.follow(location, response.url, "a redirect")

    def _ask_token_service(
        self, method: str, url: Url, headers: dict[str, str], body: Body | None, deadline: Deadline
    ) -> Response:
        """Ask a token service, again if need be: a token costs it nothing. Redirects must stay on its host."""

        def attempt() -> Response:
            target = url
            for _ in range(_MAX_REDIRECTS + 1):
                within = deadline.within(self.timeouts.exchange)
                response = self._transport.send(method, target, {**_HEADERS, **headers}, body, within)
                moved = self._redirected(method, response)
                if moved is None:
                    if response.status in _LATER or response.status >= _SERVER_ERROR:
                        with response:
                            self.check(response)
                    return response
                if moved.origin != url.origin:
                    raise RegistryAuthError(
                        f"the token service redirects to another host, {moved.authority}, which is not followed",
                        where=url.shown,
                    )
                target = moved
            raise RegistryResponseError(f"redirected more than {_MAX_REDIRECTS} times", where=url.shown)

        return self.retries.run(attempt, deadline)

    def _said(self, response: Response) -> str:
        """Return what the registry says about an error (distribution spec, "Error Codes"), fit for a message."""
        try:
            body = parse_json(response.read(_MAX_ERROR_BODY), where="", max_size=_MAX_ERROR_BODY)
        except (InvalidDocumentError, SizeLimitError, RegistryError):
            return ""
        errors = body.get("errors") if isinstance(body, JsonObject) else None
        first = errors[0] if isinstance(errors, tuple) and errors else None
        if not isinstance(first, JsonObject):
            return ""
        said = [part for part in (first.get("code"), first.get("message")) if isinstance(part, str) and part]
        return f": {self._secrets.without(' '.join(said))}" if said else ""

    def _retry_after(self, response: Response) -> float | None:
        """Return the seconds that the registry asks us to wait (RFC 9110 section 10.2.3)."""
        text = response.header("Retry-After")
        if text.isascii() and text.isdigit():
            return float(text[:9])
        from email.utils import parsedate_to_datetime  # here, as it is hardly ever needed and slow to import

        try:
            when = parsedate_to_datetime(text).timestamp()
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
        return max(0.0, when - self._clock.time())
