"""The executable surface of a plugin: all that any client runs, loads or grants, read from its content and from nothing else.

Nothing is dropped. What a client acts upon is a part of its kind; what was read and is not understood is *unknown*; what could not
be read is *unread*. A file that no reader took is a program, or inert by the list in `file_kinds`, or unknown. Where clients read a
plugin differently, the surface is the union of their readings.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import evolve, frozen

from toolhive_artifact.json_values import JsonNumber, JsonObject, JsonValue
from toolhive_plugins_content.plugin import Irregular
from toolhive_plugins_content.surface.collector import Collector, folded_path
from toolhive_plugins_content.surface.file_kinds import is_archive, is_inert
from toolhive_plugins_content.surface.manifests import ManifestReader
from toolhive_plugins_content.surface.named_files import named_files
from toolhive_plugins_content.surface.packages import read_packages
from toolhive_plugins_content.surface.parts import UNASKED, Part, PartKind, PartReader
from toolhive_plugins_content.surface.places import Places
from toolhive_plugins_content.surface.programs import Program, program_of
from toolhive_plugins_content.surface.values import first_text
from toolhive_plugins_content.tree import FileTree
from toolhive_plugins_content.yaml_values import UnreadYamlError, parse_yaml

CLAUDE_MANIFEST: Final = ".claude-plugin/plugin.json"
CODEX_MANIFEST: Final = ".codex-plugin/plugin.json"
CURSOR_MANIFEST: Final = ".cursor-plugin/plugin.json"
GEMINI_MANIFEST: Final = "gemini-extension.json"
CODEX_APPS: Final = ".app.json"
OPEN_MANIFEST: Final = "plugin.json"
OPEN_SERVERS: Final = "mcp.json"
_OPEN_SCHEMA: Final = "https://agent-plugins.org/schemas/"
_OPEN_SCHEMA_KNOWN: Final = "https://agent-plugins.org/schemas/1.0.0/plugin.schema.json"
_SETTINGS: Final = "settings.json"


@frozen
class Surface:
    """All that a plugin could run, load or grant."""

    parts: tuple[Part, ...]
    """The parts, by kind."""

    programs: tuple[Program, ...]
    """The files that can run, or be run, by path."""

    @property
    def empty(self) -> bool:
        """Whether nothing here runs, loads or grants anything, and all of it was understood."""
        return not self.programs and all(part.inert for part in self.parts)

    @property
    def unasked(self) -> tuple[Part, ...]:
        """The parts that run without a person or a model asking for them by name."""
        return tuple(part for part in self.parts if part.kind in UNASKED)

    @property
    def at_start(self) -> tuple[Part, ...]:
        """The parts that run, or are connected to, when a session begins."""
        return tuple(part for part in self.parts if part.starts)

    def of(self, *kinds: PartKind) -> tuple[Part, ...]:
        """Return the parts of some kinds."""
        return tuple(part for part in self.parts if part.kind in kinds)


def read_surface(tree: FileTree, irregular: Iterable[Irregular] = ()) -> Surface:
    """Return the surface of a plugin.

    Args:
        tree: its files.
        irregular: what is in its directory besides them, and cannot be read as a file. Clients may follow a link, say.

    Raises:
        SurfaceLimitError: it has more components, or more text, than anybody could look through.
        ToolhiveError: a file changed, or its disk failed, while it was read.
    """
    collector = Collector(tree)
    places = Places(collector)
    for path in collector.spelled(CLAUDE_MANIFEST):
        ManifestReader(collector, places, path, PartReader.CLAUDE).document(places.document(path))
    places.defaults()
    _other_manifests(collector, places)
    _settings(collector, places)
    _texts_of_main_agents(collector)
    for item in irregular:
        collector.unread(item.path, f"is {item.what}", item.target or item.what)
    _skill_metadata(collector)
    read_packages(collector)
    for path in tree.paths:
        if is_archive(path, tree.head(path)):
            collector.read_paths.add(path)
            from toolhive_plugins_content.surface.archives import read_archive

            read_archive(collector, path)
    programs = tuple(_programs(collector))
    _unknown_files(collector, {program.path for program in programs})
    order = {kind: number for number, kind in enumerate(PartKind)}
    return Surface(tuple(sorted(collector.parts, key=lambda part: order[part.kind])), programs)


def _other_manifests(collector: Collector, places: Places) -> None:
    for path in collector.spelled(CODEX_MANIFEST):
        ManifestReader(collector, places, path, PartReader.CODEX).document(places.document(path))
    for path in collector.spelled(CURSOR_MANIFEST):
        ManifestReader(collector, places, path, PartReader.CURSOR).document(places.document(path))
    for path in collector.spelled(GEMINI_MANIFEST):
        ManifestReader(collector, places, path, PartReader.GEMINI).document(places.document(path))
    for path in collector.inside("commands"):
        if folded_path(path).endswith(".toml"):
            from toolhive_plugins_content.surface.gemini import read_gemini_command  # lazily: few plugins have one

            read_gemini_command(collector, path)
    for path in collector.spelled(CODEX_APPS):
        places.apps(path, False, PartReader.CODEX)
    for path in collector.spelled(OPEN_MANIFEST):
        document = places.document(path)
        schema = first_text(document, "$schema") if isinstance(document, JsonObject) else ""
        if schema.startswith(_OPEN_SCHEMA):
            if schema != _OPEN_SCHEMA_KNOWN:
                collector.unknown(f"the schema {schema}", path, document, ("$schema",), PartReader.OPEN_FORMAT)
            ManifestReader(collector, places, path, PartReader.OPEN_FORMAT).document(document)
        elif document is not None:
            collector.unknown("a plugin.json at the root", path, document)
    for path in collector.spelled(OPEN_SERVERS):
        places.mcp_servers(path, False, PartReader.OPEN_FORMAT)
    _contradictions(collector, places)


def _contradictions(collector: Collector, places: Places) -> None:
    """Take what the manifests of one plugin say differently about what it is."""
    paths = [path for name in (CLAUDE_MANIFEST, CODEX_MANIFEST, OPEN_MANIFEST) for path in collector.spelled(name)]
    documents = [(path, document) for path in paths if isinstance(document := places.document(path), JsonObject)]
    for field in ("name", "version"):
        said: list[tuple[str, JsonValue]] = [
            (path, document[field]) for path, document in documents if document.get(field) is not None
        ]
        if len({value if isinstance(value, str) else "" for _, value in said}) > 1:
            name = f"the manifests differ in {field}"
            collector.add(Part(kind=PartKind.AMBIGUITY, name=name, path=said[0][0], content=JsonObject(tuple(said))))


def _settings(collector: Collector, places: Places) -> None:
    for path in collector.spelled(_SETTINGS):
        document = places.document(path)
        if document is not None:
            ManifestReader(collector, places, path, PartReader.CLAUDE).settings(document, ())


def _texts_of_main_agents(collector: Collector) -> None:
    """Add the digest of an agent's file to the setting that makes it the session's own: its text then is in every session."""
    agents: dict[str, str] = {}
    for part in collector.parts:
        if part.kind is PartKind.AGENT:
            agents.setdefault(part.name, part.path)
    for index, part in enumerate(collector.parts):
        if part.kind is PartKind.SETTING and part.name == "agent" and isinstance(part.content, str):
            path = agents.get(part.content.rpartition(":")[2])
            if path is not None:
                pairs = (("agent", part.content), (path, str(collector.tree.digest(path))))
                collector.parts[index] = evolve(part, content=JsonObject(pairs))


def _skill_metadata(collector: Collector) -> None:
    """Take what Codex reads beside a skill: `agents/openai.yaml`, which may name servers that the skill needs."""
    for path in collector.inside("skills"):
        if folded_path(path).endswith(("/agents/openai.yaml", "/agents/openai.yml")):
            text = collector.text(path)
            collector.charge_yaml(path, len(text))
            try:
                value = parse_yaml(text)
            except UnreadYamlError as error:
                collector.unread(path, error.problem, text)
                continue
            pairs = value.pairs if isinstance(value, JsonObject) else (("", value),)
            if telling := tuple((key, item) for key, item in pairs if key != "interface" and item is not None):
                content = JsonObject(telling)
                collector.add(
                    Part(kind=PartKind.SETTING, name=path, path=path, content=content, reader=PartReader.CODEX)
                )


def _programs(collector: Collector) -> Iterator[Program]:
    named = named_files(collector)
    for file in collector.tree.files.values():
        program = program_of(file, collector.tree.head(file.path), named.get(file.path, ()))
        if program is None:
            continue
        if program.executable or program.named_by or file.path not in collector.read_paths:
            yield program


def _unknown_files(collector: Collector, programs: set[str]) -> None:
    for path in collector.tree.paths:
        if path in collector.read_paths or path in programs or is_inert(path):
            continue
        file = collector.tree.files[path]
        content = JsonObject((("size", JsonNumber(str(file.size))), ("digest", str(collector.tree.digest(path)))))
        collector.unknown("a file of an unknown kind", path, content)
