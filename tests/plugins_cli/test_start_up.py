"""What the command does not load, so that a person need not wait for it. How long it takes is measured in docs/performance.md."""

import json
from pathlib import Path

import pytest
from command_runner import Command

HEAVY = {
    *("attr", "attrs", "ast", "inspect", "dataclasses", "pathlib", "platform", "urllib.parse", "logging", "subprocess"),
    *("requests", "urllib3", "rich", "filelock", "deflate", "concurrent.futures"),
    *("toolhive_artifact.documents", "toolhive_artifact.models", "toolhive_plugins_store.transaction"),
    *("toolhive_plugins_content", "toolhive_plugins_packager", "toolhive_plugins_registry"),
}
"""What `list` loaded once, or might load one day by mistake."""


def loaded(thv: Command, *arguments: str) -> set[str]:
    """Run the command and return the modules that it loaded, by what Python itself tells."""
    done = thv(*arguments, env={"PYTHONVERBOSE": "1"})
    assert done.status == 0
    lines = [line.split(" ")[1] for line in done.err.splitlines() if line.startswith("import ")]
    return {name.strip("'") for name in lines}


@pytest.mark.parametrize("options", [(), ("--quiet",)], ids=" ".join)
def test_a_list_of_builds_loads_neither_attrs_nor_what_it_needs(
    thv: Command, demo: Path, options: tuple[str, ...]
) -> None:
    assert thv("build", str(demo)).status == 0
    assert thv("build", str(demo), "--tag", "again").status == 0
    modules = loaded(thv, "list", *options)
    assert "toolhive_plugins_service.listing" in modules
    assert HEAVY & modules == set()


def test_a_list_of_builds_in_json_has_their_fields_in_order(thv: Command, demo: Path) -> None:
    assert thv("build", str(demo)).status == 0
    (build,) = json.loads(thv("list", "--format", "json").out)
    assert list(build) == ["tag", "digest", "name", "version", "description", "size", "local_build", "damage"]
    assert (build["tag"], build["version"], build["local_build"], build["damage"]) == ("demo", "1.0.0", True, "")


def test_the_version_loads_hardly_anything(thv: Command) -> None:
    assert loaded(thv, "--version") & (HEAVY | {"argparse", "toolhive_plugins_service"}) == set()
