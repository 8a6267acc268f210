"""What should perhaps not be published is said, in the same words by validation and by a build."""

from pathlib import Path

import pytest
from surface_plugins import tree_of

from toolhive_plugins_content.findings import Findings
from toolhive_plugins_content.plugin_directory import open_plugin_directory
from toolhive_plugins_content.publication_rules import PublicationRules
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_interfaces.errors import PluginManifestMissingError


def rules(files: dict[str, object], **manifest: object) -> dict[str, Rule]:
    """Return the rule that each file breaks."""
    findings = Findings()
    PublicationRules(tree_of(files, **manifest), findings).check()
    return {found.path: Rule(found.rule) for found in findings.sorted()}


@pytest.mark.parametrize(
    ("path", "content", "rule"),
    [
        ("keys/id_ed25519", "x", Rule.SECRET_FILE),
        ("certs/server.key", "x", Rule.SECRET_FILE),
        ("prod.env", "A=1", Rule.SECRET_FILE),
        ("service-account-7.json", "{}", Rule.SECRET_FILE),
        ("docs/note.txt", "-----BEGIN OPENSSH PRIVATE KEY-----\nx", Rule.SECRET_FILE),
        ("docs/note.md", "-----BEGIN PGP PRIVATE KEY BLOCK-----\nx", Rule.SECRET_FILE),
        ("scripts/__pycache__/a.cpython-311.pyc", "x", Rule.LEFTOVER),
        ("a.py.orig", "x", Rule.LEFTOVER),
        ("skills/s/Thumbs.db", "x", Rule.LEFTOVER),
        ("con/a.txt", "x", Rule.PORTABLE_NAME),
        ("a?.txt", "x", Rule.PORTABLE_NAME),
        ("a .txt ", "x", Rule.PORTABLE_NAME),
        ("x" * 252 + ".text", "x", Rule.PORTABLE_NAME),
        ("run.sh", "#!/bin/sh\r\necho\r\n", Rule.CRLF_SCRIPT),
        ("commands/a.md", b"\xef\xbb\xbfx", Rule.BYTE_ORDER_MARK),
        (".mcp.json", b"\xef\xbb\xbf{}", Rule.BYTE_ORDER_MARK),
        (".mcp.json", {"s": {"env": {"T": "ghp_" + "a1B2" * 9}}}, Rule.LITERAL_SECRET),
        ("mcp.json", {"mcpServers": {"s": {"env": {"T": "ghp_" + "a1B2" * 9}}}}, Rule.LITERAL_SECRET),
        ("gemini-extension.json", {"mcpServers": {"s": {"env": {"T": "ghp_" + "a1B2" * 9}}}}, Rule.LITERAL_SECRET),
        (".mcp.json", {"s": {"args": ["--api-key", "q8Zk29fXvB71mTt0"]}}, Rule.LITERAL_SECRET),
    ],
)
def test_each_is_found(path: str, content: object, rule: Rule) -> None:
    assert rules({path: content}) == {path: rule}


def test_an_ordinary_plugin_breaks_none() -> None:
    files: dict[str, object] = {
        "README.md": "x",
        "skills/s/SKILL.md": "---\nname: s\n---\n",
        "run.sh": "#!/bin/sh\n",
        ".mcp.json": {"s": {"command": "x", "env": {"API_TOKEN": "${API_TOKEN}"}}},
        "docs/credentials-guide.md": "How to log in",
    }
    assert rules(files) == {}


def test_names_that_are_one_file_on_macos_are_found() -> None:
    assert rules({"\u00e9.md": "1", "e\u0301.md": "2"}) == {"\u00e9.md": Rule.CASE}


def test_a_secret_is_never_repeated() -> None:
    secret = "ghp_" + "a1B2" * 9
    findings = Findings()
    PublicationRules(tree_of({".mcp.json": {"s": {"env": {"T": secret}}}}), findings).check()
    assert secret not in repr(findings.sorted())


def test_a_marketplace_given_by_mistake_names_its_plugins(tmp_path: Path) -> None:
    folder = tmp_path / ".claude-plugin"
    folder.mkdir()
    (folder / "marketplace.json").write_text('{"plugins": [{"name": "a", "source": "./plugins/a"}, {"name": "b"}]}')
    with (
        pytest.raises(PluginManifestMissingError, match=r"a marketplace of 2 plugins.*plugins/a"),
        open_plugin_directory(str(tmp_path)),
    ):
        pass
