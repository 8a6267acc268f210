"""Reads a plugin of Claude Code's for what other formats are made of, and for what they have no words for."""

from collections.abc import Iterator, Mapping
from typing import Final

from toolhive_artifact.errors import InvalidDocumentError, shown
from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_artifact.limits import MAX_JSON_DEPTH
from toolhive_plugins_content.adapting.description import Description, Server
from toolhive_plugins_content.adapting.servers import open_server
from toolhive_plugins_content.errors import UnreadableFileError
from toolhive_plugins_content.inventory import component_inventory
from toolhive_plugins_content.plugin import PluginTree
from toolhive_plugins_content.several_manifests import MAX_OPEN_DOCUMENT
from toolhive_plugins_content.tree import resolve_path, under

_TEXTS: Final = ("version", "description", "homepage", "repository", "license")
_KINDS: Final = {
    "commands": ("command", "commands"),
    "agents": ("agent", "agents"),
    "hooks": ("hook", "hooks"),
    "lspServers": ("LSP server", "LSP servers"),
}
_DECLARED: Final = {
    "outputStyles": "output styles",
    "workflows": "workflows",
    "monitors": "monitors",
    "channels": "channels",
    "userConfig": "user configuration",
    "settings": "settings",
    "dependencies": "dependencies",
    "themes": "themes",
    "experimental": "experimental components",
}
_PLACES: Final = {
    "output-styles": "output styles",
    "workflows": "workflows",
    "monitors": "monitors",
    "settings.json": "settings",
    "bin": "programs in bin/",
    "themes": "themes",
}


def read_claude_plugin(plugin: PluginTree) -> Description:
    """Return what `.claude-plugin/plugin.json` says, and the servers that Claude Code loads.

    Raises:
        PluginError: the manifest cannot be read.
    """
    manifest = plugin.manifest
    document = manifest.document
    left_behind = list(_left_behind(plugin, document))
    servers: dict[str, Server] = {}
    for name, server in _servers(plugin, document, left_behind):
        translated = open_server(server)
        if isinstance(translated, str):
            left_behind.append(f"the server {shown(name)!r}: {translated}")
        else:
            servers[name] = translated
    keywords = document.get("keywords")
    texts = {key: value for key in _TEXTS if isinstance(value := document.get(key), str) and value}
    repository = document.get("repository")
    if isinstance(repository, JsonObject) and isinstance(url := repository.get("url"), str):
        texts["repository"] = url
    return Description(
        name=manifest.name,
        texts=texts,
        author=_author(document.get("author")),
        keywords=tuple(each for each in keywords if isinstance(each, str)) if isinstance(keywords, tuple) else (),
        servers=servers,
        left_behind=tuple(dict.fromkeys(left_behind)),
    )


def _author(value: JsonValue) -> Mapping[str, str]:
    if isinstance(value, str):
        return {"name": value} if value else {}
    if not isinstance(value, JsonObject):
        return {}
    return {key: each for key in ("name", "email", "url") if isinstance(each := value.get(key), str) and each}


def _left_behind(plugin: PluginTree, document: JsonObject) -> Iterator[str]:
    counts: Mapping[str, int] = component_inventory(plugin, plugin.manifest).inventory or {}
    for kind, (one, many) in _KINDS.items():
        if count := counts.get(kind, 0):
            yield f"{count} {one if count == 1 else many}"
    for key, what in _DECLARED.items():
        if document.get(key):
            yield what
    for place, what in _PLACES.items():
        if place in plugin.files or under(plugin.paths, place):
            yield what
    skills = document.get("skills")
    for path in skills if isinstance(skills, tuple) else (skills,):
        if isinstance(path, str) and (resolve_path(path) or "") != "skills":
            yield f"skills in {shown(path)!r}, outside skills/"


def _servers(plugin: PluginTree, document: JsonObject, left_behind: list[str]) -> Iterator[tuple[str, JsonValue]]:
    declared = document.get("mcpServers")
    places = [".mcp.json"] if ".mcp.json" in plugin.files else []
    inline: list[JsonObject] = []
    for item in declared if isinstance(declared, tuple) else (declared,):
        path = resolve_path(item) if isinstance(item, str) else None
        if isinstance(item, JsonObject):
            inline.append(item)
        elif path in plugin.files and path is not None and path.lower().endswith(".json"):
            places.append(path)
        elif item is not None:
            left_behind.append(f"servers in {shown(item)!r}" if isinstance(item, str) else "servers")
    found: dict[str, JsonValue] = {}
    for path in dict.fromkeys(places):
        try:
            held = plugin.json(path, MAX_OPEN_DOCUMENT, MAX_JSON_DEPTH)
        except (InvalidDocumentError, UnreadableFileError):
            left_behind.append(f"servers in {shown(path)!r}, which cannot be read")
            continue
        if isinstance(held, JsonObject):
            inline.append(held)
    for held in inline:
        wrapped = held.get("mcpServers")
        servers = wrapped if isinstance(wrapped, JsonObject) else held
        found |= {name: server for name, server in servers.items() if name != "$schema"}
    yield from found.items()
