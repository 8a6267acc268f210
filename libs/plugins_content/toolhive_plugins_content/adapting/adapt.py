"""Makes the manifests that a plugin lacks from the one that it has: a pure function of its files.

A file that is there is never replaced. What cannot be said in the other format is refused by name where the plugin would be another
without it (a name, a server), and listed where the other format has no such thing at all (a hook).
"""

import enum
import re
from collections.abc import Iterable
from typing import Final

from attrs import field, frozen

from toolhive_artifact.json_writer import Encodable, encode_json
from toolhive_plugins_content.adapting.claude_source import read_claude_plugin
from toolhive_plugins_content.adapting.description import MAX_LISTED, Description
from toolhive_plugins_content.adapting.open_source import read_open_plugin
from toolhive_plugins_content.adapting.servers import claude_server, gemini_server
from toolhive_plugins_content.errors import AdaptError
from toolhive_plugins_content.made_plugin import MadeFiles
from toolhive_plugins_content.plugin import PluginTree
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH
from toolhive_plugins_content.several_manifests import (
    OPEN_MANIFEST,
    OPEN_MANIFEST_SCHEMA,
    OPEN_SERVERS,
    OPEN_SERVERS_SCHEMA,
    claims_open_format,
)
from toolhive_plugins_content.verdicts.agent_plugins import open_name_problem
from toolhive_plugins_content.verdicts.shapes import absolute_url

GEMINI_MANIFEST: Final = "gemini-extension.json"
_CLAUDE_SERVERS: Final = ".mcp.json"
_letters_and_hyphens = re.compile(r"[A-Za-z0-9-]+", re.ASCII).fullmatch
_TEXTS: Final = ("version", "description", "homepage", "repository", "license")


class PluginFormat(enum.StrEnum):
    """A format that a plugin can be given; the values are written into artifacts."""

    CLAUDE_CODE = "claude-code"
    AGENT_PLUGINS = "agent-plugins"
    GEMINI = "gemini"


@frozen
class Adapted:
    """A plugin with what was made for it."""

    plugin: PluginTree
    formats: tuple[PluginFormat, ...] = ()
    """The formats that something was made for, sorted; those that the plugin has are not among them."""
    made: tuple[str, ...] = ()
    """The paths of what was made."""
    left_behind: tuple[str, ...] = field(default=())
    """What the formats that were made cannot carry, or what no longer works as it does: for people."""


def adapt(plugin: PluginTree, formats: Iterable[PluginFormat]) -> Adapted:
    """Give a plugin the formats that it lacks.

    Args:
        plugin: its files; it need not have a manifest of Claude Code's.
        formats: those that are wanted.

    Raises:
        AdaptError: a format cannot say what the plugin is; or there is no manifest to make another from.
        PluginError: the manifest that there is cannot be read.
    """
    wanted = sorted({each for each in formats if _manifest_of(each) not in plugin.files})
    if not wanted:
        return Adapted(plugin)
    has_open = claims_open_format(plugin)
    if not has_open and MANIFEST_PATH not in plugin.files:
        raise AdaptError("there is no manifest that another could be made from", where=plugin.folder)
    described = read_open_plugin(plugin) if has_open else read_claude_plugin(plugin)
    made: dict[str, bytes] = {}
    left_behind = list(described.left_behind)
    for each in wanted:
        writer = _Writer(plugin, each, described)
        made |= writer.files()
        left_behind += writer.left_behind
        if writer.problems:
            listed = "; ".join(writer.problems[:MAX_LISTED])
            raise AdaptError(f"cannot be adapted to {each}: {listed}", where=described.name or plugin.folder)
    return Adapted(MadeFiles(plugin, made), tuple(wanted), tuple(sorted(made)), tuple(dict.fromkeys(left_behind)))


