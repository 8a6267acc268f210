"""What all operations of a `Registry` share: connections, threads, logins and secrets."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from attrs import frozen

from toolhive_plugins_registry.authentication import RegistryCredential
from toolhive_plugins_registry.client import Client
from toolhive_plugins_registry.credentials import CredentialStore, DockerCredentialStore
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.parallel import Parallel
from toolhive_plugins_registry.policies import Clock, RetryPolicy, Timeouts
from toolhive_plugins_registry.redaction import Secrets
from toolhive_plugins_registry.redirect_policy import RedirectPolicy
from toolhive_plugins_registry.references import Reference
from toolhive_plugins_registry.remote import Actions, RemoteRepository
from toolhive_plugins_registry.transport import Transport
from toolhive_plugins_registry.urls import registry_url

if TYPE_CHECKING:
    from toolhive_plugins_registry.web_files import WebFiles


@frozen
class Settings:
    """The arguments of a `Registry` that each of its clients gets."""

    plain_http: bool | frozenset[str]
    """For all registries, or for some hosts only."""

    token_hosts: frozenset[str]
    timeouts: Timeouts
    retries: RetryPolicy
    clock: Clock
    workers: int

    def is_plain(self, host: str) -> bool:
        """Tell whether the registry at `host` is spoken to without TLS."""
        return self.plain_http if isinstance(self.plain_http, bool) else host in self.plain_http


class Connections:
    """Opens repositories; threads may share it.

    Args:
        settings: of every client.
        transport: sends the requests.
        secrets: what must not be in a message.
        credential_store: holds the credentials; None for Docker's, read when a registry first asks for a login.
    """

    def __init__(
        self, settings: Settings, transport: Transport, secrets: Secrets, credential_store: CredentialStore | None
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._secrets = secrets
        self._credential_store = credential_store
        self._clients: dict[str, Client] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._running: set[Deadline] = set()
        self._lock = threading.Lock()

    @property
    def clock(self) -> Clock:
        """Tells the time."""
        return self._settings.clock

    @contextlib.contextmanager
    def operation(self) -> Iterator["OpenOperation"]:
        """Begin an operation, and end it with the block: if that fails, everything it still does is cancelled.

        Raises:
            BaseException: what the block raises, without our secrets.
        """
        deadline = Deadline(self._settings.timeouts.operation, self._settings.clock)
        parts = Parallel(self._threads if self._settings.workers > 1 else None, deadline)
        with self._lock:
            self._running.add(deadline)
        try:
            yield OpenOperation(self, deadline, parts)
        except BaseException as error:
            deadline.cancel()
            self._secrets.scrub(error)
            raise
        finally:
            with self._lock:
                self._running.discard(deadline)

    def cancel(self) -> None:
        """End every operation that is under way, in whatever thread."""
        with self._lock:
            running = list(self._running)
        for deadline in running:
            deadline.cancel()

    def client(self, host: str) -> Client:
        """Return the client of the registry at `host`.

        Raises:
            InvalidReferenceError: no host can have that name.
        """
        with self._lock:
            client = self._clients.get(host)
            if client is None:
                client = self._clients[host] = self.new_client(host, self._credentials)
            return client

    def new_client(self, host: str, credentials: Callable[[], CredentialStore]) -> Client:
        """Return a client with a login of its own.

        Raises:
            InvalidReferenceError: no host can have that name.
        """
        settings = self._settings
        plain_http = settings.is_plain(host)
        return Client(
            self._transport,
            RedirectPolicy(registry_url(host, plain_http=plain_http), plain_http, settings.token_hosts),
            RegistryCredential(credentials, host, self._secrets),
            self._secrets,
            settings.timeouts,
            settings.retries,
            settings.clock,
        )

    def web_files(self, allows: Callable[[str], bool], deadline: Deadline) -> "WebFiles":
        """Return what fetches files from web servers that are no registries."""
        from toolhive_plugins_registry.retries import Retries
        from toolhive_plugins_registry.web_files import WebFiles

        settings = self._settings
        retries = Retries(settings.retries, settings.clock)
        return WebFiles(self._transport, settings.is_plain, allows, settings.timeouts, retries, deadline)

    def close(self) -> None:
        """Close the idle connections and end the idle threads. They are made again when needed."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False)
        self._transport.close()

    def _threads(self) -> ThreadPoolExecutor:
        """Return the threads that all operations share."""
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._settings.workers, thread_name_prefix="registry")
            return self._pool

    def _credentials(self) -> CredentialStore:
        with self._lock:
            if self._credential_store is None:
                self._credential_store = DockerCredentialStore()
            return self._credential_store


@frozen
class OpenOperation:
    """An operation that has begun."""

    connections: Connections
    deadline: Deadline
    parts: Parallel
    """Runs what the operation does in parallel."""

    def repository(self, reference: Reference, actions: Actions) -> RemoteRepository:
        """Return the repository that `reference` names, for what is to be done there."""
        return RemoteRepository(self.connections.client(reference.host), reference, actions, self.deadline)

    def web_files(self, allows: Callable[[str], bool]) -> "WebFiles":
        """Return what fetches files from web servers that are no registries, of the hosts that `allows` holds for."""
        return self.connections.web_files(allows, self.deadline)
