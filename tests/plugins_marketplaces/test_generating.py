"""A marketplace for clients is made of plugins in a registry; whatever a catalog says, only what we would write is written."""

import hashlib
import json
import shlex
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_marketplaces import local, three_plugins, write_files, write_marketplace, write_plugin

from toolhive_plugins import Digest, InvalidReferenceError, MemoryTree, Registry, Store
from toolhive_plugins_marketplaces import (
    Catalog,
    CatalogPlugin,
    GenerateError,
    GenerateOptions,
    Owner,
    PushOptions,
    SourceChoice,
    fetch_catalog,
    generate,
    open_marketplace,
    parse_catalog_name,
    parse_prefix,
    push_marketplace,
    resolve_plugins,
)
from toolhive_plugins_marketplaces.client_files import MAX_COMMAND, path_command
from toolhive_plugins_marketplaces.deterministic_zip import write_zip

DIGEST = Digest.of(b"plugin")


@pytest.fixture
def catalog(client: Registry, tmp_path: Path, prefix: str) -> Catalog:
    """A catalog of three plugins that a registry has."""
    root = three_plugins(tmp_path / "market")
    write_files(root / "plugins/two", {"run.sh": "#!/bin/sh\n"})
    (root / "plugins/two/run.sh").chmod(0o755)
    with open_marketplace(str(root)) as opened:
        push_marketplace(opened, parse_prefix(prefix), client, PushOptions())
    return fetch_catalog(client, parse_catalog_name(prefix)).catalog


class Nothing:
    """A registry that must not be asked."""

    def pull(self, store: Store, ref: str) -> Digest:
        raise AssertionError(ref)


def options(**fields: Any) -> GenerateOptions:
    return GenerateOptions(**{"name": "acme-tools", "owner": Owner("Ann"), **fields})


def plugin(name: str = "one", repository: str = "ghcr.io/acme/one", **fields: Any) -> CatalogPlugin:
    return CatalogPlugin(name=name, repository=repository, digest=DIGEST, **fields)


# What is made


def test_commands_name_digests_and_need_no_registry(catalog: Catalog, tmp_path: Path) -> None:
    made = generate(catalog.plugins, options(path_options=("--plain-http",)), Nothing(), str(tmp_path / "out"))
    document = json.loads((tmp_path / "out/.claude-plugin/marketplace.json").read_text())
    assert json.loads(made.document) == document
    assert (document["name"], document["owner"]) == ("acme-tools", {"name": "Ann"})
    for entry, listed in zip(document["plugins"], catalog.plugins, strict=True):
        assert entry["source"]["source"] == "command"
        assert shlex.split(entry["source"]["command"]) == ["thv-plugin", "path", "--plain-http", listed.reference]
        assert "version" not in entry
    assert made.least_client == "2.1.229"
    assert generate(catalog.plugins, options(path_options=("--plain-http",)), Nothing()).document == made.document


def test_archives_are_the_same_each_time(client: Registry, catalog: Catalog, tmp_path: Path) -> None:
    url = "https://tools.example.com/zips/"
    contents = []
    for name in ("first", "second"):
        made = generate(
            catalog.plugins, options(source=SourceChoice.ARCHIVE, archive_url=url), client, str(tmp_path / name)
        )
        contents.append({path.name: path.read_bytes() for path in (tmp_path / name).glob("*.zip")})
    assert contents[0] == contents[1]
    for entry in json.loads(made.document)["plugins"]:
        source = entry["source"]
        assert source["url"].startswith(url)
        file = tmp_path / "first" / source["url"].removeprefix(url)
        assert hashlib.sha256(file.read_bytes()).hexdigest() == source["sha256"]
        with zipfile.ZipFile(file) as archive:
            assert f"commands/{entry['name']}.md" in archive.namelist()
            assert archive.testzip() is None
    two = next((tmp_path / "first").glob("two-*.zip"))
    with zipfile.ZipFile(two) as archive:
        assert archive.getinfo("run.sh").external_attr >> 16 == 0o100755


def test_an_archive_has_these_bytes(tmp_path: Path) -> None:
    tree = MemoryTree({"b/\u00fc.md": b"text\n", ".claude-plugin/plugin.json": b"{}"})
    assert write_zip(tree, tmp_path / "a.zip") == "1b5af4c063281167816734e07bd19521d2c1a3fffc4f102d5ca57a3d808bec38"


