"""The service: everything the command does, without printing. The counterpart of ToolHive's `pluginsvc`, with more operations.

What a method does is in a module of its own, imported when the method is first called, so that a program that lists builds does
not load what verifies them.
"""

import os
from _thread import RLock
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins import (
        Client,
        GcReport,
        Platform,
        PluginPackager,
        Progress,
        RegistryCatalog,
        RegistryClient,
        Store,
        Tag,
        ToolhiveError,
        ValidationReport,
    )
    from toolhive_plugins_clients import Homes
    from toolhive_plugins_installs import Gate, HandedOut, Judge, Resolver, Seeded, SeedRequest
    from toolhive_plugins_service.attesting import Attested
    from toolhive_plugins_service.builds import Build, BuildRequest
    from toolhive_plugins_service.catalog_names import Reader
    from toolhive_plugins_service.comparison import Comparison
    from toolhive_plugins_service.content import Content
    from toolhive_plugins_service.extraction import Extracted, ExtractRequest
    from toolhive_plugins_service.inspection import Inspection
    from toolhive_plugins_service.installs import Installs
    from toolhive_plugins_service.listing import StoredBuild
    from toolhive_plugins_service.opening import Opener
    from toolhive_plugins_service.policies import PolicyAnswer
    from toolhive_plugins_service.signing import Signing
    from toolhive_plugins_service.sources import Source
    from toolhive_plugins_service.store_check import StoreCheck
    from toolhive_plugins_service.tagging import Copied, RepositoryTags, Tagged
    from toolhive_plugins_service.transfer import Pulled, Pushed
    from toolhive_plugins_service.verification import Verification
    from toolhive_plugins_signatures import CarryingRegistry, Policy, StatementSigner, Trust


