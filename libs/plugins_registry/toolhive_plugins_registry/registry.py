"""The registry client: pushes artifacts out of a store and pulls them into one."""

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self, TypeVar

from toolhive_artifact import Digest
from toolhive_plugins_interfaces import InvalidReferenceError, Progress
from toolhive_plugins_registry.client import Client
from toolhive_plugins_registry.credentials import CredentialStore, DockerCredentialStore
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.oras_mends import open_session
from toolhive_plugins_registry.policies import Clock, RetryPolicy, Timeouts
from toolhive_plugins_registry.progress import Quiet
from toolhive_plugins_registry.pull import Pull
from toolhive_plugins_registry.push import Push
from toolhive_plugins_registry.references import Reference, parse_reference
from toolhive_plugins_registry.remote import RemoteRepository
from toolhive_plugins_registry.secrets_kept import Secrets
from toolhive_plugins_registry.side_by_side import SideBySide
from toolhive_plugins_registry.transport import Transport
from toolhive_plugins_registry.urls import Policy, registry_url
from toolhive_plugins_store import Store

_WORKERS: Final = 4

T = TypeVar("T")


class Registry:
    """A `RegistryClient` for any OCI registry; one instance, which threads may share, reuses its connections and logins.

    A context manager; closing it closes the idle connections.

    Args:
        plain_http: speak HTTP without TLS. Nothing implies it: not a loopback host, not a port.
        credential_store: knows the credentials; by default Docker's, read when a registry first asks for a login.
        ca_file: certificates, in PEM, to trust instead of those that `requests` finds.
        timeouts: the bounds in time.
        retries: when to try again.
        workers: transfers at once, over all pushes and pulls that run.
        token_hosts: hosts (`sso.example.com`, with a port where it matters) that may be sent the credentials of any registry that
            names them as its token service, though they share no domain with it.
        clock: time and chance, for tests.
    """

    def __init__(
        self,
        *,
        plain_http: bool = False,
        credential_store: CredentialStore | None = None,
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
        session = open_session(None if ca_file is None else os.fspath(ca_file))
        self._transport = Transport(session, self._timeouts, self._secrets)
        self._clients: dict[str, Client] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    def push(self, store: Store, digest: Digest, ref: str, *, progress: Progress | None = None) -> None:
        """Push the index or manifest `digest` and all it refers to, then tag it as `ref` says.

        Raises:
            InvalidReferenceError: `ref` is malformed, names no tag or digest, or names another digest.
            RegistryError: the registry failed or refused; the subclass says how.
            CredentialError: credentials are configured but cannot be had.
            ToolhiveError: the store lacks or cannot read the content.
        """
        reference = _parse_complete(ref)

        def operation(repository: RemoteRepository, parts: SideBySide) -> None:
            Push(store, repository, parts, progress or Quiet()).run(Digest.parse(digest), reference)

        self._operate(reference, "pull,push", operation)

    def pull(self, store: Store, ref: str, *, progress: Progress | None = None) -> Digest:
        """Pull the artifact that `ref` names, tag it locally under `ref` as it is written, return its digest.

        Raises: as `push`, and DigestMismatchError, SizeLimitError or InvalidDocumentError for content that lies. Whatever is
            raised, the store shows nothing of the pull.
        """
        reference = _parse_complete(ref)

        def operation(repository: RemoteRepository, parts: SideBySide) -> Digest:
            return Pull(store, repository, parts, progress or Quiet()).run(reference, ref)

        return self._operate(reference, "pull", operation)

    def close(self) -> None:
        """Close the idle connections and end the idle threads; both are made again if need be."""
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

    def _operate(self, reference: Reference, actions: str, operation: Callable[[RemoteRepository, SideBySide], T]) -> T:
        """Run an operation on the repository; name the reference in what the registry did wrong."""
        deadline = Deadline(self._timeouts.operation, self._clock)
        try:
            repository = RemoteRepository(self._client(reference), reference, actions, deadline)
            return operation(repository, SideBySide(self._threads if self._workers > 1 else None, deadline))
        except BaseException as error:
            deadline.call_off()
            self._secrets.scrub(error)
            raise

    def _threads(self) -> ThreadPoolExecutor:
        """Return the threads of all operations: to start new ones for each would take a tenth of a small pull."""
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
                    Policy(home, self._plain_http, self._token_hosts),
                    self._credentials,
                    reference.host,
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
    """Parse a reference that must name a tag or a digest that we can check."""
    reference = parse_reference(ref)
    if not reference.reference:
        raise InvalidReferenceError(
            "names neither a tag nor a digest", where=str(reference), remedy=f"Add a tag: {reference}:v1.0.0"
        )
    if reference.is_digest and not reference.reference.startswith("sha256:"):
        raise InvalidReferenceError(
            "names a digest of another algorithm than sha256, the only one that is spoken here", where=str(reference)
        )
    return reference