def _manifest_of(each: PluginFormat) -> str:
    return {
        PluginFormat.CLAUDE_CODE: MANIFEST_PATH,
        PluginFormat.AGENT_PLUGINS: OPEN_MANIFEST,
        PluginFormat.GEMINI: GEMINI_MANIFEST,
    }[each]


class _Writer:
    """Writes one format."""

    def __init__(self, plugin: PluginTree, target: PluginFormat, described: Description) -> None:
        self._plugin = plugin
        self._target = target
        self._described = described
        self.problems: list[str] = [*described.problems]
        self.left_behind: list[str] = []

    def files(self) -> dict[str, bytes]:
        """Return what is made, by path."""
        if self._target is PluginFormat.CLAUDE_CODE:
            return self._claude_code()
        return self._agent_plugins() if self._target is PluginFormat.AGENT_PLUGINS else self._gemini()

    def _claude_code(self) -> dict[str, bytes]:
        described = self._described
        if "." in described.name:
            self.problems.append(f"the name {described.name!r} has a period in it, which ToolHive does not take")
        fields = self._metadata()
        if described.author:
            names = (described.author.get(key) for key in ("name", "email", "url"))
            fields["author"] = {**described.author, "name": next(name for name in names if name)}
        if (homepage := described.texts.get("homepage")) and absolute_url(homepage):
            self.problems.append(f"the homepage {homepage!r} is no absolute URL, which Claude Code demands")
        servers: dict[str, Encodable] = {}
        if _CLAUDE_SERVERS in self._plugin.files:
            if described.servers:
                self.left_behind.append(
                    f"servers of {OPEN_SERVERS}: there is an {_CLAUDE_SERVERS}, which Claude Code reads"
                )
        else:
            for name, server in described.servers.items():
                translated = claude_server(server)
                if isinstance(translated, str):
                    self.problems.append(f"the server {name!r} {translated}")
                else:
                    servers[name] = translated
        if servers:
            fields["mcpServers"] = servers
        if any(described.servers[name]["type"] == "stdio" for name in servers):
            self.left_behind.append("the servers' working directory: Claude Code starts them where the session is")
        return {MANIFEST_PATH: encode_json(fields)}

    def _agent_plugins(self) -> dict[str, bytes]:
        described = self._described
        if problem := open_name_problem(described.name):
            self.problems.append(f"the name {described.name!r} {problem}")
        fields: dict[str, Encodable] = {"$schema": OPEN_MANIFEST_SCHEMA, **self._metadata()}
        if described.author:
            fields["author"] = dict(described.author)
        made = {OPEN_MANIFEST: encode_json(fields)}
        if described.servers:
            if OPEN_SERVERS in self._plugin.files:
                self.left_behind.append(f"servers: there is an {OPEN_SERVERS}, which is left as it is")
            else:
                made[OPEN_SERVERS] = encode_json({"$schema": OPEN_SERVERS_SCHEMA, "mcpServers": described.servers})
        return made

    def _gemini(self) -> dict[str, bytes]:
        described = self._described
        if not _letters_and_hyphens(described.name):
            self.problems.append(f"the name {described.name!r} has more than letters, digits and hyphens in it")
        if not described.texts.get("version"):
            self.problems.append("there is no version, which Gemini CLI demands")
        fields = {key: value for key, value in self._metadata().items() if key in ("name", "version", "description")}
        servers: dict[str, Encodable] = {}
        for name, server in described.servers.items():
            translated = gemini_server(server)
            if isinstance(translated, str):
                self.problems.append(f"the server {name!r} {translated}")
            else:
                servers[name] = translated
        if servers:
            fields["mcpServers"] = servers
        return {GEMINI_MANIFEST: encode_json(fields)}

    def _metadata(self) -> dict[str, Encodable]:
        described = self._described
        fields: dict[str, Encodable] = {"name": described.name}
        fields |= {key: described.texts[key] for key in _TEXTS if described.texts.get(key)}
        if described.keywords:
            fields["keywords"] = described.keywords
        return fields
