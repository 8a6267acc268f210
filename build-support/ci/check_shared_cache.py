"""Checks the shared cache with a real engine (BuildGrid) and two clones: `check_shared_cache.py [shared] [poisoned] [failing]`.

- shared: the second clone runs no test of its own, and writes nothing
- poisoned: a wheel that somebody put into the cache does not get into dist/
- failing: an engine that is away, mute, slow, full, dying or closed to us costs one warning, and the build goes on by itself

All of them where none is named.
"""

import re
import shutil
import socket
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from buildgrid import Engine, environment, free_port, running_engine, running_proxy
from loopback_tls import make_certificates
from machine import RELEASE, ROOT, CheckError, report, run, scratch_copy

TESTS = "tests/plugins_mediatypes::"
"""What the clones test, on one Python."""

WHEEL = "libs/plugins_mediatypes:dist"
SMALL = ("lint", "--only=ruff", "build-support/gate::")
"""A build of three processes that can be shared, for the failures."""

JOINED = {"PANTS_CONFIG_FILES": "pants.shared-cache.toml", "TOOLHIVE_TEST_PYTHONS": "3.11"}
POISON = "toolhive_plugins_mediatypes/poison.py"


@dataclass(frozen=True)
class Ran:
    """A run of Pants that has ended."""

    status: int
    said: str
    seconds: float
    counters: Mapping[str, int]

    @property
    def warnings(self) -> list[str]:
        """What it warned of; that `--stats-log` could also draw histograms is not counted."""
        return [line for line in self.said.splitlines() if "[WARN]" in line and "hdrhistogram" not in line]


class Clone:
    """A clone with a local store that starts empty at every run."""

    def __init__(self, folder: Path, stores: Path) -> None:
        self.folder = folder
        self._stores = stores
        self._runs = 0

    def pants(self, *arguments: str, env: Mapping[str, str], store: str = "") -> Ran:
        """Run Pants, with a daemon of its own that ends with it.

        Args:
            store: the name of a local store to use again; a new one by default.
        """
        self._runs += 1
        place = self._stores / (store or f"{self.folder.parent.name}-{self._runs}")
        begun = time.monotonic()
        done = run(
            self.folder / "pants",
            "--no-pantsd",
            "--no-dynamic-ui",
            "--stats-log",
            f"--local-store-dir={place}",
            *arguments,
            cwd=self.folder,
            env=env,
            may_fail=True,
            joined=True,
        )
        said = done.stdout + done.stderr
        counters = {name: int(value) for name, value in re.findall(r"^  (\w+): (\d+)$", said, re.MULTILINE)}
        return Ran(done.returncode, said, time.monotonic() - begun, counters)

    def wheel(self) -> Path:
        """The wheel in dist/."""
        (wheel,) = (self.folder / "dist").glob("*.whl")
        return wheel


def joined(engine: Engine, **more: str) -> dict[str, str]:
    """Return the variables that join a run to an engine."""
    return {**JOINED, "TOOLHIVE_CACHE_ADDRESS": engine.address, **more}


def unguarded(engine: Engine) -> dict[str, str]:
    """Return the variables that let Pants read and write an engine without anything of ours in between."""
    return {
        "TOOLHIVE_TEST_PYTHONS": "3.11",
        "PANTS_REMOTE_STORE_ADDRESS": engine.address,
        "PANTS_REMOTE_INSTANCE_NAME": "",
        "PANTS_REMOTE_CACHE_READ": "true",
        "PANTS_REMOTE_CACHE_WRITE": "true",
    }


def expect(ran: Ran, status: int = 0) -> Ran:
    """Return a run that ended as it should have.

    Raises:
        CheckError: it did not.
    """
    if ran.status != status:
        raise CheckError(f"Pants ended with {ran.status}, not {status}:\n{ran.said}")
    return ran


def shared(one: Clone, two: Clone, work: Path) -> list[str]:
    """One clone writes what the other reads: over TLS, with a token, to an instance of the engine that has a name."""
    certificates = make_certificates(work / "certificates")
    with (
        running_engine(work / "team", instance="team") as team,
        running_proxy(team, work / "door", token="t0ken", certificate=certificates.server) as door,
    ):
        reading = {
            **JOINED,
            "TOOLHIVE_CACHE_ADDRESS": f"grpcs://localhost:{door.port}",
            "TOOLHIVE_CACHE_INSTANCE": "team",
            "TOOLHIVE_CACHE_TOKEN": "t0ken",
            "PANTS_REMOTE_CA_CERTS_PATH": str(certificates.authority),
        }
        cold = expect(one.pants("test", TESTS, env={**reading, "TOOLHIVE_CACHE_WRITE": "true"}))
        warm = expect(two.pants("test", TESTS, env=reading))
    asked, taken = warm.counters["remote_cache_requests"], warm.counters["remote_cache_requests_cached"]
    print(
        f"first clone {cold.seconds:.0f} s; second {warm.seconds:.0f} s, with {taken} of {asked} processes from the cache"
    )
    problems = []
    if not cold.counters["remote_cache_write_successes"]:
        problems.append("the first clone wrote nothing")
    if cold.counters["remote_cache_requests_cached"]:
        problems.append("the first clone found something in an empty cache")
    if not asked or taken != asked:
        problems.append(f"the second clone took {taken} of {asked} processes from the cache:\n{warm.said}")
    if "succeeded in" not in warm.said or "(cached remotely)" not in warm.said:
        problems.append(f"the second clone did not take the tests' result from the cache:\n{warm.said}")
    if warm.counters["remote_cache_write_attempts"]:
        problems.append("the second clone wrote without being told to")
    return problems


