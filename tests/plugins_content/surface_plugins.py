"""Plugins in memory whose surface the tests read, and what they ask of it."""

import json

from toolhive_plugins_content import MemoryTree
from toolhive_plugins_content.surface.parts import Part, PartKind
from toolhive_plugins_content.surface.surface import Surface, read_surface

MANIFEST = ".claude-plugin/plugin.json"


def tree_of(files: dict[str, object] | None = None, **manifest: object) -> MemoryTree:
    """Return a plugin called demo: texts and bytes as they are, anything else as JSON."""
    document = {"name": "demo", "version": "1.0.0", "description": "d", "license": "MIT", **manifest}
    contents = {MANIFEST: document, **(files or {})}
    return MemoryTree({path: _bytes(content) for path, content in contents.items()})


def surface_of(files: dict[str, object] | None = None, **manifest: object) -> Surface:
    """Return the surface of such a plugin."""
    return read_surface(tree_of(files, **manifest))


def only(surface: Surface, kind: PartKind) -> Part:
    """Return the one part of a kind."""
    (part,) = surface.of(kind)
    return part


def told(surface: Surface) -> str:
    """Return all that a surface says, as one text."""
    parts = (
        f"{part.kind.value} {part.name} {part.path} {part.what} "
        + " ".join(f"{fact.label}={fact.value}" for fact in part.facts)
        for part in surface.parts
    )
    return "\n".join((*parts, *(program.path for program in surface.programs)))


def skill(front: str, body: str = "body\n") -> str:
    """Return a skill's text."""
    return f"---\nname: s\ndescription: d\n{front}---\n{body}"


def _bytes(content: object) -> bytes:
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content)).encode("utf-8", "surrogatepass")
