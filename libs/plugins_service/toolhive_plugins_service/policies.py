"""Asks the policies that are in force before a plugin is handed on, and says why where somebody wants to know."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence

from attrs import evolve, field, frozen

from toolhive_plugins import (
    Artifact,
    Digest,
    FileTree,
    InvalidReferenceError,
    Store,
    Surface,
    ToolhiveError,
    load_artifact,
    open_layer,
    parse_reference,
    read_manifest,
    read_surface,
    shown,
)
from toolhive_plugins_service.opening import OpenArtifact
from toolhive_plugins_service.targets import Origin
from toolhive_plugins_signatures import (
    LOCAL,
    Judgement,
    Policy,
    PolicyRefusedError,
    Ruling,
    SignatureReader,
    Subject,
    Trust,
    Verification,
    canonical_name,
    judge,
    repository_of,
    verify_signatures,
    wants_surface,
)

_ADMITTED = "admitted"


@frozen
class PolicyAnswer:
    """What the policies that are in force say of a target."""

    origin: Origin
    """The target."""

    comes_from: str
    """Where it comes from, as the patterns of rules are compared with it: `ghcr.io/acme/demo`, `local:demo`."""

    allowed: bool
    rulings: tuple[Ruling, ...]
    """One for each requirement; empty where no policy is in force."""


@frozen
class PolicyGate:
    """A `toolhive_plugins_installs.Gate` that asks policies. Without a policy it lets everything through.

    Args:
        policies: those that are in force; all of them must allow it.
        store: remembers what was admitted, and knows which registry a local build is from.
        signatures: returns what reads signatures; called only where a rule wants one.
    """

    policies: Sequence[Policy]
    store: Store
    signatures: Callable[[], SignatureReader] = field(repr=False)

    def admit_artifact(self, store: Store, source: str, artifact: Artifact) -> None:
        """Return if every policy allows an artifact.

        Raises:
            PolicyRefusedError: one does not.
            RegistryError: a signature is wanted, and the registry did not say what there is.
        """
        if self.policies:
            self.judge_artifact(store, source, artifact).require()
            self._remember(source, str(artifact.digest))

    def admit_tree(self, source: str, commit: str, tree: FileTree) -> None:
        """Return if every policy allows the files of a commit; raises as `admit_artifact`."""
        if self.policies:
            self._judge(source, commit, (tree,), None).require()
            self._remember(source, commit)

    def admit_again(self, source: str, digest: str, tree: FileTree) -> None:
        """Return if every policy allows what was handed out before; raises as `admit_artifact`.

        What the same policies admitted needs no network: their content is part of what is remembered.
        """
        if not self.policies or self.store.recall(self._key(source, digest)) == _ADMITTED:
            return
        repository = self._home(source, digest)
        verify = self._verifier(repository, digest) if repository else None
        self._judge(source, digest, (tree,), verify, self._parts(digest)).require()
        self._remember(source, digest)

    def admit_digest(self, source: str, digest: str) -> None:
        """Return if no policy denies a digest, such as a catalog's.

        Raises:
            PolicyRefusedError: one does.
        """
        if path := self.denied_by(digest):
            raise PolicyRefusedError(f"the policy forbids it: {shown(path)}: it denies {digest}", where=shown(source))

    def denied_by(self, digest: str) -> str:
        """Return the file of the policy that denies an artifact, or a part of it as far as the store still has it; empty if none does."""
        parts = {digest, *self._parts(digest)}
        return next((policy.path for policy in self.policies if policy.denied & parts), "")

    def judge_artifact(self, store: Store, source: str, artifact: Artifact) -> Judgement:
        """Return what the policies say of an artifact, each requirement.

        Raises:
            RegistryError: a signature is wanted, and the registry did not say what there is.
        """
        digest = str(artifact.digest)
        repository = self._home(source, digest)
        verify = self._verifier(repository, digest) if repository else None
        return self._judge(repository or source, digest, _layers(store, artifact), verify, _parts(artifact))

    def answer(self, opened: OpenArtifact) -> PolicyAnswer:
        """Return what the policies say of an opened target; raises as `judge_artifact`."""
        judgement = self.judge_artifact(opened.store, opened.origin.name, opened.artifact)
        return PolicyAnswer(opened.origin, judgement.subject.name, judgement.allowed, judgement.rulings)

    def _judge(
        self,
        source: str,
        digest: str,
        trees: Iterable[FileTree],
        verify: Callable[[Trust], Verification] | None,
        parts: frozenset[str] = frozenset(),
    ) -> Judgement:
        is_local = "/" not in source
        subject = Subject(name=LOCAL + source if is_local else canonical_name(source), digest=digest, parts=parts)
        reads_surface = wants_surface(self.policies, subject)
        licenses: set[str] = set()
        surfaces: list[Surface] = []
        for tree in trees:
            licenses.add(read_manifest(tree, where=source).license)
            if reads_surface:
                surfaces.append(read_surface(tree))
        subject = evolve(
            subject,
            license=licenses.pop() if len(licenses) == 1 else None,
            surface=tuple(surfaces) if reads_surface else None,
        )
        return judge(self.policies, subject, verify)

    def _verifier(self, repository: str, digest: str) -> Callable[[Trust], Verification]:
        return lambda trust: verify_signatures(self.signatures(), repository, Digest.parse(digest), trust)

    def _home(self, source: str, digest: str) -> str:
        """Return the repository that an artifact is from, by its reference or that of a build with the same digest; "" for none."""
        for name in (source, *(str(entry.tag) for entry in self.store.tags() if entry.digest == digest)):
            if "://" in name:
                return ""
            try:
                if parse_reference(name).reference:
                    return repository_of(name)
            except InvalidReferenceError:
                continue
        return ""

    def _parts(self, digest: str) -> frozenset[str]:
        """Return the digests of what was handed out before, as far as the store still has it; a commit has none."""
        try:
            return _parts(load_artifact(self.store, Digest.parse(digest)))
        except ToolhiveError:
            return frozenset()

    def _key(self, source: str, digest: str) -> Digest:
        roots = {rule.trust.trusted_root for policy in self.policies for rule in policy.rules if rule.trust is not None}
        parts = (_ADMITTED, source, digest, *map(repr, self.policies), *map(_state, sorted(roots - {""})))
        return Digest.of("\0".join(parts).encode("utf-8", "surrogatepass"))

    def _remember(self, source: str, digest: str) -> None:
        self.store.remember(self._key(source, digest), _ADMITTED)


def _state(path: str) -> str:
    """Return what changes whenever a file does."""
    try:
        found = os.stat(path)  # noqa: PTH116 - as text
    except (OSError, ValueError):
        return "gone"
    return f"{found.st_dev} {found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def _parts(artifact: Artifact) -> frozenset[str]:
    return frozenset(
        str(digest) for variant in artifact.variants for digest in (variant.manifest_digest, variant.layer.digest)
    )


def _layers(store: Store, artifact: Artifact) -> Iterator[FileTree]:
    """Yield the files of each layer of an artifact, open until the next is asked for."""
    for variant in {variant.layer.digest: variant for variant in artifact.variants}.values():
        with open_layer(store, variant) as tree:
            yield tree
