"""Builds the Go programs that the tests talk to, and prints what to put on PATH; what took how long goes to stderr.

Each program has a fixed version. The sum of its module, here, covers the sums of all that it depends on, in the module's own go.sum. Go
comes from a wheel. What was built stays in `$XDG_CACHE_HOME/toolhive-plugins/go-programs` (`~/.cache` by default); Go and its caches,
of several gigabytes, do not.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from machine import ROOT, CheckError, run

GO_LOCK = ROOT / "3rdparty" / "python" / "go.lock"
AT_ONCE = 2


@dataclass(frozen=True)
class Program:
    """A program of somebody else's: `folder` of a module has its main package, and gives it its name."""

    module: str
    folder: str
    version: str
    sum: str
    """The module's sum, as go.sum files have it."""

    called: str = ""
    """The executable's name, where the folder's would not tell one program from another."""

    @property
    def name(self) -> str:
        """The executable's name."""
        return self.called or self.folder.rpartition("/")[2]

    @property
    def key(self) -> str:
        """What the program is made of."""
        return f"{self.module} {self.folder} {self.version} {self.sum}"

    def source(self, go: "Go") -> Path:
        """Download the module and return its main package's folder.

        Raises:
            CheckError: the module is not the one whose sum is known.
        """
        got = json.loads(go.run("mod", "download", "-json", f"{self.module}@{self.version}", cwd=go.scratch))
        if got["Sum"] != self.sum:
            raise CheckError(f"{self.module} {self.version} has the sum {got['Sum']}, not {self.sum}")
        return Path(got["Dir"], self.folder)


@dataclass(frozen=True)
class OurProgram:
    """A program of the tests', named by its go.mod."""

    folder: Path

    @property
    def name(self) -> str:
        """The executable's name."""
        return (self.folder / "go.mod").read_text(encoding="utf-8").split()[1]

    @property
    def key(self) -> str:
        """What the program is made of."""
        digest = hashlib.sha256()
        for file in sorted(self.folder.iterdir()):
            digest.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
        return digest.hexdigest()

    def source(self, _: "Go") -> Path:
        """Return the main package's folder."""
        return self.folder


PROGRAMS: tuple[Program | OurProgram, ...] = (
    OurProgram(ROOT / "tests" / "interop" / "go"),
    OurProgram(ROOT / "tests" / "signatures" / "go"),
    Program("oras.land/oras", "cmd/oras", "v1.3.6", "h1:Lhsfr2tQLjsu/+CJZp6vYatwKT+62fbIUTlp4lUrfOA="),
    Program(
        "github.com/google/go-containerregistry",
        "cmd/crane",
        "v0.22.1",
        "h1:RZuuSYhTvlDvtsK+NkutoCZ//C0X2ebLK8X8l3ULs84=",
    ),
    Program(
        "github.com/regclient/regclient", "cmd/regctl", "v0.11.7", "h1:Jsjlnd0ZQ2Blh0vaJtxJ0pU549VajvZ6BTL/4R7noMo="
    ),
    Program(
        "github.com/distribution/distribution/v3",
        "cmd/registry",
        "v3.1.2",
        "h1:/Bv2YIqqSR00HiO49FT93hovy6r9IlrzwUDsJjCN5qg=",
    ),
    Program("github.com/sigstore/cosign/v3", "cmd/cosign", "v3.1.3", "h1:001JQRI/PJ/5T+g/kJ1KTvKFbb322+fomc+pHDZ/6sg="),
    # A whole Sigstore: certificates, their log, the log of signatures (later versions cannot be built from what proxies serve), the clock.
    Program("github.com/sigstore/fulcio", ".", "v1.8.8", "h1:AtVoVQ4R7YaP6RHIH9puHyB398CHS/9WYc6d+gKf5Y0=", "fulcio"),
    Program(
        "github.com/transparency-dev/tesseract",
        "cmd/tesseract/posix",
        "v0.1.1",
        "h1:KMyqb5/43noPwaBIuFxaWOnhtx360JRb1nEPqUVn1KQ=",
        "tesseract-posix",
    ),
    Program(
        "github.com/sigstore/rekor-tiles/v2",
        "cmd/rekor-server/posix",
        "v2.3.0",
        "h1:HhMgH61UP0t899V8Fjt7pz1YdgOBptbaQdnCF+79cdc=",
        "rekor-posix",
    ),
    Program(
        "github.com/sigstore/timestamp-authority/v2",
        "cmd/timestamp-server",
        "v2.1.5",
        "h1:VryyxIBepZ2ALtvkAAjBf9IF33iI6wX7ifiVWeBVhog=",
    ),
)


class Go:
    """A Go of the version in go.lock, with caches of its own, in a scratch folder."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        run(sys.executable, "-m", "venv", scratch / "venv")
        run(scratch / "venv/bin/python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", GO_LOCK)
        (self.program,) = scratch.glob("venv/lib/python*/site-packages/go/bin/go")
        self._environ = {
            "CGO_ENABLED": "0",
            "GOCACHE": str(scratch / "build"),
            "GOFLAGS": "-mod=readonly -modcacherw -trimpath -buildvcs=false",
            "GOMODCACHE": str(scratch / "modules"),
            "GOROOT": "",
            # The sums are ours and the modules' own; no other machine is asked.
            "GOSUMDB": "off",
            "GOTOOLCHAIN": "local",
            "GOWORK": "off",
        }

    def run(self, *arguments: str | Path, cwd: Path) -> str:
        """Run Go and return its output.

        Raises:
            CheckError: it failed.
        """
        return run(self.program, *arguments, cwd=cwd, env=self._environ).stdout

    def build(self, program: Program | OurProgram, folder: Path) -> None:
        """Build a program into a folder, which appears whole or not at all."""
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".building-") as temporary:
            made = Path(temporary, "made")
            self.run("build", "-ldflags=-s -w", "-o", made / program.name, ".", cwd=program.source(self))
            if not folder.exists():
                made.rename(folder)


@contextmanager
def installed_go() -> Iterator[Go]:
    """Install Go for the length of the block."""
    scratch = Path(tempfile.mkdtemp(prefix="toolhive-go-"))
    try:
        yield Go(scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def cache() -> Path:
    """Return the folder of what was built."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home, "toolhive-plugins", "go-programs")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def place(program: Program | OurProgram) -> Path:
    """Return the folder that holds, or will hold, a program as it is asked for here."""
    asked = f"{GO_LOCK.read_text(encoding='utf-8')}\n{program.key}"
    return cache() / f"{program.name}-{hashlib.sha256(asked.encode()).hexdigest()[:16]}"


def seconds(what: str, since: float) -> None:
    """Say how long something took."""
    print(f"{time.monotonic() - since:6.1f} s  {what}", file=sys.stderr)


def build_timed(go: Go, program: Program | OurProgram) -> None:
    """Build a program and say how long that took."""
    begun = time.monotonic()
    go.build(program, place(program))
    seconds(program.name, begun)


def main() -> int:
    """Build what is absent, two at once, and print the folders of all as one entry of PATH."""
    absent = [program for program in PROGRAMS if not (place(program) / program.name).is_file()]
    if absent:
        begun = time.monotonic()
        with installed_go() as go:
            seconds("Go itself", begun)
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(lambda program: build_timed(go, program), absent))
    print(os.pathsep.join(str(place(program)) for program in PROGRAMS))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CheckError as error:
        sys.exit(f"{error}")
