"""What the command loads before it does anything: a module not loaded is time that nobody waits for, told without a clock."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import frozen
from command_runner import Command, write_plugin

PROGRAM = """
import sys
from toolhive_plugins_cli.cli import main
status = main(sys.argv[1:])
sys.stderr.write("\\nloaded " + " ".join(sys.modules))
sys.exit(status)
"""
HEAVY = {
    *("attr", "attrs", "ast", "inspect", "dataclasses", "pathlib", "platform", "urllib.parse", "logging", "subprocess"),
    *("urllib3", "rich", "filelock", "deflate", "concurrent.futures", "cattrs", "ruamel", "threading"),
    *("toolhive_artifact.oci_json", "toolhive_artifact.models", "toolhive_plugins_store.transaction"),
    *("toolhive_plugins_content", "toolhive_plugins_packager", "toolhive_plugins_registry"),
}
"""What `list` loaded once, or might load one day by mistake."""


@frozen
class Loaded:
    """The modules that a run loaded, beyond those that the interpreter starts with."""

    modules: frozenset[str]
    beyond: int
    """`len(sys.modules)` at its end, less that of `python -I -c pass`."""

    def packages(self) -> Mapping[str, int]:
        """Return how many modules each top-level package brought, most first."""
        return dict(Counter(name.partition(".")[0] for name in self.modules).most_common())


def loaded(thv: Command, *arguments: str, status: int = 0, stdin: str = "") -> Loaded:
    """Run the command in a fresh interpreter and return what it loaded."""
    bare = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=thv.folder,
        env=thv.env,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    names = frozenset(done.stderr.rpartition("loaded ")[2].split())
    base = frozenset(bare.stdout.split())
    return Loaded(names - base, len(names) - len(base))


@pytest.mark.parametrize(
    ("limit", "arguments", "status"),
    [
        (75, ["builds"], 0),
        (75, ["builds", "--quiet"], 0),
        (190, ["build", "./demo"], 0),
        (190, ["build", "./other"], 0),
        (190, ["inspect", "demo"], 0),
        (190, ["inspect", "./demo"], 0),
        (190, ["validate", "demo"], 0),
        (190, ["content", "demo"], 0),
        (195, ["diff", "demo", "./demo"], 0),
        (200, ["extract", "demo", "out"], 0),
        (250, ["verify", "demo", "--source", "./demo"], 0),
        (150, ["check"], 0),
        (150, ["gc"], 0),
        (150, ["rm", "demo"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_command_loads_at_most(thv: Command, demo: Path, limit: int, arguments: list[str], status: int) -> None:
    assert thv("build", "demo").status == 0
    write_plugin(thv.folder / "other", name="other")
    found = loaded(thv, *arguments, status=status)
    print(f"{' '.join(arguments)}: {found.beyond}")
    assert found.beyond <= limit, found.packages()


@pytest.mark.parametrize(
    "arguments", [["push", "demo", "{}/acme/demo:1", "--plain-http"], ["pull", "{}/acme/demo:1", "--plain-http"]]
)
def test_a_transfer_loads_at_most(thv: Command, demo: Path, registry: str, arguments: list[str]) -> None:
    assert thv("build", "demo").status == 0
    assert thv("push", "demo", f"{registry}/acme/demo:1", "--plain-http").status == 0
    found = loaded(thv, *[argument.format(registry) for argument in arguments])
    print(f"{arguments[0]}: {found.beyond}")
    assert found.beyond <= 400, found.packages()
    assert not {"rich", "ruamel"} & set(found.packages())


@pytest.mark.parametrize("arguments", [["list"], ["info", "demo"], ["uninstall", "demo"]], ids=" ".join)
def test_what_works_on_installs_loads_at_most(thv: Command, demo: Path, arguments: list[str]) -> None:
    (thv.folder / ".claude").mkdir()
    assert thv("build", "demo").status == 0
    assert thv("install", "demo", "--yes").status == 0
    found = loaded(thv, *arguments)
    print(f"{arguments[0]}: {found.beyond}")
    assert found.beyond <= 400, found.packages()
    assert not {"rich", "ruamel", "tomlkit", "cryptography", "sigstore", "urllib3", "deflate"} & set(found.packages())


def test_logging_in_and_out_loads_at_most(thv: Command, registry: str) -> None:
    found = loaded(thv, "login", registry, "-u", "ann", "--password-stdin", "--plain-http", stdin="password")
    print(f"login: {found.beyond}")
    assert found.beyond <= 400, found.packages()
    assert not {"rich", "ruamel", "publicsuffixlist"} & set(found.packages())
    found = loaded(thv, "logout", registry)
    print(f"logout: {found.beyond}")
    assert found.beyond <= 190, found.packages()
    assert not {"urllib3", "publicsuffixlist"} & set(found.packages())


def test_a_folder_that_is_there_is_handed_out_without_what_fetches(thv: Command, demo: Path) -> None:
    """A client runs `path` for each plugin of such a marketplace at the beginning of a session."""
    digest = thv("build", "demo", "--quiet").out.strip()
    assert thv("path", digest).status == 0
    found = loaded(thv, "path", digest)
    print(f"path: {found.beyond}")
    assert found.beyond <= 200, found.packages()
    assert not {"urllib3", "rich", "ruamel", "toolhive_plugins_clients"} & set(found.packages())


@pytest.mark.parametrize("options", [(), ("--quiet",)], ids=" ".join)
def test_a_list_of_builds_loads_neither_attrs_nor_what_it_needs(
    thv: Command, demo: Path, options: tuple[str, ...]
) -> None:
    assert thv("build", "demo").status == 0
    assert thv("build", "demo", "--tag", "again").status == 0
    modules = loaded(thv, "builds", *options).modules
    assert "toolhive_plugins_service.listing" in modules
    assert HEAVY & modules == set()


def test_only_yaml_loads_the_library_for_it(thv: Command, demo: Path) -> None:
    assert thv("build", "demo").status == 0
    assert "ruamel" not in loaded(thv, "inspect", "demo", "--format", "json").packages()
    assert "ruamel" in loaded(thv, "inspect", "demo", "--format", "yaml").packages()


def test_a_list_of_builds_in_json_has_their_fields_in_order(thv: Command, demo: Path) -> None:
    assert thv("build", "demo").status == 0
    (build,) = json.loads(thv("builds", "--format", "json").out)
    assert list(build) == ["tag", "digest", "name", "version", "description", "size", "local_build", "damage"]
    assert (build["tag"], build["version"], build["local_build"], build["damage"]) == ("demo", "1.0.0", True, "")


def test_the_version_loads_hardly_anything(thv: Command) -> None:
    assert loaded(thv, "--version").modules & (HEAVY | {"argparse", "toolhive_plugins_service"}) == set()
