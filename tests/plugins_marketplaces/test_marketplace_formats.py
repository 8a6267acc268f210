"""Plugins of a marketplace are given formats that their sources lack, and the catalog says which."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import evolve
from made_marketplaces import SKILL, local, three_plugins, write_files, write_marketplace, write_plugin

from toolhive_plugins import Digest, PluginFormat, Registry, Store, load_artifact, open_layer
from toolhive_plugins_marketplaces import (
    CatalogPlugin,
    MarketplacePush,
    PushOptions,
    fetch_catalog,
    open_marketplace,
    parse_catalog_name,
    parse_prefix,
    push_marketplace,
)
from toolhive_plugins_marketplaces.catalog import Catalog
from toolhive_plugins_marketplaces.catalog_document import read_catalog, write_catalog

SCHEMA = "https://agent-plugins.org/schemas/1.0.0/"
ALL = tuple(PluginFormat)


def write_open(root: Path, name: str, server: Mapping[str, Any]) -> None:
    """Write a plugin that has the open format alone."""
    files = {
        "plugin.json": json.dumps({"$schema": f"{SCHEMA}plugin.schema.json", "name": name, "version": "1.0.0"}),
        "mcp.json": json.dumps({"$schema": f"{SCHEMA}mcp.schema.json", "mcpServers": {"db": server}}),
        "skills/look/SKILL.md": SKILL.format(name="look"),
    }
    write_files(root / "plugins" / name, dict(files))


def push(client: Registry, root: Path, prefix: str, *formats: PluginFormat) -> MarketplacePush:
    with open_marketplace(str(root)) as opened:
        return push_marketplace(opened, parse_prefix(prefix), client, PushOptions(adapt=formats))


def listed(client: Registry, prefix: str) -> dict[str, CatalogPlugin]:
    catalog = fetch_catalog(client, parse_catalog_name(prefix)).catalog
    return {plugin.name: plugin for plugin in catalog.plugins}


def test_what_is_made_is_in_the_artifact_and_in_the_catalog(client: Registry, prefix: str, tmp_path: Path) -> None:
    root = tmp_path / "market"
    write_plugin(root, "ours")
    write_open(root, "theirs", {"type": "stdio", "command": "./db", "args": []})
    write_files(root / "plugins/theirs", {"db": "#!/bin/sh\n"})
    write_marketplace(root, [local("ours"), local("theirs")])
    pushed = push(client, root, prefix, *ALL)
    assert [(plugin.name, plugin.state.value, plugin.reason) for plugin in pushed.plugins] == [
        ("ours", "pushed", ""),
        ("theirs", "pushed", ""),
    ]
    plugins = listed(client, prefix)
    everything = ("agent-plugins", "claude-code", "gemini")
    assert {name: (plugin.formats, plugin.adapted) for name, plugin in plugins.items()} == {
        "ours": (everything, ("agent-plugins", "gemini")),
        "theirs": (everything, ("claude-code", "gemini")),
    }
    with Store(tmp_path / "store") as store:
        artifact = load_artifact(store, client.pull(store, plugins["theirs"].reference))
        assert "claude-code,gemini" in artifact.annotations.values()
        with open_layer(store, artifact.variant()) as tree:
            assert {".claude-plugin/plugin.json", "gemini-extension.json", "plugin.json"} <= set(tree.files)
            manifest = json.loads(tree.read(".claude-plugin/plugin.json", 10_000))
    assert manifest["mcpServers"]["db"]["command"].endswith("/db")
    again = push(client, root, prefix, *ALL)
    assert [plugin.state.value for plugin in again.plugins] == ["unchanged", "unchanged"]
    assert not again.catalog_changed


def test_what_a_format_cannot_say_is_refused_by_name(client: Registry, prefix: str, tmp_path: Path) -> None:
    root = tmp_path / "market"
    write_plugin(root, "fine")
    write_open(root, "with.period", {"type": "stdio", "command": "./db", "args": []})
    write_marketplace(root, [local("fine"), local("with.period")])
    pushed = push(client, root, prefix, PluginFormat.CLAUDE_CODE)
    assert {plugin.name: plugin.state.value for plugin in pushed.plugins} == {
        "fine": "pushed",
        "with.period": "refused",
    }
    assert "cannot be adapted to claude-code" in pushed.refused[0].reason
    assert list(listed(client, prefix)) == ["fine"]


def test_without_it_nothing_changes(client: Registry, prefix: str, tmp_path: Path) -> None:
    """A catalog of plugins that have Claude Code's format alone has the bytes that it always had."""
    push(client, three_plugins(tmp_path / "market"), prefix)
    opened = fetch_catalog(client, parse_catalog_name(prefix))
    assert {plugin.formats for plugin in opened.catalog.plugins} == {("claude-code",)}
    data = client.fetch(opened.pinned).data
    assert b"formats" not in write_catalog(opened.catalog)
    assert data


def test_formats_are_read_as_they_are_written() -> None:
    prefix = parse_prefix("ghcr.io/acme/tools")
    plugin = CatalogPlugin(name="demo", repository=prefix.repository("demo"), digest=Digest.of(b"x"))
    for formats, adapted in ((("claude-code",), ()), (("claude-code", "gemini"), ("gemini",))):
        catalog = Catalog(name="tools", plugins=(evolve(plugin, formats=formats, adapted=adapted),))
        assert read_catalog(write_catalog(catalog), prefix, "here") == catalog
