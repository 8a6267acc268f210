"""Many plugins to and from a registry, far away or near, beside the clients of other projects.

The far registry is 40 ms away, there and back. Every contestant moves the same plugins by whole processes: ours all of them by one, the
others by one for each, one after another, since none of them takes several.
"""

import json
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from thvbench.cases import Bench
from thvbench.far_pipe import far_away
from thvbench.inputs import marketplace
from thvbench.measure import ChildError, say
from thvbench.processes import TOOLHIVE_CORE, Line, installed
from thvbench.registry import running_registry

AWAY = 0.02
"""Seconds that each byte is held back, each way."""

FAR_PLUGINS = 40
NEAR_PLUGINS = 131
PACKAGED = 444
PLATFORMS = ["linux/amd64", "linux/arm64"]
GO_CLIENTS = ("oras", "regctl", "crane", "skopeo")

Lines = Callable[[], list[Line]]


@dataclass(frozen=True)
class Trip:
    """A registry, and what goes there and comes back."""

    bench: Bench
    plugins: Sequence[Path]
    host: str
    folder: Path

    @property
    def store(self) -> Path:
        """The store that has all plugins, tagged as they are pushed."""
        return self.folder / "store"

    def refs(self, whose: str) -> list[str]:
        """Where a contestant puts the plugins."""
        return [f"{self.host}/{whose}/{number}/{plugin.name}:1" for number, plugin in enumerate(self.plugins)]

    def layouts(self) -> list[Path]:
        """A store for each plugin alone, since `crane push` takes no other."""
        return [self.folder / "single" / str(number) for number in range(len(self.plugins))]

    def package(self) -> None:
        """Fill the stores."""
        count = len(self.plugins)
        for stores, tags in (([self.store] * count, self.refs("ours")), (self.layouts(), ["one"] * count)):
            self.bench.runner.child("package_as", folders=self.plugins, stores=stores, tags=tags)

    def pushes(self) -> dict[str, Lines]:
        """By contestant, what pushes everything."""
        skopeo = ["skopeo", "--insecure-policy", "copy", "--quiet", "--all", "--dest-tls-verify=false"]
        regctl = ["regctl", "--host", f"reg={self.host},tls=disabled", "image", "copy"]

        def each(whose: str, line: Callable[[Path, str], Sequence[str | Path]]) -> Lines:
            return lambda: [Line(line(*pair)) for pair in zip(self.layouts(), self.refs(whose), strict=True)]

        return {
            "thv-plugin": lambda: self._ours("push", "--each", *self.refs("ours"), store=self.store),
            "oras": each("oras", lambda at, ref: ["oras", "cp", "--from-oci-layout", f"{at}:one", _ORAS_TO, ref]),
            "regctl": each("regctl", lambda at, ref: [*regctl, f"ocidir://{at}:one", ref]),
            "crane": each("crane", lambda at, ref: ["crane", "push", "--insecure", "--index", at, ref]),
            "skopeo": each("skopeo", lambda at, ref: [*skopeo, f"oci:{at}:one", f"docker://{ref}"]),
        }

    def pulls(self) -> dict[str, Lines]:
        """By contestant, what pulls everything into a new store, or for the others into a new layout for each."""
        skopeo = ["skopeo", "--insecure-policy", "copy", "--quiet", "--all", "--src-tls-verify=false"]
        regctl = ["regctl", "--host", f"reg={self.host},tls=disabled", "image", "copy"]
        into = self.bench.scratch("pulled")

        def each(whose: str, line: Callable[[str, Path], Sequence[str | Path]]) -> Lines:
            places = [into / whose / str(number) for number in range(len(self.plugins))]
            (into / whose).mkdir()
            return lambda: [Line(line(*pair)) for pair in zip(self.refs("ours"), places, strict=True)]

        return {
            "thv-plugin": lambda: self._ours("pull", *self.refs("ours"), store=into / "ours"),
            "oras": each("oras", lambda ref, at: ["oras", "cp", _ORAS_FROM, ref, "--to-oci-layout", f"{at}:one"]),
            "regctl": each("regctl", lambda ref, at: [*regctl, ref, f"ocidir://{at}:one"]),
            "crane": each("crane", lambda ref, at: ["crane", "pull", "--insecure", "--format=oci", ref, at]),
            "skopeo": each("skopeo", lambda ref, at: [*skopeo, f"docker://{ref}", f"oci:{at}:one"]),
        }

    def _ours(self, *arguments: str, store: Path) -> list[Line]:
        return [Line([self.bench.script, *arguments, "--quiet", "--plain-http", "--store", store])]


_ORAS_TO, _ORAS_FROM = "--to-plain-http", "--from-plain-http"


