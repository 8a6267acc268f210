"""Checks the wheels as their users meet them: `check_wheels.py DIST`.

Metadata and contents by the tools of the trade; each wheel alone in an empty environment; the command, installed from a folder of
ours and the index, on every Python; the types, as mypy sees them from a program that has the wheels installed.
"""

import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from machine import LIBRARIES, ROOT, VERSION, CheckError, pythons, report, run

LOCKS = ROOT / "3rdparty" / "python"
EXAMPLE = ROOT / "examples" / "release-notes"

CONSUMER = '''\
"""A consumer's program, as small as they come."""

from pathlib import Path

from toolhive_plugins import Digest, Packager, PackageResult, Store

def build(folder: Path, store: Store) -> Digest:
    result: PackageResult = Packager(store).package(str(folder.absolute()))
    store.tag(result.index_digest, result.config.name)
    return result.index_digest

reveal_type(build)
'''

IMPORT_EVERYTHING = """\
import {package}
assert {package}.__all__, "no public names"
for name in {package}.__all__:
    getattr({package}, name)
"""


def wheel_name(library: str) -> str:
    """Return the distribution's name."""
    return "toolhive-" + library.replace("_", "-")


class Environment:
    """An empty virtual environment, for things to be installed into by a pip that is elsewhere: to bring pip into each takes seconds."""

    def __init__(self, folder: Path, python: Path, pip: Path) -> None:
        run(python, "-m", "venv", "--without-pip", folder)
        self.bin = folder / "bin"
        self._pip = pip

    def pip(self, *arguments: str | Path) -> str:
        """Run pip on this environment and return its output."""
        return run(self._pip, "--python", self.bin / "python", "--disable-pip-version-check", *arguments).stdout

    def install(self, *what: str | Path) -> None:
        """Install, also our wheels from their folder."""
        self.pip("install", "--quiet", *what)

    def names(self) -> set[str]:
        """Return what is installed."""
        return {line.partition("==")[0] for line in self.pip("list", "--format=freeze").splitlines()}


def check_contents(dist: Path, work: Path, python: Path, pip: Path) -> None:
    """Metadata and contents, by `twine check --strict` and `check-wheel-contents`."""
    tools = Environment(work / "tools", python, pip)
    tools.install("--require-hashes", "-r", LOCKS / "wheel-checks.lock")
    wheels = sorted(dist.glob("toolhive*.whl"))
    expected = sorted(f"{wheel_name(library).replace('-', '_')}-{VERSION}-py3-none-any.whl" for library in LIBRARIES)
    if [wheel.name for wheel in wheels] != expected:
        raise CheckError(f"there should be {expected}, and there are {[wheel.name for wheel in wheels]}")
    print(run(tools.bin / "twine", "check", "--strict", *wheels).stdout, end="")
    print(run(tools.bin / "check-wheel-contents", *wheels).stdout, end="")


def check_alone(library: str, dist: Path, work: Path, python: Path, pip: Path) -> None:
    """A wheel in an empty environment imports, to its last public name, with only what it declares."""
    environment = Environment(work / f"alone-{library}", python, pip)
    environment.install("--find-links", dist, f"{wheel_name(library)}=={VERSION}")
    environment.pip("check")
    if library != "plugins_cli":  # a command, with no names for others
        run(environment.bin / "python", "-c", IMPORT_EVERYTHING.format(package="toolhive_" + library), cwd=work)
    names = environment.names()
    if library == "plugins_mediatypes" and names & {"requests", "urllib3", "oras", "httpx"}:
        raise CheckError(f"the media types bring an HTTP library: {sorted(names)}")
    if library == "plugins_signatures":
        extra = {"google-re2", "sigstore"}
        if names & extra:
            raise CheckError(f"signatures bring the packages of the extra: {sorted(names & extra)}")
        environment.install("--find-links", dist, f"{wheel_name(library)}[keyless]=={VERSION}")
        if not extra <= environment.names():
            raise CheckError(f"the extra does not bring {sorted(extra - environment.names())}")
    print(f"{wheel_name(library)} alone: {len(names)} distributions: {', '.join(sorted(names))}")


def check_command(version: str, dist: Path, work: Path, python: Path, pip: Path) -> None:
    """The command, installed as users do, builds a plugin."""
    environment = Environment(work / f"command-{version}", python, pip)
    environment.install("--find-links", dist, f"toolhive-plugins-cli=={VERSION}")
    command = environment.bin / "thv-plugin"
    said = run(command, "--version", cwd=work).stdout.strip()
    if VERSION not in said:
        raise CheckError(f"thv-plugin --version says {said!r}")
    store = work / f"store-{version}"
    built = run(command, "build", EXAMPLE, "--store", store, cwd=work, env={"SOURCE_DATE_EPOCH": "0"}).stdout
    print(f"on {version}: {said}\n{built}", end="")


def check_types(dist: Path, work: Path, python: Path, pip: Path) -> None:
    """mypy --strict takes a consumer's program, and knows its types, from the installed wheels alone."""
    environment = Environment(work / "types", python, pip)
    environment.install("--find-links", dist, f"toolhive-plugins=={VERSION}")
    environment.install("--require-hashes", "-r", LOCKS / "mypy.lock")
    program = work / "consumer.py"
    program.write_text(CONSUMER, encoding="utf-8")
    said = run(environment.bin / "mypy", "--strict", program, cwd=work).stdout
    if (
        "def (folder: pathlib.Path, store: toolhive_plugins_store.store.Store) -> toolhive_artifact.digest.Digest"
        not in said
    ):
        raise CheckError(f"mypy does not see the types: {said}")
    print(f"mypy --strict of a consumer: {said}", end="")


def main(dist_folder: str) -> int:
    """Run all checks, two at a time, and report."""
    dist = Path(dist_folder).resolve()
    available = pythons()
    oldest = min(available.values())
    with tempfile.TemporaryDirectory(prefix="toolhive-wheels-") as temporary, ThreadPoolExecutor(2) as pool:
        work = Path(temporary)
        run(oldest, "-m", "venv", work / "pip")
        pip = work / "pip" / "bin" / "pip"
        checks: list[tuple[Callable[..., None], tuple[object, ...]]] = [
            (check_contents, (dist, work, oldest, pip)),
            (check_types, (dist, work, oldest, pip)),
            *((check_command, (version, dist, work, python, pip)) for version, python in available.items()),
            *((check_alone, (library, dist, work, oldest, pip)) for library in LIBRARIES),
        ]
        running = [pool.submit(check, *arguments) for check, arguments in checks]
        problems = [str(error) for task in running if (error := task.exception())]
    return report(problems, len(checks))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
