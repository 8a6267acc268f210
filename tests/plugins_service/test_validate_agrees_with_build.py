"""`validate` and `build` agree on every directory: both read it with the same code, and differ in where they end.

What a build refuses is among the errors of validation, in the same words; what a build accepts, it warns of all that
validation finds. The limits are small here, so that a generated directory often comes near them; at the end stand the
cases that went wrong at the real ones.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from attrs import evolve, frozen
from git_repositories import GitRepository, isolate_git
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from toolhive_plugins import (
    Client,
    Compat,
    PackageOptions,
    Packager,
    PackageResult,
    Rule,
    Severity,
    Store,
    ToolhiveError,
    ValidationReport,
)
from toolhive_plugins_service.validation import validate

MANIFEST = ".claude-plugin/plugin.json"
LIMITS = {
    "selection.MAX_FILES": 6,
    "selection.MAX_TOTAL_SIZE": 400,
    "selection.MAX_LEFT_OUT": 3,
    "walk.MAX_ENTRIES": 16,
    "walk.MAX_DEPTH": 4,
}

_PARTS = ["a", "b", "A", "é", "a\\b", ".h", ".claude-plugin", "skills", "SKILL.md", "commands", "c.md", "hooks"]
_PATHS = st.one_of(
    st.lists(st.sampled_from(_PARTS), min_size=1, max_size=6).map("/".join),
    st.sampled_from([".mcp.json", ".lsp.json", "hooks/hooks.json", "skills/x/SKILL.md", "commands/d.md", MANIFEST]),
)
_TARGETS = {
    "link": "{root}/" + MANIFEST,
    "dangling link": "gone",
    "link to a folder": "/",
    "link to a neighbour": "a",
    "link to the folder above": "..",
    "link from a folder": "../b",
    "link to a link, perhaps": "./skills/../A",
    "link to something hidden": ".h",
    "link to the manifest": MANIFEST,
    "link to itself": "c.md",
}
_KINDS = st.sampled_from(["file"] * 12 + ["executable", "folder", "fifo", *_TARGETS])
_CONTENTS = st.sampled_from(
    [
        "",
        "x" * 150,
        "---\nname: x\ndescription: d\n---\n",
        "---\nname: [\n---\n",
        '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "${CLAUDE_PLUGIN_ROOT}/a"}]}]}}',
        '{"hooks": {"Stop": 5}}',
        '{"s": {"command": "x"}}',
        "{",
        "#!/bin/sh\n",
    ]
)
_MANIFESTS = st.one_of(
    st.just({"name": "plugin", "version": "1.0.0", "description": "d"}),
    st.fixed_dictionaries(
        {"name": st.sampled_from(["plugin", "Odd Name", "", None, 5, "../x", "a:b"])},
        optional={
            "version": st.sampled_from(["1.0.0", "soon", 1]),
            "description": st.sampled_from(["d", [], None]),
            "Version": st.sampled_from(["2.0.0", 2]),
            "license": st.sampled_from(["MIT", {}]),
            "commands": st.sampled_from(
                ["./commands", "./gone", "../out", ["./a", 5], {"x": {"source": "./a"}}, "./.h"]
            ),
            "skills": st.sampled_from(["./skills", ["./a"], {}]),
            "hooks": st.sampled_from(["./hooks/hooks.json", {"Stop": [{}]}, 5]),
            "mcpServers": st.sampled_from([{"s": {}}, "./s.mcpb", "https://x/y.mcpb"]),
            "requires": st.sampled_from([["a"], {"a": 1}, "a"]),
        },
    ),
    st.sampled_from(["", "[]", "null", "{", '{"name": "a-b"} x', '\u2003{"name": "a-b"}', '{"name":"a-b","name":5}']),
    st.none(),
)


@frozen
class Thing:
    """Something to make in a directory."""

    path: str
    kind: str
    content: str

    def make(self, root: Path) -> None:
        """Make it, unless something else is in the way."""
        path = root / self.path
        if any(
            folder.is_symlink() for folder in path.parents if folder.is_relative_to(root)
        ):  # Nothing is made where a link leads.
            event("in the way")
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if self.kind in ("file", "executable"):
                with path.open("x") as file:
                    file.write(self.content)
                path.chmod(0o755 if self.kind == "executable" else 0o644)
            elif self.kind == "folder":
                path.mkdir()
            elif self.kind == "fifo":
                os.mkfifo(path)
            else:
                path.symlink_to(_TARGETS[self.kind].format(root=root))
        except (FileExistsError, NotADirectoryError, FileNotFoundError):
            event("in the way")


_THINGS = st.lists(st.builds(Thing, path=_PATHS, kind=_KINDS, content=_CONTENTS), max_size=9)


@pytest.fixture(scope="module", autouse=True)
def _small_limits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in LIMITS.items():
            patch.setattr(f"toolhive_plugins_content.{name}", value)
        yield


def make(root: Path, manifest: object, things: list[Thing]) -> None:
    root.mkdir()
    if manifest is not None:
        (root / ".claude-plugin").mkdir()
        (root / MANIFEST).write_text(manifest if isinstance(manifest, str) else json.dumps(manifest))
    for thing in things:
        thing.make(root)


def build(root: Path, compat: Compat = Compat.NONE) -> PackageResult | ToolhiveError:
    with TemporaryDirectory() as folder:
        try:
            return Packager(Store(Path(folder) / "store")).package(root, PackageOptions(compat=compat))
        except ToolhiveError as error:
            return error


def check(report: ValidationReport, built: PackageResult | ToolhiveError) -> None:
    """Hold a validation and a build of the same directory to each other."""
    if isinstance(built, ToolhiveError):
        problems = {problem.problem for problem in report.errors}
        if not any(problem.path == MANIFEST for problem in report.errors):  # whose rules have words of their own
            assert built.problem in problems
        assert problems
    else:
        assert {evolve(found, severity=Severity.WARNING) for found in report.problems} == set(built.warnings)


@given(_MANIFESTS, _THINGS)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_a_build_refuses_is_an_error_and_what_it_accepts_it_warns_of(
    manifest: object, things: list[Thing]
) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder) / "plugin"
        make(root, manifest, things)
        built = build(root)
        event("refused" if isinstance(built, ToolhiveError) else "built")
        check(validate(str(root)), built)


_LINKED_FILES = [
    Thing("a", "file", "x" * 20),
    Thing("A", "executable", "#!/bin/sh\n"),
    Thing("commands/c.md", "file", "x"),
]
_LINK_PATHS = st.sampled_from(
    ["l", "commands/l.md", "skills/x/SKILL.md", ".mcp.json", ".lsp.json", ".l", "hooks/hooks.json"]
)
_LINK_TARGETS = st.sampled_from(
    [*(["to a", "to A", "to commands/c.md"] * 6), "a", "../a", "./skills/../A", "c.md", "l", ".l", "gone", ".."]
)


@given(st.dictionaries(_LINK_PATHS, _LINK_TARGETS, max_size=4))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_links_are_the_same_to_both(links: dict[str, str]) -> None:
    manifest = {"name": "plugin", "version": "1.0.0", "description": "d"}
    with TemporaryDirectory() as folder:
        root = Path(folder) / "plugin"
        make(root, manifest, _LINKED_FILES)
        for path, target in links.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            there = target.removeprefix("to ")
            (root / path).symlink_to(there if there == target else os.path.relpath(root / there, (root / path).parent))
        built = build(root)
        report = validate(str(root))
        check(report, built)
        if not isinstance(built, ToolhiveError):
            copied = [problem.path for problem in report.problems if problem.rule == Rule.LINK_COPIED]
            event(f"built with {len(copied)} copies")
            assert sorted(copied) == sorted(path for path in links if path != ".l")
            assert set(copied) <= set(built.config.files or ())


@contextmanager
def vanishing(root: Path, name: str, call: str) -> Iterator[None]:
    """Remove every file of a name right before the first system call of a kind that is about it."""
    real = getattr(os, call)
    pending = [name.encode()]

    def meddled(path: object, *args: object, **kwargs: object) -> object:
        if path in pending:
            pending.clear()
            for file in root.rglob(name):
                file.unlink()
        return real(path, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, call, meddled)
        yield


@given(_THINGS, st.sampled_from(["gone.md", "hooks.json", "plugin.json"]), st.sampled_from(["open", "stat"]))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_file_that_vanishes_is_an_error_to_both(things: list[Thing], name: str, call: str) -> None:
    manifest = {"name": "plugin", "version": "1.0.0", "description": "d"}
    vanishes = [Thing("commands/gone.md", "file", "x"), Thing("hooks/hooks.json", "file", "{}")]
    with TemporaryDirectory() as folder:
        first, second = Path(folder) / "first", Path(folder) / "second"
        for root in (first, second):
            make(root, manifest, [*vanishes, *things])
        with vanishing(first, name, call):
            built = build(first)
        with vanishing(second, name, call):
            report = validate(str(second))
        assert isinstance(built, ToolhiveError)
        assert report.errors


@pytest.mark.parametrize("depth", [127, 128, 129, 131, 300])
def test_depth_at_the_real_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: int) -> None:
    monkeypatch.setattr("toolhive_plugins_content.walk.MAX_DEPTH", 128)
    monkeypatch.setattr("toolhive_plugins_content.walk.MAX_ENTRIES", 10_000)
    make(tmp_path / "p", {"name": "plugin"}, [Thing("d/" * depth + "x", "file", "x")])
    report, built = validate(str(tmp_path / "p")), build(tmp_path / "p")
    check(report, built)
    assert ("too-deep" in {problem.rule for problem in report.errors}) == (depth > 128)


@pytest.mark.parametrize(("prefix", "is_refused"), [(".h", False), ("d", True)])
def test_counts_at_the_real_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefix: str, is_refused: bool
) -> None:
    monkeypatch.setattr("toolhive_plugins_content.walk.MAX_ENTRIES", 10_000)
    make(tmp_path / "p", {"name": "plugin"}, [])
    for number in range(10_001):
        (tmp_path / "p" / f"{prefix}{number}").mkdir()
    report, built = validate(str(tmp_path / "p")), build(tmp_path / "p")
    check(report, built)
    assert bool(report.errors) == is_refused


@pytest.mark.parametrize(("limit", "warned"), [(3_000, True), (1_000_000, False)])
def test_a_layer_that_toolhive_does_not_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, warned: bool
) -> None:
    monkeypatch.setattr("toolhive_plugins_content.selection.MAX_TOTAL_SIZE", 1_000_000)
    monkeypatch.setattr("toolhive_plugins_content.verdicts.toolhive.MAX_INSTALLED_LAYER", limit)
    monkeypatch.setattr("toolhive_plugins_packager.packager.MAX_INSTALLED_LAYER", limit)
    noise = bytes(Random(0).choices(range(256), k=4_000)).decode("latin-1")
    make(tmp_path / "plugin", {"name": "plugin"}, [Thing("noise", "file", noise)])
    report, built = validate(str(tmp_path / "plugin")), build(tmp_path / "plugin")
    check(report, built)
    assert isinstance(built, PackageResult)
    told = [problem.problem for problem in report.problems if problem.rule == "toolhive-layer"]
    assert len(told) == warned
    assert all(f"the layer is {built.layer_size} bytes" in problem for problem in told)
    assert report.errors == ()
    assert bool(validate(str(tmp_path / "plugin"), [Client.TOOLHIVE]).errors) == warned


@pytest.mark.parametrize("manifest", [{"name": "plugin"}, {"name": 5}])
def test_more_than_anybody_could_look_through_is_not_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manifest: object
) -> None:
    monkeypatch.setattr("toolhive_plugins_content.selection.MAX_TOTAL_SIZE", 1_000_000)
    handlers = ",".join(["{}"] * 30_000)
    hooks = '{"hooks": {"Stop": [{"hooks": [' + handlers + "]}]}}"
    make(tmp_path / "plugin", manifest, [Thing("hooks/hooks.json", "file", hooks)])
    monkeypatch.delattr("toolhive_plugins_content.validation.discover_components")
    report, built = validate(str(tmp_path / "plugin")), build(tmp_path / "plugin")
    check(report, built)
    assert isinstance(built, ToolhiveError)
    assert "surface-size" in {problem.rule for problem in report.errors}


def test_files_that_git_does_not_track(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(monkeypatch, tmp_path / "home")
    repository = GitRepository(tmp_path / "repository")
    root = repository.root / "plugin"
    make(root, {"name": "plugin"}, [Thing("a", "file", "x")])
    repository.commit()
    Thing("b", "file", "x").make(root)
    report = validate(str(root))
    check(report, build(root))
    assert ("not-tracked", "b") in {(problem.rule, problem.path) for problem in report.warnings}


def test_metadata_that_no_registry_client_takes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolhive_plugins_content.selection.MAX_FILES", 1_000)
    monkeypatch.setattr("toolhive_plugins_content.walk.MAX_ENTRIES", 10_000)
    folder = "/".join("d" * 250 for _ in range(4))
    make(tmp_path / "p", {"name": "plugin"}, [Thing(f"{folder}/{n}{'f' * 200}", "file", "") for n in range(950)])
    report, built = validate(str(tmp_path / "p")), build(tmp_path / "p")
    check(report, built)
    assert [problem.rule for problem in report.errors] == ["metadata-size"]