def poisoned(one: Clone, two: Clone, engine: Engine, work: Path) -> list[str]:
    """A wheel that somebody put into the cache is taken by an unguarded build, and not by a release."""
    record = work / "record.jsonl"
    with running_proxy(engine, work / "recorder", record=record) as recorder:
        expect(one.pants("package", WHEEL, env=unguarded(recorder)))
    real = one.wheel()
    other = work / real.name
    shutil.copyfile(real, other)
    with zipfile.ZipFile(other, "a") as archive:
        archive.writestr(POISON, "# not from this repository\n")
    program = ROOT / "build-support" / "shared-cache" / "poison.py"
    changed = run(environment() / "python", program, engine.host, record, other).stdout.strip()
    print(f"poisoned: {changed} entries of the cache")

    victim = expect(two.pants("package", WHEEL, env=unguarded(engine)))
    problems = []
    if POISON not in zipfile.ZipFile(two.wheel()).namelist():
        problems.append(f"an unguarded build does not take the poisoned wheel, so this proves nothing:\n{victim.said}")
    shutil.rmtree(two.folder / "dist")
    refused = two.pants("package", WHEEL, env=joined(engine))
    if refused.status == 0 or "does not run with the shared cache joined" not in refused.said:
        problems.append(f"`package` runs with the shared cache joined:\n{refused.said}")
    if (two.folder / "dist").exists() and list((two.folder / "dist").glob("*.whl")):
        problems.append("`package` with the shared cache joined wrote a wheel")
    expect(two.pants(*RELEASE, "package", WHEEL, env=unguarded(engine)))
    if two.wheel().read_bytes() != real.read_bytes():
        problems.append("a release took the poisoned wheel")
    return problems


@contextmanager
def mute() -> Iterator[str]:
    """Yield the address of something that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield f"grpc://127.0.0.1:{listener.getsockname()[1]}"


def failing(one: Clone, engine: Engine, work: Path) -> list[str]:
    """Each way to fail: the build is right, says so once, and takes about as long as without a cache."""
    alone = {"TOOLHIVE_TEST_PYTHONS": "3.11"}
    expect(one.pants(*SMALL, env=alone))  # fills what Pants keeps beside the store
    without = expect(one.pants(*SMALL, env=alone)).seconds
    print(f"without a cache: {without:.1f} s")
    problems = []
    with ExitStack() as stack:
        tiny = stack.enter_context(running_engine(work / "tiny", size="1M"))
        manners: Mapping[str, Mapping[str, object]] = {
            "slow": {"delay": 2},
            "full": {"full": 1},
            "dying": {"die_after": 8},
            "closed": {"token": "another"},
        }
        proxies = {
            name: stack.enter_context(running_proxy(engine, work / name, **manner)) for name, manner in manners.items()
        }
        addresses = {
            "away": f"grpc://127.0.0.1:{free_port()}",
            "mute": stack.enter_context(mute()),
            "too small": tiny.address,
            **{name: proxy.address for name, proxy in proxies.items()},
        }
        for name, address in addresses.items():
            ran = one.pants(*SMALL, env={**JOINED, "TOOLHIVE_CACHE_ADDRESS": address, "TOOLHIVE_CACHE_WRITE": "true"})
            print(f"{name}: {ran.seconds:.1f} s, {ran.seconds / without:.2f} of without; warnings: {len(ran.warnings)}")
            for line in ran.warnings:
                print(f"    {line}")
            if ran.status:
                problems.append(f"{name}: the build failed:\n{ran.said}")
    return problems


def main(*names: str) -> int:
    """Run the checks that are named, or all."""
    with tempfile.TemporaryDirectory(prefix="toolhive-cache-") as temporary, ExitStack() as stack:
        work = Path(temporary)
        engine = stack.enter_context(running_engine(work / "engine"))
        one, two = (Clone(stack.enter_context(scratch_copy()), work / "stores") for _ in range(2))
        checks: Mapping[str, Callable[[], list[str]]] = {
            "shared": lambda: shared(one, two, work),
            "poisoned": lambda: poisoned(one, two, engine, work),
            "failing": lambda: failing(one, engine, work),
        }
        chosen = names or tuple(checks)
        problems = [problem for name in chosen for problem in checks[name]()]
    return report(problems, len(chosen))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
