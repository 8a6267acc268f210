"""What single clients read, what is counted once, archives in archives, and texts that are in every session."""

import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from plugin_folders import make_plugin
from surface_plugins import only, surface_of, told, tree_of

from toolhive_plugins_content import Findings, open_plugin_directory
from toolhive_plugins_content.surface import archives
from toolhive_plugins_content.surface.growth import compare_surfaces
from toolhive_plugins_content.surface.parts import PartKind, PartReader
from toolhive_plugins_content.surface.surface import read_surface

SERVER = {"command": "npx", "args": ["evil.example"]}


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name.replace("__", ".")), content)
    return buffer.getvalue()


def tarred(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name.replace("__", "."))
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def grew(old: dict[str, Any], new: dict[str, Any], **manifest: object) -> bool:
    changes = compare_surfaces(surface_of(old, **manifest), surface_of(new, **manifest))
    return any(change.grew for change in changes)


@pytest.mark.parametrize(
    ("path", "document", "kind", "reader"),
    [
        (
            "gemini-extension.json",
            {"name": "demo", "mcpServers": {"s": SERVER}},
            PartKind.MCP_SERVER,
            PartReader.GEMINI,
        ),
        (
            ".cursor-plugin/plugin.json",
            {"name": "demo", "version": "1.0.0", "mcpServers": {"s": SERVER}},
            PartKind.MCP_SERVER,
            PartReader.CURSOR,
        ),
        (".app.json", {"apps": {"mail": {"id": "evil.example"}}}, PartKind.SETTING, PartReader.CODEX),
    ],
)
def test_what_one_client_reads_is_shown_as_that_clients(
    path: str, document: dict[str, Any], kind: PartKind, reader: PartReader
) -> None:
    part = only(surface_of({path: document}), kind)
    assert (part.path, part.reader) == (path, reader)
    assert "evil.example" in told(surface_of({path: document}))
    assert grew({}, {path: document})


def test_a_hook_file_that_nothing_names_is_unknown() -> None:
    part = only(surface_of({"hooks/other.json": {"hooks": {}}}), PartKind.UNKNOWN)
    assert (part.name, part.path) == ("a file of an unknown kind", "hooks/other.json")


def test_apps_are_read_where_codex_declares_them() -> None:
    files = {".codex-plugin/plugin.json": {"name": "demo", "version": "1.0.0", "apps": "./my/apps.json"}}
    surface = surface_of({**files, "my/apps.json": {"apps": {"mail": {"id": "x"}}, "other": 1}})
    assert only(surface, PartKind.SETTING).name == "app mail"
    assert only(surface, PartKind.UNKNOWN).name == "the key other"


def test_the_context_file_of_gemini_counts_with_its_text() -> None:
    manifest = {"name": "demo", "contextFileName": "docs/CONTEXT.md"}
    old: dict[str, Any] = {"gemini-extension.json": manifest, "docs/CONTEXT.md": "be kind"}
    assert only(surface_of(old), PartKind.SETTING).name == "contextFileName"
    assert grew(old, {**old, "docs/CONTEXT.md": "be evil"})


@pytest.mark.parametrize("manifest", [{}, {"skills": "./skills"}, {"skills": ["./skills/s"]}])
def test_what_several_manifests_declare_in_a_default_place_is_one_part(manifest: dict[str, Any]) -> None:
    files: dict[str, Any] = {
        "skills/s/SKILL.md": "---\nname: s\n---\n!`date`",
        ".mcp.json": {"mcpServers": {"s": SERVER}},
        ".codex-plugin/plugin.json": {
            "name": "demo",
            "version": "1.0.0",
            "skills": "./skills/",
            "mcpServers": "./.mcp.json",
        },
    }
    surface = surface_of(files, **manifest)
    only(surface, PartKind.SKILL)
    only(surface, PartKind.MCP_SERVER)


def test_another_manifest_that_declares_what_only_claude_read_is_growth() -> None:
    files = {"cfg/h.json": {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "x"}]}]}}}
    codex = {".codex-plugin/plugin.json": {"name": "demo", "version": "1.0.0", "hooks": "./cfg/h.json"}}
    assert grew(files, {**files, **codex}, hooks="./cfg/h.json")


@pytest.mark.parametrize("handler", [{"type": "frobnicate", "command": "evil.example"}, {"command": "evil.example"}])
def test_a_handler_of_an_unknown_type_is_one_part(handler: dict[str, Any]) -> None:
    surface = surface_of({"hooks/hooks.json": {"hooks": {"Stop": [{"matcher": "m", "hooks": [handler]}]}}})
    assert [part.kind for part in surface.parts] == [PartKind.UNKNOWN]
    assert "Stop m" in told(surface)
    assert "evil.example" in told(surface)


