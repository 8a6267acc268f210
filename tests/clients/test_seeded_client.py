"""Claude Code loads plugins from a seed that `thv-plugin seed` wrote, that was moved, and that nobody may write to."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from claude_code import ClaudeCode
from client_programs import required_client, scratch_home
from command_runner import Command
from plugin_folders import MANIFEST, write_files


@pytest.fixture
def client() -> Iterator[ClaudeCode]:
    """Claude Code in a home where nothing is installed."""
    program = required_client("claude-code")
    with scratch_home() as home:
        yield ClaudeCode(program, home)


def built(thv: Command, name: str, version: str, sung: Path) -> None:
    """Build a plugin with a skill, and a hook that leaves a file behind."""
    command = f'echo "${{CLAUDE_PLUGIN_ROOT}}" >> {sung}'
    write_files(
        thv.folder / name,
        {
            MANIFEST: {"name": name, "version": version, "description": f"Is {name}"},
            f"skills/greet-{name}/SKILL.md": f"---\nname: greet-{name}\ndescription: Greets\n---\nHello.\n",
            "hooks/hooks.json": {"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": command}]}]}},
        },
    )
    assert thv("build", name).status == 0


def made_read_only(folder: Path) -> dict[str, bytes]:
    """Take all permission to write away, and return what is in the folder."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
    return content(folder)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_moved_seed_is_loaded_in_the_first_session_and_listed(client: ClaudeCode, tmp_path: Path) -> None:
    thv, sung = Command(tmp_path), tmp_path / "sung"
    built(thv, "one-plugin", "1.0.0", sung)
    built(thv, "two-plugin", "2.0.0+build.7", sung)
    settings = client.home / ".claude/settings.json"
    write_files(client.home, {".claude/settings.json": '{\n    "theme":  "dark"\n}\n'})
    done = thv("seed", "made/seed", "one-plugin", "two-plugin", "--settings", str(settings))
    assert done.status == 0, done.err
    assert settings.read_text().startswith('{\n    "theme":  "dark"')
    seed = (tmp_path / "made/seed").rename(tmp_path / "elsewhere")
    before = made_read_only(seed)
    environment = {"CLAUDE_CODE_PLUGIN_SEED_DIR": str(seed), "CLAUDE_CODE_SYNC_PLUGIN_INSTALL": "1"}

    def run(*arguments: str) -> str:
        ended = client.run(*arguments, cwd=client.home, **environment)
        return ended.stdout + ended.stderr

    for _ in range(2):
        sung.unlink(missing_ok=True)
        said = run("-p", "hi", "--max-turns", "1")
        roots = sorted(sung.read_text().splitlines()) if sung.exists() else []
        assert roots == [
            f"{seed}/cache/toolhive-seed/one-plugin/1.0.0",
            f"{seed}/cache/toolhive-seed/two-plugin/2.0.0-build.7",
        ], said
    listed = {
        each["id"]: each
        for each in json.loads(client.run("plugin", "list", "--json", cwd=client.home, **environment).stdout)
    }
    for name in ("one-plugin", "two-plugin"):
        assert listed[f"{name}@toolhive-seed"]["enabled"]
        assert not listed[f"{name}@toolhive-seed"].get("errors")
        assert f"greet-{name}" in run("plugin", "details", f"{name}@toolhive-seed")
    assert content(seed) == before


def test_what_is_printed_is_what_settings_need(client: ClaudeCode, tmp_path: Path) -> None:
    thv, sung = Command(tmp_path), tmp_path / "sung"
    built(thv, "one-plugin", "1.0.0", sung)
    done = thv("seed", "seed", "one-plugin")
    assert json.loads(done.out) == {"enabledPlugins": {"one-plugin@toolhive-seed": True}}
    environment = {"CLAUDE_CODE_PLUGIN_SEED_DIR": str(tmp_path / "seed"), "CLAUDE_CODE_SYNC_PLUGIN_INSTALL": "1"}
    client.run("-p", "hi", "--max-turns", "1", cwd=client.home, **environment)
    assert not sung.exists(), "a seed enables nothing by itself"
    write_files(client.home, {".claude/settings.json": done.out})
    client.run("-p", "hi", "--max-turns", "1", cwd=client.home, **environment)
    assert sung.exists()
