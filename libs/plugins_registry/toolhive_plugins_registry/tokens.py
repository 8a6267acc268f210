"""Asks token services for access tokens (distribution spec, "Token Authentication" and "OAuth2")."""

import re
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlencode

from attrs import field, frozen

from toolhive_artifact import InvalidDocumentError, JsonNumber, JsonObject, SizeLimitError, parse_json
from toolhive_plugins_interfaces import RegistryAuthError
from toolhive_plugins_registry.credentials import Credential
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.secrets_kept import Secrets, basic
from toolhive_plugins_registry.transport import Body, BytesBody, Response
from toolhive_plugins_registry.urls import Policy, Url

_MAX_ANSWER: Final = 128 * 1024
_CLIENT_ID: Final = "toolhive-plugins"
_DEFAULT_LIFE: Final = 60.0
"""Seconds that a token lives where its service does not say, by the specification."""
_SPARE: Final = 0.1
"""The part of its life before whose end a token is replaced."""
_SAFE_TOKEN: Final = re.compile(r"[!-~]{1,65536}", re.ASCII)

Ask = Callable[[str, Url, dict[str, str], Body | None, Deadline], Response]
"""Sends one request, and follows redirects on its host only: method, URL, headers, body, deadline."""


@frozen
class Token:
    """An access token."""

    value: str = field(repr=False)
    """What stands after `Bearer`."""

    expires_at: float
    """When to stop using it, by the monotonic clock, in seconds."""


@frozen
class Question:
    """What a registry's challenge says to ask for."""

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
        secrets: learns every token.
        now: the monotonic clock.
    """

    def __init__(self, ask: Ask, policy: Policy, secrets: Secrets, now: Callable[[], float]) -> None:
        self._ask = ask
        self._policy = policy
        self._secrets = secrets
        self._now = now

    def realm(self, text: str) -> Url:
        """Return the realm of a challenge as a URL.

        Raises:
            RegistryResponseError: it is not one that we go to.
        """
        return self._policy.follow(text, self._policy.home, "the token service")

    def fetch(self, question: Question, credential: Credential, deadline: Deadline) -> Token:
        """Return a new token; without a credential, an anonymous one.

        Raises:
            RegistryAuthError: the credential may not go to that realm, or the service refused it.
            RegistryError: the service failed.
        """
        if credential and not self._policy.may_send_credentials(question.realm):
            raise RegistryAuthError(
                f"names a token service on another host, {question.realm.authority}, so the credentials were not sent",
                where=self._policy.home.shown,
                remedy="If you trust it with them, name it in token_hosts; to go without, log out of the registry",
            )
        started = self._now()
        by_form = bool(credential.refresh_token)
        with (
            self._by_form(question, credential, deadline)
            if by_form
            else self._by_query(question, credential, deadline) as response
        ):
            value, life = self._read(response, question.realm)
        self._secrets.add(value)
        return Token(value, started + life * (1 - _SPARE))

    def _by_query(self, question: Question, credential: Credential, deadline: Deadline) -> Response:
        fields = [("service", question.service)] if question.service else []
        fields += [("scope", scope) for scope in question.scopes]
        headers = {"Accept": "application/json"}
        if credential.username or credential.password:
            headers["Authorization"] = f"Basic {basic(credential)}"
        url = question.realm.with_query(urlencode(fields)) if fields else question.realm
        return self._ask("GET", url, headers, None, deadline)

    def _by_form(self, question: Question, credential: Credential, deadline: Deadline) -> Response:
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": credential.refresh_token,
            "service": question.service,
            "client_id": _CLIENT_ID,
        }
        if question.scopes:
            fields["scope"] = " ".join(question.scopes)
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", question.realm, headers, BytesBody(urlencode(fields).encode("ascii")), deadline)

    def _read(self, response: Response, realm: Url) -> tuple[str, float]:
        """Read a token and the seconds that it lives."""
        if response.status in (400, 401, 403):
            raise RegistryAuthError(
                f"the token service refused (HTTP {response.status})",
                where=realm.shown,
                remedy=f"Check your access; docker login {self._policy.home.authority} renews the credentials",
            )
        if response.status != 200:
            raise RegistryAuthError(f"the token service answered with HTTP {response.status}", where=realm.shown)
        try:
            answer = parse_json(response.read(_MAX_ANSWER), where=realm.shown, max_size=_MAX_ANSWER)
        except (InvalidDocumentError, SizeLimitError):
            answer = None
        if isinstance(answer, JsonObject):
            value = answer.field("access_token") or answer.field("token")
            if isinstance(value, str) and _SAFE_TOKEN.fullmatch(value):
                return value, _life(answer.field("expires_in"))
        raise RegistryAuthError("the token service answered without a usable token", where=realm.shown)


def merge_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return scopes with the actions on each resource joined: a and b of `repository:x:a` and `repository:x:b`."""
    actions: dict[str, dict[str, None]] = {}
    for scope in scopes:
        resource, _, names = scope.rpartition(":")
        if resource:
            actions.setdefault(resource, {}).update(dict.fromkeys(names.split(",")))
    return tuple(f"{resource}:{','.join(names)}" for resource, names in actions.items())


def _life(value: object) -> float:
    """Return the seconds that `expires_in` gives, at least what the specification guarantees."""
    seconds = value.int64 if isinstance(value, JsonNumber) else None
    return float(max(_DEFAULT_LIFE, min(seconds or 0, 86400)))
