"""A marketplace is read from wherever it is; what a stranger's entries may and may not do."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from git_repositories import GitRepository
from made_marketplaces import (
    SKILL,
    local,
    plugin_files,
    serve_over_ssh,
    three_plugins,
    write_files,
    write_marketplace,
    write_plugin,
)

from toolhive_plugins import CommitNotFoundError, GitError, ToolhiveError
from toolhive_plugins_marketplaces import AddressError, InvalidMarketplaceError, RefusedEntryError
from toolhive_plugins_marketplaces.addresses import is_private, parse_git_address
from toolhive_plugins_marketplaces.document import Marketplace, read_marketplace
from toolhive_plugins_marketplaces.reading import OpenMarketplace, open_marketplace

SHA = "0" * 40


def parse(*entries: Any, **fields: Any) -> Marketplace:
    document = {"name": "tools", "owner": {"name": "Ann"}, "plugins": list(entries), **fields}
    return read_marketplace(json.dumps(document).encode(), "test")


def reason(opened: OpenMarketplace, name: str) -> str:
    """Return why a plugin cannot be opened."""
    entry = next(entry for entry in opened.marketplace.entries if entry.name == name)
    with pytest.raises(ToolhiveError) as caught, opened.open(entry):
        pass
    return f"{caught.value.where}: {caught.value.problem}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "market"


# Where a marketplace is


def test_a_plain_folder(root: Path) -> None:
    with open_marketplace(str(three_plugins(root))) as opened:
        assert (opened.source, opened.revision) == ("", "")
        assert [entry.name for entry in opened.marketplace.entries] == ["one", "two", "three"]
        with opened.open(opened.marketplace.entries[0]) as plugin:
            assert plugin.tree.paths == (".claude-plugin/plugin.json", "commands/one.md")
            assert (plugin.made, plugin.change, plugin.source_url) == (False, None, "")


@pytest.mark.parametrize(("place", "bare"), [("", False), ("sub/folder", False), ("", True)])
def test_a_local_repository_is_read_as_its_commit_has_it(root: Path, tmp_path: Path, place: str, bare: bool) -> None:
    repository = GitRepository(root)
    three_plugins(root / place)
    first = repository.commit()
    (root / place / "plugins/two/commands/two.md").write_text("Changed.\n")
    second = repository.commit()
    (root / place / "plugins/one/commands/one.md").write_text("Not committed.\n")
    source = root / place
    if bare:
        repository.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare"))
        source = tmp_path / "bare"
    with open_marketplace(str(source)) as opened:
        assert opened.revision == second
        one, two, _ = opened.marketplace.entries
        with opened.open(one) as plugin:
            assert plugin.change
            assert plugin.change.revision == first
            assert plugin.tree.read("commands/one.md", 100) == b"Do one.\n"
        with opened.open(two) as plugin:
            assert plugin.change
            assert plugin.change.revision == second
    with open_marketplace(str(source), revision=first) as opened:
        assert opened.revision == first


def test_what_is_not_committed_is_read_from_the_folder(root: Path) -> None:
    GitRepository(root)
    with open_marketplace(str(three_plugins(root))) as opened:
        assert opened.revision == ""


def test_a_revision_needs_a_repository(root: Path) -> None:
    with (
        pytest.raises(InvalidMarketplaceError, match="in no git repository"),
        open_marketplace(str(three_plugins(root)), revision="main"),
    ):
        pass


@pytest.mark.parametrize(
    "address", ["ssh://git@git.example.com/tools", "git@git.example.com:tools", "https://git.example.com/tools"]
)
def test_an_address_is_cloned_with_the_users_own_configuration(root: Path, tmp_path: Path, address: str) -> None:
    repository = GitRepository(root)
    three_plugins(root)
    commit = repository.commit()
    serve_over_ssh(tmp_path / "home", {"git@git.example.com/tools": root})
    with open_marketplace(address) as opened:
        assert opened.revision == commit
        assert opened.source.removeprefix("ssh://").removeprefix("https://") == "git.example.com/tools"
        with opened.open(opened.marketplace.entries[0]) as plugin:
            assert plugin.change
            assert plugin.change.revision == commit
    repository.git("branch", "other")
    with open_marketplace(f"{address}#other") as opened:
        assert opened.revision == commit


def test_no_repositorys_configuration_and_no_variable_reaches_git(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = GitRepository(root)
    three_plugins(root)
    repository.commit()
    serve_over_ssh(tmp_path / "home", {"git@git.example.com/tools": root})
    elsewhere = GitRepository(tmp_path / "elsewhere")
    canary = tmp_path / "canary"
    elsewhere.settings(
        f'[core]\n\tsshCommand = "touch {canary}"\n[url "ssh://evil/"]\n\tinsteadOf = ssh://git@git.example.com/\n'
    )
    monkeypatch.chdir(elsewhere.root)
    monkeypatch.setenv("TMPDIR", str(elsewhere.root))
    monkeypatch.setattr("tempfile.tempdir", None)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.setenv(name, str(elsewhere.root / ".git"))
    monkeypatch.setenv("GIT_SSH_COMMAND", f"touch {canary}")
    with open_marketplace("ssh://git@git.example.com/tools") as opened:
        assert opened.marketplace.name == "tools"
    assert not canary.exists()


def test_a_token_is_told_to_nobody(tmp_path: Path) -> None:
    serve_over_ssh(tmp_path / "home", {})
    address = "https://ann:ghp_0123456789abcdefghijklmnopqrstuvwxyz@git.example.com/gone?token=abc"
    assert "ghp_" not in str(parse_git_address(address)) + repr(parse_git_address(address))
    with pytest.raises(GitError) as caught, open_marketplace(address):
        pass
    assert "ghp_" not in str(caught.value) + caught.value.where + repr(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://git.example.com/x",
        "git://git.example.com/x",
        "file:///etc",
        "ext::sh -c x",
        "https://",
        "https://host",
        "ssh://-oProxyCommand=x/y",
        "https://host/with space",
        "user@host:-x y",
        "https://a" + "/x" * 2000,
    ],
)
def test_what_is_no_address_of_a_repository(address: str) -> None:
    with pytest.raises(AddressError):
        parse_git_address(address)


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("127.0.0.1", True),
        ("127.1", True),
        ("2130706433", True),
        ("0x7f000001", True),
        ("10.1.2.3", True),
        ("169.254.169.254", True),
        ("100.64.0.1", True),
        ("0.0.0.0", True),
        ("[::1]", True),
        ("[fe80::1]", True),
        ("[fc00::1]", True),
        ("[::ffff:10.0.0.1]", True),
        ("localhost", True),
        ("LOCALHOST.", True),
        ("a.localhost", True),
        ("printer.local", True),
        ("intranet", True),
        ("8.8.8.8", False),
        ("[2606:4700::1111]", False),
    ],
)
def test_private_hosts(host: str, private: bool) -> None:
    assert is_private(host) is private


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({}, "there is no .claude-plugin/marketplace.json"),
        ({".claude-plugin/marketplace.json": "{"}, "expected a key"),
        ({".claude-plugin/marketplace.json": "[]"}, "must be a JSON object"),
        ({".claude-plugin/marketplace.json": "{}"}, "no list of plugins"),
        ({".claude-plugin/marketplace.json": '{"plugins": []}'}, "there is no name"),
        ({".claude-plugin/marketplace.json": '{"name": "x", "plugins": [], "renames": []}'}, "renames"),
        (
            {".claude-plugin/marketplace.json": '{"name": "x", "plugins": [], "metadata": {"pluginRoot": "../x"}}'},
            "out of",
        ),
        ({".claude-plugin/marketplace.json": "[" * 100_000}, "deep"),
    ],
)
def test_a_folder_that_is_no_marketplace(root: Path, files: dict[str, str | bytes], problem: str) -> None:
    root.mkdir()
    with pytest.raises(InvalidMarketplaceError, match=problem), open_marketplace(str(write_files(root, files))):
        pass


# Entries


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("./plugins/one", "./plugins/one"),
        ("./", "./"),
        ({"source": "github", "repo": "acme/one"}, "https://github.com/acme/one.git"),
        (
            {"source": "github", "repo": "acme/one", "ref": "v1", "sha": SHA},
            f"https://github.com/acme/one.git@{SHA[:12]}",
        ),
        ({"source": "url", "url": "https://u:p@h.example/x.git", "ref": "main"}, "https://h.example/x.git@main"),
        ({"source": "url", "url": "git@h.example:x/y.git"}, "ssh://h.example/x/y.git"),
        ({"source": "git-subdir", "url": "acme/one", "path": "a/./b"}, "https://github.com/acme/one.git#a/b"),
        ({"source": "npm", "package": "@acme/one", "version": "^1.0"}, "npm @acme/one@^1.0"),
        ({"source": "archive", "url": "https://h.example/x.zip?t=1", "sha256": "A" * 64}, "https://h.example/x.zip"),
        ({"source": "command", "command": "make it"}, "make it"),
    ],
)
def test_every_kind_of_source_is_understood(source: Any, shown: str) -> None:
    found = parse({"name": "one", "source": source})
    assert [str(entry.source) for entry in found.entries] == [shown]


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (5, "is not an object"),
        ({}, "there is no name"),
        ({"name": "One", "source": "./x"}, "cannot be a repository's"),
        ({"name": "a/b", "source": "./x"}, "cannot be a repository's"),
        ({"name": "toolhive.catalog", "source": "./x"}, "cannot be a repository's"),
        ({"name": "x\x1b[2J", "source": "./x"}, "cannot be a repository's"),
        ({"name": "x"}, "there is no source"),
        ({"name": "x", "source": 5}, "there is no source"),
        ({"name": "x", "source": "../x"}, "leads out"),
        ({"name": "x", "source": "/etc"}, "leads out"),
        ({"name": "x", "source": "a\\..\\b"}, "leads out"),
        ({"name": "x", "source": {"source": "quantum"}}, "not known, 'quantum'"),
        ({"name": "x", "source": {"source": "github", "repo": "../x"}}, "not owner/name"),
        ({"name": "x", "source": {"source": "github", "repo": "a/b/c"}}, "not owner/name"),
        ({"name": "x", "source": {"source": "github"}}, "no repo"),
        ({"name": "x", "source": {"source": "url", "url": "http://h.example/x"}}, "over https and ssh"),
        ({"name": "x", "source": {"source": "url", "url": "--upload-pack=x"}}, "not the address"),
        ({"name": "x", "source": {"source": "url", "url": "https://h.example/x", "ref": "--x"}}, "name of a branch"),
        ({"name": "x", "source": {"source": "url", "url": "https://h.example/x", "sha": "abc"}}, "full ID"),
        ({"name": "x", "source": {"source": "git-subdir", "url": "a/b", "path": "../c"}}, "leads out"),
        ({"name": "x", "source": {"source": "git-subdir", "url": "a/b"}}, "no path"),
        ({"name": "x", "source": {"source": "npm", "package": "../x"}}, "name of a package"),
        ({"name": "x", "source": {"source": "npm", "package": "x", "registry": "http://r"}}, "by https"),
        ({"name": "x", "source": {"source": "archive", "url": "https://h/x.zip"}}, "no sha256"),
        ({"name": "x", "source": {"source": "archive", "url": "http://h/x.zip", "sha256": "a" * 64}}, "by https"),
        ({"name": "x", "source": {"source": "command"}}, "no command"),
        ({"name": "x", "source": "./x", "strict": "no"}, "strict must be"),
        ({"name": "x", "source": "./x", "version": 1}, "version must be text"),
    ],
)
def test_an_entry_is_refused_by_name_and_the_others_stay(entry: Any, why: str) -> None:
    found = parse({"name": "good", "source": "./good"}, entry)
    assert [each.name for each in found.entries] == ["good"]
    assert len(found.refused) == 1
    assert why in found.refused[0].reason


def test_a_name_is_taken_once() -> None:
    found = parse({"name": "x", "source": "./x"}, {"name": "x", "source": "./y"})
    assert [(each.name, each.reason) for each in found.refused] == [("x", "another plugin has that name")]


def test_plugin_root_is_where_paths_begin(root: Path) -> None:
    write_plugin(root, "one")
    write_marketplace(root, [{"name": "one", "source": "one"}], metadata={"pluginRoot": "./plugins"})
    with open_marketplace(str(root)) as opened, opened.open(opened.marketplace.entries[0]) as plugin:
        assert plugin.tree.manifest.name == "one"


@pytest.mark.parametrize("git", [False, True])
def test_links_are_not_followed(root: Path, tmp_path: Path, git: bool) -> None:
    repository = GitRepository(root) if git else None
    write_files(tmp_path / "outside", plugin_files("outside"))
    write_plugin(root, "real")
    write_plugin(root, "leaky")
    (root / "plugins/leaky/secret").symlink_to("../../../outside/commands/outside.md")
    (root / "plugins/outside").symlink_to(tmp_path / "outside")
    (root / "linked").symlink_to("plugins")
    entries = [
        local("real"),
        local("leaky"),
        local("outside"),
        {"name": "through", "source": "./linked/real"},
        local("gone"),
    ]
    write_marketplace(root, entries)
    if repository is not None:
        repository.commit()
    with open_marketplace(str(root)) as opened:
        assert "symbolic link" in reason(opened, "leaky")
        assert "secret" in reason(opened, "leaky")
        assert "symbolic link" in reason(opened, "outside")
        assert "symbolic link" in reason(opened, "through")
        assert reason(opened, "gone")


def test_what_is_not_there_to_package_is_refused(root: Path, tmp_path: Path) -> None:
    repository = GitRepository(root)
    other = GitRepository(tmp_path / "other")
    write_files(other.root, plugin_files("other"))
    other.commit()
    write_plugin(root, "pointer")
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 5\n"
    write_files(root / "plugins/pointer", {"model.bin": pointer})
    write_plugin(root, "misnamed", version="")
    write_files(root / "plugins/misnamed", plugin_files("another"))
    write_plugin(root, "holder")
    entries = [local("pointer"), local("misnamed"), local("submodule"), local("holder")]
    write_marketplace(root, [*entries, {"name": "cmd", "source": {"source": "command", "command": "touch /canary"}}])
    repository.git(
        "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(other.root), "plugins/submodule"
    )
    repository.git(
        "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(other.root), "plugins/holder/skills"
    )
    repository.commit()
    with open_marketplace(str(root)) as opened:
        assert "model.bin is a pointer of Git LFS" in reason(opened, "pointer")
        assert "plugin.json calls it 'another'" in reason(opened, "misnamed")
        assert "submodule" in reason(opened, "submodule")
        assert "submodule" in reason(opened, "holder")
        assert "never run: touch /canary" in reason(opened, "cmd")


def test_plugins_in_other_repositories(root: Path, tmp_path: Path) -> None:
    far = GitRepository(tmp_path / "far")
    write_files(far.root / "deep/plugin", plugin_files("deep"))
    write_files(far.root, plugin_files("whole"))
    first = far.commit()
    write_files(far.root, {"README.md": "new"})
    second = far.commit()
    url = "https://git.example.com/far"
    entries: list[dict[str, Any]] = [
        {"name": "whole", "source": {"source": "url", "url": url}},
        {"name": "deep", "source": {"source": "git-subdir", "url": url, "path": "deep/plugin", "ref": "main"}},
        {"name": "pinned", "source": {"source": "url", "url": url, "sha": first}},
        {"name": "gone", "source": {"source": "url", "url": url, "sha": SHA}},
        {"name": "branch", "source": {"source": "url", "url": url, "ref": "none"}},
        {"name": "away", "source": {"source": "url", "url": "https://git.example.com/away"}},
        {"name": "inside", "source": {"source": "url", "url": "https://127.0.0.1/x"}},
        {"name": "near", "source": {"source": "url", "url": "ssh://git@localhost/x"}},
    ]
    write_marketplace(root, entries)
    serve_over_ssh(tmp_path / "home", {"git@git.example.com/far": far.root})
    with open_marketplace(str(root)) as opened:
        by_name = {entry.name: entry for entry in opened.marketplace.entries}
        with opened.open(by_name["whole"]) as plugin:
            assert plugin.change
            assert plugin.change.revision == second
            assert plugin.source_url == url
        with opened.open(by_name["deep"]) as plugin:
            assert plugin.change
            assert plugin.change.revision == first
        assert "calls it 'whole'" in reason(opened, "pinned")
        assert "no such commit" in reason(opened, "gone")
        assert "no such commit" in reason(opened, "branch")
        assert "git failed" in reason(opened, "away")
        for name in ("inside", "near"):
            assert "on this machine or a private network" in reason(opened, name)


# Manifests that are made


def full_plugin(root: Path) -> dict[str, str | bytes]:
    files: dict[str, str | bytes] = {f"skills/{name}/SKILL.md": SKILL.format(name=name) for name in "abc"}
    hook = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "true"}]}]}}
    return {
        **files,
        "other/z/SKILL.md": SKILL.format(name="z"),
        "other/q.md": "Ask.\n",
        "commands/c1.md": "One.\n",
        "agents/g1.md": "---\nname: g1\ndescription: d\n---\nx\n",
        "hooks/hooks.json": json.dumps(hook),
    }


START = {"SessionStart": [{"hooks": [{"type": "command", "command": "true"}]}]}


@pytest.mark.parametrize(
    ("fields", "manifest", "expected", "gone"),
    [
        ({"strict": False}, None, {}, ()),
        ({}, None, {}, ()),
        ({"skills": ["./other/z"]}, None, {"skills": ["./other/z"]}, ()),
        ({"commands": "./other/q.md"}, None, {"commands": ["./commands/", "./other/q.md"]}, ()),
        ({"agents": ["./other/h.md"]}, None, {"agents": ["./agents/g1.md", "./other/h.md"]}, ()),
        ({"hooks": START, "strict": False}, None, {"hooks": START}, ("hooks/hooks.json",)),
        ({"mcpServers": {"m": {"command": "x"}}}, None, {"mcpServers": {"m": {"command": "x"}}}, ()),
        ({"mcpServers": {"m": {"command": "x"}}}, {}, {}, ()),
        ({"skills": ["./other/z"]}, {}, {"skills": ["./other/z"]}, ()),
        ({"hooks": START}, {}, {"hooks": START}, ()),
        ({"commands": ["./other/q.md"]}, {"commands": "./x.md"}, {"commands": ["./x.md", "./other/q.md"]}, ()),
    ],
)
def test_a_manifest_is_made_of_the_entry(
    root: Path,
    fields: dict[str, Any],
    manifest: dict[str, Any] | None,
    expected: dict[str, Any],
    gone: tuple[str, ...],
) -> None:
    folder = write_files(root / "plugins/full", full_plugin(root))
    own = {"name": "full", "version": "2.0.0"}
    if manifest is not None:
        write_files(folder, {".claude-plugin/plugin.json": json.dumps({**own, **manifest})})
    write_marketplace(root, [local("full", version="2.0.0", **fields)])
    with open_marketplace(str(root)) as opened, opened.open(opened.marketplace.entries[0]) as plugin:
        found = json.loads(plugin.tree.read(".claude-plugin/plugin.json", 10_000))
        assert found == {**own, **(manifest or {}), **expected}
        assert plugin.made is (manifest is None or bool(expected))
        assert {path for path in full_plugin(root) if path not in plugin.tree.files} == set(gone)


@pytest.mark.parametrize(
    ("skills", "kept"),
    [
        (["./skills/a"], {"a"}),
        ("./skills/b/", {"b"}),
        (["./other/z"], set()),
        (["./skills"], {"a", "b", "c"}),
        ([], {"a", "b", "c"}),
    ],
)
def test_the_root_loads_exactly_the_skills_that_its_entry_lists(root: Path, skills: Any, kept: set[str]) -> None:
    write_files(root, full_plugin(root))
    write_marketplace(root, [{"name": "full", "source": "./", "strict": False, "skills": skills}])
    with open_marketplace(str(root)) as opened, opened.open(opened.marketplace.entries[0]) as plugin:
        assert {name for name in "abc" if f"skills/{name}/SKILL.md" in plugin.tree.files} == kept


def test_two_lists_of_components_are_refused(root: Path) -> None:
    write_plugin(root, "one")
    write_marketplace(root, [local("one", strict=False, skills=["./x"])])
    with open_marketplace(str(root)) as opened:
        assert "both list components (skills)" in reason(opened, "one")


def test_a_folder_that_cannot_be_read_is_no_crash(root: Path) -> None:
    three_plugins(root)
    os.mkfifo(root / "plugins/one/pipe")
    with open_marketplace(str(root)) as opened:
        assert "pipe" in reason(opened, "one")


def test_errors_are_of_one_family() -> None:
    assert issubclass(RefusedEntryError, ToolhiveError)
    assert issubclass(AddressError, ToolhiveError)
    assert issubclass(CommitNotFoundError, ToolhiveError)
