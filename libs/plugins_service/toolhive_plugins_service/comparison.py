"""What changed between two versions of a plugin: what runs first, then files, then metadata.

The surface *grew* where the newer version can run something that the older could not: a new hook, server, monitor, executable
file or shell command in a prompt, a changed command line or condition of one, or more tools that may be used unasked. That a
script's content changed is shown with what runs, but is no growth: every release does that.
"""

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from attrs import frozen

from toolhive_plugins import (
    Command,
    FileTree,
    Hook,
    LspServer,
    McpServer,
    PluginManifest,
    Skill,
    Surface,
    hook_line,
    read_manifest,
    read_surface,
    server_line,
)
from toolhive_plugins_service.files import FileChange, FileChangeKind, compare_trees
from toolhive_plugins_service.targets import Origin

T = TypeVar("T")


class ChangeKind(enum.Enum):
    """How a part of the surface changed."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@frozen
class SurfaceChange:
    """A part of the surface that is not the same."""

    kind: ChangeKind
    component: str
    """What it is: `hook`, `module`, `MCP server`, `LSP server`, `monitor`, `status line`, `executable`, `command`, `agent`,
    `skill` or `unread file`."""
    name: str
    """Of the component: a hook's event and matcher, a server's name, a file's path."""
    old: tuple[str, ...]
    """What the older version says of it, a line a fact; empty where it was added."""
    new: tuple[str, ...]
    """What the newer version says of it; empty where it was removed."""
    grew: bool
    """Whether the newer version can run something by it that the older could not."""


@frozen
class MetadataChange:
    """A field of `plugin.json` that is not the same."""

    field: str
    old: str
    new: str


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
    """Files that can be run, in both versions, and whose content is not the same."""
    files: tuple[FileChange, ...]
    """All files that are not the same, those in `programs` included."""
    metadata: tuple[MetadataChange, ...]

    @property
    def grew(self) -> bool:
        """Whether the newer version can run something that the older could not."""
        return any(change.grew for change in self.surface)

    @property
    def same(self) -> bool:
        """Whether nothing changed at all."""
        return not (self.surface or self.files or self.metadata)


@frozen
class _Entry:
    """A part of a surface, in a form that can be compared."""

    component: str
    name: str
    facts: tuple[str, ...]
    """What it runs and when, a line a fact."""
    tools: frozenset[str] | None = frozenset()
    """The tools it may use unasked, or at all; None for every one."""
    denied: frozenset[str] = frozenset()
    """The tools that it may not use."""
    shell: frozenset[str] = frozenset()
    """The shell commands in its text; for a file, whether it is marked executable."""
    inert: bool = False
    """Whether by itself it runs nothing: a prompt without tools and shell commands."""


def compare(old: tuple[Origin, FileTree], new: tuple[Origin, FileTree]) -> Comparison:
    """Compare two versions of a plugin, each given as where it was read from and its files.

    Raises:
        PluginError: one has no readable `plugin.json`.
    """
    (old_origin, old_tree), (new_origin, new_tree) = old, new
    old_manifest = read_manifest(old_tree, where=old_origin.name)
    new_manifest = read_manifest(new_tree, where=new_origin.name)
    before, after = read_surface(old_tree, old_manifest), read_surface(new_tree, new_manifest)
    files = compare_trees(old_tree, new_tree)
    runnable = {program.path for program in (*before.programs, *after.programs)}
    return Comparison(
        old=old_origin,
        new=new_origin,
        name=new_manifest.name,
        old_version=old_manifest.version,
        new_version=new_manifest.version,
        surface=compare_surfaces(before, after),
        programs=tuple(file for file in files if file.kind is FileChangeKind.CHANGED and file.path in runnable),
        files=files,
        metadata=tuple(_metadata(old_manifest, new_manifest)),
    )


def compare_surfaces(old: Surface, new: Surface) -> tuple[SurfaceChange, ...]:
    """Return what changed, component by component; within one what grew comes first."""
    changes: list[SurfaceChange] = []
    for entries in _ENTRIES:
        found = list(_changes(list(entries(old)), list(entries(new))))
        changes += sorted(found, key=lambda change: not change.grew)
    return tuple(changes)


def _changes(old: Sequence[_Entry], new: Sequence[_Entry]) -> Iterator[SurfaceChange]:
    gone = _without(old, new)
    come = _without(new, old)
    for entry in come:
        before = next((other for other in gone if other.name == entry.name), None)
        if before is None:
            yield SurfaceChange(ChangeKind.ADDED, entry.component, entry.name, (), entry.facts, not entry.inert)
        else:
            gone.remove(before)
            grew = _grew(before, entry)
            yield SurfaceChange(ChangeKind.CHANGED, entry.component, entry.name, before.facts, entry.facts, grew)
    for entry in gone:
        yield SurfaceChange(ChangeKind.REMOVED, entry.component, entry.name, entry.facts, (), grew=False)


