"""Pushing and pulling several in one call: over the same connections, and one that fails does not stop the rest."""

import json
import threading

import pytest
from command_runner import Command, write_plugin

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.several import in_order, repository_of, status_of_several


@pytest.fixture
def builds(thv: Command) -> list[str]:
    """The digests of three builds: demo, other and third."""
    for name in ("demo", "other", "third"):
        write_plugin(thv.folder / name, name=name)
    return [thv("build", name, "--quiet").out.strip() for name in ("demo", "other", "third")]


def test_several_are_pulled_and_told_in_the_order_given(thv: Command, builds: list[str], registry: str) -> None:
    refs = [f"{registry}/several/{name}:1" for name in ("demo", "other", "third")]
    for name, ref in zip(("demo", "other", "third"), refs, strict=True):
        assert thv("push", name, ref, "--plain-http").status == exit_codes.OK
    done = thv("--store", "there", "pull", "--quiet", "--plain-http", *reversed(refs))
    assert (done.status, done.out.split(), done.err) == (exit_codes.OK, builds[::-1], "")
    assert thv("--store", "there", "builds", "--quiet").out.split() == sorted(refs)


def test_one_build_is_pushed_to_several_references(thv: Command, builds: list[str], registry: str) -> None:
    refs = [f"{registry}/several/demo:{tag}" for tag in ("1.0.0", "1.0", "1")]
    done = thv("push", "demo", *refs, "--plain-http", "--quiet")
    assert (done.status, done.out.split()) == (exit_codes.OK, [builds[0]] * 3)
    assert thv("--store", "there", "pull", *refs, "--plain-http", "--quiet").out.split() == [builds[0]] * 3


def test_each_is_pushed_to_the_reference_that_is_its_tag(thv: Command, builds: list[str], registry: str) -> None:
    refs = [f"{registry}/each/{name}:1" for name in ("demo", "other")]
    for name, ref in zip(("demo", "other"), refs, strict=True):
        thv("build", name, "--tag", ref)
    done = thv("push", "--each", *refs, "--plain-http", "--format", "json")
    assert done.status == exit_codes.OK
    assert [(pushed["tag"], pushed["ref"], pushed["digest"]) for pushed in json.loads(done.out)] == [
        (ref, ref, digest) for ref, digest in zip(refs, builds, strict=False)
    ]


def test_one_failure_does_not_stop_the_rest(thv: Command, builds: list[str], registry: str) -> None:
    good, missing = f"{registry}/several/demo:good", f"{registry}/several/gone:1"
    assert thv("push", "demo", good, "--plain-http").status == exit_codes.OK
    done = thv("--store", "there", "pull", missing, good, "--plain-http", "--quiet")
    assert (done.status, done.out.split()) == (exit_codes.PARTLY_FAILED, [builds[0]])
    assert "several/gone" in done.err
    several = thv("pull", good, missing, "--plain-http", "--format", "json")
    assert [pulled["ref"] for pulled in json.loads(several.out)] == [good]
    assert thv("pull", missing, missing, "--plain-http", "--format", "yaml").out == "[]\n"


def test_a_single_one_gives_its_result_and_its_own_status(thv: Command, builds: list[str], registry: str) -> None:
    ref = f"{registry}/several/demo:single"
    assert json.loads(thv("push", "demo", ref, "--plain-http", "--format", "json").out)["ref"] == ref
    failed = thv("pull", f"{registry}/several/gone:1", "--plain-http", "--format", "json")
    assert (failed.status, failed.out) == (exit_codes.NOT_FOUND, "")


def test_several_builds_are_deleted_even_where_one_is_not_there(thv: Command, builds: list[str]) -> None:
    assert thv("rm", "demo", "gone", "other").status == exit_codes.PARTLY_FAILED
    assert thv("builds", "--quiet").out.split() == ["third"]
    assert thv("rm", "gone", "third", "--force").status == exit_codes.OK
    assert thv("rm", "gone", "too").status == exit_codes.NOT_FOUND


@pytest.mark.parametrize(
    ("succeeded", "failures", "status"),
    [
        (3, [], exit_codes.OK),
        (0, [exit_codes.NOT_FOUND], exit_codes.NOT_FOUND),
        (0, [exit_codes.FAILED, exit_codes.FAILED], exit_codes.FAILED),
        (0, [exit_codes.FAILED, exit_codes.NOT_FOUND], exit_codes.PARTLY_FAILED),
        (1, [exit_codes.NOT_FOUND], exit_codes.PARTLY_FAILED),
    ],
)
def test_status_of_several(succeeded: int, failures: list[int], status: int) -> None:
    assert status_of_several(succeeded, failures) == status


def of_its_own(name: str) -> str:
    """Each in a repository of its own."""
    return name


def never() -> None:
    raise AssertionError("nothing was to be cancelled")


def test_what_is_in_different_repositories_is_transferred_at_once_and_told_in_order() -> None:
    together = threading.Barrier(3, timeout=30)

    def work(name: str) -> str:
        together.wait()
        return name.upper()

    assert list(in_order(["c", "a", "b"], work, of_its_own, 3, never)) == ["C", "A", "B"]


def test_what_is_in_one_repository_is_transferred_one_after_another() -> None:
    order: list[str] = []
    refs = ["r/a:1", "r/b:1", "r/a:2", "r/a:3"]

    def keep(ref: str) -> str:
        order.append(ref)
        return ref

    assert list(in_order(refs, keep, repository_of, 8, never)) == refs
    assert [ref for ref in order if ref.startswith("r/a")] == ["r/a:1", "r/a:2", "r/a:3"]


@pytest.mark.parametrize("jobs", [1, 8])
def test_no_more_than_the_jobs_run_at_once(jobs: int) -> None:
    running, most = 0, 0
    lock = threading.Lock()

    def work(name: str) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        with lock:
            running -= 1
        return name

    assert len(list(in_order([str(n) for n in range(40)], work, of_its_own, jobs, never))) == 40
    assert most <= jobs


@pytest.mark.parametrize("interrupted", [KeyboardInterrupt, RuntimeError])
def test_an_interruption_cancels_what_is_under_way_and_begins_nothing_more(interrupted: type[BaseException]) -> None:
    begun: list[str] = []
    cancelled = threading.Event()

    def work(name: str) -> str:
        begun.append(name)
        if name == "first":
            raise interrupted
        cancelled.wait(30)
        return name

    names = ["first", "second", *(f"r/later:{n}" for n in range(9))]
    with pytest.raises(interrupted):
        list(in_order(names, work, repository_of, 3, cancelled.set))
    assert cancelled.is_set()
    assert len(begun) <= 3


@pytest.mark.parametrize(
    ("ref", "repository"),
    [
        ("h:5000/a/b:1", "h:5000/a/b"),
        ("h:5000/a/b", "h:5000/a/b"),
        ("h/a@sha256:0", "h/a"),
        ("h/a:1@sha256:0", "h/a"),
        ("not a reference", "not a reference"),
    ],
)
def test_repository_of_a_reference(ref: str, repository: str) -> None:
    assert repository_of(ref) == repository


@pytest.mark.parametrize("jobs", ["0", "65", "many"])
def test_a_number_of_jobs_that_makes_no_sense_is_refused(thv: Command, jobs: str) -> None:
    for line in (("pull", "h/a:1"), ("push", "a", "h/a:1")):
        assert thv(*line, "--jobs", jobs).status == exit_codes.USAGE