def test_folders_are_for_both_clients(client: Registry, catalog: Catalog, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = generate(catalog.plugins, options(source=SourceChoice.DIRECTORY), client, str(out))
    assert made.files == (".claude-plugin/marketplace.json", ".agents/plugins/marketplace.json")
    claude, codex = (json.loads((out / path).read_text()) for path in made.files)
    for entry, other in zip(claude["plugins"], codex["plugins"], strict=True):
        assert entry["source"] == other["source"]["path"] == f"./plugins/{entry['name']}"
        assert (out / entry["source"] / ".claude-plugin/plugin.json").is_file()
    assert (out / "plugins/two/run.sh").stat().st_mode & 0o100


def test_plugins_are_named_by_reference(client: Registry, catalog: Catalog, prefix: str) -> None:
    found = resolve_plugins([f"{prefix}/one:1.0.0", catalog.plugins[1].reference], client)
    assert [each.reference for each in found] == [catalog.plugins[0].reference, catalog.plugins[1].reference]
    made = json.loads(generate(found, options(), Nothing()).document)
    assert [entry["description"] for entry in made["plugins"]] == ["What one does", "What three does"]


def test_a_folder_of_ours_is_replaced_and_nobody_elses(client: Registry, catalog: Catalog, tmp_path: Path) -> None:
    out = tmp_path / "out"
    generate(catalog.plugins, options(source=SourceChoice.DIRECTORY), client, str(out))
    generate(catalog.plugins[:1], options(source=SourceChoice.DIRECTORY), client, str(out))
    assert [path.name for path in (out / "plugins").iterdir()] == ["one"]
    theirs = write_files(tmp_path / "theirs", {"file": "x"})
    linked = tmp_path / "linked"
    linked.symlink_to(out)
    for folder in (theirs, linked, theirs / "file"):
        with pytest.raises(GenerateError):
            generate(catalog.plugins, options(), Nothing(), str(folder))
    assert (theirs / "file").read_text() == "x"
    (tmp_path / "empty").mkdir()
    generate(catalog.plugins, options(), Nothing(), str(tmp_path / "empty"))
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_what_fails_leaves_the_folder_as_it_was(client: Registry, catalog: Catalog, tmp_path: Path) -> None:
    out = tmp_path / "out"
    generate(catalog.plugins, options(source=SourceChoice.DIRECTORY), client, str(out))
    before = (out / ".claude-plugin/marketplace.json").read_bytes()
    gone = plugin(repository=catalog.plugins[0].repository)
    with pytest.raises(Exception, match=str(DIGEST)):
        generate([gone], options(source=SourceChoice.DIRECTORY), client, str(out))
    assert (out / ".claude-plugin/marketplace.json").read_bytes() == before


def test_an_artifact_of_another_plugin_is_not_listed(client: Registry, catalog: Catalog, tmp_path: Path) -> None:
    other = catalog.plugins[0]
    posing = CatalogPlugin(name="posing", repository=other.repository, digest=other.digest)
    with pytest.raises(GenerateError, match="another name"):
        generate([posing], options(source=SourceChoice.DIRECTORY), client, str(tmp_path / "out"))


# What is refused


@pytest.mark.parametrize(
    "name",
    [
        *("", "Acme", "acme tools", "acme/tools", "..", "-acme", "acme--tools", "\u00e4cme", "x" * 65, "a\nb"),
        *("claude-plugins-official", "anthropic-plugins", "inline", "skills-dir", "healthcare", "agent-skills"),
        *("official-claude-tools", "claude-official", "anthropic-marketplace-2", "claude-directory"),
        *("openai-curated", "openai-bundled", "openai"),
    ],
)
def test_reserved_names_are_refused(name: str) -> None:
    with pytest.raises(GenerateError):
        generate([plugin()], options(name=name), Nothing())


@pytest.mark.parametrize("name", ["acme", "acme-tools-2", "my-claude-helpers", "open-ai-fans"])
def test_other_names_are_taken(name: str) -> None:
    assert json.loads(generate([plugin()], options(name=name), Nothing()).document)["name"] == name


@pytest.mark.parametrize(
    ("source", "wanted", "taken"),
    [
        (SourceChoice.COMMAND, "2.1.228", False),
        (SourceChoice.COMMAND, "2.1.229", True),
        (SourceChoice.COMMAND, "2.2", True),
        (SourceChoice.ARCHIVE, "2.1.223", False),
        (SourceChoice.COMMAND, "new", False),
        (SourceChoice.COMMAND, "2.1.2290", True),
    ],
)
def test_older_clients_are_thought_of(source: SourceChoice, wanted: str, taken: bool) -> None:
    asked = options(source=source, min_client=wanted)
    if taken:
        assert generate([plugin()], asked, Nothing()).least_client
    else:
        with pytest.raises(GenerateError):
            generate([plugin()], asked, Nothing())


@pytest.mark.parametrize(
    "url", ["", "http://h/x/", "https://u:p@h/x/", "https://h/x?y", "https://h/x#y", "https://h/ x", "javascript:x"]
)
def test_archives_must_be_somewhere(url: str, tmp_path: Path) -> None:
    with pytest.raises(GenerateError):
        generate([plugin()], options(source=SourceChoice.ARCHIVE, archive_url=url), Nothing(), str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("source", [SourceChoice.ARCHIVE, SourceChoice.DIRECTORY])
def test_files_need_a_folder(source: SourceChoice) -> None:
    with pytest.raises(GenerateError, match="a folder must be named"):
        generate([plugin()], options(source=source, archive_url="https://h/x/"), Nothing())


def test_nothing_and_twice_the_same_are_refused() -> None:
    for plugins in ([], [plugin(), plugin(repository="quay.io/b/one")]):
        with pytest.raises(GenerateError):
            generate(plugins, options(), Nothing())


HOSTILE = [
    "ghcr.io/acme/one; rm -rf ~",
    "ghcr.io/acme/$(id)",
    "ghcr.io/acme/`id`",
    "ghcr.io/acme/one' 'x",
    "ghcr.io/acme/one\nid",
    "--store=/etc/x",
    "ghcr.io/../x",
    "",
]


@pytest.mark.parametrize("repository", HOSTILE)
def test_a_hostile_repository_never_becomes_a_command(repository: str) -> None:
    with pytest.raises((GenerateError, InvalidReferenceError)):
        generate([plugin(repository=repository)], options(), Nothing())


@pytest.mark.parametrize("name", ["One", "../one", "one two", "one\u202e", "", "x" * 200, "toolhive.catalog"])
def test_a_hostile_name_is_refused(name: str) -> None:
    with pytest.raises(GenerateError):
        generate([plugin(name=name)], options(), Nothing())


def test_hostile_texts_stay_texts() -> None:
    text = '"}], "plugins": [{"name": "evil\u202e\x1b[2J\n' + "x" * 9000
    made = json.loads(
        generate([plugin(description=text, category=text)], options(description=text), Nothing()).document
    )
    assert len(made["plugins"]) == 1
    entry = made["plugins"][0]
    assert len(entry["description"]) <= 500
    assert all(
        value.isprintable() for value in (entry["description"], entry["category"], made["metadata"]["description"])
    )


@given(st.lists(st.text(max_size=40), max_size=4))
def test_options_are_quoted_or_refused(given_options: list[str]) -> None:
    try:
        command = path_command(f"ghcr.io/acme/one@{DIGEST}", given_options)
    except GenerateError:
        return
    assert shlex.split(command) == ["thv-plugin", "path", *given_options, f"ghcr.io/acme/one@{DIGEST}"]
    assert command.isascii()
    assert len(command) <= MAX_COMMAND
    assert command.isprintable()


def test_a_command_is_not_longer_than_clients_take() -> None:
    fixed = len(path_command(f"ghcr.io/acme/one@{DIGEST}", ["x"])) - 1
    assert len(path_command(f"ghcr.io/acme/one@{DIGEST}", ["x" * (MAX_COMMAND - fixed)])) == MAX_COMMAND
    with pytest.raises(GenerateError, match="501 characters"):
        path_command(f"ghcr.io/acme/one@{DIGEST}", ["x" * (MAX_COMMAND - fixed + 1)])
    with pytest.raises(GenerateError, match="not pinned"):
        path_command("ghcr.io/acme/one:latest")


def test_the_marketplace_of_a_plain_folder_can_be_generated(client: Registry, tmp_path: Path, prefix: str) -> None:
    write_plugin(tmp_path / "m", "untagged", "")
    write_marketplace(tmp_path / "m", [local("untagged")])
    with open_marketplace(str(tmp_path / "m")) as opened:
        push_marketplace(opened, parse_prefix(prefix), client)
    plugins = fetch_catalog(client, parse_catalog_name(prefix)).catalog.plugins
    assert generate(plugins, options(source=SourceChoice.DIRECTORY), client, str(tmp_path / "out")).plugins


def test_names_that_claude_code_reserves_are_left_out() -> None:
    made = generate([plugin(), plugin("claude-x", "ghcr.io/acme/claude-x")], options(), Nothing())
    assert (made.left_out, [each.name for each in made.plugins]) == (("claude-x",), ["one"])
    with pytest.raises(GenerateError, match="every plugin"):
        generate([plugin("claude-x", "ghcr.io/acme/claude-x")], options(), Nothing())
    with pytest.raises(GenerateError, match="long gaps"):
        path_command(f"ghcr.io/acme/one@{DIGEST}", ["a    b"])
