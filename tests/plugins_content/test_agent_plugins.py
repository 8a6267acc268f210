"""The verdict of the Agent Plugins format: each rule of its specification, and how much of a plugin breaking it costs."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from open_plugins import CASES, MANIFEST, MCP_SCHEMA, SCHEMA, SKILL

from toolhive_plugins_content import (
    Client,
    Effect,
    Findings,
    MemoryTree,
    Outcome,
    client_verdicts,
    open_plugin_directory,
)
from toolhive_plugins_content.validation import ValidationReport, report_on
from toolhive_plugins_interfaces.diagnostics import Severity

OFF = "MCP servers are turned off"


def tree_of(files: "dict[str, str | bytes]") -> MemoryTree:
    return MemoryTree({path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()})


def messages(files: "dict[str, str | bytes]") -> tuple[Outcome, list[str], list[str]]:
    """Return the outcome, the messages of what refuses the plugin, and all others."""
    (verdict,) = client_verdicts(tree_of(files), (Client.AGENT_PLUGINS,))
    refusals = [reason.message for reason in verdict.reasons if reason.effect is Effect.REFUSES]
    return verdict.outcome, refusals, [reason.message for reason in verdict.reasons if reason.effect is Effect.IGNORES]


@pytest.mark.parametrize("what", CASES)
def test_costs_what_the_section_says(what: str) -> None:
    case = CASES[what]
    outcome, refusals, others = messages(dict(case.files))
    assert (outcome is Outcome.REFUSED) == (case.outcome == "refused")
    found = refusals if case.outcome == "refused" else others
    if case.outcome == "fine":
        assert not others
        return
    assert found
    assert found[0].endswith(f"(section {case.section})"), found
    if case.outcome == "off":
        assert found[0].startswith(OFF)
    elif case.outcome in ("server", "skill") and case.section != "6.2":
        assert "is skipped: " in found[0]
    elif case.outcome == "reported":
        assert not any("skipped" in message or OFF in message for message in others)


def test_a_server_that_is_skipped_leaves_the_others() -> None:
    servers = {"bad": {"type": "stdio"}, "good": {"type": "stdio", "command": "node"}}
    files = {
        "plugin.json": json.dumps(MANIFEST),
        "mcp.json": json.dumps({"$schema": MCP_SCHEMA, "mcpServers": servers}),
    }
    _, _, others = messages(dict(files))
    assert [message for message in others if "'good'" in message] == []
    assert len(others) == 1


def test_a_refused_manifest_ends_the_matter() -> None:
    _, refusals, others = messages({"plugin.json": "[]", "mcp.json": "[]", "skills/x/SKILL.md": ""})
    assert len(refusals) == 1
    assert not others


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_takes_any_json_for_a_server(value: object) -> None:
    document = {"$schema": MCP_SCHEMA, "mcpServers": {"x": value}}
    outcome, _, _ = messages({"plugin.json": json.dumps(MANIFEST), "mcp.json": json.dumps(document)})
    assert outcome is Outcome.ACCEPTED


# Who is asked


def write(folder: Path, files: "dict[str, object]") -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def report(folder: Path, *clients: Client, needs_manifest: bool = False) -> ValidationReport:
    with open_plugin_directory(str(folder), findings=Findings(), needs_manifest=needs_manifest) as plugin:
        return report_on(plugin, "demo", clients or None)


CLAUDE = {"name": "demo", "version": "1.0.0", "description": "d", "author": {"name": "me"}, "license": "MIT"}


def test_a_plugin_without_the_format_is_not_judged_by_it(tmp_path: Path) -> None:
    write(tmp_path, {".claude-plugin/plugin.json": CLAUDE, "plugin.json": {"whatever": 1}})
    assert not [each for each in report(tmp_path).problems if "agent-plugins" in each.rule]


def test_a_plugin_without_the_format_is_refused_by_whoever_asks_for_it(tmp_path: Path) -> None:
    write(tmp_path, {".claude-plugin/plugin.json": CLAUDE})
    (problem,) = report(tmp_path, Client.AGENT_PLUGINS).errors
    assert problem.problem == "Agent Plugins 1.0 refuses the plugin: there is none at the plugin's root (section 4.1)"


def test_a_plugin_with_only_the_format_is_valid_where_one_client_takes_it(tmp_path: Path) -> None:
    write(tmp_path, {"plugin.json": {**MANIFEST, "version": "1.0.0"}, "skills/hello/SKILL.md": SKILL})
    found = report(tmp_path)
    assert found.errors == ()
    assert (found.name, found.version) == ("demo", "1.0.0")
    assert {"manifest-missing", "claude-code-manifest", "toolhive-manifest"} <= {each.rule for each in found.warnings}
    assert report(tmp_path, Client.CODEX, Client.AGENT_PLUGINS).errors == ()
    assert [each.rule for each in report(tmp_path, Client.CLAUDE_CODE).errors] == ["claude-code-manifest"]


def test_a_plugin_with_only_the_format_that_nobody_takes_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"plugin.json": {"$schema": SCHEMA, "name": "Bad Name"}})
    assert {each.rule for each in report(tmp_path).errors} >= {"agent-plugins-manifest", "codex-manifest"}


def test_secrets_are_found_without_a_manifest_of_claude_code(tmp_path: Path) -> None:
    write(tmp_path, {"plugin.json": MANIFEST, "id_rsa": "-----BEGIN OPENSSH PRIVATE KEY-----\n"})
    assert "secret-file" in {each.rule for each in report(tmp_path).warnings}


# Links


def test_a_link_that_leads_out_costs_what_it_holds(tmp_path: Path) -> None:
    folder = write(tmp_path / "demo", {"plugin.json": MANIFEST})
    write(tmp_path, {"outside": "x"})
    (folder / "mcp.json").symlink_to("../outside")
    (folder / "skills" / "one").mkdir(parents=True)
    (folder / "skills" / "one" / "SKILL.md").symlink_to("../../../outside")
    problems = [each.problem for each in report(folder, Client.AGENT_PLUGINS).problems if each.rule.startswith("agent")]
    assert problems == [
        "Agent Plugins 1.0: MCP servers are turned off: it leads out of the plugin (section 4.1)",
        "Agent Plugins 1.0: the skill is skipped: it leads out of the plugin (section 4.1)",
    ]


def test_a_manifest_that_leads_out_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "demo", {".claude-plugin/plugin.json": CLAUDE})
    write(tmp_path, {"outside": MANIFEST})
    (folder / "plugin.json").symlink_to("../outside")
    with open_plugin_directory(str(folder), findings=Findings()) as plugin:
        (verdict,) = client_verdicts(plugin, (Client.AGENT_PLUGINS,))
    assert [reason.message for reason in verdict.reasons] == ["leads out of the plugin (section 4.1)"]


def test_a_link_within_the_plugin_is_fine(tmp_path: Path) -> None:
    write(tmp_path, {"manifests/open.json": MANIFEST, ".claude-plugin/plugin.json": CLAUDE})
    (tmp_path / "plugin.json").symlink_to("manifests/open.json")
    assert report(tmp_path, Client.AGENT_PLUGINS).errors == ()


# Several manifests


def test_another_name_keeps_a_plugin_from_being_built(tmp_path: Path) -> None:
    write(tmp_path, {".claude-plugin/plugin.json": CLAUDE, "plugin.json": {**MANIFEST, "name": "other"}})
    (problem,) = report(tmp_path).errors
    assert (problem.rule, problem.path) == ("manifest-names", "plugin.json")


@pytest.mark.parametrize("field", ["version", "description", "license"])
def test_another_claim_is_warned_of(tmp_path: Path, field: str) -> None:
    write(tmp_path, {".claude-plugin/plugin.json": CLAUDE, "plugin.json": {**MANIFEST, field: "other"}})
    found = [each for each in report(tmp_path).problems if each.rule == "manifests-differ"]
    assert [(each.severity, field in each.problem) for each in found] == [(Severity.WARNING, True)]


def test_the_same_claims_are_not(tmp_path: Path) -> None:
    same = {key: CLAUDE[key] for key in ("version", "description", "license")}
    write(tmp_path, {".claude-plugin/plugin.json": CLAUDE, "plugin.json": {**MANIFEST, **same}})
    assert not [each for each in report(tmp_path).problems if each.rule.startswith("manifest")]
