"""A marketplace is pushed to a real registry: each plugin with its tags, then the catalog; again, and after changes."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from git_repositories import WHEN, GitRepository
from made_marketplaces import local, plugin_files, three_plugins, write_files, write_marketplace, write_plugin
from real_registry import RealRegistry

from toolhive_plugins import (
    ANNOTATION_PLUGIN_MANIFEST,
    ANNOTATION_REVISION,
    PackageOptions,
    Packager,
    Registry,
    Store,
    parse_index,
)
from toolhive_plugins_marketplaces import (
    MADE_MANIFEST,
    MarketplacePush,
    PushedPlugin,
    PushOptions,
    PushState,
    fetch_catalog,
    open_marketplace,
    parse_catalog_name,
    parse_prefix,
    push_marketplace,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "market"


@pytest.fixture
def repository(root: Path) -> GitRepository:
    """A repository with a marketplace of three plugins, one commit."""
    made = GitRepository(root)
    three_plugins(root)
    made.commit()
    return made


def push(client: Registry, root: Path, prefix: str, **options: Any) -> MarketplacePush:
    with open_marketplace(str(root)) as opened:
        return push_marketplace(opened, parse_prefix(prefix), client, PushOptions(**options))


def states(report: MarketplacePush) -> dict[str, str]:
    return {plugin.name: plugin.state.value for plugin in report.plugins}


def only(report: MarketplacePush, name: str) -> PushedPlugin:
    return next(plugin for plugin in report.plugins if plugin.name == name)


def test_every_plugin_is_pushed_and_pinned_by_the_catalog(
    client: Registry, repository: GitRepository, prefix: str
) -> None:
    report = push(client, repository.root, prefix)
    commit = repository.git("rev-parse", "HEAD")
    assert states(report) == {"one": "pushed", "two": "pushed", "three": "pushed"}
    opened = fetch_catalog(client, parse_catalog_name(prefix))
    assert opened.pinned == report.pinned
    assert (opened.catalog.name, opened.catalog.revision) == ("tools", commit)
    for plugin in opened.catalog.plugins:
        assert plugin.tags == ("1.0.0", commit)
        assert set(client.tags(plugin.repository)) == set(plugin.tags)
        assert {client.resolve(f"{plugin.repository}:{tag}") for tag in plugin.tags} == {plugin.digest}
        assert plugin.category == "tests"
        assert plugin.surface.parts == {"command": 1}
    assert set(client.tags(f"{prefix}/toolhive.catalog")) == {"latest", commit}


def test_an_artifact_is_what_build_makes_of_that_commit(
    client: Registry, repository: GitRepository, prefix: str, tmp_path: Path
) -> None:
    report = push(client, repository.root, prefix)
    commit = repository.git("rev-parse", "HEAD")
    options = PackageOptions(epoch=WHEN, commit="HEAD", annotations={ANNOTATION_REVISION: commit})
    with Store(tmp_path / "store") as store:
        built = Packager(store).package(repository.root / "plugins/one", options)
    assert only(report, "one").digest == built.index_digest


def test_what_did_not_change_keeps_its_digest_and_costs_one_request(
    client: Registry, repository: GitRepository, prefix: str, registry: RealRegistry
) -> None:
    first = push(client, repository.root, prefix)
    write_plugin(repository.root, "two", "1.1.0")
    repository.commit()
    before = len(registry.requests())
    second = push(client, repository.root, prefix)
    assert states(second) == {"one": "unchanged", "two": "pushed", "three": "unchanged"}
    assert only(second, "one").digest == only(first, "one").digest
    asked = [uri for _, uri in registry.requests()[before:] if "/one/" in uri]
    assert len(asked) == 1
    assert second.previous_catalog == first.catalog != second.catalog
    third = push(client, repository.root, prefix)
    assert set(states(third).values()) == {"unchanged"}
    assert (third.catalog, third.catalog_changed) == (second.catalog, False)


def test_a_version_tag_is_not_moved_unless_that_is_asked_for(
    client: Registry, repository: GitRepository, prefix: str
) -> None:
    first = push(client, repository.root, prefix)
    write_files(repository.root / "plugins/one", {"README.md": "other"})
    repository.commit()
    second = push(client, repository.root, prefix)
    assert states(second) == {"one": "refused", "two": "unchanged", "three": "unchanged"}
    assert f"the tag 1.0.0 names {only(first, 'one').digest}" in only(second, "one").reason
    kept = fetch_catalog(client, parse_catalog_name(prefix)).catalog.find("one")
    assert kept
    assert kept.digest == only(first, "one").digest
    third = push(client, repository.root, prefix, move_tags=True)
    assert states(third) == {"one": "pushed", "two": "unchanged", "three": "unchanged"}
    assert client.resolve(f"{prefix}/one:1.0.0") == only(third, "one").digest != only(first, "one").digest


def test_what_a_tag_keeps_out_is_judged_as_well(client: Registry, repository: GitRepository, prefix: str) -> None:
    push(client, repository.root, prefix)
    hook = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "curl x | sh"}]}]}}
    write_files(repository.root / "plugins/one", {"hooks/hooks.json": json.dumps(hook)})
    repository.commit()
    report = push(client, repository.root, prefix)
    assert [(plugin.name, plugin.state) for plugin in report.grew] == [("one", PushState.REFUSED)]
    assert client.find(only(report, "one").reference) is None


def test_a_dry_run_sends_nothing(
    client: Registry, repository: GitRepository, prefix: str, registry: RealRegistry
) -> None:
    before = len(registry.requests())
    report = push(client, repository.root, prefix, dry_run=True)
    assert states(report) == {"one": "pushed", "two": "pushed", "three": "pushed"}
    assert (report.dry_run, report.catalog) == (True, "")
    assert {method for method, _ in registry.requests()[before:]} <= {"GET", "HEAD"}
    assert push(client, repository.root, prefix).plugins[0].digest == report.plugins[0].digest


def test_selected_plugins_join_the_catalog(client: Registry, repository: GitRepository, prefix: str) -> None:
    report = push(client, repository.root, prefix, select=("t*",))
    assert states(report) == {"two": "pushed", "three": "pushed"}
    write_plugin(repository.root, "two", "2.0.0")
    repository.commit()
    push(client, repository.root, prefix, select=("one",))
    plugins = fetch_catalog(client, parse_catalog_name(prefix)).catalog.plugins
    assert [(plugin.name, plugin.version) for plugin in plugins] == [
        ("one", "1.0.0"),
        ("three", "1.0.0"),
        ("two", "1.0.0"),
    ]


def test_a_plain_folder_has_no_commit(client: Registry, root: Path, prefix: str) -> None:
    write_plugin(root, "one", "1.0.0+linux")
    write_plugin(root, "two", "")
    write_plugin(root, "three", "not a tag")
    write_marketplace(root, [local("one"), local("two"), local("three")])
    report = push(client, root, prefix)
    assert {plugin.name: plugin.tags for plugin in report.plugins} == {"one": ("1.0.0_linux",), "two": (), "three": ()}
    assert client.resolve(only(report, "two").reference) == only(report, "two").digest
    assert set(states(push(client, root, prefix)).values()) == {"unchanged"}


def test_one_that_fails_does_not_stop_the_rest(client: Registry, repository: GitRepository, prefix: str) -> None:
    (repository.root / "plugins/two/.claude-plugin/plugin.json").write_text("{")
    write_marketplace(
        repository.root,
        [
            local("one"),
            local("two"),
            local("none"),
            {"name": "BAD", "source": "./x"},
            local("three", dependencies=["two"]),
        ],
    )
    repository.commit()
    report = push(client, repository.root, prefix)
    assert states(report) == {"one": "pushed", "two": "refused", "none": "refused", "three": "pushed", "BAD": "refused"}
    assert all(plugin.reason for plugin in report.refused)
    assert report.missing == ("three needs two",)
    assert [p.name for p in fetch_catalog(client, parse_catalog_name(prefix)).catalog.plugins] == ["one", "three"]


def test_what_can_do_more_is_told(client: Registry, repository: GitRepository, prefix: str) -> None:
    push(client, repository.root, prefix)
    write_plugin(repository.root, "one", "1.1.0")
    hook = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "curl x | sh"}]}]}}
    write_files(repository.root / "plugins/one", {"hooks/hooks.json": json.dumps(hook)})
    write_plugin(repository.root, "two", "1.1.0")
    write_plugin(repository.root, "four")
    write_marketplace(repository.root, [local(name) for name in ("one", "two", "four")])
    repository.commit()
    for dry_run in (True, False):
        report = push(client, repository.root, prefix, dry_run=dry_run)
        assert [plugin.name for plugin in report.grew] == ["one"]
        assert any("added hook" in line for line in only(report, "one").growth)
        assert only(report, "four").new
        assert report.removed == ("three",)
    assert push(client, repository.root, prefix).grew == ()


def test_a_renamed_plugin_is_compared_with_what_it_was(
    client: Registry, repository: GitRepository, prefix: str
) -> None:
    first = push(client, repository.root, prefix)
    write_files(repository.root / "plugins/uno", plugin_files("uno"))
    write_marketplace(repository.root, [local("uno"), local("two")], renames={"one": "uno", "gone": "nowhere"})
    repository.commit()
    report = push(client, repository.root, prefix)
    assert only(report, "uno").previous == only(first, "one").digest
    catalog = fetch_catalog(client, parse_catalog_name(prefix)).catalog
    assert catalog.renames == {"one": "uno"}
    found = catalog.find("one")
    assert found
    assert found.name == "uno"


def test_an_older_artifact_that_is_gone_counts_as_growth(
    client: Registry, repository: GitRepository, prefix: str, registry: RealRegistry
) -> None:
    push(client, repository.root, prefix)
    for place in (registry.folder / "storage").rglob(f"*/{prefix.partition('/')[2]}/one/_manifests/revisions/sha256/*"):
        for link in place.iterdir():
            link.unlink()
    write_plugin(repository.root, "one", "1.1.0")
    repository.commit()
    report = push(client, repository.root, prefix)
    assert [plugin.name for plugin in report.grew] == ["one"]
    assert "cannot be compared" in only(report, "one").growth[0]


def test_an_artifact_says_that_its_manifest_was_made(client: Registry, root: Path, prefix: str) -> None:
    made = GitRepository(root)
    write_files(root / "plugins/made", {"skills/a/SKILL.md": "---\nname: a\ndescription: d\n---\nx"})
    write_marketplace(root, [local("made", version="3.0.0", description="Made", strict=False)])
    made.commit()
    report = push(client, root, prefix)
    assert only(report, "made").made
    fetched = client.fetch(f"{prefix}/made:3.0.0")
    annotations = parse_index(fetched.data, where="test").annotations or {}
    assert annotations[ANNOTATION_PLUGIN_MANIFEST] == MADE_MANIFEST
    assert annotations["dev.toolhive.plugins.description"] == "Made"


def test_any_number_of_jobs_gives_the_same(client: Registry, repository: GitRepository, prefix: str) -> None:
    reports = [push(client, repository.root, f"{prefix}/{jobs}", jobs=jobs) for jobs in (1, 2, 16)]
    assert len({tuple(plugin.digest for plugin in report.plugins) for report in reports}) == 1
    assert len({report.catalog for report in reports}) == 1


SCRIPT = """
import sys
from toolhive_plugins import Registry
from toolhive_plugins_marketplaces import PushOptions, open_marketplace, parse_prefix, push_marketplace
with Registry(plain_http=True) as client, open_marketplace(sys.argv[1]) as opened:
    push_marketplace(opened, parse_prefix(sys.argv[2]), client, PushOptions(jobs=4))
"""


def test_a_push_that_was_killed_is_taken_up(client: Registry, root: Path, prefix: str) -> None:
    made = GitRepository(root)
    names = [f"plugin-{number}" for number in range(8)]
    for name in names:
        write_plugin(root, name)
    write_marketplace(root, [local(name) for name in names])
    made.commit()
    chance = random.Random(7)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path)}
    for number in range(6):
        process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(root), prefix], env=environment)
        time.sleep(chance.uniform(0.2, 2.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        try:
            catalog = fetch_catalog(client, parse_catalog_name(prefix)).catalog
        except Exception:  # noqa: BLE001 - there is none yet
            continue
        assert all(client.find(plugin.reference) == plugin.digest for plugin in catalog.plugins), number
    report = push(client, root, prefix)
    assert set(states(report).values()) <= {PushState.PUSHED.value, PushState.UNCHANGED.value}
    for plugin in report.plugins:
        with Store(root.parent / f"store-{plugin.name}") as store:
            assert client.pull(store, plugin.reference) == plugin.digest
        assert {client.find(f"{prefix}/{plugin.name}:{tag}") for tag in plugin.tags} == {plugin.digest}
