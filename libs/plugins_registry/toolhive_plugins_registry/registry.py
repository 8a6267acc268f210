"""The registry client: pushes artifacts out of a store and pulls them into one."""

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self, TypeVar

from toolhive_artifact import Digest
from toolhive_plugins_interfaces import InvalidReferenceError, Progress
from toolhive_plugins_registry.authentication import RegistryCredential
from toolhive_plugins_registry.client import Client
from toolhive_plugins_registry.credentials import CredentialStore, DockerCredentialStore
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.errors import Hint
from toolhive_plugins_registry.http_transport import HttpTransport
from toolhive_plugins_registry.parallel import Parallel
from toolhive_plugins_registry.policies import Clock, RetryPolicy, Timeouts
from toolhive_plugins_registry.progress import Quiet
from toolhive_plugins_registry.pull import Pull
from toolhive_plugins_registry.push import Push
from toolhive_plugins_registry.redaction import Secrets
from toolhive_plugins_registry.redirect_policy import RedirectPolicy
from toolhive_plugins_registry.references import Reference, parse_reference
from toolhive_plugins_registry.remote import RemoteRepository
from toolhive_plugins_registry.transport import Transport
from toolhive_plugins_registry.trust import Trust
from toolhive_plugins_registry.urls import registry_url
from toolhive_plugins_store import Store

_WORKERS: Final = 4

T = TypeVar("T")


class Registry:
    """A `RegistryClient` for any OCI registry. Threads may share one; it reuses its connections, threads and logins.

    It is a context manager that closes the idle connections at the end.

    Args:
        plain_http: use HTTP without TLS. Nothing implies it: not a loopback host, not a port.
        credential_store: holds the credentials; by default Docker's, read when a registry first asks for a login.
        transport: sends the requests; by default `HttpTransport`, the network. One that is given has its own trust and
            bounds for a single exchange.
        ca_file: certificates in PEM, or a directory of them, to trust instead of those that the environment and the system name.
        timeouts: the bounds in time.
        retries: when to try again.
        workers: transfers at once, over all pushes and pulls that run.
        token_hosts: hosts (`sso.example.com`, with a port where it matters) that may get the credentials of any registry that
            names them as its token service, though they share no domain with it.
        clock: time and chance, for tests.
    """

    def __init__(
        self,
        *,
        plain_http: bool = False,
        credential_store: CredentialStore | None = None,
        transport: Transport | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        timeouts: Timeouts | None = None,
        retries: RetryPolicy | None = None,
        workers: int = _WORKERS,
        token_hosts: Iterable[str] = (),
        clock: Clock | None = None,
    ) -> None:
        self._plain_http = plain_http
        self._credential_store = credential_store
        self._timeouts = timeouts or Timeouts()
        self._retries = retries or RetryPolicy()
        self._workers = max(1, workers)
        self._token_hosts = frozenset(host.lower() for host in token_hosts)
        self._clock = clock or Clock()
        self._secrets = Secrets()
        self._transport: Transport = transport or HttpTransport(self._timeouts, self._secrets, Trust(ca_file))
        self._clients: dict[str, Client] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    def push(self, store: Store, digest: Digest, ref: str, *, progress: Progress | None = None) -> None:
        """Push the index or manifest `digest` and all that it refers to, then tag it as `ref` says.

        Raises:
            InvalidReferenceError: `ref` is malformed, names no tag or digest, or names another digest.
            RegistryError: the registry failed or refused; the subclass says how.
            CredentialError: credentials are configured but cannot be had.
            ToolhiveError: the store lacks or cannot read the content.
        """
        reference = _parse_complete(ref)

        def operation(repository: RemoteRepository, parts: Parallel) -> None:
            Push(store, repository, parts, progress or Quiet()).run(Digest.parse(digest), reference)

        self._operate(reference, "pull,push", operation)

    def pull(self, store: Store, ref: str, *, progress: Progress | None = None) -> Digest:
        """Pull the artifact that `ref` names, tag it locally with `ref` as it is written, and return its digest.

        Raises: as `push`, and DigestMismatchError, SizeLimitError or InvalidDocumentError for content that is not what it was
            promised to be. The store then shows nothing of the pull.
        """
        reference = _parse_complete(ref)

        def operation(repository: RemoteRepository, parts: Parallel) -> Digest:
            return Pull(store, repository, parts, progress or Quiet()).run(reference, ref)

        return self._operate(reference, "pull", operation)

    def close(self) -> None:
        """Close the idle connections and end the idle threads. The registry may be used again."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False)
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Registry(plain_http={self._plain_http})"

    def _operate(self, reference: Reference, actions: str, operation: Callable[[RemoteRepository, Parallel], T]) -> T:
        """Run an operation on the repository, and name the reference in its errors."""
        deadline = Deadline(self._timeouts.operation, self._clock)
        try:
            repository = RemoteRepository(self._client(reference), reference, actions, deadline)
            return operation(repository, Parallel(self._threads if self._workers > 1 else None, deadline))
        except BaseException as error:
            deadline.cancel()
            self._secrets.scrub(error)
            raise

    def _threads(self) -> ThreadPoolExecutor:
        """Return the threads that all operations share."""
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="registry")
            return self._pool

    def _client(self, reference: Reference) -> Client:
        with self._lock:
            client = self._clients.get(reference.host)
            if client is None:
                home = registry_url(reference.host, plain_http=self._plain_http)
                client = Client(
                    self._transport,
                    RedirectPolicy(home, self._plain_http, self._token_hosts),
                    RegistryCredential(self._credentials, reference.host, self._secrets),
                    self._secrets,
                    self._timeouts,
                    self._retries,
                    self._clock,
                )
                self._clients[reference.host] = client
            return client

    def _credentials(self) -> CredentialStore:
        with self._lock:
            if self._credential_store is None:
                self._credential_store = DockerCredentialStore()
            return self._credential_store


def _parse_complete(ref: str) -> Reference:
    """Parse a reference that must have a tag, or a digest that we can check."""
    reference = parse_reference(ref)
    if not reference.reference:
        raise InvalidReferenceError(
            "names neither a tag nor a digest",
            where=str(reference),
            remedy=f"Add a tag: {reference}:v1.0.0",
            hint=Hint.CHECK_REFERENCE,
        )
    if reference.is_digest and not reference.reference.startswith("sha256:"):
        raise InvalidReferenceError(
            "names a digest of another algorithm than sha256, the only one supported", where=str(reference)
        )
    return reference
