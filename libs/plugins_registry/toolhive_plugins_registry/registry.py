"""The registry client: pushes artifacts out of a store and pulls them into one, copies, tags and lists them."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import IO, TYPE_CHECKING, Final, Self

from toolhive_artifact import MAX_MANIFEST_SIZE, Descriptor, Digest, DigestMismatchError, SizeLimitError, shown
from toolhive_plugins_interfaces import InvalidReferenceError, Progress
from toolhive_plugins_registry.connections import Connections, Settings
from toolhive_plugins_registry.credentials import Credential, CredentialStore
from toolhive_plugins_registry.errors import Hint
from toolhive_plugins_registry.http_transport import HttpTransport
from toolhive_plugins_registry.operation import DISTRUST, parse_promised
from toolhive_plugins_registry.policies import Clock, RetryPolicy, Timeouts
from toolhive_plugins_registry.progress import Quiet
from toolhive_plugins_registry.redaction import Secrets
from toolhive_plugins_registry.references import Reference, is_tag, parse_reference, parse_registry
from toolhive_plugins_registry.remote import Actions, Fetched
from toolhive_plugins_registry.transport import BytesBody, Transport
from toolhive_plugins_registry.trust import Trust
from toolhive_plugins_store import Store

if TYPE_CHECKING:
    from toolhive_plugins_registry.attaching import Attached, Merge

_WORKERS: Final = 4


class Registry:
    """A `RegistryClient` and `RegistryCatalog` for any OCI registry.

    Threads may share one; it reuses its connections, threads and logins. It is a context manager that closes the idle
    connections at the end.

    Args:
        plain_http: use HTTP without TLS: for all registries, or for these hosts (`localhost:5000`) only. Nothing implies it, not even
            a loopback host.
        credential_store: holds the credentials; by default Docker's, read when a registry first asks for a login.
        transport: sends the requests; by default `HttpTransport`, the network. One that is given has its own trust and
            bounds for a single exchange.
        ca_file: certificates in PEM, or a directory of them, to trust instead of those that the environment and the system name.
        timeouts: the bounds in time.
        retries: when to try again.
        workers: transfers at once, over all operations that run.
        token_hosts: hosts (`sso.example.com`, with a port where it matters) that may get the credentials of any registry that
            names them as its token service, though they share no domain with it.
        clock: time and chance, for tests.
    """

    def __init__(
        self,
        *,
        plain_http: bool | Iterable[str] = False,
        credential_store: CredentialStore | None = None,
        transport: Transport | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        timeouts: Timeouts | None = None,
        retries: RetryPolicy | None = None,
        workers: int = _WORKERS,
        token_hosts: Iterable[str] = (),
        clock: Clock | None = None,
    ) -> None:
        settings = Settings(
            plain_http if isinstance(plain_http, bool) else frozenset(plain_http),
            frozenset(host.lower() for host in token_hosts),
            timeouts or Timeouts(),
            retries or RetryPolicy(),
            clock or Clock(),
            max(1, workers),
        )
        secrets = Secrets()
        network = transport or HttpTransport(settings.timeouts, secrets, Trust(ca_file))
        self._plain_http = settings.plain_http
        self._connections = Connections(settings, network, secrets, credential_store)

    def push(self, store: Store, digest: Digest, ref: str, *, progress: Progress | None = None) -> None:
        """Push the index or manifest `digest` and all that it refers to, then tag it as `ref` says.

        Raises:
            InvalidReferenceError: `ref` is malformed, names no tag or digest, or names another digest.
            RegistryError: the registry failed or refused; the subclass says how.
            CredentialError: credentials are configured but cannot be had.
            ToolhiveError: the store lacks or cannot read the content.
        """
        from toolhive_plugins_registry.push import Push

        reference = _parse_complete(ref)
        with self._connections.operation() as operation:
            repository = operation.repository(reference, Actions.PUSH)
            Push(store, repository, operation.parts, progress or Quiet()).run(Digest.parse(digest), reference)

    def pull(self, store: Store, ref: str, *, progress: Progress | None = None) -> Digest:
        """Pull the artifact that `ref` names, tag it locally with `ref` as it is written, and return its digest.

        Raises: as `push`, and DigestMismatchError, SizeLimitError or InvalidDocumentError for content that is not what it was
            promised to be. The store then shows nothing of the pull.
        """
        from toolhive_plugins_registry.pull import Pull

        reference = _parse_complete(ref)
        with self._connections.operation() as operation:
            repository = operation.repository(reference, Actions.PULL)
            return Pull(store, repository, operation.parts, progress or Quiet()).run(reference, ref)

    def copy(self, source: str, target: str, *, progress: Progress | None = None) -> Digest:
        """Copy the artifact that `source` names to `target`, by digest and byte for byte, and return its digest.

        Blobs that the target has are not sent; within one registry they are mounted. Nothing is stored on this machine.

        Raises: as `pull`, and InvalidReferenceError if `target` names another digest.
        """
        from toolhive_plugins_registry.copying import Copy

        origin, goal = _parse_complete(source), _parse_complete(target)
        can_mount = origin.host == goal.host and origin.repository != goal.repository
        with self._connections.operation() as operation:
            here, there = operation.repository(origin, Actions.PULL), operation.repository(goal, Actions.PUSH)
            return Copy(here, there, can_mount, operation.parts, progress or Quiet()).run(origin, goal)

    def resolve(self, ref: str) -> Digest:
        """Return the digest of what `ref` names.

        Raises:
            RegistryNotFoundError: there is no such tag or digest.
            InvalidReferenceError, RegistryError, CredentialError: as `push`.
        """
        from toolhive_plugins_registry.documents import fetch_root

        reference = _parse_complete(ref)
        with self._connections.operation() as operation:
            return fetch_root(operation.repository(reference, Actions.PULL), reference.reference).descriptor.digest

    def find(self, ref: str) -> Digest | None:
        """Return the digest of what `ref` names, which is not fetched; None if there is nothing.

        One request is enough for a registry that says what it has. What it says is not checked, as nothing is fetched.

        Raises:
            RegistryResponseError: the registry names a malformed digest.
            InvalidReferenceError, RegistryError, CredentialError: as `push`.
        """
        from toolhive_plugins_registry.documents import fetch_root

        reference = _parse_complete(ref)
        with self._connections.operation() as operation:
            repository = operation.repository(reference, Actions.PULL)
            said = repository.look_up(reference.reference)
            if said == "":
                return fetch_root(repository, reference.reference).descriptor.digest
            return None if said is None else parse_promised(said, str(reference))

    def fetch(self, ref: str) -> Fetched:
        """Return the manifest or index that `ref` names, of any artifact, with its descriptor.

        Raises: as `resolve`, and SizeLimitError or DigestMismatchError.
        """
        from toolhive_plugins_registry.documents import fetch_root

        reference = _parse_complete(ref)
        with self._connections.operation() as operation:
            root = fetch_root(operation.repository(reference, Actions.PULL), reference.reference)
        return Fetched(root.data, root.descriptor)

    def fetch_blob(self, repository: str, descriptor: Descriptor, *, limit: int = MAX_MANIFEST_SIZE) -> bytes:
        """Return a small blob of a repository, `registry/repository`, whole and checked against its descriptor.

        Raises:
            SizeLimitError: the descriptor, or what is sent, has more than `limit` bytes.
            DigestMismatchError: other content was sent.
            InvalidReferenceError, RegistryError, CredentialError: as `push`.
        """
        reference = parse_reference(repository)
        if descriptor.size > limit:
            problem = f"is {descriptor.size} bytes, and {limit} is the limit"
            raise SizeLimitError(problem, where=str(descriptor.digest))
        with self._connections.operation() as operation:
            download = operation.repository(reference, Actions.PULL).download(descriptor)
            data = b"".join(download.chunks())
        if len(data) != descriptor.size or Digest.of(data) != descriptor.digest:
            raise DigestMismatchError("the registry sent other content", where=str(descriptor.digest), remedy=DISTRUST)
        return data

    def put_blob(self, repository: str, data: bytes, media_type: str) -> Descriptor:
        """Store a small blob in a repository, `registry/repository`, unless it has it, and return its descriptor.

        Raises: as `push`.
        """
        reference = parse_reference(repository)
        descriptor = Descriptor(media_type, Digest.of(data), len(data))
        with self._connections.operation() as operation:
            there = operation.repository(reference, Actions.PUSH)
            if not there.has_blob(descriptor):
                there.upload(descriptor, BytesBody(data))
        return descriptor

    def attach(
        self,
        repository: str,
        documents: Sequence[bytes],
        edits: "Mapping[str, Merge] | None" = None,
        *,
        settling: float | None = None,
    ) -> "tuple[Attached, ...]":
        """Store manifests beside the artifacts that they have as their subject, and change tags that others change, too.

        Where the registry keeps no list of referrers, the tag `sha256-<hex>` of the subject does. Each tag is read, merged, written, and
        read again until all that anybody added is there.

        Args:
            repository: `registry/repository`, which has the blobs of the manifests.
            documents: the manifests.
            edits: by tag, what changes it.
            settling: seconds for which each tag is read again; more than twice what the registry's reads may lag. None for 2.5.

        Raises:
            InvalidArtifactError: a document is not a manifest with a subject.
            RegistryResponseError: a tag cannot be changed there; the error names it and what it names.
            SizeLimitError: a list is full.
            InvalidReferenceError, RegistryError, CredentialError: as `push`.
        """
        from toolhive_plugins_registry.attaching import SETTLING, Attaching

        reference = parse_reference(repository)
        with self._connections.operation() as operation:
            there = operation.repository(reference, Actions.PUSH)
            lasting = SETTLING if settling is None else settling
            return Attaching(there, operation.deadline, self._connections.clock, lasting).run(documents, edits or {})

    def tag(self, ref: str, tag: str) -> Digest:
        """Give what `ref` names another tag in its repository, byte for byte, and return its digest.

        Raises:
            InvalidReferenceError: `ref` names no tag or digest, or `tag` is not a valid tag.
            RegistryError, CredentialError: as `push`.
        """
        from toolhive_plugins_registry.documents import fetch_root

        reference = _parse_complete(ref)
        if not is_tag(tag):
            raise InvalidReferenceError("is not a valid tag", where=repr(shown(tag)), hint=Hint.CHECK_REFERENCE)
        with self._connections.operation() as operation:
            repository = operation.repository(reference, Actions.PUSH)
            root = fetch_root(repository, reference.reference)
            repository.put_manifest(tag, root.data, root.descriptor)
        return root.descriptor.digest

    def tags(self, repository: str) -> tuple[str, ...]:
        """Return the tags of a repository, `registry/repository`, in the registry's order.

        Raises:
            InvalidReferenceError: `repository` is malformed, or names a tag or digest.
            RegistryNotFoundError: there is no such repository.
            SizeLimitError: it has more than 10,000 tags.
            RegistryError, CredentialError: as `push`.
        """
        reference = parse_reference(repository)
        if reference.reference:
            remedy = f"Name the repository alone: {reference.registry}/{reference.repository}"
            problem = "names a tag or a digest, and tags are listed of a repository"
            raise InvalidReferenceError(problem, where=str(reference), remedy=remedy, hint=Hint.CHECK_REFERENCE)
        with self._connections.operation() as operation:
            return operation.repository(reference, Actions.PULL).tags()

    def referrers(self, ref: str, artifact_type: str = "") -> tuple[Descriptor, ...]:
        """Return the descriptors of what refers to the artifact that `ref` names: its signatures, say.

        Args:
            ref: names it; a tag is resolved first.
            artifact_type: of the referrers to return; "" for all.

        Raises:
            SizeLimitError: there are more than 1,000.
            InvalidReferenceError, RegistryError, CredentialError: as `push`.
        """
        from toolhive_plugins_registry.documents import fetch_root

        reference = _parse_complete(ref)
        with self._connections.operation() as operation:
            repository = operation.repository(reference, Actions.PULL)
            is_digest = reference.is_digest
            named = reference.reference
            digest = Digest.parse(named) if is_digest else fetch_root(repository, named).descriptor.digest
            return repository.referrers(digest, artifact_type)

    def download(
        self,
        url: str,
        out: IO[bytes],
        *,
        limit: int,
        accept: str = "*/*",
        allows: Callable[[str], bool] = lambda _host: True,
    ) -> int:
        """Write a file of a web server that is no registry to `out`, and return its size; nobody is logged in.

        Args:
            url: https, or http where the host is spoken to without TLS.
            out: where to, from its beginning; each attempt begins again.
            limit: the most bytes.
            accept: the media types to ask for.
            allows: tells for each host, that of a redirect too, whether it may be asked.

        Raises: as `web_files.WebFiles.fetch`.
        """
        with self._connections.operation() as operation:
            return operation.web_files(allows).fetch(url, out, limit=limit, accept=accept)

    def check_login(self, registry: str, credential: Credential) -> bool:
        """Ask a registry, named by its host alone, whether it accepts a credential; it is kept nowhere.

        Returns:
            Whether it asked for one: if it lets everybody in, the credential was not checked.

        Raises:
            RegistryAuthError: it does not accept it.
            InvalidReferenceError, RegistryError: as `push`.
        """
        from toolhive_plugins_registry.login_check import GivenCredential, check_login

        host, given = parse_registry(registry), GivenCredential(credential)
        with self._connections.operation() as operation:
            check_login(self._connections.new_client(host, lambda: given), operation.deadline)
        return given.asked

    def cancel(self) -> None:
        """End all that other threads are doing with it: each fails with a RegistryConnectionError. The registry may be used again."""
        self._connections.cancel()

    def close(self) -> None:
        """Close the idle connections and end the idle threads. The registry may be used again."""
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Registry(plain_http={self._plain_http!r})"


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
