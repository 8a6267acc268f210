"""`validate` and `build` say what clients would: an error if all of them refuse, else a warning that names who does."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from claude_code import ClaudeCode
from made_cases import Case, all_cases, write_plugin

from toolhive_plugins import (
    MANIFEST_PATH,
    Client,
    Packager,
    PluginError,
    Severity,
    Store,
    ValidationReport,
    parse_plugin_manifest,
)
from toolhive_plugins_service.validation import validate

GOOD: Mapping[str, Any] = {"name": "p", "version": "1.0.0", "description": "d", "author": {"name": "x"}}


def made(folder: Path, manifest: Mapping[str, Any], **files: str) -> Path:
    contents = {".claude-plugin/plugin.json": json.dumps({**GOOD, "name": "pp", **manifest}), **files}
    return write_plugin(folder / "pp", {path: content.encode() for path, content in contents.items()})


def found(report: ValidationReport, severity: Severity) -> set[str]:
    return {problem.rule for problem in report.problems if problem.severity is severity}


def report(folder: Path, clients: Iterable[Client] | None = None) -> ValidationReport:
    return validate(str(folder), clients)


def test_what_one_client_refuses_is_a_warning_that_names_it(tmp_path: Path) -> None:
    said = report(made(tmp_path, {"agents": "./agents"}, **{"agents/a.md": "---\ndescription: d\n---\n"}))
    assert said.errors == ()
    named = [problem.problem for problem in said.problems if problem.rule == "claude-code-manifest"]
    assert named == ["Claude Code refuses the plugin: 'agents' must end with .md"]


def test_what_the_named_client_refuses_is_an_error(tmp_path: Path) -> None:
    plugin = made(tmp_path, {"author": "ann"})
    assert found(report(plugin, [Client.CLAUDE_CODE]), Severity.ERROR) == {"claude-code-manifest"}
    assert found(report(plugin, [Client.TOOLHIVE]), Severity.ERROR) == {"toolhive-manifest"}
    assert found(report(plugin, [Client.CODEX]), Severity.ERROR) == set()
    assert found(report(plugin), Severity.ERROR) == set()


def test_what_every_client_refuses_is_an_error(tmp_path: Path) -> None:
    said = report(made(tmp_path, {"keywords": "a b"}))
    assert found(said, Severity.ERROR) == {"claude-code-manifest", "codex-manifest", "toolhive-manifest"}


def test_what_no_client_minds_is_a_warning(tmp_path: Path) -> None:
    """A hook without a type is passed over by Claude Code, whose validator only warns of it."""
    hooks = json.dumps({"hooks": {"Stop": [{"hooks": [{"command": "x"}]}]}})
    said = report(made(tmp_path, {}, **{"hooks/hooks.json": hooks}), [Client.CLAUDE_CODE])
    assert said.errors == ()
    assert "hook-type" in found(said, Severity.WARNING)


def test_a_fault_of_packaging_is_an_error_whoever_it_is_for(tmp_path: Path) -> None:
    plugin = made(tmp_path, {})
    (plugin / "link").symlink_to("/etc/passwd")
    for client in Client:
        assert "irregular-file" in found(report(plugin, [client]), Severity.ERROR)


@pytest.mark.parametrize(
    "manifest", [{"author": "ann"}, {"keywords": "a b"}, {"name": "claude-x"}, {"commands": "./gone"}]
)
def test_build_packages_what_clients_refuse_and_warns_of_it(tmp_path: Path, manifest: Mapping[str, Any]) -> None:
    plugin = made(tmp_path, manifest)
    with Store(tmp_path / "store") as store:
        warned = Packager(store).package(str(plugin)).warnings
    assert all(warning.severity is Severity.WARNING for warning in warned)
    assert {(problem.rule, problem.problem) for problem in report(plugin).problems} == {
        (warning.rule, warning.problem) for warning in warned
    }


def packaged(case: Case) -> bool:
    """Return whether a plugin of a case can be packaged: the rest is refused before any client is asked."""
    try:
        parse_plugin_manifest(case.files[MANIFEST_PATH])
    except PluginError:
        return False
    return True


def test_error_exactly_where_claude_code_refuses(tmp_path: Path) -> None:
    """Of all that can be packaged and is judged at all; see test_claude_code_verdicts for the rest."""
    wrong: list[str] = []
    plugins = [case for case in all_cases() if case.kind == "plugin" and packaged(case)]
    for number, case in enumerate(plugins):
        said = report(write_plugin(tmp_path / str(number), case.files), [Client.CLAUDE_CODE])
        left_open = any("not checked" in problem.problem for problem in said.problems)
        if not left_open and bool(said.errors) == case.accepted:
            wrong.append(case.name)
    assert wrong == ["md-at:commands/.x.md", "md-at:skills/.s/SKILL.md"]  # Hidden files, which no artifact carries.


def test_example_is_accepted_by_every_client(claude_code: ClaudeCode) -> None:
    example = Path(__file__).resolve().parents[2] / "examples" / "release-notes"
    assert claude_code.validate(example).accepted
    assert report(example).problems == ()
