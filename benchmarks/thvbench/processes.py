"""The command beside other people's, as whole processes: what somebody waits for who types one line.

Each contestant that is installed does one thing with one small plugin, in a process of its own: start, work and exit. Within a round
the contestants take turns, so that a busy machine slows all of them. `toolhive-core` is the program of `tests/interop/go`, which does
what one line on its standard input asks for.
"""

import json
import shutil
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TypeVar

from thvbench.cases import Bench
from thvbench.measure import ChildError, say
from thvbench.registry import running_registry

T = TypeVar("T")

TURNS = 7
"""How many processes of each contestant in a round."""

TOOLHIVE_CORE = "toolhive-core-driver"


@dataclass(frozen=True)
class Contest:
    """One thing to do, and who does it."""

    verb: str
    contestants: Mapping[str, Callable[[], "Line"]]
    """By name, what to run the next time. Ours is `thv-plugin`."""


@dataclass(frozen=True)
class Line:
    """A command, and what it reads from standard input."""

    words: Sequence[str | Path]
    stdin: str = ""


@dataclass
class Place:
    """A store with one build, a registry with one plugin, and paths that nothing has used."""

    bench: Bench
    plugin: Path
    store: Path
    host: str
    folder: Path
    numbers: "count[int]" = field(default_factory=count)

    @property
    def tag(self) -> str:
        """The build's tag."""
        return "small"

    @property
    def pushed(self) -> str:
        """What there is to pull."""
        return f"{self.host}/bench/small:1"

    def fresh(self) -> Path:
        """A path that does not exist."""
        return self.folder / f"{next(self.numbers)}"

    def elsewhere(self) -> str:
        """A repository that does not exist."""
        return f"{self.host}/bench/{next(self.numbers)}:1"

    def ours(self, *arguments: str | Path) -> Line:
        """Our command."""
        return Line([self.bench.script, *arguments])

    def core(self, call: str, **arguments: object) -> Line:
        """One call of toolhive-core."""
        return Line([TOOLHIVE_CORE], json.dumps({"call": call, "with": arguments}) + "\n")


def processes(bench: Bench) -> None:
    """Build, push, pull, inspect and list, beside toolhive-core and the clients of registries."""
    plugin = _median_plugin(bench.inputs.small(bench.plan.small))
    python: list[str | Path] = [bench.runner.python, "-c", "pass"]
    walls: dict[str, dict[str, list[float]]] = {}
    for number in range(bench.plan.rounds):
        say(f"whole processes, round {number + 1} of {bench.plan.rounds}")
        folder = bench.scratch("processes")
        store = folder / "store"
        bench.runner.command([bench.script, "build", plugin, "--tag", "small", "--store", store])
        with running_registry(bench.scratch("registry")) as host:
            place = Place(bench, plugin, store, host, folder)
            bench.runner.command([bench.script, "push", place.tag, place.pushed, "--plain-http", "--store", store])
            for contest in _contests(place):
                taken = _round(bench, {**contest.contestants, "python -c pass": lambda: Line(python)})
                for name, wall in taken.items():
                    walls.setdefault(contest.verb, {}).setdefault(name, []).append(wall)
    for verb, by_name in walls.items():
        _rows(bench, verb, by_name)


def _rows(bench: Bench, verb: str, walls: Mapping[str, Sequence[float]]) -> None:
    ours = walls["thv-plugin"]
    for name, theirs in walls.items():
        milliseconds = f"{name} {1000 * statistics.median(theirs):.0f} ms"
        if name == "thv-plugin":
            bench.value(f"{verb}, a process", [1000 * wall for wall in ours], "ms", None)
        else:
            bench.ratio(f"{verb}, a process, to {name}", ours, theirs, None, milliseconds)


def _round(bench: Bench, contestants: Mapping[str, Callable[[], Line]]) -> dict[str, float]:
    """The median seconds of each, who take turns; the first turn warms the caches of the machine and does not count."""
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(TURNS + 1):
        for name, make in contestants.items():
            line = make()
            sample = bench.runner.command(line.words, stdin=line.stdin)
            if name == "toolhive-core" and "error" in json.loads(sample.output):
                raise ChildError(f"toolhive-core on {line.stdin}answered {sample.output}")
            if turn:
                taken[name].append(sample.wall)
    return {name: statistics.median(found) for name, found in taken.items()}


