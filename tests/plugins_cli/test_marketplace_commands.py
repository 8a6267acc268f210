"""The subcommands of `marketplace`, as people and pipelines run them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from command_runner import Command, Ended
from plugin_folders import make_plugin, write_files

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.overview import FAMILIES

HOOK = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "curl x | sh"}]}]}}


def write_marketplace(root: Path, *names: str, version: str = "1.0.0", **fields: Any) -> None:
    """Write a marketplace of plugins that are folders of it."""
    for name in names:
        make_plugin(root / "plugins" / name, {f"commands/{name}.md": "Do it.\n"}, name=name, version=version)
    entries = [{"name": name, "source": f"./plugins/{name}"} for name in names]
    write_files(
        root,
        {".claude-plugin/marketplace.json": {"name": "tools", "owner": {"name": "Ann"}, "plugins": entries} | fields},
    )


@pytest.fixture
def market(tmp_path: Path) -> Path:
    """A marketplace of two plugins, `./market` to the command."""
    write_marketplace(tmp_path / "market", "one", "two")
    return tmp_path / "market"


@pytest.fixture
def prefix(registry: str, request: pytest.FixtureRequest) -> str:
    name = re.sub("[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
    return f"{registry}/{name}"


def documents(done: Ended) -> Any:
    """Return what a run wrote as JSON."""
    assert done.err == ""
    return json.loads(done.out)


def test_from_a_folder_to_a_team(thv: Command, market: Path, prefix: str) -> None:
    read = documents(thv("marketplace", "read", "market", "--format", "json"))
    assert [(plugin["name"], plugin["state"]) for plugin in read["plugins"]] == [("one", "read"), ("two", "read")]

    pushed = documents(thv("marketplace", "push", "market", prefix, "--plain-http", "--format", "json"))
    assert [plugin["state"] for plugin in pushed["plugins"]] == ["pushed", "pushed"]

    shown = documents(thv("marketplace", "show", prefix, "--plain-http", "--format", "json"))
    assert shown["pinned"] == pushed["pinned"]
    assert [plugin["surface"]["parts"] for plugin in shown["plugins"]] == [{"command": 1}, {"command": 1}]

    copied = thv("marketplace", "copy", prefix, f"{prefix}-team", "--plain-http", "--quiet")
    assert copied.out.strip() == f"{prefix}-team/toolhive.catalog@{pushed['catalog']}"

    made = thv("marketplace", "generate", "--from", f"{prefix}-team", "--name", "team", "--plain-http")
    assert (made.status, "2.1.229" in made.err) == (exit_codes.OK, True)
    commands = [plugin["source"]["command"] for plugin in json.loads(made.out)["plugins"]]
    assert commands[0] == f"thv-plugin path --plain-http {prefix}-team/one@{pushed['plugins'][0]['digest']}"

    folder = thv(
        *("marketplace", "generate", f"{prefix}/one:1.0.0", "--name", "team", "--source", "directory"),
        *("-o", "out", "--plain-http", "--quiet"),
    )
    assert (folder.out.strip(), folder.err) == (str(thv.folder / "out"), "")
    assert (thv.folder / "out/plugins/one/commands/one.md").is_file()


def test_what_grew_and_what_was_refused(thv: Command, market: Path, prefix: str) -> None:
    push = ("marketplace", "push", "market", prefix, "--plain-http")
    first = thv(*push, "--quiet").out.strip()
    write_marketplace(market, "one", "two", version="1.1.0")
    write_files(market / "plugins/one", {"hooks/hooks.json": HOOK})
    assert thv(*push, "--dry-run").status == exit_codes.OK
    assert thv(*push, "--dry-run", "--fail-on-growth").status == exit_codes.SURFACE_GREW
    write_files(market / "plugins/two", {".claude-plugin/plugin.json": "{"})
    refused = thv(*push)
    assert refused.status == exit_codes.PARTLY_FAILED
    assert re.search(r"two +- +refused", refused.out)
    assert re.search(r"one +1\.1\.0 +pushed, grew .*added hook Stop", refused.out)
    write_files(market / "plugins/one", {"README.md": "x"})
    moved = thv(*push, "--fail-on-growth")
    assert moved.status == exit_codes.PARTLY_FAILED
    assert "the tag 1.1.0 names" in moved.out
    diff = thv("marketplace", "diff", first, prefix, "--plain-http")
    assert diff.status == exit_codes.SURFACE_GREW
    assert "added hook Stop" in diff.out
    assert thv("marketplace", "diff", first, first, "--plain-http").status == exit_codes.OK
    selected = thv(*push, "--select", "o*", "--move-tags", "--fail-on-growth")
    assert selected.status == exit_codes.OK


def test_what_claude_code_refuses_is_told(thv: Command, market: Path) -> None:
    assert thv("marketplace", "read", "market", "--check").status == exit_codes.OK
    make_plugin(market / "plugins/one", name="one", agents="./agents")
    read = thv("marketplace", "read", "market", "--check")
    assert read.status == exit_codes.INVALID_PLUGIN
    assert "Claude Code refuses one: .claude-plugin/plugin.json: 'agents' must end with .md" in read.err
    write_marketplace(market, "two", name="inline")
    read = thv("marketplace", "read", "market", "--check")
    assert read.status == exit_codes.INVALID_PLUGIN
    assert "Claude Code refuses the file: 'name' is a name that the client uses itself" in read.err
    assert thv("marketplace", "read", "market").status == exit_codes.OK


def test_a_page_of_a_catalog(thv: Command, market: Path, prefix: str) -> None:
    push = ("marketplace", "push", "market", prefix, "--plain-http", "--quiet")
    first = thv(*push).out.strip()
    write_marketplace(market, "one", "two", version="1.1.0")
    write_files(market / "plugins/one", {"hooks/hooks.json": HOOK})
    second = thv(*push).out.strip()
    page = ("marketplace", "page", prefix, "--since", first, "-o", "site", "--plain-http")
    told = thv(*page)
    assert (told.status, told.err) == (exit_codes.OK, "")
    assert "2 changes, 1 can do more" in told.out
    assert second in (thv.folder / "site/index.html").read_text()
    one = (thv.folder / "site/plugins/one.html").read_text()
    assert "added hook Stop" in one
    assert f"thv-plugin install --plain-http {prefix}/one@sha256:" in one
    assert thv(*page, "--quiet").out.strip() == str(thv.folder / "site")

    (thv.folder / "mine").mkdir()
    (thv.folder / "mine/notes.txt").write_text("x")
    refused = thv("marketplace", "page", prefix, "-o", "mine", "--plain-http")
    assert refused.status == exit_codes.USAGE
    assert "holds no page that was made" in refused.err
    assert [path.name for path in (thv.folder / "mine").iterdir()] == ["notes.txt"]


def test_a_page_says_of_what_is_gone_that_it_is(thv: Command, market: Path, prefix: str, registry: str) -> None:
    first = thv("marketplace", "push", "market", prefix, "--plain-http", "--quiet").out.strip()
    digest = first.rpartition("@")[2]
    elsewhere = f"{prefix}-elsewhere/toolhive.catalog:latest"
    assert thv("copy", first, elsewhere, "--plain-http").status == exit_codes.OK
    done = thv("marketplace", "page", elsewhere.rpartition(":")[0] + f"@{digest}", "-o", "site", "--plain-http")
    assert done.status == exit_codes.PARTLY_FAILED
    assert re.search("one cannot be read: .*\n.*two cannot be read: ", done.err)
    assert "Nobody can say what it runs" in (thv.folder / "site/plugins/one.html").read_text()


@pytest.mark.parametrize("action", sorted(FAMILIES["marketplace"]))
def test_every_action_has_help(thv: Command, action: str) -> None:
    for arguments in (("marketplace", action, "--help"), ("help", "marketplace", action)):
        done = thv(*arguments)
        assert done.status == exit_codes.OK
        assert done.out.startswith(f"usage: thv-plugin marketplace {action}")
    assert action in thv("marketplace", "--help").out


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ((), exit_codes.USAGE),
        (("frobnicate",), exit_codes.USAGE),
        (("pusch", "x", "y"), exit_codes.USAGE),
        (("read",), exit_codes.USAGE),
        (("read", "nowhere"), exit_codes.INVALID_PLUGIN),
        (("read", "http://example.com/x"), exit_codes.USAGE),
        (("read", "market", "--include", "magic"), exit_codes.USAGE),
        (("read", "market", "--jobs", "0"), exit_codes.USAGE),
        (("read", "market", "--rev", "main"), exit_codes.INVALID_PLUGIN),
        (("push", "market", "localhost"), exit_codes.USAGE),
        (("push", "market", "localhost/x:tag"), exit_codes.USAGE),
        (("show", "localhost/a/b:c@d"), exit_codes.USAGE),
        (("show", "{registry}/none", "--plain-http"), exit_codes.NOT_FOUND),
        (("diff", "{registry}/none", "{registry}/none", "--plain-http"), exit_codes.NOT_FOUND),
        (("copy", "{registry}/none", "{registry}/other", "--plain-http"), exit_codes.NOT_FOUND),
        (("generate", "--name", "x"), exit_codes.USAGE),
        (("page", "{registry}/none", "--plain-http"), exit_codes.USAGE),
        (("page", "{registry}/none", "-o", "site", "--plain-http"), exit_codes.NOT_FOUND),
        (("page", "{registry}/none", "-o", "site", "--jobs", "0", "--plain-http"), exit_codes.USAGE),
        (("generate", "x", "--name", "claude-plugins-official"), exit_codes.USAGE),
        (("generate", "--from", "{registry}/none", "--name", "x", "--plain-http"), exit_codes.NOT_FOUND),
    ],
)
def test_what_is_wrong_is_said(
    thv: Command, market: Path, registry: str, arguments: tuple[str, ...], status: int
) -> None:
    done = thv("marketplace", *(argument.replace("{registry}", registry) for argument in arguments))
    assert (done.status, done.out) == (status, "")
    assert "error: " in done.err
    assert "Traceback" not in done.err


def test_an_action_that_is_nearly_one_is_suggested(thv: Command) -> None:
    assert "did you mean marketplace push?" in thv("marketplace", "pusch").err


def test_hostile_texts_reach_no_terminal(thv: Command, market: Path, prefix: str) -> None:
    write_marketplace(market, "one", description="\x1b[2Jclear", renames={"\x1b[31m": "one"})
    bad = {"name": "x\x1b[2J", "source": {"source": "command", "command": "echo \x1b[31m"}}
    document = json.loads((market / ".claude-plugin/marketplace.json").read_text())
    document["plugins"].append(bad)
    write_files(market, {".claude-plugin/marketplace.json": document})
    for arguments in (("read", "market"), ("push", "market", prefix, "--plain-http"), ("show", prefix, "--plain-http")):
        done = thv("marketplace", *arguments)
        assert "\x1b" not in done.out + done.err
        assert "Traceback" not in done.err


def write_policy(thv: Command, text: str) -> tuple[str, str]:
    """Write a policy, and return the option that names it."""
    (thv.folder / "rules.toml").write_text(f"version = 1\n{text}")
    return "--policy", "rules.toml"


NO_HOOKS = '[[rule]]\nreferences = ["**"]\n[rule.surface]\nforbid = ["hooks"]\n'


def test_push_refuses_by_name_what_a_policy_forbids(thv: Command, market: Path, prefix: str) -> None:
    write_files(market / "plugins/one", {"hooks/hooks.json": HOOK})
    rules = write_policy(thv, NO_HOOKS)
    done = thv("marketplace", "push", "market", prefix, "--plain-http", "--format", "json", *rules)
    report = json.loads(done.out)
    assert done.status == exit_codes.PARTLY_FAILED
    assert [(plugin["name"], plugin["state"]) for plugin in report["plugins"]] == [
        ("one", "refused"),
        ("two", "pushed"),
    ]
    assert "hooks are forbidden" in report["plugins"][0]["reason"]
    shown = documents(thv("marketplace", "show", prefix, "--plain-http", "--format", "json"))
    assert [plugin["name"] for plugin in shown["plugins"]] == ["two"]
    assert thv("pull", f"{prefix}/one:1.0.0", "--plain-http").status == exit_codes.NOT_FOUND


def test_a_catalog_that_is_pushed_leads_to_nothing_that_a_policy_forbids(
    thv: Command, market: Path, prefix: str
) -> None:
    push = ("marketplace", "push", "market", prefix, "--plain-http", "--format", "json")
    first = documents(thv(*push))
    write_marketplace(market, "one", "two", version="1.1.0")
    write_files(market / "plugins/one", {"hooks/hooks.json": HOOK})
    kept = json.loads(thv(*push, *write_policy(thv, NO_HOOKS)).out)
    assert (kept["plugins"][0]["state"], kept["removed"]) == ("refused", [])  # the older version may stay
    rules = write_policy(thv, f'deny = ["{first["plugins"][0]["digest"]}"]\n{NO_HOOKS}')
    dropped = json.loads(thv(*push, *rules).out)
    assert (dropped["plugins"][0]["state"], dropped["removed"]) == ("refused", ["one"])


def test_copy_asks_about_every_plugin_and_copies_no_catalog_that_leads_to_a_denied_one(
    thv: Command, market: Path, prefix: str
) -> None:
    pushed = documents(thv("marketplace", "push", "market", prefix, "--plain-http", "--format", "json"))
    rules = write_policy(thv, f'default = "allow"\ndeny = ["{pushed["plugins"][1]["digest"]}"]\n')
    copy = ("marketplace", "copy", prefix, f"{prefix}-team", "--plain-http", "--format", "json")
    done = thv(*copy, *rules)
    report = json.loads(done.out)
    assert (done.status, report["pinned"]) == (exit_codes.PARTLY_FAILED, "")
    assert [(plugin["name"], plugin["state"]) for plugin in report["plugins"]] == [
        ("one", "copied"),
        ("two", "refused"),
    ]
    assert "deni" in report["plugins"][1]["reason"]
    assert thv("marketplace", "show", f"{prefix}-team", "--plain-http").status == exit_codes.NOT_FOUND
    assert thv(*copy).status == exit_codes.OK
    again = thv(*copy, *rules)  # what the target has is asked about as well
    assert again.status == exit_codes.PARTLY_FAILED


def test_a_catalog_that_is_denied_itself_leads_nowhere(thv: Command, market: Path, prefix: str) -> None:
    pinned = documents(thv("marketplace", "push", "market", prefix, "--plain-http", "--format", "json"))["pinned"]
    rules = write_policy(thv, f'default = "allow"\ndeny = ["{pinned.partition("@")[2]}"]\n')
    for command in (
        ("copy", prefix, f"{prefix}-team"),
        ("generate", "--from", prefix, "--name", "team"),
    ):
        done = thv("marketplace", *command, "--plain-http", *rules)
        assert (done.status, done.out) == (exit_codes.NOT_TRUSTED, ""), done
        assert pinned in done.err.replace("\n", "")
    assert thv("marketplace", "show", f"{prefix}-team", "--plain-http").status == exit_codes.NOT_FOUND
    assert thv("marketplace", "show", prefix, "--plain-http").status == exit_codes.OK


@pytest.mark.parametrize("source", ["command", "directory"])
def test_generate_leaves_out_what_a_policy_forbids(thv: Command, market: Path, prefix: str, source: str) -> None:
    write_files(market / "plugins/one", {"hooks/hooks.json": HOOK})
    thv("marketplace", "push", "market", prefix, "--plain-http")
    generate = ("marketplace", "generate", "--from", prefix, "--name", "team", "--plain-http", "--source", source)
    rules = write_policy(thv, NO_HOOKS)
    done = thv(*generate, "-o", "out", "--format", "json", *rules)
    report = json.loads(done.out)
    assert done.status == exit_codes.PARTLY_FAILED
    assert [plugin["name"] for plugin in report["plugins"]] == ["two"]
    assert [plugin["name"] for plugin in report["forbidden"]] == ["one"]
    assert "one is left out" in done.err
    assert [plugin["name"] for plugin in json.loads(report["document"])["plugins"]] == ["two"]
    alone = ("marketplace", "generate", f"{prefix}/one:1.0.0", "--name", "team", "--plain-http", "--source", source)
    nothing = thv(*alone, "-o", "none", *rules)
    assert (nothing.status, nothing.out) == (exit_codes.NOT_TRUSTED, ""), nothing
    assert not (thv.folder / "none").exists()


def test_a_policy_that_is_not_understood_keeps_marketplaces_from_being_handed_on(
    thv: Command, market: Path, prefix: str
) -> None:
    assert thv("marketplace", "push", "market", prefix, "--plain-http").status == exit_codes.OK
    rules = write_policy(thv, "alow = true\n")
    for arguments in (
        ("push", "market", f"{prefix}-other"),
        ("copy", prefix, f"{prefix}-other"),
        ("generate", "--from", prefix, "--name", "team"),
    ):
        done = thv("marketplace", *arguments, "--plain-http", *rules)
        assert (done.status, done.out) == (exit_codes.USAGE, ""), done
    assert thv("marketplace", "show", prefix, "--plain-http").status == exit_codes.OK