def far(bench: Bench) -> None:
    """Push and pull 40 plugins over a pipe that holds every byte back, and push them again unchanged."""
    pushed: dict[str, list[float]] = {}
    pulled: dict[str, list[float]] = {}
    again: list[float] = []
    for number in range(_rounds(bench)):
        say(f"{FAR_PLUGINS} plugins, far away, round {number + 1} of {_rounds(bench)}")
        with _trip(bench, FAR_PLUGINS, AWAY) as trip:
            pushes = installed(trip.pushes())
            _take(bench, pushes, pushed)
            again.append(_seconds(bench, pushes["thv-plugin"]))
            _take(bench, installed(trip.pulls()), pulled)
    away = f"{FAR_PLUGINS} plugins, {2000 * AWAY:.0f} ms round trip"
    _to_fastest(bench, f"push {away}, to the fastest Go client", pushed["thv-plugin"], pushed, 0.15)
    _to_fastest(bench, f"pull {away}, to the fastest Go client", pulled["thv-plugin"], pulled, 0.15)
    _to_fastest(bench, f"push {away}, unchanged, to the fastest Go client's first time", again, pushed, 0.05)


def near(bench: Bench) -> None:
    """Push and pull 131 plugins at a registry on the same machine, beside skopeo."""
    pushed: dict[str, list[float]] = {}
    pulled: dict[str, list[float]] = {}
    for number in range(_rounds(bench)):
        say(f"{NEAR_PLUGINS} plugins, near, round {number + 1} of {_rounds(bench)}")
        with _trip(bench, NEAR_PLUGINS, 0.0) as trip:
            _take(bench, _two(trip.pushes()), pushed)
            _take(bench, _two(trip.pulls()), pulled)
    for verb, walls in (("push", pushed), ("pull", pulled)):
        _to_fastest(bench, f"{verb} {NEAR_PLUGINS} plugins, near, to skopeo", walls["thv-plugin"], walls, 0.25)


def packages(bench: Bench) -> None:
    """Package 444 plugins by one process into one store, durably, beside toolhive-core, which flushes nothing.

    Whole processes. Where there are fewer plugins, each is packaged again with another epoch.
    """
    plugins = marketplace(bench.marketplace) if bench.marketplace else bench.inputs.small(bench.plan.small)
    builds = [(plugins[number % len(plugins)], number // len(plugins)) for number in range(PACKAGED)]
    walls: dict[str, list[float]] = {}
    for number in range(bench.plan.rounds):
        say(f"{PACKAGED} plugins into one store, round {number + 1} of {bench.plan.rounds}")
        folder = bench.scratch("packages")
        lines = [
            json.dumps(
                {
                    "call": "package",
                    "with": {
                        "root": str(folder / "core"),
                        "directory": str(plugin),
                        "epoch": epoch,
                        "platforms": PLATFORMS,
                    },
                }
            )
            for plugin, epoch in builds
        ]
        done = bench.runner.command([TOOLHIVE_CORE], stdin="".join(line + "\n" for line in lines))
        if refused := [line for line in done.output.splitlines() if "error" in json.loads(line)]:
            raise ChildError(f"toolhive-core answered {refused[0][:500]}")
        walls.setdefault(TOOLHIVE_CORE, []).append(done.wall)
        for jobs in (1, 4):
            ours = bench.runner.child(
                "package_at_once", folders=plugins, store=folder / str(jobs), builds=PACKAGED, jobs=jobs
            )
            walls.setdefault(f"{jobs} at once", []).append(ours.wall)
    note = f"toolhive-core {statistics.median(walls[TOOLHIVE_CORE]):.2f} s"
    for name in ("1 at once", "4 at once"):
        row = f"{PACKAGED} plugins into one store, {name}, to toolhive-core"
        bench.ratio(row, walls[name], walls[TOOLHIVE_CORE], 1.0, note)


def _rounds(bench: Bench) -> int:
    return min(3, bench.plan.rounds) if bench.plan.is_full else 1


@contextmanager
def _trip(bench: Bench, count: int, seconds: float) -> Iterator[Trip]:
    """An empty registry, and stores that have the plugins: real ones where there is a marketplace, else made ones."""
    real = marketplace(bench.marketplace) if bench.marketplace else []
    plugins = (real or bench.inputs.small(bench.plan.small))[:count]
    if len(plugins) < count:
        raise ChildError(f"{count} plugins are needed, and the marketplace has {len(plugins)}")
    with ExitStack() as opened:
        host = opened.enter_context(running_registry(bench.scratch("registry")))
        if seconds:
            host = opened.enter_context(far_away(host, seconds))
        trip = Trip(bench, plugins, host, bench.scratch("trip"))
        trip.package()
        yield trip


def _two(contestants: Mapping[str, Lines]) -> dict[str, Lines]:
    return {name: contestants[name] for name in ("thv-plugin", "skopeo")}


def _take(bench: Bench, contestants: Mapping[str, Lines], walls: dict[str, list[float]]) -> None:
    for name, lines in contestants.items():
        walls.setdefault(name, []).append(_seconds(bench, lines))


def _seconds(bench: Bench, lines: Lines) -> float:
    return sum(bench.runner.command(line.words).wall for line in lines())


def _to_fastest(
    bench: Bench, name: str, ours: Sequence[float], walls: Mapping[str, Sequence[float]], limit: float
) -> None:
    others = {client: walls[client] for client in GO_CLIENTS if client in walls}
    if not others:
        raise ChildError(f"none of {', '.join(GO_CLIENTS)} is installed")
    fastest = [min(round_) for round_ in zip(*others.values(), strict=True)]
    told = ", ".join(
        f"{client} {statistics.median(taken):.2f} s" for client, taken in (("thv-plugin", ours), *others.items())
    )
    bench.ratio(name, ours, fastest, limit, told)
