"""Requests to one registry: with credentials where they belong, redirects followed by rule, and errors told apart."""

import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from toolhive_plugins_interfaces import (
    RegistryAuthError,
    RegistryConnectionError,
    RegistryNotFoundError,
    RegistryResponseError,
)
from toolhive_plugins_registry.authentication import Authentication, RegistryCredential
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.errors import Hint, TransientResponseError
from toolhive_plugins_registry.login_errors import login_error
from toolhive_plugins_registry.policies import Clock, RetryPolicy, Timeouts
from toolhive_plugins_registry.redaction import Secrets
from toolhive_plugins_registry.redirect_policy import MAX_REDIRECTS, RedirectPolicy
from toolhive_plugins_registry.retries import Retries
from toolhive_plugins_registry.tokens import TokenService
from toolhive_plugins_registry.transport import Body, Response, Transport
from toolhive_plugins_registry.urls import Url
from toolhive_plugins_registry.web_pages import is_page

_MAX_LOGINS: Final = 2
"""How often one request may be answered with a challenge: a token may have expired, and the next may lack a scope."""

_GET_REDIRECTS: Final = (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER)
"""Followed for GET and HEAD only: for other methods, clients disagree about what to send."""
_ANY_REDIRECTS: Final = (HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT)
_REDIRECTS: Final = (*_GET_REDIRECTS, *_ANY_REDIRECTS)
_RETRIED: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_NOT_RETRIED: Final = (
    HTTPStatus.NOT_IMPLEMENTED,
    HTTPStatus.HTTP_VERSION_NOT_SUPPORTED,
    HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED,
)
_EXTERNAL_URL: Final = "Ask the registry's operator to set its external URL, with the port"

_HEADERS: Final = {"User-Agent": "toolhive-plugins", "Accept-Encoding": "identity"}