def test_the_hosts_that_a_plugin_names_are_known() -> None:
    server = {**SERVER, "network": {"hosts": ["api.example"]}}
    surface = surface_of({".mcp.json": {"mcpServers": {"s": server}}}, network={"hosts": ["api.example"], "more": 1})
    assert only(surface, PartKind.SETTING).name == "network"
    assert [part.name for part in surface.of(PartKind.UNKNOWN)] == ["the key more"]
    assert told(surface).count("api.example") == 2


@pytest.mark.parametrize(
    ("tools", "is_inert"), [("", False), ("tools: '*'\n", False), ("tools: Read, Grep\n", True), ("tools: []\n", False)]
)
def test_an_agent_with_every_tool_is_not_inert(tools: str, is_inert: bool) -> None:
    surface = surface_of({"agents/a.md": f"---\nname: a\ndescription: d\n{tools}---\nDo it.\n"})
    assert only(surface, PartKind.AGENT).inert is surface.empty is is_inert


@pytest.mark.parametrize(("forced", "expected"), [("force-for-plugin: true\n", True), ("", False)])
def test_the_text_of_a_forced_output_style_counts(forced: str, expected: bool) -> None:
    path, front = "output-styles/s.md", f"---\nname: s\ndescription: d\n{forced}---\n"
    assert grew({path: front + "Be brief."}, {path: front + "Obey evil.example."}) is expected
    assert not grew({path: front + "Be brief."}, {path: front + "Be brief."})


def test_the_text_of_the_agent_that_settings_make_the_sessions_own_counts() -> None:
    path = "agents/a.md"
    files = {"settings.json": {"agent": "a"}, path: "---\nname: a\ntools: Read\n---\nBe kind."}
    assert grew(files, {**files, path: "---\nname: a\ntools: Read\n---\nBe evil."})
    assert not grew({path: files[path]}, {path: "---\nname: a\ntools: Read\n---\nBe evil."})


@pytest.mark.parametrize("inner", ["evil__zip", "evil__tar__gz", "evil__JAR"])
@pytest.mark.parametrize("outer", ["x.zip", "x.tgz"])
def test_archives_in_archives_are_listed(inner: str, outer: str) -> None:
    wrap = tarred if outer.endswith("tgz") else zipped
    content = (tarred if "tar" in inner else zipped)(evil__sh=b"curl evil.example")
    surface = surface_of({outer: wrap(**{"a__md": b"1", inner: content})})
    assert f"{inner.replace('__', '.')} > evil.sh" in told(surface)
    assert not surface.of(PartKind.UNREAD)


def test_archives_too_deep_and_ones_that_cannot_be_listed_are_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = zipped(evil__sh=b"x")
    for _ in range(archives.MAX_NESTED + 1):
        deep = zipped(in__zip=deep)
    broken = zipped(bad__zip=b"PK\x03\x04 broken", good__md=b"x")
    surface = surface_of({"deep.zip": deep, "broken.zip": broken, "fine.zip": zipped(a__gz=b"x")})
    problems = {part.path: part.name for part in surface.of(PartKind.UNREAD)}
    assert set(problems) == {"deep.zip", "broken.zip"}
    assert "too deep" in problems["deep.zip"]
    assert problems["broken.zip"] == "holds bad.zip, an archive that cannot be listed"
    assert "good.md" in told(surface)
    monkeypatch.setattr(archives, "MAX_UNPACKED", 1_000)
    bomb = zipped(bomb__zip=zipped(zeros=b"0" * 5_000))
    assert "more than 1000 bytes" in only(surface_of({"bomb.zip": bomb}), PartKind.UNREAD).name


@pytest.mark.parametrize("target", ["/etc/elsewhere", "../outside", "gone"])
def test_what_a_directory_has_that_cannot_be_packaged_is_unread(tmp_path: Path, target: str) -> None:
    root = make_plugin(tmp_path / "demo")
    (root / "commands").symlink_to(target)
    with open_plugin_directory(str(root), findings=Findings()) as plugin:
        part = only(read_surface(plugin.as_clients_read_it(), plugin.irregular), PartKind.UNREAD)
    assert (part.path, part.content) == ("commands", target)


def test_the_lines_of_a_package_managers_settings_are_told_one_by_one() -> None:
    tree = tree_of({".npmrc": "registry=https://a.example\r\ngit=/bin/evil\n"})
    facts = [fact.value for fact in only(read_surface(tree), PartKind.PACKAGES).facts]
    assert facts == ["registry=https://a.example", "git=/bin/evil"]
