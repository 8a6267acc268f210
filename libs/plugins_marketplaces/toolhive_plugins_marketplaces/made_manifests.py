"""The manifest that a client makes of a marketplace's entry, so that the artifact loads what the entry loads.

As Claude Code 2.1.332 does it (seen by running it):

- without a `plugin.json`, the entry's commands, agents and skills add to those in the default places, its servers too, and its hooks
  take the place of `hooks/hooks.json`;
- with one, the entry's commands, agents, skills and hooks add to what it declares, and the entry's servers are ignored;
- with one and `strict: false`, an entry that lists any of them is refused;
- where the plugin is the marketplace's own root, an entry that lists skills outside the default folder, or single ones in it, loads
  only those.
"""

from collections.abc import Iterator
from typing import Final

from toolhive_plugins import (
    MANIFEST_PATH,
    Encodable,
    JsonObject,
    JsonValue,
    MadePlugin,
    PluginTree,
    encode_json,
    resolve_path,
)
from toolhive_plugins_marketplaces.document import Entry
from toolhive_plugins_marketplaces.errors import RefusedEntryError

_DESCRIBED: Final = (
    "version",
    "description",
    "author",
    "homepage",
    "repository",
    "license",
    "keywords",
    "dependencies",
)
"""What an entry says of a plugin that a manifest can say."""

_LISTS: Final = ("commands", "agents", "skills", "hooks", "outputStyles", "themes")
"""Components that an entry may list, and that conflict with a manifest's where the entry is the authority."""

_WITHOUT_MANIFEST: Final = (
    *_LISTS,
    "mcpServers",
    "lspServers",
    "workflows",
    "monitors",
    "channels",
    "settings",
    "userConfig",
    "experimental",
)
_HOOKS_FILE: Final = "hooks/hooks.json"
_SKILLS: Final = "skills"
_SKILL_FILE: Final = "SKILL.md"


def complete_plugin(entry: Entry, plugin: PluginTree, *, is_root: bool) -> tuple[PluginTree, bool]:
    """Return the plugin as the entry has it, and whether its manifest was made.

    Args:
        entry: the marketplace's.
        plugin: the plugin's files; it need not have a manifest.
        is_root: whether it is the marketplace's own root.

    Raises:
        RefusedEntryError: a client refuses the entry.
        PluginError: the manifest cannot be read.
    """
    listed = {name: value for name in _LISTS if _says(value := entry.document.get(name))}
    dropped = frozenset(_unlisted_skills(plugin, listed.get("skills")) if is_root else ())
    if MANIFEST_PATH not in plugin.files:
        return _from_entry(entry, plugin, dropped), True
    own = plugin.manifest.document
    if listed and not entry.strict:
        problem = f"plugin.json and the entry both list components ({', '.join(listed)}), which clients refuse"
        raise RefusedEntryError(problem, where=entry.name)
    if not listed:
        return plugin, False
    fields = {name: _plain(value) for name, value in own.pairs}
    for name, value in listed.items():
        fields[name] = _joined(name, own.get(name), value, plugin, entry.name)
    return MadePlugin(plugin, encode_json(fields), dropped), True


def _from_entry(entry: Entry, plugin: PluginTree, dropped: frozenset[str]) -> MadePlugin:
    document = entry.document
    fields: dict[str, Encodable] = {"name": entry.name}
    for name in _DESCRIBED:
        if _says(value := document.get(name)):
            fields[name] = _plain(value)
    for name in _WITHOUT_MANIFEST:
        if not _says(value := document.get(name)):
            continue
        fields[name] = (
            _joined(name, None, value, plugin, entry.name) if name in ("commands", "agents") else _plain(value)
        )
        if name == "hooks":
            dropped |= {_HOOKS_FILE}
    return MadePlugin(plugin, encode_json(fields), dropped)


def _joined(name: str, own: JsonValue, added: JsonValue, plugin: PluginTree, entry: str) -> Encodable:
    """Return what a manifest must declare for both to load: what it declares itself, or has in the default place, and the entry's."""
    if isinstance(added, JsonObject) and (own is None or isinstance(own, JsonObject)) and name == "commands":
        if not _default_places(name, plugin):
            return {**(_members(own) if isinstance(own, JsonObject) else {}), **_members(added)}
        raise RefusedEntryError(
            "describes commands beside a folder of them, which one manifest cannot say", where=entry
        )
    before: list[Encodable] = []
    if own is not None:
        before = [_plain(item) for item in (own if isinstance(own, tuple) else (own,))]
    elif name in ("commands", "agents"):
        before = list(_default_places(name, plugin))
    after = [_plain(item) for item in (added if isinstance(added, tuple) else (added,))]
    both = before + [item for item in after if item not in before]
    return both[0] if len(both) == 1 and name == "hooks" else both


def _default_places(name: str, plugin: PluginTree) -> Iterator[str]:
    """Yield how a manifest declares what is in the default folder of commands or agents."""
    files = [path for path in plugin.paths if path.startswith(f"{name}/") and path.lower().endswith(".md")]
    if name == "commands" and files:
        yield "./commands/"
    elif name == "agents":
        yield from (f"./{path}" for path in files)


def _unlisted_skills(plugin: PluginTree, listed: JsonValue) -> Iterator[str]:
    """Yield the files that make skills of what the entry does not list, if it lists some but not the whole folder."""
    texts = [item for item in (listed if isinstance(listed, tuple) else (listed,)) if isinstance(item, str)]
    paths = {path for text in texts if (path := resolve_path(text)) is not None}
    if not paths or _SKILLS in paths or "" in paths:
        return
    for path in plugin.paths:
        folder, _, name = path.rpartition("/")
        if name == _SKILL_FILE and path.startswith(f"{_SKILLS}/") and not _is_under(folder, paths):
            yield path


def _is_under(folder: str, paths: set[str]) -> bool:
    return any(folder == path or folder.startswith(f"{path}/") for path in paths)


def _says(value: JsonValue) -> bool:
    return value is not None and value != () and value != "" and not (isinstance(value, JsonObject) and not value.pairs)


def _plain(value: JsonValue) -> Encodable:
    return value


def _members(value: JsonObject) -> dict[str, Encodable]:
    return dict(value.pairs)