class Client:
    """Talks to one registry, for all the pushes and pulls that go there.

    Args:
        transport: sends requests.
        policy: the registry's URL, and where it may send us.
        credential: the registry's.
        secrets: what must not be in a message.
        timeouts, retries, clock: the bounds.
    """

    def __init__(
        self,
        transport: Transport,
        policy: RedirectPolicy,
        credential: RegistryCredential,
        secrets: Secrets,
        timeouts: Timeouts,
        retries: RetryPolicy,
        clock: Clock,
    ) -> None:
        self._transport = transport
        self._policy = policy
        self._secrets = secrets
        self._clock = clock
        self._credential = credential
        self._tokens = TokenService(self._ask_token_service, policy, secrets, clock.monotonic)
        self._logins: dict[tuple[str, ...], Authentication] = {}
        self._last_login: Authentication | None = None
        self._lock = threading.Lock()
        self.timeouts = timeouts
        """The bounds in time."""
        self.retries = Retries(retries, clock)
        """For requests that are safe to repeat."""

    @property
    def home(self) -> Url:
        """The root of the registry."""
        return self._policy.home

    def follow(self, location: str, base: Url, what: str) -> Url:
        """Return the URL in a `Location`, if the policy allows it.

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
        """Send a request, log in where the registry asks for it, follow redirects; return the response, whatever its status.

        The credentials go to the registry's own host and port only: not to where a redirect leads, nor to an upload
        location elsewhere. A challenge from there is not answered.

        Raises:
            RegistryAuthError: the registry does not accept the credentials, or their absence.
            RegistryError: there was no response, or it cannot be followed; TransientConnectionError if the connection broke.
            CredentialError: the credential cannot be had.
        """
        all_headers = {**_HEADERS, **(headers or {})}
        if url.origin != self.home.origin:
            return self._send(method, url, all_headers, body, None, deadline)
        login = self._login(scopes)
        authorization = login.authorization(deadline)
        for _ in range(_MAX_LOGINS):
            response = self._send(method, url, all_headers, body, authorization, deadline)
            if response.status != HTTPStatus.UNAUTHORIZED or response.url.origin != self.home.origin:
                return self._as(login, response)
            with response:
                challenge = response.header("WWW-Authenticate")
                response.drain()
            authorization = login.answer(challenge, authorization, url, deadline)
            self._last_login = login
        return self._as(login, self._send(method, url, all_headers, body, authorization, deadline))

    def check(self, response: Response, *accepted: int) -> None:
        """Return if the status is among `accepted`, else raise what the registry says.

        Raises:
            RegistryNotFoundError, RegistryAuthError, RegistryResponseError: by the status.
            TransientResponseError: another try may help.
        """
        status = response.status
        if status in accepted:
            return
        problem = f"answered with HTTP {status}{self._said(response)}"
        remedy = ""
        if self._policy.lacks_port(response.url):
            problem += self._missing_port()
            remedy = _EXTERNAL_URL
        where = response.url.shown
        if _may_pass(status):
            raise TransientResponseError(
                problem, where=where, remedy=remedy, status=status, retry_after=self._retry_after(response)
            )
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            if status == HTTPStatus.UNAUTHORIZED:
                self._credential.forget()
            used = response.asked_as
            if used and not remedy:
                remedy = "Check that you may do this there, or log in with other credentials"
            raise login_error(problem, response.url, self.home, used, remedy)
        if status == HTTPStatus.NOT_FOUND:
            remedy = remedy or "Check the reference"
            raise RegistryNotFoundError(problem, where=where, remedy=remedy, hint=Hint.CHECK_REFERENCE)
        raise RegistryResponseError(problem, where=where, remedy=remedy)

    def _as(self, login: Authentication, response: Response) -> Response:
        """Note as whom a response was asked for, if it is the registry's own."""
        if response.url.origin == self.home.origin:
            response.asked_as = login.used
        return response

    def _login(self, scopes: tuple[str, ...]) -> Authentication:
        with self._lock:
            login = self._logins.get(scopes)
            if login is None:
                login = Authentication(self._tokens, self._credential, scopes, self._clock.monotonic)
                if self._last_login is not None:
                    login.learn_from(self._last_login)
                self._logins[scopes] = login
            return login

    def _send(
        self,
        method: str,
        url: Url,
        headers: Mapping[str, str],
        body: Body | None,
        authorization: str | None,
        deadline: Deadline,
    ) -> Response:
        """Send a request and follow its redirects; from the first that leaves the host, without `authorization`."""
        asked = url
        for _ in range(MAX_REDIRECTS + 1):
            with_login = {**headers, "Authorization": authorization} if authorization else headers
            response = self._exchange(method, url, with_login, body, deadline)
            target = self._redirected(method, response)
            if target is None:
                response.asked = asked
                return response
            if target.origin != asked.origin:
                authorization = None
            url = target
        raise RegistryResponseError(f"redirected more than {MAX_REDIRECTS} times", where=url.shown)

    def _exchange(
        self, method: str, url: Url, headers: Mapping[str, str], body: Body | None, deadline: Deadline
    ) -> Response:
        """Send one request; say so if it failed because the registry left its port out of a `Location`."""
        try:
            return self._transport.send(method, url, headers, body, deadline)
        except RegistryConnectionError as error:
            if self._policy.lacks_port(url):
                error.problem += self._missing_port()
                error.args = (error.problem,)
                error.remedy = _EXTERNAL_URL
            raise

    def _missing_port(self) -> str:
        return f", where a Location of the registry led, which leaves out its port {self.home.port}"

    def _redirected(self, method: str, response: Response) -> Url | None:
        """Return where a response redirects to, and close it; None if it does not redirect."""
        status = response.status
        if status not in _ANY_REDIRECTS and not (status in _GET_REDIRECTS and method in ("GET", "HEAD")):
            return None
        with response:
            location = response.header("Location")
            response.drain()
        if not location:
            raise RegistryResponseError(f"answered with HTTP {status} without a Location", where=response.url.shown)
        return self._policy.follow(location, response.url, "a redirect")

    def _ask_token_service(
        self, method: str, url: Url, headers: dict[str, str], body: Body | None, deadline: Deadline
    ) -> Response:
        """Ask a token service, as often as needed: a token costs it nothing. Redirects must stay on its host."""

        def attempt() -> Response:
            target = url
            for _ in range(MAX_REDIRECTS + 1):
                within = deadline.within(self.timeouts.exchange)
                response = self._transport.send(method, target, {**_HEADERS, **headers}, body, within)
                moved = self._redirected(method, response)
                if moved is None:
                    if _may_pass(response.status):
                        with response:
                            self.check(response)
                    return response
                if moved.origin != url.origin:
                    raise RegistryAuthError(
                        f"the token service redirects to another host, {moved.authority}, which is not followed",
                        where=url.shown,
                    )
                target = moved
            raise RegistryResponseError(f"redirected more than {MAX_REDIRECTS} times", where=url.shown)

        return self.retries.run(attempt, deadline)

    def _said(self, response: Response) -> str:
        """Return what the registry says about an error, fit to continue a message."""
        if is_page(response):
            return " and a web page: a login page or a gateway answered, not the registry"
        if response.status in _REDIRECTS:
            return f"{self._elsewhere(response)}, which is not followed for this request"
        from toolhive_plugins_registry.error_answers import error_text

        text = self._secrets.shown(error_text(response))
        return f": {text}" if text else ""

    def _elsewhere(self, response: Response) -> str:
        """Return where a redirect leads, fit to continue a message."""
        try:
            target = self._policy.follow(response.header("Location"), response.url, "a redirect")
        except RegistryResponseError:
            return ""
        return f", a redirect to {self._secrets.redact(target.shown)}"

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


def _may_pass(status: int) -> bool:
    """Tell whether an error of that status may be gone at the next try."""
    return status in _RETRIED or (status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in _NOT_RETRIED)
