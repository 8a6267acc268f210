"""From a target to a plugin's files: pulled into the store, found there, or cloned."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from toolhive_plugins import (
    Artifact,
    Digest,
    FileTree,
    NameMismatchError,
    NotAPluginError,
    Platform,
    PluginManifest,
    Progress,
    RegistryClient,
    Store,
    StoreNotFoundError,
    ToolhiveError,
    Variant,
    check_portable,
    check_surface_size,
    is_plugin_name,
    load_artifact,
    open_layer,
    open_plugin_clone,
    parse_reference,
    read_manifest,
    shown,
)
from toolhive_plugins_installs.errors import AmbiguousTargetError, InvalidTargetError
from toolhive_plugins_installs.gate import Gate
from toolhive_plugins_installs.git_targets import GitTarget, is_git_target, parse_git_target
from toolhive_plugins_installs.local_builds import LocalTagTarget
from toolhive_plugins_installs.pulling import pull_artifact
from toolhive_plugins_installs.resolved import CatalogEntry, NameResolver, ResolvedPlugin, SourceKind
from toolhive_plugins_installs.targets import (
    CatalogName,
    ReferenceTarget,
    parse_install_target,
    unknown_target,
)

_MAX_CANDIDATES = 5


class Resolver:
    """Resolves targets.

    Args:
        store: where artifacts are pulled to and local builds are.
        registry: returns what pulls; called only where something is pulled. None for a resolver that pulls nothing.
        names: looks names up in catalogs; None where there are none.
        gate: returns what decides what may be handed on, or None where everything may be; called where something is.
    """

    def __init__(
        self,
        store: Store,
        registry: Callable[[], RegistryClient] | None,
        names: NameResolver | None = None,
        gate: Callable[[], Gate | None] | None = None,
    ) -> None:
        self._store = store
        self._registry = registry
        self._names = names
        self._gate = gate

    @contextmanager
    def open(self, text: str, *, progress: Progress | None = None) -> Iterator[ResolvedPlugin]:
        """Resolve what a person wrote, asking the registry or the repository what it names now.

        Raises:
            InvalidTargetError, UnknownTargetError: as `parse_install_target`; AmbiguousTargetError if several catalogs list the name.
            NotAPluginError: it is not a plugin, or not one that can be installed; NameMismatchError where it poses as another.
            SurfaceLimitError: it has more in it than anybody could look through.
            RegistryError, CredentialError, GitError, StoreError: it cannot be had.
            ToolhiveError: as `Gate`: it may not be handed on.
        """
        target = parse_install_target(self._store, text)
        match target:
            case CatalogName():
                entry = self._look_up(target.name)
                with self._at(entry.reference, entry.catalog, text, progress) as plugin:
                    if plugin.name != entry.name.lower():
                        raise _mismatch(plugin.name, entry.name, "the catalog", text)
                    yield plugin
            case LocalTagTarget():
                with self._local(target.digest, text, named=target.name) as plugin:
                    yield plugin
            case ReferenceTarget():
                with self._pulled(str(target), text, "", progress) as plugin:
                    yield plugin
            case GitTarget():
                with self._cloned(target, text, "") as plugin:
                    yield plugin

    @contextmanager
    def open_pinned(
        self, reference: str, *, source: str = "", progress: Progress | None = None
    ) -> Iterator[ResolvedPlugin]:
        """Open what a reference names that always names the same content: what `ResolvedPlugin.reference` or `pin` gave.

        What the store has already is not fetched again.

        Args:
            reference: `registry/repository@digest`, `git://…@commit`, or a digest that the store has.
            source: the target as it was once written; empty for the reference itself.
            progress: receives the progress of a pull.

        Raises: as `open`, and InvalidTargetError where the reference is not pinned.
        """
        with self._at(reference, "", source or reference, progress) as plugin:
            yield plugin

    @contextmanager
    def _at(self, reference: str, catalog: str, source: str, progress: Progress | None) -> Iterator[ResolvedPlugin]:
        if is_git_target(reference):
            target = parse_git_target(reference)
            if not target.is_commit:
                raise _not_pinned(reference)
            with self._cloned(target, source, catalog) as plugin:
                yield plugin
        elif "/" not in reference:
            with self._local(Digest.parse(reference), source) as plugin:
                yield plugin
        else:
            if not parse_reference(reference).is_digest:
                raise _not_pinned(reference)
            with self._pulled(reference, source, catalog, progress) as plugin:
                yield plugin

    def _look_up(self, name: str) -> CatalogEntry:
        entries = list(self._names.find(name)) if self._names is not None else []
        references = {entry.reference: entry for entry in entries}
        if not references:
            raise unknown_target(self._store, name)
        if len(references) > 1:
            candidates = sorted(f"{shown(entry.reference)} ({shown(entry.catalog)})" for entry in references.values())
            more = len(candidates) - _MAX_CANDIDATES
            raise AmbiguousTargetError(
                f"the catalogs list {len(candidates)} plugins of that name",
                where=shown(name),
                remedy="Name one by its reference: "
                + ", ".join(candidates[:_MAX_CANDIDATES])
                + (f" and {more} more" if more > 0 else ""),
            )
        return entries[0]

    @contextmanager
    def _local(self, digest: Digest, source: str, named: str = "") -> Iterator[ResolvedPlugin]:
        artifact = load_artifact(self._store, digest)
        self._admit(named or source, artifact)
        expected = named if is_plugin_name(named) and not digest.encoded.startswith(named) else ""
        with self._opened(artifact, expected, "its tag", source) as (tree, manifest):
            yield ResolvedPlugin(
                source,
                SourceKind.LOCAL,
                digest,
                digest,
                manifest.name,
                manifest.version,
                manifest.description,
                tree,
                artifact,
            )

    @contextmanager
    def _pulled(self, reference: str, source: str, catalog: str, progress: Progress | None) -> Iterator[ResolvedPlugin]:
        parsed = parse_reference(reference)
        artifact = self._kept(reference) if parsed.is_digest and self._may_be_from(reference) else None
        if artifact is None:
            if self._registry is None:
                raise StoreNotFoundError("the store does not have it, and nothing is fetched", where=shown(reference))
            artifact = pull_artifact(self._store, self._registry(), reference, progress, self._asked_gate())
        else:
            self._admit(reference, artifact)
        pinned = f"{parsed.registry}/{parsed.repository}@{artifact.digest}"
        name = parsed.repository.rpartition("/")[2]
        with self._opened(artifact, name, "its repository", source) as (tree, manifest):
            yield ResolvedPlugin(
                source,
                SourceKind.REGISTRY,
                pinned,
                artifact.digest,
                manifest.name,
                manifest.version,
                manifest.description,
                tree,
                artifact,
                catalog,
            )

    def _asked_gate(self) -> Gate | None:
        return None if self._gate is None else self._gate()

    def _admit(self, source: str, artifact: Artifact) -> None:
        gate = self._asked_gate()
        if gate is not None:
            gate.admit_artifact(self._store, source, artifact)

    def _may_be_from(self, reference: str) -> bool:
        """Tell whether what the store has of a digest may stand for what the reference names.

        Where something decides by where plugins come from, it may not if the store has it from elsewhere alone: anybody can write the
        name of a trusted repository before a digest.
        """
        if self._registry is None or self._asked_gate() is None:
            return True
        parsed = parse_reference(reference)
        repository = f"{parsed.registry}/{parsed.repository}"
        return any(
            tag.digest == parsed.reference and str(tag.tag).startswith((f"{repository}:", f"{repository}@"))
            for tag in self._store.tags()
        )

    def _kept(self, reference: str) -> Artifact | None:
        """Return what the store has whole of a pinned reference."""
        try:
            artifact = load_artifact(self._store, Digest.parse(parse_reference(reference).reference))
            return artifact if all(self._store.has_blob(each.layer.digest) for each in artifact.variants) else None
        except ToolhiveError:  # it is not there, or damaged: then it is fetched
            return None

    @contextmanager
    def _opened(
        self, artifact: Artifact, expected: str, whose: str, where: str
    ) -> Iterator[tuple[FileTree, PluginManifest]]:
        """Open what an artifact has for this machine, and check that it is what it is called."""
        variant = choose_variant(artifact)
        with open_layer(self._store, variant) as tree:
            manifest = checked_manifest(tree, expected, whose, where)
            if manifest.name != variant.config.name:
                raise _mismatch(manifest.name, variant.config.name, "its label", where)
            yield tree, manifest

    @contextmanager
    def _cloned(self, target: GitTarget, source: str, catalog: str) -> Iterator[ResolvedPlugin]:
        with open_plugin_clone(
            target.url,
            branch="" if target.is_commit else target.ref,
            commit=target.ref if target.is_commit else "",
            subdir=target.subdir,
        ) as clone:
            manifest = checked_manifest(clone.tree, target.expected_name, "its folder or repository", source)
            check_surface_size(clone.tree)
            pinned = target.at(clone.commit)
            if not pinned.is_commit:
                raise InvalidTargetError(
                    "the repository's object IDs are not SHA-1, and neither references nor lock files can name its commits",
                    where=shown(source),
                    remedy="Build the plugin from a clone, and install the build",
                )
            gate = self._asked_gate()
            if gate is not None:
                gate.admit_tree(str(pinned), clone.commit, clone.tree)
            yield ResolvedPlugin(
                source,
                SourceKind.GIT,
                str(pinned),
                clone.commit,
                manifest.name,
                manifest.version,
                manifest.description,
                clone.tree,
                catalog=catalog,
            )


def pin(reference: str, digest: str) -> str:
    """Return a reference that always names the content of `digest`, from one that may carry a tag or branch.

    Args:
        reference: as a lock file has it.
        digest: of the artifact, or of the commit.

    Raises:
        InvalidTargetError, InvalidReferenceError: the reference is malformed.
    """
    if is_git_target(reference):
        return str(parse_git_target(reference).at(digest))
    parsed = parse_reference(reference)
    return f"{parsed.registry}/{parsed.repository}@{Digest.parse(digest)}"


_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def choose_variant(artifact: Artifact) -> Variant:
    """Return what an artifact has for this machine: its system and processor, else its processor, else the first."""
    import platform  # lazily: it costs more than all of this module

    here = Platform(
        platform.system().lower(), _ARCHITECTURES.get(platform.machine().lower(), platform.machine().lower())
    )
    for variant in artifact.variants:
        if variant.platform == here:
            return variant
    same = [each for each in artifact.variants if each.platform.architecture == here.architecture]
    return (same or artifact.variants)[0]


def checked_manifest(tree: FileTree, expected: str, whose: str, where: str) -> PluginManifest:
    """Return the manifest of a plugin that can be installed.

    Args:
        tree: the plugin's files.
        expected: the name that it must have; empty for any.
        whose: what expects it, in errors.
        where: the target, in errors.

    Raises:
        NotAPluginError: its name, or the name of a file, cannot be had on a disk; NameMismatchError where it is not the expected one.
        PluginError: it has no `plugin.json`, or one that cannot be read.
    """
    manifest = read_manifest(tree, where=where)
    if not is_plugin_name(manifest.name):
        raise NotAPluginError(
            f"the plugin calls itself {shown(manifest.name)!r}, which no folder of a plugin may be called",
            where=shown(where),
            remedy="Ask its publisher for a name of 2 to 64 lower-case letters, digits and single hyphens",
        )
    if expected and manifest.name != expected:
        raise _mismatch(manifest.name, expected, whose, where)
    for path in tree.files:
        check_portable(path)
    return manifest


def _mismatch(name: str, expected: str, whose: str, where: str) -> NameMismatchError:
    return NameMismatchError(
        f"the plugin calls itself {shown(name)!r}, and {whose} {shown(expected)!r}",
        where=shown(where),
        remedy="A plugin is published under its own name; this one may pose as another",
    )


def _not_pinned(reference: str) -> InvalidTargetError:
    return InvalidTargetError(
        "does not always name the same content", where=shown(reference), remedy="Give its digest, or a commit"
    )
