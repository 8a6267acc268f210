"""What changed between two versions of a plugin: what it can do first, then code, files, metadata, and what the artifacts say.

Two things are told apart. It *can do more*: something that can run or load came or changed, or rights, reach or what is not
understood grew. Or it is the *same, with other code*: a file that can run, or be run, came or has other content, whether something
names it or not.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import evolve, frozen

from toolhive_plugins import (
    Artifact,
    ChangeKind,
    CodeChange,
    FileTree,
    Irregular,
    PartChange,
    Platform,
    PluginManifest,
    Surface,
    Variant,
    code_changes,
    compare_surfaces,
    facts_of,
    parse_json,
    read_manifest,
    read_surface,
    to_json,
)
from toolhive_plugins_service.files import FileChange, FileChangeKind, compare_trees
from toolhive_plugins_service.targets import Origin

EXECUTABLE = "executable"
"""The component of a file that became able to run by itself."""


@frozen
class SurfaceChange:
    """A part of the surface that is not the same."""

    kind: ChangeKind
    component: str
    """What it is: a kind of part (`hook`, `MCP server`, `unknown` ...), or `executable`."""
    name: str
    """Of the component: a hook's event and matcher, a server's name, a file's path."""
    old: tuple[str, ...]
    """What the older version says of it, a value a line; empty where it was added."""
    new: tuple[str, ...]
    """What the newer version says of it; empty where it was removed."""
    grew: bool
    """Whether the newer version can run, load or be granted something by it that the older could not."""
    platform: str = ""
    """The platform whose files it is in; empty where all platforms have the same."""


@frozen
class MetadataChange:
    """A field that is not the same, of `plugin.json` or of an artifact's documents."""

    field: str
    old: str
    new: str


@frozen
class Side:
    """One version of a plugin, with its files for one platform."""

    origin: Origin
    tree: FileTree
    artifact: Artifact | None = None
    """None for a directory."""
    irregular: tuple[Irregular, ...] = ()
    """Of a directory: what keeps it from being packaged."""


@frozen
class Comparison:
    """What changed from one version to another."""

    old: Origin
    new: Origin
    name: str
    """The newer one's."""
    old_version: str
    new_version: str
    surface: tuple[SurfaceChange, ...]
    programs: tuple[FileChange, ...]
    """Files that can run, or be run, and came or have other content."""
    files: tuple[FileChange, ...]
    """All files that are not the same, those in `programs` included."""
    metadata: tuple[MetadataChange, ...]
    documents: tuple[MetadataChange, ...] = ()
    """What configs, manifests and index of two artifacts say differently, their compressed layers aside."""

    @property
    def grew(self) -> bool:
        """Whether the newer version can do more."""
        return any(change.grew for change in self.surface)

    @property
    def other_code(self) -> bool:
        """Whether code that can run came or is not the same."""
        return bool(self.programs)

    @property
    def same(self) -> bool:
        """Whether nothing changed at all."""
        return not (self.surface or self.programs or self.files or self.metadata or self.documents)


def compare(old: Side, new: Side) -> Comparison:
    """Compare two versions of a plugin.

    Raises:
        PluginError: one has no readable `plugin.json`.
        SurfaceLimitError: one has more in it than anybody could look through.
    """
    old_manifest = read_manifest(old.tree, where=old.origin.name)
    new_manifest = read_manifest(new.tree, where=new.origin.name)
    before, after = read_surface(old.tree, old.irregular), read_surface(new.tree, new.irregular)
    files = compare_trees(old.tree, new.tree)
    code = code_changes(old.tree, before, new.tree, after)
    return Comparison(
        old=old.origin,
        new=new.origin,
        name=new_manifest.name,
        old_version=old_manifest.version,
        new_version=new_manifest.version,
        surface=tuple(_surface(before, after, code)),
        programs=tuple(_programs(files, code)),
        files=files,
        metadata=tuple(_metadata(old_manifest, new_manifest)),
        documents=tuple(_documents(old.artifact, new.artifact)),
    )


