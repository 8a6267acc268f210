"""Targets: what a plugin's author writes, `plugin.json`, component files and front matter."""

from typing import Final

from fuzz_laws import attempt, text_of

from toolhive_plugins_content import (
    MemoryTree,
    component_inventory,
    declared_inventory,
    discover_components,
    parse_plugin_manifest,
    read_front_matter,
    resolve_path,
)
from toolhive_plugins_content.surface.markdown import tools_of
from toolhive_plugins_interfaces import InvalidPluginManifestError

_SEPARATOR: Final = b"\0\0"
_PLACES: Final = (
    "hooks/hooks.json",
    ".mcp.json",
    ".lsp.json",
    "monitors/monitors.json",
    "commands/a.md",
    "agents/b.md",
    "skills/c/SKILL.md",
)


def plugin_json(data: bytes) -> None:
    """A manifest is refused as a manifest; one that is read has a name, and can be counted under either profile."""
    manifest = attempt(lambda: parse_plugin_manifest(data))
    if isinstance(manifest, type):
        assert manifest is InvalidPluginManifestError
        return
    assert manifest.name
    assert manifest.requires is None or list(manifest.requires) == sorted(set(manifest.requires))
    declared_inventory(manifest)
    component_inventory(MemoryTree({}), manifest)


def components(data: bytes) -> None:
    """Two NULs stand between the manifest and each of the files that components are read from."""
    head, *rest = data.split(_SEPARATOR)
    manifest = attempt(lambda: parse_plugin_manifest(head))
    if isinstance(manifest, type):
        manifest = parse_plugin_manifest(b'{"name":"x"}')
    files = dict(zip(_PLACES, rest, strict=False))
    tree = MemoryTree(files)
    found = discover_components(tree, manifest)
    counted = component_inventory(tree, manifest)
    for problem in (*found.problems, *counted.problems):
        assert problem.problem
        text = files.get(problem.path, head)
        assert 0 <= problem.line <= text.count(b"\n") + 1
    for count in (counted.inventory or {}).values():
        assert count > 0


def front_matter(data: bytes) -> None:
    """Each reading is a piece of the file, or none of it; lines are lines of the file; a list of tools loses none of its words."""
    text = data.decode("utf-8", "replace")
    found = attempt(lambda: read_front_matter(text))
    assert isinstance(found, tuple)
    lines = text.count("\n") + 1
    for reading in found:
        assert reading.text in text
        assert 0 <= reading.line <= lines
        assert reading.malformed <= reading.unread <= bool(reading.problem)
        for name, value in reading.values.items():
            assert 1 <= reading.line_of(name) <= lines
            if isinstance(value, str):
                assert len("".join(tools_of(value))) <= len(value)


def declared_path(data: bytes) -> None:
    """A path that is followed stays in the plugin."""
    path = resolve_path(text_of(data))
    if path is not None:
        assert not path.startswith("/")
        assert ".." not in path.split("/")
        assert not path or resolve_path(path) == path