class Service:
    """Plugins, from a directory to a registry and back.

    A *target* is what a person names: a local tag, a digest, or the first 7 or more of its hexadecimal digits; a reference in a
    registry, `registry/repository:tag`; or, where that makes sense, a directory, `./name`. A target in a registry is
    fetched for the one call and kept nowhere.

    Args:
        store: where builds and pulled plugins are kept.
        make_packager: returns a packager into the store it is given; None for this project's.
        make_registry: returns the registry client; None for this project's, with Docker's credentials. It is called once at most,
            when something is first sent or fetched; who made the client closes it.
        make_catalog: returns what lists, tags and copies in registries; None for this project's. It is called once at most.
        make_reader: returns what fetches catalogs of plugins; None for this project's. It is called once at most.
        catalogs: returns where names of plugins are looked up, as CatalogNames has them; asked where a name is.
        make_signatures: returns what reads and writes signatures in registries; None for this project's. It is called once at most.
        policies: returns the policies that are in force; asked once, before content is first handed on. All of them must allow it.
    """

    def __init__(
        self,
        store: "Store",
        *,
        make_packager: "Callable[[Store], PluginPackager] | None" = None,
        make_registry: "Callable[[], RegistryClient] | None" = None,
        make_catalog: "Callable[[], RegistryCatalog] | None" = None,
        make_reader: "Callable[[], Reader] | None" = None,
        catalogs: "Callable[[], Sequence[str]]" = tuple,
        make_signatures: "Callable[[], CarryingRegistry] | None" = None,
        policies: "Callable[[], Sequence[Policy]]" = tuple,
    ) -> None:
        self._store = store
        self._make_packager = make_packager
        self._make_registry = make_registry
        self._make_catalog = make_catalog
        self._make_reader = make_reader
        self._catalogs = catalogs
        self._made_registry: RegistryClient | None = None
        self._made_catalog: RegistryCatalog | None = None
        self._made_reader: Reader | None = None
        self._make_signatures = make_signatures
        self._made_signatures: CarryingRegistry | None = None
        self._policies = policies
        self._made_gate: Gate | None = None
        self._making = RLock()  # threads may push and pull at once

    @property
    def store(self) -> "Store":
        """The store that the service works on."""
        return self._store

    def build(self, request: "BuildRequest") -> "Build":
        """Package a directory into the store, tag it, and mark it as made on this machine.

        Raises: PluginError, InvalidTagError, InvalidEpochError, or another ToolhiveError where the store cannot be written.
        """
        from toolhive_plugins_service.builds import build

        return build(self._store, self._packager(self._store), request)

    def validate(
        self, directory: str, clients: "Iterable[Client] | None" = None, *, revision: str | None = None
    ) -> "ValidationReport":
        """Find every problem of a plugin directory.

        Args:
            directory: the plugin's directory.
            clients: the clients that it is for; all by default. What every one of them refuses is an error.
            revision: names the commit to read it from; None for the files as they are on disk.

        Raises:
            InvalidPluginDirError: there is no such directory.
            CommitNotFoundError: there is no such commit, or the directory is not in it.
            GitError: git is not installed, or failed.
        """
        from toolhive_plugins_service.validation import validate

        return validate(directory, clients, revision)

    def push(self, tag: str, ref: str, *, progress: "Progress | None" = None) -> "Pushed":
        """Send the local build that `tag` names to where `ref` says.

        Raises: TargetNotFoundError, NotAPluginError, InvalidReferenceError, RegistryError, CredentialError.
        """
        from toolhive_plugins_service.transfer import push

        return push(self._store, self._registry, tag, ref, progress)

    def push_signed(
        self, tag: str, ref: str, sign: "Callable[[str], object]", *, progress: "Progress | None" = None
    ) -> "Pushed":
        """Send a build by its digest, have `sign` sign the reference that it is given, and only then set the tag.

        Raises: as `push`, and what `sign` raises.
        """
        from toolhive_plugins_service.signing import push_signed

        return push_signed(self._store, self._registry(), self._catalog(), tag, ref, sign, progress)

    def attest(
        self,
        ref: str,
        signer: "StatementSigner",
        *,
        directory: str = "",
        source: "Source | None" = None,
        builder: str = "",
        version: str = "",
        progress: "Progress | None" = None,
    ) -> "Attested":
        """State what a plugin in a registry could run and, with its directory, how it was built: built again first, and compared.

        Args:
            ref: names the plugin.
            signer: signs the statements.
            directory: its source; empty if nothing is to be said of how it was built.
            source: where the directory's files are read from.
            builder: a URI for where it was built; empty for somebody's own machine.
            version: of the program that builds it again.
            progress: is told how the fetch progresses.

        Raises: as `signing.sign` and `verify`.
        """
        from toolhive_plugins_service.attesting import Attested, Attesting
        from toolhive_plugins_service.sources import Source
        from toolhive_plugins_service.targets import RemoteTarget

        registry, repository, digest = self.signing.resolve(ref)
        with self._opener(progress).artifact(RemoteTarget(f"{repository}@{digest}")) as opened:
            attesting = Attesting(opened, registry, repository, digest, signer)
            found = None
            signed = []
            if directory:
                found, made = attesting.provenance(directory, source or Source(), builder, version, self._packager)
                if made is None:
                    return Attested((), found)
                signed.append(made)
            return Attested((attesting.surface(), *signed), found)

    @property
    def signing(self) -> "Signing":
        """What signs, and looks at signatures."""
        from toolhive_plugins_service.signing import Signing

        return Signing(self._store, self._signatures)

    def pull(self, ref: str, *, progress: "Progress | None" = None) -> "Pulled":
        """Fetch what `ref` names into the store, tagged as `ref`.

        Raises: InvalidReferenceError, RegistryError, CredentialError, NotAPluginError, and others for content that is not what it
            was promised to be; PolicyRefusedError where a policy forbids it.
        """
        from toolhive_plugins_service.transfer import pull

        return pull(self._store, self._registry(), ref, progress, self.gate)

    def judge(self, target: str, *, progress: "Progress | None" = None) -> "PolicyAnswer":
        """Return what the policies that are in force say of a target: each requirement, and why it holds or not.

        Raises: TargetNotFoundError, NotAPluginError, RegistryError; PolicyError where a policy is not understood.
        """
        from toolhive_plugins_service.policies import PolicyGate
        from toolhive_plugins_service.targets import parse_artifact_target

        gate = PolicyGate(tuple(self._policies()), self._store, self._signatures)
        with self._opener(progress).artifact(parse_artifact_target(self._store, target)) as opened:
            return gate.answer(opened)

    @property
    def gate(self) -> "Gate | None":
        """What asks the policies, made on first use; None where there is no policy, and everything may be handed on.

        Raises:
            PolicyError: a policy is not understood.
        """
        with self._making:
            if self._made_gate is None:
                policies = tuple(self._policies())
                if policies:
                    from toolhive_plugins_service.policies import PolicyGate

                    self._made_gate = PolicyGate(policies, self._store, self._signatures)
            return self._made_gate

    def tag(self, source: str, tag: str) -> "Tagged":
        """Give the local build that `source` names another tag.

        Raises: TargetNotFoundError, InvalidTagError.
        """
        from toolhive_plugins_service.tagging import tag_build

        return tag_build(self._store, source, tag)

    def tags(self, repository: str) -> "RepositoryTags":
        """Return the tags of a repository, `registry/repository`.

        Raises: InvalidReferenceError, RegistryError, CredentialError.
        """
        from toolhive_plugins_service.tagging import list_tags

        return list_tags(self._catalog(), repository)

    def copy(self, source: str, target: str, *, progress: "Progress | None" = None) -> "Copied":
        """Copy an artifact and its signatures from one reference to another, byte for byte, without storing anything here.

        Raises: InvalidReferenceError, RegistryError, CredentialError, SigningError.
        """
        from toolhive_plugins_service.tagging import copy

        return copy(self._catalog(), self._signatures(), source, target, progress)

    def list_builds(self) -> "tuple[StoredBuild, ...]":
        """Return what is tagged in the store, by tag; damaged builds too, with their damage."""
        from toolhive_plugins_service.listing import list_builds

        return list_builds(self._store)

    def displaced(self) -> "tuple[Tag, ...]":
        """Return builds of ours whose tags another program has given to other builds; see `Store.displaced`."""
        return self._store.displaced()

    def delete_build(self, tag: str) -> None:
        """Delete a tag, and whatever no other build uses.

        Raises:
            StoreNotFoundError: there is no such tag.
        """
        self._store.delete_build(tag)

    def gc(self, *, grace: float = 3600.0) -> "GcReport":
        """Delete what no build uses and what interrupted runs left; what is younger than `grace` seconds is spared.

        Folders that `path` handed out go 30 days after they were last asked for.
        """
        if os.path.isdir(f"{self._store.root}.folders"):  # noqa: PTH112 - where there is none, what reads them is not loaded
            from toolhive_plugins_installs import PluginFolders

            folders = PluginFolders(self._store.root)
            with folders.locked():
                folders.sweep()
        return self._store.gc(grace=grace)

    def check(self) -> "StoreCheck":
        """Look for damage in the store."""
        from toolhive_plugins_service.store_check import StoreCheck

        return StoreCheck(str(self._store.root), self._store.check())

    def repair(self) -> "StoreCheck":
        """Repair what can be repaired in the store, and return what was found."""
        from toolhive_plugins_service.store_check import StoreCheck

        return StoreCheck(str(self._store.root), self._store.repair())

    def content(
        self, target: str, *, platform: "Platform | None" = None, progress: "Progress | None" = None
    ) -> "Content":
        """Return the metadata and the files of a target, without installing it.

        Raises: TargetNotFoundError, NotAPluginError, RegistryError, PluginError.
        """
        from toolhive_plugins_service.content import artifact_content, directory_content
        from toolhive_plugins_service.targets import DirectoryTarget, parse_target

        found = parse_target(self._store, target)
        if isinstance(found, DirectoryTarget):
            return directory_content(found)
        with self._opener(progress).artifact(found) as opened:
            return artifact_content(opened, platform)

    def file(
        self, target: str, path: str, *, platform: "Platform | None" = None, progress: "Progress | None" = None
    ) -> Iterator[bytes]:
        """Yield the content of one file of a target.

        Raises: as `content`, and TargetNotFoundError where there is no such file.
        """
        from toolhive_plugins_service.content import file_chunks
        from toolhive_plugins_service.targets import parse_target

        with self._opener(progress).tree(parse_target(self._store, target), platform) as (origin, tree):
            yield from file_chunks(origin, tree, path)

    def inspect(
        self,
        target: str,
        *,
        platform: "Platform | None" = None,
        revision: str | None = None,
        progress: "Progress | None" = None,
    ) -> "Inspection":
        """Return what a target would run, read from its content, and where its labels say otherwise.

        Args:
            target: what to look into.
            platform: of an artifact, whose files; None for its first one.
            revision: names the commit to read a directory from; None for the files as they are on disk.
            progress: receives the progress of a fetch.

        Raises: TargetNotFoundError, NotAPluginError, RegistryError, PluginError, GitError.
        """
        from toolhive_plugins_service.inspection import inspect_artifact, inspect_directory
        from toolhive_plugins_service.targets import DirectoryTarget, all_at_commit, parse_target

        (found,) = all_at_commit((parse_target(self._store, target),), revision)
        if isinstance(found, DirectoryTarget):
            return inspect_directory(found)
        with self._opener(progress).artifact(found) as opened:
            return inspect_artifact(opened, platform)

    def diff(
        self, old: str, new: str, *, revision: str | None = None, progress: "Progress | None" = None
    ) -> "Comparison":
        """Return what changed from one target to another: what runs first, then files, then metadata.

        Args:
            old: the older version.
            new: the newer one.
            revision: names the commit to read each directory from; None for the files as they are on disk.
            progress: receives the progress of a fetch.

        Raises: TargetNotFoundError, NotAPluginError, RegistryError, PluginError, GitError.
        """
        from toolhive_plugins_service.comparing import compare_targets
        from toolhive_plugins_service.targets import all_at_commit, parse_target

        targets = (parse_target(self._store, old), parse_target(self._store, new))
        before, after = all_at_commit(targets, revision)
        return compare_targets(self._opener(progress), before, after)

    def verify(
        self, directory: str, target: str, *, source: "Source | None" = None, progress: "Progress | None" = None
    ) -> "Verification":
        """Tell whether an artifact was built from a directory.

        Args:
            directory: the source.
            target: the artifact.
            source: where the directory's files are read from; None for the files as they are on disk.
            progress: receives the progress of a fetch.

        Raises: TargetNotFoundError, NotAPluginError, RegistryError, PluginError, GitError.
        """
        from toolhive_plugins_service.sources import Source
        from toolhive_plugins_service.targets import parse_artifact_target
        from toolhive_plugins_service.verification import verify

        found = parse_artifact_target(self._store, target)
        with self._opener(progress).artifact(found) as opened:
            return verify(opened, directory, self._packager, source or Source())

    def extract(self, request: "ExtractRequest", *, progress: "Progress | None" = None) -> "Extracted":
        """Write the files of a target to a directory: all or nothing, and nothing outside it.

        Raises: TargetNotFoundError, NotAPluginError (NameMismatchError where it poses as another), DestinationError, RegistryError,
            PolicyRefusedError.
        """
        from toolhive_plugins_service.extraction import extract
        from toolhive_plugins_service.targets import parse_artifact_target

        found = parse_artifact_target(self._store, request.target)
        with self._opener(progress).artifact(found) as opened:
            if self.gate is not None:
                self.gate.admit_artifact(opened.store, opened.origin.name, opened.artifact)
            return extract(opened, request)

    def path(
        self,
        target: str,
        *,
        accept_growth: bool = False,
        trust: "Trust | None" = None,
        allow_unsigned: bool = False,
        allow_signer_change: bool = False,
        allow_downgrade: bool = False,
        progress: "Progress | None" = None,
    ) -> "HandedOut":
        """Return a read-only folder of a plugin, which is written if it is not there as it was written before.

        Args:
            target: a reference, a local tag or digest, a git address, or a name in a catalog.
            accept_growth: whether a target that may change may have something now that can do more than what it had last.
            trust: whose signature is wanted of what such a target has now; None where it is to be signed as what it had last.
            allow_unsigned: whether it may be unsigned although that was signed.
            allow_signer_change: whether it may be signed by somebody else.
            allow_downgrade: whether it may be older than what it had last.
            progress: receives the progress of a fetch.

        Raises: UnknownTargetError, InvalidTargetError, GrowthError, UntrustedError, NotAPluginError, RegistryError, GitError, PluginError,
            DiskError.
        """
        from toolhive_plugins_installs import Judging, PluginFolders, hand_out

        folders = PluginFolders(self._store.root)
        return hand_out(
            folders,
            self._store,
            self._resolver,
            target,
            accept_growth=accept_growth,
            allow_downgrade=allow_downgrade,
            make_judging=lambda: Judging(
                judge=self._signature_judge(trust),
                allow_unsigned=allow_unsigned,
                allow_signer_change=allow_signer_change,
            ),
            make_gate=lambda: self.gate,
            progress=progress,
        )

    def seed(self, request: "SeedRequest", *, progress: "Progress | None" = None) -> "Seeded":
        """Write a `CLAUDE_CODE_PLUGIN_SEED_DIR` with plugins: all of it or nothing.

        Raises: FolderTakenError, UnknownTargetError, InvalidTargetError, NotAPluginError, RegistryError, GitError, PluginError,
            ClientFileError, DiskError.
        """
        from toolhive_plugins_installs import RecordBook, write_seed

        return write_seed(RecordBook(self._store.root), self._resolver(), request, progress=progress)

    def installs(
        self,
        *,
        homes: "Homes | None" = None,
        judge: "Judge | None" = None,
        trust: "Trust | None" = None,
        notify: "Callable[[str], None] | None" = None,
        failed: "Callable[[ToolhiveError], None] | None" = None,
    ) -> "Installs":
        """Return what installs plugins into clients, and keeps them there.

        Args:
            homes: where the user's clients keep their files; None for what the environment says.
            judge: decides what may be installed; None for one that looks for signatures.
            trust: whose signature that one wants; None where it is to be signed as what is installed or locked.
            notify: called with what was done about a run that was killed.
            failed: called with each failure that does not stop the rest.

        Raises:
            PlacementError: the environment names no home that can be used.
            UnsupportedSystemError: this is Windows.
        """
        import os

        from toolhive_plugins_clients import homes_from
        from toolhive_plugins_installs import RecordBook, Site, check_supported
        from toolhive_plugins_service.installs import Installs, JudgeOnDemand, compare_plugins

        check_supported()
        site = Site(
            book=RecordBook(self._store.root),
            resolver=self._resolver(),
            homes=homes or homes_from(os.environ),
            compare=compare_plugins,
            judge=judge or JudgeOnDemand(lambda: self._signature_judge(trust)),
            denied_by=self._denied_by,
            notify=notify or (lambda _: None),
            failed=failed or (lambda _: None),
        )
        return Installs(site, self._resolver(fetches=False), self._scratch_resolver, self._catalog)

    def _denied_by(self, digests: Collection[str]) -> str:
        policies = tuple(self._policies())
        if not policies:
            return ""
        from toolhive_plugins_service.policies import PolicyGate

        gate = PolicyGate(policies, self._store, self._signatures)
        return next(filter(None, map(gate.denied_by, digests)), "")

    def _signature_judge(self, trust: "Trust | None") -> "Judge":
        """Return what finds out who signed a plugin; the keys that policies name are known to it."""
        from attrs import evolve

        from toolhive_plugins_installs import SignatureJudge
        from toolhive_plugins_signatures import Trust

        wanted = trust or Trust()
        known = [rule.trust for policy in self._policies() for rule in policy.rules if rule.trust is not None]
        if not wanted.trusted_root:
            wanted = evolve(wanted, trusted_root=next((each.trusted_root for each in known if each.trusted_root), ""))
        return SignatureJudge(self._signatures, wanted, tuple(key for each in known for key in each.keys))

    def _resolver(self, store: "Store | None" = None, *, fetches: bool = True) -> "Resolver":
        from toolhive_plugins_installs import Resolver
        from toolhive_plugins_service.catalog_names import CatalogNames

        names = CatalogNames(self._catalogs, self._reader)
        registry = self._registry if fetches else None
        if store is not None:  # what is only looked at is handed to nobody
            return Resolver(store, registry, names)
        return Resolver(self._store, registry, names, lambda: self.gate)

    @contextmanager
    def _scratch_resolver(self) -> "Iterator[Resolver]":
        from tempfile import TemporaryDirectory

        from toolhive_plugins import Store

        with TemporaryDirectory(prefix="thv-plugin-") as folder, Store(folder) as scratch:
            yield self._resolver(scratch)

    def _reader(self) -> "Reader":
        if self._made_reader is None:
            if self._make_reader is not None:
                self._made_reader = self._make_reader()
            else:
                from toolhive_plugins import Registry

                self._made_reader = Registry()
        return self._made_reader

    def _packager(self, store: "Store") -> "PluginPackager":
        if self._make_packager is not None:
            return self._make_packager(store)
        from toolhive_plugins import Packager

        return Packager(store)

    def _registry(self) -> "RegistryClient":
        with self._making:
            if self._made_registry is None:
                if self._make_registry is not None:
                    self._made_registry = self._make_registry()
                else:
                    from toolhive_plugins import Registry

                    self._made_registry = Registry()
            return self._made_registry

    def _catalog(self) -> "RegistryCatalog":
        if self._made_catalog is None:
            if self._make_catalog is not None:
                self._made_catalog = self._make_catalog()
            else:
                from toolhive_plugins import Registry

                self._made_catalog = Registry()
        return self._made_catalog

    def _signatures(self) -> "CarryingRegistry":
        with self._making:
            if self._made_signatures is None:
                if self._make_signatures is not None:
                    self._made_signatures = self._make_signatures()
                else:
                    from toolhive_plugins import Registry

                    self._made_signatures = Registry()
            return self._made_signatures

    def _opener(self, progress: "Progress | None") -> "Opener":
        from toolhive_plugins_service.opening import Opener

        return Opener(self._store, self._registry, progress)
