"""Builds from a commit, and whether an artifact says rightly where it comes from."""

import json
from pathlib import Path

import pytest
from git_repositories import WHEN, GitRepository, isolate_git
from service_plugins import COMPLETE, write_plugin

from toolhive_plugins import (
    ANNOTATION_REVISION,
    ANNOTATION_SOURCE,
    Compat,
    Digest,
    InvalidAnnotationError,
    PackageOptions,
    ShallowHistoryError,
    parse_manifest,
)
from toolhive_plugins_service import BuildRequest, RequestError, Service, Source, Verdict

URL = "https://example.com/plugins/complete"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepository:
    """A repository with a complete plugin in `plugin`."""
    isolate_git(monkeypatch, tmp_path / "home")
    made = GitRepository(tmp_path / "repository")
    write_plugin(made.root / "plugin", COMPLETE)
    made.commit()
    return made


@pytest.fixture
def root(repository: GitRepository) -> str:
    """The plugin's directory."""
    return str(repository.root / "plugin")


def annotations(service: Service, digest: Digest) -> list[dict[str, str]]:
    """Return the annotations of an artifact's index and manifests."""
    index = json.loads(service.store.get_manifest(digest))
    manifests = [service.store.get_manifest(entry["digest"]) for entry in index["manifests"]]
    return [index["annotations"], *(dict(parse_manifest(data).annotations or {}) for data in manifests)]


def test_commit_gives_the_epoch_and_the_revision(service: Service, repository: GitRepository, root: str) -> None:
    head = repository.git("rev-parse", "HEAD")
    build = service.build(BuildRequest(root, source=Source("HEAD", URL)))
    assert (build.epoch, build.revision, build.source_url) == (WHEN, head, URL)
    for found in annotations(service, build.digest):
        assert (found[ANNOTATION_REVISION], found[ANNOTATION_SOURCE]) == (head, URL)


def test_unchanged_plugin_keeps_its_digest(service: Service, repository: GitRepository, root: str) -> None:
    first = service.build(BuildRequest(root, source=Source("HEAD")))
    (repository.root / "other").write_text("other")
    repository.commit()
    (Path(root) / "README.md").write_text("not committed")
    assert service.build(BuildRequest(root, source=Source("main"))).digest == first.digest


@pytest.mark.parametrize("given", ["request", "environment"])
def test_epoch_that_is_given_is_kept(service: Service, root: str, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    if given == "environment":
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "5")
    build = service.build(BuildRequest(root, epoch=5 if given == "request" else None, source=Source("HEAD")))
    assert build.epoch == 5
    assert build.revision


def test_only_annotations_differ_from_a_build_of_the_directory(service: Service, root: str) -> None:
    plain = service.build(BuildRequest(root, epoch=7))
    committed = service.build(BuildRequest(root, epoch=7, source=Source("HEAD", URL)))
    assert committed.digest != plain.digest
    assert (committed.config_digest, committed.layer_digest) == (plain.config_digest, plain.layer_digest)
    kept = [
        {key: text for key, text in found.items() if key not in (ANNOTATION_REVISION, ANNOTATION_SOURCE)}
        for found in annotations(service, committed.digest)
    ]
    assert kept == annotations(service, plain.digest)
    assert plain.revision == plain.source_url == ""


def test_toolhive_core_has_neither_annotation(service: Service, root: str) -> None:
    build = service.build(BuildRequest(root, compat=Compat.TOOLHIVE_CORE, source=Source("HEAD")))
    assert (build.epoch, build.revision) == (WHEN, "")
    assert not any("image.revision" in key for found in annotations(service, build.digest) for key in found)
    assert service.verify(root, build.tag, source=Source("HEAD")).verdict is Verdict.IDENTICAL
    with pytest.raises(RequestError):
        service.build(BuildRequest(root, compat=Compat.TOOLHIVE_CORE, source=Source("HEAD", URL)))


@pytest.mark.parametrize(
    "url",
    [
        "https://ann:secret@example.com/x",
        "https://ann@example.com/x",
        "https://ann%40@example.com/x",
        "https://:secret@example.com",
        "ssh://git@example.com/x",
        "git@example.com:x",
        "https://example.com/x?token=secret",
        "https://example.com/x#secret",
        "https://example.com\\@secret/x",
        "https://exa mple.com/",
        "https:///x",
        "file:///home/ann/secret",
        "/home/ann/secret",
        "https://example.com/\n",
        "https://example.com/" + "x" * 3000,
        "javascript:alert(1)",
    ],
)
def test_address_with_a_user_name_or_password_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(RequestError) as caught:
        Source(None, url)
    assert "secret" not in str(caught.value)
    assert "ann" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["", URL, "http://localhost:8080", "ssh://example.com:22/x", "https://[::1]/a/b.git", "https://e.com/~ann/%41"],
)
def test_plain_address_is_taken(url: str) -> None:
    assert Source(None, url).url == url