def _contests(place: Place) -> list[Contest]:
    store, tag, pushed = place.store, place.tag, place.pushed
    layout = f"{store}:{tag}"
    digest = json.loads((store / "index.json").read_bytes())["manifests"][0]["digest"]
    skopeo = ["skopeo", "--insecure-policy", "copy", "--quiet", "--all"]
    regctl = ["regctl", "--host", f"reg={place.host},tls=disabled"]
    contests = [
        Contest(
            "build",
            {
                "thv-plugin": lambda: place.ours("build", place.plugin, "--store", place.fresh()),
                "toolhive-core": lambda: place.core(
                    "package",
                    root=str(place.fresh()),
                    directory=str(place.plugin),
                    epoch=0,
                    platforms=["linux/amd64", "linux/arm64"],
                ),
            },
        ),
        Contest(
            "push",
            {
                "thv-plugin": lambda: place.ours("push", tag, place.elsewhere(), "--plain-http", "--store", store),
                "toolhive-core": lambda: place.core("push", root=str(store), digest=digest, ref=place.elsewhere()),
                "oras": lambda: Line(["oras", "cp", "--from-oci-layout", layout, "--to-plain-http", place.elsewhere()]),
                "crane": lambda: Line(["crane", "push", "--insecure", store, place.elsewhere()]),
                "regctl": lambda: Line([*regctl, "image", "copy", f"ocidir://{layout}", place.elsewhere()]),
                "skopeo": lambda: Line(
                    [*skopeo, "--dest-tls-verify=false", f"oci:{layout}", f"docker://{place.elsewhere()}"]
                ),
            },
        ),
        Contest(
            "pull",
            {
                "thv-plugin": lambda: place.ours("pull", pushed, "--plain-http", "--store", place.fresh()),
                "toolhive-core": lambda: place.core("pull", root=str(place.fresh()), ref=pushed),
                "oras": lambda: Line(
                    ["oras", "cp", "--from-plain-http", pushed, "--to-oci-layout", f"{place.fresh()}:{tag}"]
                ),
                "crane": lambda: Line(["crane", "pull", "--insecure", "--format=oci", pushed, place.fresh()]),
                "regctl": lambda: Line([*regctl, "image", "copy", pushed, f"ocidir://{place.fresh()}:{tag}"]),
                "skopeo": lambda: Line(
                    [*skopeo, "--src-tls-verify=false", f"docker://{pushed}", f"oci:{place.fresh()}:{tag}"]
                ),
            },
        ),
        Contest(
            "inspect (others: print the index)",
            {
                "thv-plugin": lambda: place.ours("inspect", tag, "--store", store),
                "oras": lambda: Line(["oras", "manifest", "fetch", "--oci-layout", layout]),
                "regctl": lambda: Line(["regctl", "manifest", "get", f"ocidir://{layout}"]),
                "skopeo": lambda: Line(["skopeo", "inspect", "--raw", f"oci:{layout}"]),
            },
        ),
        Contest(
            "builds (others: list tags)",
            {
                "thv-plugin": lambda: place.ours("builds", "--store", store),
                "toolhive-core": lambda: place.core("tags", root=str(store)),
                "oras": lambda: Line(["oras", "repo", "tags", "--oci-layout", store]),
                "regctl": lambda: Line(["regctl", "tag", "ls", f"ocidir://{store}"]),
            },
        ),
    ]
    return [Contest(contest.verb, installed(contest.contestants)) for contest in contests]


def installed(contestants: Mapping[str, T]) -> dict[str, T]:
    """Return the contestants whose programs are on the PATH, and tell of the others."""
    programs = {"thv-plugin": "sh", "toolhive-core": TOOLHIVE_CORE}
    found = {name: make for name, make in contestants.items() if shutil.which(programs.get(name, name))}
    if absent := sorted(set(contestants) - set(found)):
        say(f"not installed, and so not compared with: {', '.join(absent)}")
    return found


def _median_plugin(folders: Sequence[Path]) -> Path:
    """The plugin of the median size."""
    sizes = {folder: sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) for folder in folders}
    return sorted(folders, key=sizes.__getitem__)[len(folders) // 2]
