"""Logs in to one repository: answers challenges, keeps the token, and replaces it before it expires.

Sources: the distribution spec's "Token Authentication", RFC 7617 (Basic) and RFC 6750 (Bearer).
"""

import threading
from collections.abc import Callable

from attrs import define, field

from toolhive_plugins_interfaces import RegistryAuthError
from toolhive_plugins_registry.challenges import Challenge, parse_challenges
from toolhive_plugins_registry.credentials import Credential, CredentialStore, NamespacedCredentialStore
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.login_errors import login_error
from toolhive_plugins_registry.redaction import Secrets, basic
from toolhive_plugins_registry.tokens import Token, TokenRequest, TokenService, merge_scopes, repository_of
from toolhive_plugins_registry.urls import Url

_NO_TOKEN = Token("", 0.0)


@define
class RegistryCredential:
    """A registry's credential, looked up once and only when it is needed; threads may share it."""

    store: Callable[[], CredentialStore]
    host: str
    secrets: Secrets = field(repr=False)
    _lock: threading.Lock = field(factory=threading.Lock, repr=False)
    _known: dict[str, Credential] = field(factory=dict, repr=False)
    """By namespace."""

    def get(self, repository: str = "") -> Credential:
        """Return the credential for a repository.

        Raises:
            CredentialError: it is configured but cannot be had.
        """
        with self._lock:
            store = self.store()
            if not isinstance(store, NamespacedCredentialStore):
                return self._keep("", lambda: store.get(self.host))
            namespace = store.namespace(self.host, repository)
            return self._keep(namespace, lambda: store.get(self.host, namespace))

    def forget(self) -> None:
        """Look them up again next time: one was refused, and the user may log in anew meanwhile."""
        with self._lock:
            self._known.clear()

    def _keep(self, namespace: str, look_up: Callable[[], Credential]) -> Credential:
        if namespace not in self._known:
            self._known[namespace] = look_up()
            self.secrets.add_credential(self._known[namespace])
        return self._known[namespace]


class Authentication:
    """The login for one repository and what is to be done there; threads may share it.

    Args:
        service: gets tokens.
        credential: the registry's; looked up when a challenge first comes.
        scopes: what to ask for in addition to what the challenge names.
        now: the monotonic clock.
    """

    def __init__(
        self,
        service: TokenService,
        credential: RegistryCredential,
        scopes: tuple[str, ...],
        now: Callable[[], float],
    ) -> None:
        self._service = service
        self._credential = credential
        self._scopes = scopes
        self._repository = repository_of(scopes)
        self._used = Credential()
        self._now = now
        self._lock = threading.Lock()
        self._basic = ""
        self._token = _NO_TOKEN
        self._request: TokenRequest | None = None

    def learn_from(self, other: "Authentication") -> None:
        """Log in as another repository of the registry did, without waiting for a challenge.

        Its password serves only if it is this repository's, too.
        """
        with other._lock:
            used, header, request = other._used, other._basic, other._request
        if header and self._credential.get(self._repository) == used:
            self._basic, self._used = header, used
        if request is not None:
            self._request = TokenRequest(request.realm, request.service, merge_scopes(self._scopes))

    @property
    def used(self) -> Credential:
        """The credential that was last shown, the empty one before the first challenge."""
        return self._used

    def authorization(self, deadline: Deadline) -> str | None:
        """Return the `Authorization` to send, None before the first challenge. A token about to expire is replaced."""
        with self._lock:
            if not self._basic and self._request is not None and self._now() >= self._token.expires_at:
                self._renew(self._request, deadline)
            return self._current()

    def answer(self, header: str, rejected: str | None, where: Url, deadline: Deadline) -> str:
        """Return the `Authorization` that answers a challenge.

        Args:
            header: the `WWW-Authenticate`.
            rejected: the `Authorization` that was sent and not accepted.
            where: the URL, for errors.
            deadline: for the token service.

        Raises:
            RegistryAuthError: there is nothing more to try.
            CredentialError: the credential cannot be had.
            RegistryError: the token service failed.
        """
        with self._lock:
            current = self._current()
            if current is not None and current != rejected:
                return current  # another thread has answered meanwhile
            challenges = {challenge.scheme: challenge for challenge in reversed(parse_challenges(header))}
            try:
                return self._answer(challenges, rejected, where, deadline)
            except RegistryAuthError:
                self._credential.forget()
                raise

    def _answer(self, challenges: dict[str, Challenge], rejected: str | None, where: Url, deadline: Deadline) -> str:
        if "bearer" in challenges and challenges["bearer"].parameters.get("realm"):
            self._renew(self._token_request(challenges["bearer"]), deadline)
            return self._bearer()
        if "basic" in challenges:
            return self._present_basic(rejected, where)
        raise RegistryAuthError("asks for a kind of login that is not supported", where=where.shown)

    def _token_request(self, challenge: Challenge) -> TokenRequest:
        """Return what a Bearer challenge asks for, together with our own scopes."""
        asked = challenge.parameters
        scopes = merge_scopes((*asked.get("scope", "").split(), *self._scopes))
        return TokenRequest(self._service.realm(asked.get("realm", "")), asked.get("service", ""), scopes)

    def _renew(self, request: TokenRequest, deadline: Deadline) -> None:
        credential = self._used = self._credential.get(self._repository)
        if not credential.access_token:
            self._token = self._service.fetch(request, credential, deadline)
        elif credential.access_token != self._token.value:
            self._token = Token(credential.access_token, float("inf"))
        else:
            raise login_error("did not accept the registry token", request.realm, self._service.home, credential)
        self._request = request

    def _present_basic(self, rejected: str | None, where: Url) -> str:
        credential = self._used = self._credential.get(self._repository)
        home = self._service.home
        if not credential.username or not credential.password:
            raise login_error("asks for a login, and no credentials are known for it", where, home, credential)
        answer = f"Basic {basic(credential)}"
        if answer == rejected:
            self._basic = ""
            raise login_error("did not accept the credentials", where, home, credential)
        self._basic = basic(credential)
        return answer

    def _current(self) -> str | None:
        if self._basic:
            return f"Basic {self._basic}"
        return self._bearer() if self._token.value else None

    def _bearer(self) -> str:
        return f"Bearer {self._token.value}"