@pytest.mark.parametrize("given", [{"org.example": "x"}, {ANNOTATION_SOURCE: ""}, {"dev.toolhive.plugins.name": "x"}])
def test_other_annotations_cannot_be_given(given: dict[str, str]) -> None:
    with pytest.raises(InvalidAnnotationError):
        PackageOptions(annotations=given)


def test_shallow_history_is_an_error_of_the_build(service: Service, repository: GitRepository, tmp_path: Path) -> None:
    (repository.root / "other").write_text("other")
    repository.commit()
    repository.git("clone", "--quiet", "--depth", "1", f"file://{repository.root}", str(tmp_path / "shallow"))
    with pytest.raises(ShallowHistoryError):
        service.build(BuildRequest(str(tmp_path / "shallow/plugin"), source=Source("HEAD")))


def test_artifact_of_a_commit_verifies_against_it(service: Service, root: str) -> None:
    service.build(BuildRequest(root, source=Source("HEAD", URL)))
    (Path(root) / "new.md").write_text("not committed")
    found = service.verify(root, "complete", source=Source("HEAD", URL))
    assert (found.verdict, found.unchecked, found.differences) == (Verdict.IDENTICAL, (), ())
    assert service.verify(root, "complete", source=Source("HEAD")).unchecked == (ANNOTATION_SOURCE,)
    assert service.verify(root, "complete").verdict is Verdict.DIFFERENT


def test_without_git_all_but_the_two_annotations_is_compared(service: Service, root: str) -> None:
    service.build(BuildRequest(root, source=Source("HEAD", URL)))
    found = service.verify(root, "complete")
    assert found.verdict is Verdict.IDENTICAL
    assert found.unchecked == (ANNOTATION_REVISION, ANNOTATION_SOURCE)


def test_wrong_revision_and_address_are_found(service: Service, repository: GitRepository, root: str) -> None:
    service.build(BuildRequest(root, source=Source("HEAD", URL)))
    (Path(root) / "README.md").write_text("read me")
    (Path(root) / "README.md").unlink()
    script = Path(root) / "scripts/start.sh"
    text = script.read_text()
    script.write_text("changed")
    repository.commit()
    script.write_text(text)
    repository.commit("as it was")
    found = service.verify(root, "complete", source=Source("HEAD", "https://example.com/other"))
    assert {each.subject for each in found.differences} == {ANNOTATION_REVISION, ANNOTATION_SOURCE}
    assert found.verdict is Verdict.DIFFERENT
    assert service.verify(root, "complete", source=Source("HEAD~2", URL)).verdict is Verdict.IDENTICAL


def test_artifact_that_names_no_commit_is_held_to_its_files_alone(service: Service, root: str) -> None:
    service.build(BuildRequest(root))
    assert service.verify(root, "complete", source=Source("HEAD")).verdict is Verdict.IDENTICAL
    found = service.verify(root, "complete", source=Source("HEAD", URL))
    assert found.differences[0].problem == "is missing from the artifact"


@pytest.mark.parametrize("target", ["README.md", "scripts/start.sh"])
def test_links_are_read_alike_by_every_command(
    service: Service, repository: GitRepository, root: str, target: str
) -> None:
    (Path(root) / "README.md").write_text("read me")
    (Path(root) / "AGENTS.md").symlink_to(target)
    repository.commit()
    build = service.build(BuildRequest(root))
    assert any("AGENTS.md: is a symbolic link" in warning for warning in build.warnings)
    assert service.verify(root, "complete").verdict is Verdict.IDENTICAL
    assert service.verify(root, "complete", source=Source("HEAD")).verdict is Verdict.IDENTICAL
    assert service.diff(root, "complete").files == ()
    here, built = service.inspect(root), service.inspect("complete")
    assert (here.surface.programs, here.files, here.size) == (built.surface.programs, built.files, built.size)
    assert ("AGENTS.md" in [program.path for program in here.surface.programs]) == (target != "README.md")
    assert not service.validate(root).errors