def _without(entries: Iterable[_Entry], others: Iterable[_Entry]) -> list[_Entry]:
    """Return those entries that have no equal among the others, of which each counts once."""
    left = list(others)
    found: list[_Entry] = []
    for entry in entries:
        if entry in left:
            left.remove(entry)
        else:
            found.append(entry)
    return found


def _grew(old: _Entry, new: _Entry) -> bool:
    more_tools = old.tools is not None and (new.tools is None or bool(new.tools - old.tools))
    more_shell = bool(new.shell - old.shell)
    if new.component == "executable":
        return more_shell or old.facts[0] != new.facts[0]
    if new.component in _PROMPTS:
        return more_tools or more_shell or bool(old.denied - new.denied)
    return True  # another command line, another condition: it can do what it could not


_PROMPTS = frozenset({"command", "agent", "skill"})


def _hooks(surface: Surface) -> Iterator[_Entry]:
    for hook in surface.hooks:
        name = f"{hook.event} {hook.matcher}".strip()
        yield _Entry("hook", name, tuple(_hook_facts(hook)))


def _hook_facts(hook: Hook) -> Iterator[str]:
    yield f"{hook.type or 'command'}: {hook_line(hook)}"
    if hook.condition:
        yield f"if: {hook.condition}"


def _modules(surface: Surface) -> Iterator[_Entry]:
    for module in surface.modules:
        yield _Entry("module", module.path, (f"loaded by: {module.source}",))


def _servers(kind: str, servers: Iterable[McpServer | LspServer]) -> Iterator[_Entry]:
    for server in servers:
        facts = [server_line(server)]
        if isinstance(server, McpServer):
            facts.insert(0, f"transport: {server.transport}")
            facts += [f"header: {name}" for name in server.headers]
            facts += [f"headers from: {server.headers_helper}"] if server.headers_helper else []
        else:
            facts += [f"for: {extension}" for extension in server.extensions]
        facts += [f"environment: {name}" for name in server.env]
        yield _Entry(kind, server.name, tuple(fact for fact in facts if fact))


def _mcp_servers(surface: Surface) -> Iterator[_Entry]:
    return _servers("MCP server", surface.mcp_servers)


def _lsp_servers(surface: Surface) -> Iterator[_Entry]:
    return _servers("LSP server", surface.lsp_servers)


def _monitors(surface: Surface) -> Iterator[_Entry]:
    for monitor in surface.monitors:
        yield _Entry("monitor", monitor.name, (monitor.command, f"when: {monitor.when}"))


def _status_lines(surface: Surface) -> Iterator[_Entry]:
    for line in surface.status_lines:
        yield _Entry("status line", line.setting, (line.command,))


def _executables(surface: Surface) -> Iterator[_Entry]:
    for program in surface.programs:
        if program.executable or program.what:
            facts = (program.what or "file", "executable" if program.executable else "not marked executable")
            yield _Entry("executable", program.path, facts, shell=frozenset(facts[1:] if program.executable else ()))


def _prompts(kind: str, prompts: Iterable[Command | Skill]) -> Iterator[_Entry]:
    for prompt in prompts:
        facts = [f"tools without asking: {', '.join(prompt.allowed_tools)}"] if prompt.allowed_tools else []
        facts += [f"runs in a shell: {line}" for line in prompt.shell]
        facts += [f"brings hooks: {prompt.hooks}"] if prompt.hooks else []
        yield _Entry(
            kind,
            prompt.name,
            tuple(facts),
            frozenset(prompt.allowed_tools or ()),
            shell=frozenset((*prompt.shell, *([prompt.hooks] if prompt.hooks else []))),
            inert=not facts,
        )


def _commands(surface: Surface) -> Iterator[_Entry]:
    return _prompts("command", surface.commands)


def _skills(surface: Surface) -> Iterator[_Entry]:
    return _prompts("skill", surface.skills)


def _agents(surface: Surface) -> Iterator[_Entry]:
    for agent in surface.agents:
        facts = [f"tools: {'all' if agent.tools is None else ', '.join(agent.tools) or 'none'}"]
        facts += [f"but not: {', '.join(agent.disallowed_tools)}"] if agent.disallowed_tools else []
        tools = None if agent.tools is None else frozenset(agent.tools)
        yield _Entry("agent", agent.name, tuple(facts), tools, frozenset(agent.disallowed_tools))


def _unread(surface: Surface) -> Iterator[_Entry]:
    for problem in surface.unread:
        yield _Entry("unread file", problem.path, (problem.problem,))


_ENTRIES: tuple[Callable[[Surface], Iterator[_Entry]], ...] = (
    _hooks,
    _modules,
    _mcp_servers,
    _lsp_servers,
    _monitors,
    _status_lines,
    _executables,
    _commands,
    _skills,
    _agents,
    _unread,
)


def _metadata(old: PluginManifest, new: PluginManifest) -> Iterator[MetadataChange]:
    for field in ("name", "version", "description", "license"):
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield MetadataChange(field, before, after)
    if (old.requires or ()) != (new.requires or ()):
        yield MetadataChange("requires", ", ".join(old.requires or ()), ", ".join(new.requires or ()))