def merged(comparisons: Sequence[tuple[Platform | None, Comparison]]) -> Comparison:
    """Return one comparison of versions whose files differ by platform, each change with its platform."""
    first = comparisons[0][1]
    return evolve(
        first,
        surface=tuple(
            evolve(change, platform=str(platform)) for platform, found in comparisons for change in found.surface
        ),
        programs=_each_once(change for _, found in comparisons for change in found.programs),
        files=_each_once(change for _, found in comparisons for change in found.files),
        metadata=tuple(dict.fromkeys(change for _, found in comparisons for change in found.metadata)),
    )


def platform_pairs(old: Artifact, new: Artifact) -> tuple[tuple[Platform, Variant, Variant], ...]:
    """Return which variants to compare: of each platform of the newer version, with the same of the older or its first.

    Where neither artifact's files differ by platform, that is one pair.
    """
    pairs = [(variant.platform, _counterpart(old, variant), variant) for variant in new.variants]
    pairs += [
        (variant.platform, variant, new.variants[0]) for variant in old.variants if not _has(new, variant.platform)
    ]
    distinct = {
        (before.layer.digest, after.layer.digest): (platform, before, after) for platform, before, after in pairs
    }
    return tuple(distinct.values())


def _counterpart(old: Artifact, variant: Variant) -> Variant:
    return next((each for each in old.variants if each.platform == variant.platform), old.variants[0])


def _has(artifact: Artifact, platform: Platform) -> bool:
    return any(variant.platform == platform for variant in artifact.variants)


def _each_once(changes: Iterable[FileChange]) -> tuple[FileChange, ...]:
    return tuple(dict.fromkeys(changes))


def _surface(old: Surface, new: Surface, code: Iterable[CodeChange]) -> Iterator[SurfaceChange]:
    for change in compare_surfaces(old, new):
        yield SurfaceChange(
            change.change,
            change.kind.value,
            change.name,
            _lines(change, old=True),
            _lines(change, old=False),
            change.grew,
        )
    for program in code:
        if program.grew:
            lines = (program.what or "file", "executable")
            yield SurfaceChange(program.change, EXECUTABLE, program.path, (), lines, grew=True)


def _lines(change: PartChange, *, old: bool) -> tuple[str, ...]:
    facts = change.old_facts if old else change.new_facts
    return tuple(f"{fact.label}: {fact.value}" if fact.label else fact.value for fact in facts)


def _programs(files: Iterable[FileChange], code: Iterable[CodeChange]) -> Iterator[FileChange]:
    paths = {change.path for change in code}
    return (file for file in files if file.path in paths and file.kind is not FileChangeKind.MADE_PLAIN)


def _metadata(old: PluginManifest, new: PluginManifest) -> Iterator[MetadataChange]:
    for field in ("name", "version", "description", "license"):
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield MetadataChange(field, before, after)
    if (old.requires or ()) != (new.requires or ()):
        yield MetadataChange("requires", ", ".join(old.requires or ()), ", ".join(new.requires or ()))


def _documents(old: Artifact | None, new: Artifact | None) -> Iterator[MetadataChange]:
    """Yield what the documents of two artifacts say differently; how layers are compressed is not compared."""
    if old is None or new is None or old.digest == new.digest:
        return
    before, after = _said(old), _said(new)
    for field in dict.fromkeys((*before, *after)):
        if before.get(field) != after.get(field):
            yield MetadataChange(field, before.get(field, ""), after.get(field, ""))


def _said(artifact: Artifact) -> Mapping[str, str]:
    said = {f"index annotation {key}": value for key, value in artifact.annotations.items()}
    for number, variant in enumerate(artifact.variants):
        said[f"platform {number + 1}"] = str(variant.platform)
        documents = (("config", variant.image_config), ("manifest", evolve(variant.manifest, layers=())))
        for name, document in documents:
            for fact in facts_of(parse_json(to_json(document), where=name)):
                if not fact.label.startswith("config."):
                    said[f"{variant.platform} {name} {fact.label}"] = fact.value
        for key, value in (variant.image_config.config.labels or {}).items():
            said[f"{variant.platform} label {key}"] = value
    return said
