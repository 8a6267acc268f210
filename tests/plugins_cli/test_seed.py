"""`seed`: what it prints, and what it refuses, as a person sees it."""

import json
from pathlib import Path

from command_runner import Command

from toolhive_plugins_cli import exit_codes


def test_it_prints_what_settings_need(thv: Command, demo: Path) -> None:
    thv("build", "demo")
    done = thv("seed", "seed", "demo")
    assert done.status == exit_codes.OK, done.err
    assert json.loads(done.out) == {"enabledPlugins": {"demo@toolhive-seed": True}}
    assert f"CLAUDE_CODE_PLUGIN_SEED_DIR={thv.folder}/seed" in done.err
    assert thv("seed", "other", "demo", "--quiet").out == f"{thv.folder}/other\n"


def test_settings_are_written_on_demand(thv: Command, demo: Path) -> None:
    thv("build", "demo")
    done = thv("seed", "seed", "demo", "--settings", "settings.json")
    assert (done.status, done.out) == (exit_codes.OK, f"{thv.folder}/settings.json\n")
    assert json.loads((thv.folder / "settings.json").read_text()) == {"enabledPlugins": {"demo@toolhive-seed": True}}


def test_a_taken_name_or_folder_says_what_to_do(thv: Command, demo: Path) -> None:
    thv("build", "demo")
    thv("seed", "seed", "demo")
    again = thv("seed", "seed", "demo")
    assert (again.status, again.out) == (exit_codes.FAILED, "")
    assert "demo would be there twice" in again.err
    assert thv("seed", "seed", "demo", "--force").status == exit_codes.OK
    taken = thv("seed", "demo", "demo", "--force")
    assert (taken.status, taken.out) == (exit_codes.FAILED, "")
    assert "left alone" in taken.err


def test_a_target_that_is_not_there_leaves_nothing(thv: Command, demo: Path) -> None:
    thv("build", "demo")
    assert thv("seed", "seed", "demo", "absent").status == exit_codes.NOT_FOUND
    assert not (thv.folder / "seed").exists()
    assert thv("seed", "seed", "demo", "--marketplace", "claude-x").status == exit_codes.USAGE
