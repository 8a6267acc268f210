"""Asks token services for access tokens (distribution spec, "Token Authentication" and "OAuth2")."""

import contextlib
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from attrs import field, frozen

from toolhive_artifact import InvalidDocumentError, JsonNumber, SizeLimitError
from toolhive_plugins_interfaces import RegistryAuthError
from toolhive_plugins_registry.credentials import Credential
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.errors import Hint
from toolhive_plugins_registry.login_errors import login_error
from toolhive_plugins_registry.redaction import Secrets, basic
from toolhive_plugins_registry.redirect_policy import RedirectPolicy
from toolhive_plugins_registry.transport import Body, BytesBody, Response
from toolhive_plugins_registry.urls import Url
from toolhive_plugins_registry.web_pages import is_page

_MAX_ANSWER: Final = 128 * 1024
_CLIENT_ID: Final = "toolhive-plugins"
_MIN_LIFETIME: Final = 60
"""Seconds that a token lives at least, and where its service does not say (distribution spec)."""
_MAX_LIFETIME: Final = 86400
_MARGIN: Final = 0.1
"""The last part of its lifetime, in which a token is replaced."""
_REFUSED: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_SAFE_TOKEN: Final = re.compile(r"[!-~]{1,65536}", re.ASCII)

Ask = Callable[[str, Url, dict[str, str], Body | None, Deadline], Response]
"""Sends one request and follows redirects on its host only: method, URL, headers, body, deadline."""


@frozen
class Token:
    """An access token."""

    value: str = field(repr=False)
    """What follows `Bearer`."""

    expires_at: float
    """When to stop using it, in seconds of the monotonic clock."""


@frozen
class TokenAnswer:
    """What a token service answers; both names for the token are in use."""

    access_token: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    expires_in: Any = None
    """Seconds; anything that is not a number is ignored."""

    @property
    def value(self) -> str:
        """The token."""
        return self.access_token or self.token

    @property
    def lifetime(self) -> float:
        """Seconds that the token lives, at least what the specification guarantees."""
        seconds = self.expires_in.int64 if isinstance(self.expires_in, JsonNumber) else None
        return float(max(_MIN_LIFETIME, min(seconds or 0, _MAX_LIFETIME)))


@frozen
class TokenRequest:
    """What a registry's challenge tells us to ask for."""

    realm: Url
    """The token service."""

    service: str = field(repr=False)
    """Its name for the registry."""

    scopes: tuple[str, ...] = field(repr=False)
    """`repository:<name>:<actions>` each."""


class TokenService:
    """Gets tokens for one registry.

    Args:
        ask: sends a request.
        policy: says where the registry's credentials may go.
        secrets: gets every token.
        now: the monotonic clock.
    """

    def __init__(self, ask: Ask, policy: RedirectPolicy, secrets: Secrets, now: Callable[[], float]) -> None:
        self._ask = ask
        self._policy = policy
        self._secrets = secrets
        self._now = now

    @property
    def home(self) -> Url:
        """The registry."""
        return self._policy.home

    def realm(self, text: str) -> Url:
        """Return the realm of a challenge as a URL.

        Raises:
            RegistryResponseError: the policy does not allow to go there.
        """
        return self._policy.follow(text, self._policy.home, "the token service")

    def fetch(self, request: TokenRequest, credential: Credential, deadline: Deadline) -> Token:
        """Return a new token; without a credential, an anonymous one.

        Raises:
            RegistryAuthError: the credential may not go to that realm, or the service refused it.
            RegistryError: the service failed.
        """
        if credential and not self._policy.may_send_credentials(request.realm):
            raise RegistryAuthError(
                f"names a token service on another host, {request.realm.authority}, so the credentials were not sent",
                where=self._policy.home.shown,
                remedy="If you trust it with them, allow that host; to ask anonymously, log out of the registry",
                hint=Hint.TRUST_TOKEN_HOST,
            )
        started = self._now()
        ask = self._by_form if credential.refresh_token else self._by_query
        with ask(request, credential, deadline) as response:
            answer = self._read(response, request.realm, credential)
        self._secrets.add(answer.value)
        return Token(answer.value, started + answer.lifetime * (1 - _MARGIN))

    def _by_query(self, request: TokenRequest, credential: Credential, deadline: Deadline) -> Response:
        fields = [("service", request.service)] if request.service else []
        fields += [("scope", scope) for scope in request.scopes]
        headers = {"Accept": "application/json"}
        if credential.username or credential.password:
            headers["Authorization"] = f"Basic {basic(credential)}"
        url = request.realm.with_query(urlencode(fields)) if fields else request.realm
        return self._ask("GET", url, headers, None, deadline)

    def _by_form(self, request: TokenRequest, credential: Credential, deadline: Deadline) -> Response:
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": credential.refresh_token,
            "service": request.service,
            "client_id": _CLIENT_ID,
        }
        if request.scopes:
            fields["scope"] = " ".join(request.scopes)
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", request.realm, headers, BytesBody(urlencode(fields).encode("ascii")), deadline)

    def _read(self, response: Response, realm: Url, credential: Credential) -> TokenAnswer:
        """Read an answer; no error carries cattrs's, which quotes what it could not read."""
        if response.status in _REFUSED:
            home = self._policy.home
            raise login_error(f"the token service refused with HTTP {response.status}", realm, home, credential)
        if response.status != HTTPStatus.OK:
            raise RegistryAuthError(f"the token service answered with HTTP {response.status}", where=realm.shown)
        from toolhive_plugins_registry.converter import read_json

        answer = TokenAnswer()
        with contextlib.suppress(InvalidDocumentError, SizeLimitError):
            answer = read_json(response.read(_MAX_ANSWER), TokenAnswer, where=realm.shown, max_size=_MAX_ANSWER)
        if _SAFE_TOKEN.fullmatch(answer.value) is None:
            page = ": it sent a web page" if is_page(response) else ""
            raise RegistryAuthError(f"the token service answered without a usable token{page}", where=realm.shown)
        return answer


def merge_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return the scopes with the actions on each resource joined: `repository:x:a` and `repository:x:b` give `repository:x:a,b`."""
    actions: dict[str, dict[str, None]] = {}
    for scope in scopes:
        resource, _, names = scope.rpartition(":")
        if resource:
            actions.setdefault(resource, {}).update(dict.fromkeys(names.split(",")))
    return tuple(f"{resource}:{','.join(names)}" for resource, names in actions.items())


def repository_of(scopes: Iterable[str]) -> str:
    """Return the repository that the first scope names, "" if there is none."""
    _, _, rest = next(iter(scopes), "").partition(":")
    return rest.rpartition(":")[0]
