"""Reads a plugin of the Agent Plugins format for what other formats are made of."""

from collections.abc import Mapping

from toolhive_artifact.errors import shown
from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_artifact.limits import MAX_JSON_DEPTH
from toolhive_plugins_content.adapting.description import Description, Server
from toolhive_plugins_content.plugin import PluginTree
from toolhive_plugins_content.several_manifests import MAX_OPEN_DOCUMENT, OPEN_MANIFEST, OPEN_SERVERS
from toolhive_plugins_content.verdicts.agent_plugins import manifest_reasons
from toolhive_plugins_content.verdicts.agent_plugins_servers import document_faults, server_faults
from toolhive_plugins_content.verdicts.reasons import spelled
from toolhive_plugins_content.verdicts.verdict import Effect


def read_open_plugin(plugin: PluginTree) -> Description:
    """Return what a root `plugin.json` and `mcp.json` say. What a client of the format would refuse or skip is a problem."""
    problems = [each.message for each in manifest_reasons(plugin) if each.effect is not Effect.IGNORES]
    document = plugin.json(OPEN_MANIFEST, MAX_OPEN_DOCUMENT, MAX_JSON_DEPTH)
    if problems or not isinstance(document, JsonObject):
        return Description("", {}, problems=tuple(f"{OPEN_MANIFEST}: {each}" for each in problems))
    author = document.get("author")
    keywords = document.get("keywords")
    servers: dict[str, Server] = {}
    if OPEN_SERVERS in plugin.files:
        configuration = plugin.json(OPEN_SERVERS, MAX_OPEN_DOCUMENT, MAX_JSON_DEPTH)
        faults = [fault for fault, _ in document_faults(configuration)]
        problems += [f"{OPEN_SERVERS}: {spelled(fault.path)} {fault.problem}" for fault in faults]
        if not faults:
            servers = _servers(configuration, problems)
    return Description(
        name=str(document["name"]),
        texts={
            key: value for key, value in document.items() if isinstance(value, str) and key not in ("$schema", "name")
        },
        author=_texts(author),
        keywords=tuple(each for each in keywords if isinstance(each, str)) if isinstance(keywords, tuple) else (),
        servers=servers,
        problems=tuple(problems),
    )


def _servers(configuration: JsonValue, problems: list[str]) -> dict[str, Server]:
    listed = configuration.get("mcpServers") if isinstance(configuration, JsonObject) else None
    servers: dict[str, Server] = {}
    for name, server in listed.items() if isinstance(listed, JsonObject) else ():
        faults = list(server_faults(server))
        problems += [f"the server {shown(name)!r}: {spelled(fault.path)} {fault.problem}" for fault in faults]
        if not faults and isinstance(server, JsonObject):
            servers[name] = dict(server.items())
    return servers


def _texts(value: JsonValue) -> Mapping[str, str]:
    if not isinstance(value, JsonObject):
        return {}
    return {key: each for key, each in value.items() if isinstance(each, str) and each}
