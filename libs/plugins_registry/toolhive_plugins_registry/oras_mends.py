"""What we take from oras (oras-py 0.2.43), and each fault of it that we mend, with the fault named beside the mend.

Taken as they are: the session and the token back end (`oras.auth`), the parsed challenge (`authHeader`), and the reference
with its URLs (`oras.container`). `oras.provider` is not used: of its transfers nothing would remain (it encodes a manifest
again on upload, so that the digest changes; reads a whole blob into memory to upload it; checks no digest; knows no
index; tries everything again, whether that is safe or not, after sleeping up to 83 seconds; and follows redirects with the
credentials).
"""

# oras ships no types: what is subclassed here is untyped to the checker, and this module is the seam.
# mypy: allow-subclassing-any, allow-untyped-calls, disable-error-code="import-untyped"

import threading
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import Final

import oras.auth
import requests
from oras.auth.token import TokenAuth
from oras.auth.utils import authHeader
from oras.container import Container

from toolhive_plugins_interfaces import RegistryAuthError
from toolhive_plugins_registry.bounded_http import BoundedAdapter
from toolhive_plugins_registry.challenges import Challenge, parse_challenges
from toolhive_plugins_registry.credentials import Credential
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.references import Reference
from toolhive_plugins_registry.secrets_kept import basic
from toolhive_plugins_registry.tokens import Question, Token, TokenService, merge_scopes

_POOL_SIZE: Final = 16
"""Idle connections kept for each host."""


def _without_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def open_session(ca_file: str | None) -> requests.Session:
    """Return the session that oras's authentication back end opens, with its faults mended.

    - oras keeps requests' adapter, which has no time-out of its own and no bound on headers.
    - oras lets requests look for credentials in ~/.netrc and add them to any request.
    - oras ignores cookies only in `oras.provider`.
    - requests asks for compressed answers, and names Python and its own version.
    """
    session: requests.Session = oras.auth.get_auth_backend("token").session
    adapter = BoundedAdapter(pool_connections=_POOL_SIZE, pool_maxsize=_POOL_SIZE)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.auth = _without_netrc
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.verify = True if ca_file is None else ca_file
    return session


class Repository(Container):
    """oras's reference, for the URLs that it makes of it.

    oras finds a reference anywhere in a text, fills in a registry and a tag that were not given, and takes
    upper case, spaces and query strings for names; here it is made of a reference that is parsed already.
    """

    def __init__(self, reference: Reference) -> None:
        self.registry = reference.host
        self.namespace, _, self.repository = reference.repository.rpartition("/")
        self.tag = "" if reference.is_digest else reference.reference
        self.digest = reference.reference if reference.is_digest else None

    def manifest_path(self, reference: str) -> str:
        """Return the path of a manifest."""
        return _path(self.manifest_url(reference))

    def blob_path(self, digest: str) -> str:
        """Return the path of a blob."""
        return _path(self.get_blob_url(digest))

    def uploads_path(self) -> str:
        """Return the path where uploads begin."""
        return _path(self.upload_blob_url())


def _path(url: object) -> str:
    """Return the path of a URL that oras made: it puts the host first, and no scheme."""
    return "/" + str(url).partition("/")[2]


class RepositoryAuth(TokenAuth):
    """oras's token back end, for one repository and what is to be done there; threads may share it.

    Its own flow is replaced, because oras
    - finds parameters in `WWW-Authenticate` by a pattern that escapes, commas in quotes and second challenges defeat;
    - sends the user's password to whatever realm the challenge names, over whatever scheme, following redirects, and
      logs the body of a refusal;
    - presents a rejected token again, so that one that expires in the middle of a push ends the push;
    - knows no refresh tokens, and no Basic beside Bearer;
    - reads an answer of any size, for any length of time.

    Args:
        service: gets tokens.
        credential: returns the credential of the registry; called when a challenge first comes.
        scopes: what to ask for beside what the challenge names.
        now: the monotonic clock.
    """

    def __init__(
        self,
        service: TokenService,
        credential: Callable[[], Credential],
        scopes: tuple[str, ...],
        now: Callable[[], float],
    ) -> None:
        super().__init__()
        self._service = service
        self._credential = credential
        self._scopes = scopes
        self._now = now
        self._lock = threading.Lock()
        self._basic_auth = ""
        self._question: Question | None = None
        self._expires_at = 0.0

    def learn_from(self, other: "RepositoryAuth") -> None:
        """Log in as another repository of the registry did, without waiting for a challenge."""
        with other._lock:
            self._basic_auth = other._basic_auth
            question = other._question
        if question is not None:
            self._question = Question(question.realm, question.service, merge_scopes(self._scopes))

    def authorization(self, deadline: Deadline) -> str | None:
        """Return the `Authorization` to send, or None before the first challenge; a token about to expire is replaced."""
        with self._lock:
            if self._basic_auth:
                return f"Basic {self._basic_auth}"
            if self._question is not None and self._now() >= self._expires_at:
                self._renew(self._question, deadline)
            return self._bearer()

    def answer(self, header: str, rejected: str | None, where: str, deadline: Deadline) -> str:
        """Return the `Authorization` that answers a challenge.

        Args:
            header: the `WWW-Authenticate`.
            rejected: what was sent, and not accepted.
            where: the URL, for errors.
            deadline: for the token service.

        Raises:
            RegistryAuthError: there is nothing more to try.
            CredentialError: the credential cannot be had.
            RegistryError: the token service failed.
        """
        with self._lock:
            current = f"Basic {self._basic_auth}" if self._basic_auth else self._bearer()
            if current is not None and current != rejected:
                return current  # another thread has answered meanwhile
            challenges = {challenge.scheme: challenge for challenge in reversed(parse_challenges(header))}
            if "bearer" in challenges and challenges["bearer"].parameters.get("realm"):
                self._renew(self._understand(challenges["bearer"]), deadline)
                return self._bearer() or ""
            if "basic" in challenges:
                return self._present_basic(rejected, where)
            raise RegistryAuthError("asks for a kind of login that is not known here", where=where)

    def _understand(self, challenge: Challenge) -> Question:
        """Read a Bearer challenge."""
        asked = authHeader(dict(challenge.parameters))
        scopes = merge_scopes((*(asked.scope or "").split(), *self._scopes))
        return Question(self._service.realm(asked.realm or ""), asked.service or "", scopes)

    def _renew(self, question: Question, deadline: Deadline) -> None:
        credential = self._credential()
        if not credential.access_token:
            token = self._service.fetch(question, credential, deadline)
        elif credential.access_token != self.token:
            token = Token(credential.access_token, float("inf"))
        else:
            where = question.realm.shown
            raise RegistryAuthError("did not accept the registry token", where=where, remedy="Run docker login again")
        self.set_token_auth(token.value)
        self._question, self._expires_at = question, token.expires_at

    def _present_basic(self, rejected: str | None, where: str) -> str:
        credential = self._credential()
        if not credential.username or not credential.password:
            raise RegistryAuthError(
                "asks for a login, and none is known for it", where=where, remedy="Run docker login first"
            )
        answer = f"Basic {basic(credential)}"
        if answer == rejected:
            self._basic_auth = ""
            raise RegistryAuthError("did not accept the login", where=where, remedy="Run docker login again")
        self._basic_auth = basic(credential)
        return answer

    def _bearer(self) -> str | None:
        header: dict[str, str] = self.get_auth_header()
        return header.get("Authorization")
