"""What is compared with what, in rounds: within a round the contestants run one after another, and each ratio is taken
within a round, so that a machine that is busy for a while slows both sides of it.
"""

import json
import shutil
import statistics
import tarfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from thvbench import startup
from thvbench.inputs import Inputs, marketplace
from thvbench.measure import MIB, Runner, Sample, median_ratio, say
from thvbench.registry import running_registry
from thvbench.rows import Row

MEGABYTE = 1_000_000
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int
    small: int
    """Small plugins."""

    growth: int
    """Builds in the store that grows; a multiple of 100."""

    pulled: int
    """Small plugins to pull."""

    sizes: tuple[float, ...]
    """MiB of the plugins whose time and memory are plotted."""

    is_full: bool = False
    """Whether this is for the figures of docs/performance.md."""


QUICK = Plan(rounds=3, small=300, growth=1_000, pulled=50, sizes=(1, 16, 95))
FULL = Plan(rounds=5, small=1_000, growth=10_000, pulled=200, sizes=(1, 2, 4, 8, 16, 32, 48, 64, 80, 95), is_full=True)


@dataclass
class Bench:
    """What every case needs, and what the cases have found."""

    runner: Runner
    inputs: Inputs
    plan: Plan
    folder: Path
    """The run's own folder."""

    script: Path
    """The console script `thv-plugin`."""

    marketplace: Path | None = None
    numbers: Iterator[int] = field(default_factory=count)
    rows: list[Row] = field(default_factory=list)
    curves: dict[str, Any] = field(default_factory=dict)
    """What the plots are drawn from."""

    def scratch(self, name: str) -> Path:
        """A new folder. It is removed with all others, after everything was measured.

        No earlier: for one to six minutes after many files were removed, ext4 takes up to 0.7 ms instead of 0.02 to
        make one in the same block group, since it passes over each inode that was freed recently.
        """
        folder = self.folder / f"{next(self.numbers):03}-{name}"
        folder.mkdir(parents=True)
        return folder

    def ratio(
        self, name: str, ours: Sequence[float], theirs: Sequence[float], limit: float | None, note: str = ""
    ) -> None:
        """Add a row for a ratio."""
        middle, least, most = median_ratio(ours, theirs)
        self.rows.append(Row(name, middle, least, most, "x", limit, note))

    def value(self, name: str, values: Sequence[float], unit: str, limit: float | None, note: str = "") -> None:
        """Add a row for a plain figure."""
        self.rows.append(Row(name, statistics.median(values), min(values), max(values), unit, limit, note))


def big(bench: Bench) -> None:
    """Package the 84 MB plugin."""
    plugin = bench.inputs.big()
    tar = _tar(plugin)
    kinds: dict[str, list[Sample]] = {"zlib9": [], "one": [], "two": [], "hash": [], "again": [], "again2": []}
    for number in range(bench.plan.rounds):
        say(f"big plugin, round {number + 1} of {bench.plan.rounds}")
        folder = bench.scratch("big")
        kinds["zlib9"].append(bench.runner.child("zlib9", tar=tar, output=folder / "zlib9.gz"))
        for kind, workers, times in (("one", 1, 1), ("two", 2, 1), ("again", 1, 2), ("again2", 2, 2)):
            kinds[kind].append(
                bench.runner.child("package", folder=plugin, store=folder / kind, workers=workers, times=times)
            )
        kinds["hash"].append(bench.runner.child("hash_files", folder=plugin))
    seconds = {kind: [sample.seconds for sample in samples] for kind, samples in kinds.items()}
    sizes = {kind: [sample.told["size"] for sample in kinds[kind]] for kind in ("zlib9", "one", "two")}
    spent = f"zlib-9 {statistics.median(seconds['zlib9']):.2f} s"
    bench.ratio("84 MB plugin, one worker, to zlib-9 on the same tar", seconds["one"], seconds["zlib9"], 0.40, spent)
    bench.ratio("84 MB plugin, two workers, to zlib-9 on the same tar", seconds["two"], seconds["zlib9"], 0.22, spent)
    bench.ratio("84 MB plugin, one worker, to reading and hashing its files", seconds["one"], seconds["hash"], None)
    bench.ratio("its layer's size to zlib-9's", sizes["one"], sizes["zlib9"], 1.0, f"{sizes['one'][0]:,} bytes")
    bench.ratio("its layer's size, two workers to one", sizes["two"], sizes["one"], 1.0, "the same bytes")
    for kind, label in (("again", "one worker"), ("again2", "two workers")):
        walls = [sample.told["walls"] for sample in kinds[kind]]
        again, first = [w[1] for w in walls], [w[0] for w in walls]
        bench.ratio(f"84 MB plugin again, to the first time, {label}", again, first, 0.25)
    bench.value("84 MB plugin, peak, one worker", _peaks(kinds["one"]), "MB", 40)
    bench.value("84 MB plugin, peak, two workers", _peaks(kinds["two"]), "MB", 40)


def limits(bench: Bench) -> None:
    """Package plugins at the 95 MiB limit."""
    say("plugins at the limit")
    for name, plugin in (("in 600 files", bench.inputs.sized(95)), ("in one random file", bench.inputs.one_file())):
        for workers, label in ((1, "one worker"), (2, "two workers")):
            samples = []
            for _ in range(min(3, bench.plan.rounds)):
                folder = bench.scratch("limits")
                samples.append(bench.runner.child("package", folder=plugin, store=folder / "store", workers=workers))
            bench.value(f"95 MiB {name}, peak, {label}", _peaks(samples), "MB", 40)


def small(bench: Bench) -> None:
    """Build small plugins into one store."""
    folders = bench.inputs.small(bench.plan.small)
    ours, tarfiles, syncs = [], [], []
    for number in range(bench.plan.rounds):
        say(f"small plugins, round {number + 1} of {bench.plan.rounds}")
        folder = bench.scratch("small")
        tarfiles.append(bench.runner.child("tarfile_gzip9", folders=folders, output=folder / "tarfile"))
        syncs.append(bench.runner.child("fsync", folder=folder))
        store = folder / "store"
        ours.append(bench.runner.child("package_many", folders=folders, store=store, builds=len(folders), again=True))
    medians = {key: [statistics.median(s.told[key]) for s in ours] for key in ("walls", "cpus", "again_walls")}
    syncing = f"one fsync {1000 * statistics.median(s.told['median'] for s in syncs):.2f} ms"
    plugins = bench.plan.small
    bench.value(f"{plugins:,} small plugins, build and tag, median", _thousand(medians["walls"]), "ms", 6, syncing)
    bench.value("small plugins, processor time, median", _thousand(medians["cpus"]), "ms", 3)
    means = [statistics.fmean(s.told["walls"]) for s in ours]
    bench.value("small plugins, mean", _thousand(means), "ms", None)
    theirs = [statistics.median(s.told["walls"]) for s in tarfiles]
    bench.ratio("small plugins, to tarfile and gzip -9, one fsync each", medians["walls"], theirs, None)
    bench.ratio("small plugins again, to the first time", medians["again_walls"], medians["walls"], 0.25)
    if bench.marketplace:
        _real(bench, bench.marketplace)


def _real(bench: Bench, folder: Path) -> None:
    plugins = marketplace(folder)
    samples, theirs = [], []
    for number in range(bench.plan.rounds):
        say(f"marketplace of {len(plugins)} plugins, round {number + 1} of {bench.plan.rounds}")
        scratch = bench.scratch("real")
        theirs.append(bench.runner.child("tarfile_gzip9", folders=plugins, output=scratch / "tarfile"))
        samples.append(
            bench.runner.child("package_many", folders=plugins, store=scratch / "store", builds=len(plugins))
        )
    walls = [statistics.median(s.told["walls"]) for s in samples]
    refused = f"{len(samples[0].told['refused'])} refused"
    bench.value(f"marketplace of {len(plugins)} plugins, build and tag, median", _thousand(walls), "ms", None, refused)
    bench.ratio(
        "marketplace, to tarfile and gzip -9", walls, [statistics.median(s.told["walls"]) for s in theirs], None
    )


def growth(bench: Bench) -> None:
    """Grow a store: the same hundred plugins again and again, each time with another epoch and tag.

    The last hundred builds take turns with the first hundred of a new store, since the disk of a shared machine is not
    as fast at the end of a long run as it was at its start.
    """
    builds = bench.plan.growth
    say(f"a store that grows to {builds:,} builds")
    folders = bench.inputs.small(bench.plan.small)[:100]
    folder = bench.scratch("growth")
    sample = bench.runner.child("grow", folders=folders, store=folder / "store", fresh=folder / "fresh", builds=builds)
    told = sample.told
    last, fresh = _median(told["walls"][-100:]), _median(told["fresh_walls"])
    note = f"index.json {told['index_bytes']:,} bytes"
    bench.ratio(f"last 100 of {builds:,} builds, to the first 100", [last], [_median(told["walls"][:100])], 1.25, note)
    bench.ratio("last 100, to the first 100 of a new store side by side", [last], [fresh], 1.25)
    bench.ratio(
        "last 100, processor time, to the first 100 of the new store",
        [_median(told["cpus"][-100:])],
        [_median(told["fresh_cpus"])],
        None,
    )
    bench.value(f"peak over {builds:,} builds in one process", _peaks([sample]), "MB", None)
    bench.curves["builds"] = {"walls": told["walls"], "cpus": told["cpus"], "resident": told["resident"]}


def sizes(bench: Bench) -> None:
    """Time and memory from 1 to 95 MiB, for the plot."""
    points = []
    for mib in bench.plan.sizes:
        say(f"a plugin of {mib:g} MiB")
        plugin = bench.inputs.sized(mib)
        folder = bench.scratch("sizes")
        one = bench.runner.child("package", folder=plugin, store=folder / "one", workers=1)
        two = bench.runner.child("package", folder=plugin, store=folder / "two", workers=2)
        zlib9 = bench.runner.child("zlib9", tar=_tar(plugin), output=folder / "zlib9.gz")
        points.append({"mib": mib, "one": one.told, "two": two.told, "zlib9": zlib9.told})
    bench.curves["sizes"] = points


def transfer(bench: Bench) -> None:
    """Push and pull the 84 MB plugin over loopback.

    Whole processes are held against whole processes, start-up and all; a further row has the operation alone, as a program
    that has our library imported already sees it.
    """
    kinds: dict[str, list[Sample]] = {name: [] for name in ("push", "pull", "sk_push", "sk_pull", "or_push", "or_pull")}
    folder = bench.scratch("transfer")
    plugin, store = bench.inputs.big(), folder / "store"
    digest = bench.runner.child("package", folder=plugin, store=store, workers=2).told["digest"]
    layer = folder / "plugin.tar.gz"
    shutil.copyfile(max((store / "blobs/sha256").iterdir(), key=lambda path: path.stat().st_size), layer)
    for number in range(bench.plan.rounds):
        say(f"transfers, round {number + 1} of {bench.plan.rounds}")
        for whose in ("ours", "skopeo", "oras"):
            fresh = bench.scratch("fresh")
            with running_registry(bench.scratch("registry")) as host:
                ref = f"{host}/bench/big:1"
                if whose == "ours":
                    kinds["push"].append(bench.runner.child("push", store=store, digest=digest, ref=ref))
                    kinds["pull"].append(bench.runner.child("pull", store=fresh / "store", refs=[ref]))
                elif whose == "skopeo":
                    kinds["sk_push"].append(_skopeo(bench, f"oci:{store}:big", f"docker://{ref}"))
                    kinds["sk_pull"].append(_skopeo(bench, f"docker://{ref}", f"oci:{fresh}/store:big"))
                else:
                    kinds["or_push"].append(bench.runner.child("oras_push", layer=layer, ref=ref))
                    kinds["or_pull"].append(bench.runner.child("oras_pull", folder=fresh, refs=[ref]))
    walls = {kind: [sample.wall for sample in samples] for kind, samples in kinds.items()}
    for verb in ("push", "pull"):
        note = f"skopeo {statistics.median(walls['sk_' + verb]):.2f} s"
        bench.ratio(f"{verb} the 84 MB plugin, to skopeo copy", walls[verb], walls[f"sk_{verb}"], 1.3, note)
        alone = [sample.seconds for sample in kinds[verb]]
        bench.ratio(f"{verb} it, without the interpreter's start, to skopeo copy", alone, walls[f"sk_{verb}"], 0.9)
        bench.value(f"{verb} it, peak", _peaks(kinds[verb]), "MB", 60)
        note = f"oras-py: {statistics.median(s.told['peak'] for s in kinds['or_' + verb]) * MIB / MEGABYTE:.0f} MB peak"
        bench.ratio(f"{verb} it, to oras-py (the layer alone)", walls[verb], walls[f"or_{verb}"], None, note)


def pulls(bench: Bench) -> None:
    """Pull many small plugins in one process.

    oras-py pulls no index, so the manifests are tagged one by one for it. It is measured on one platform of each plugin,
    for which it fetches a manifest and a layer, and on both, which is what pulling the plugin means. It fetches no
    configs, checks no digests and makes nothing durable.
    """
    plugins = bench.plan.pulled
    folders = bench.inputs.small(bench.plan.small)[:plugins]
    ours, at_once, cpus, one, both, bare = [], [], [], [], [], []
    folder = bench.scratch("pulls")
    with running_registry(bench.scratch("registry")) as host:
        store = folder / "store"
        bench.runner.child("package_many", folders=folders, store=store, builds=plugins)
        refs = {f"{plugin.name}-0": f"{host}/bench/{plugin.name}:1" for plugin in folders}
        bench.runner.child("push_many", store=store, tags=refs)
        plain = [_tag_platforms(ref) for ref in refs.values()]
        for number in range(bench.plan.rounds):
            say(f"pulls of {plugins} plugins, round {number + 1} of {bench.plan.rounds}")
            fresh = bench.scratch("fresh")
            firsts, all_of_them = [tags[0] for tags in plain], [tag for tags in plain for tag in tags]
            one.append(bench.runner.child("oras_pull", folder=fresh / "one", refs=firsts).seconds)
            both.append(bench.runner.child("oras_pull", folder=fresh / "both", refs=all_of_them).seconds)
            pulled = bench.runner.child("pull", store=fresh / "store", refs=list(refs.values()))
            ours.append(pulled.seconds)
            together = bench.runner.child("pull", store=fresh / "at-once", refs=list(refs.values()), jobs=8)
            at_once.append(together.seconds)
            cpus.append(pulled.told["cpu"])
            bare.append(bench.runner.child("bare_pull", refs=list(refs.values())).seconds)
    for label, theirs in (("both platforms", both), ("one platform only", one)):
        note = f"oras-py {1000 * statistics.median(theirs) / plugins:.1f} ms each"
        bench.ratio(f"pull {plugins} small plugins, to oras-py, {label}", ours, theirs, 0.6, note)
        bench.ratio(f"pull {plugins} small plugins, 8 at once, to oras-py, {label}", at_once, theirs, 0.6, note)
    note = f"http.client {1000 * statistics.median(bare) / plugins:.1f} ms each"
    bench.ratio("the same pulls, to the same requests by bare http.client", ours, bare, None, note)
    bench.ratio("those bare requests, to oras-py, both platforms", bare, both, None)
    bench.value("pull of a small plugin, processor time", [1000 * cpu / plugins for cpu in cpus], "ms", None)


def starts(bench: Bench) -> None:
    """Start-up of the command and of the smallest library, judged by hyperfine."""
    say("start-up")
    store = Path(bench.runner.environment["XDG_DATA_HOME"]) / "toolhive/plugins"
    store.parent.mkdir(parents=True, exist_ok=True)
    folders = bench.inputs.small(bench.plan.small)[:20]
    bench.runner.child("package_many", folders=folders, store=store, builds=20)
    python = str(bench.runner.python)
    commands = {
        "pass": [python, "-c", "pass"],
        "version": [str(bench.script), "--version"],
        "builds": [str(bench.script), "builds"],
        "attrs": [python, "-c", "import attrs"],
        "mediatypes": [python, "-c", "import toolhive_plugins_mediatypes"],
        "names": [python, "-c", "from toolhive_plugins_mediatypes import *"],
    }
    medians = startup.medians(bench.runner, commands, bench.plan.rounds, bench.folder)
    bare = f"python -c pass {1000 * statistics.median(medians['pass']):.1f} ms"
    bench.ratio("thv-plugin --version, to python -c pass", medians["version"], medians["pass"], 3.0, bare)
    bench.ratio("thv-plugin builds (20 builds), to python -c pass", medians["builds"], medians["pass"], 5.0, bare)
    attrs = f"import attrs {1000 * statistics.median(medians['attrs']):.1f} ms"
    bench.ratio("import mediatypes, to import attrs", medians["mediatypes"], medians["attrs"], 2.5, attrs)
    bench.ratio("import mediatypes and all its names, to import attrs", medians["names"], medians["attrs"], 2.5, attrs)


CASES: dict[str, Callable[[Bench], None]] = {
    case.__name__: case for case in (starts, small, big, limits, transfer, pulls, growth, sizes)
}


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)


def _thousand(values: Sequence[float]) -> list[float]:
    return [1000 * value for value in values]


def _peaks(samples: Sequence[Sample]) -> list[float]:
    return [sample.peak * MIB / MEGABYTE for sample in samples]


def _tar(plugin: Path) -> Path:
    """The tar of a plugin, by Python's `tarfile`; made once."""
    tar = plugin.with_suffix(".tar")
    if not tar.exists():
        unfinished = tar.with_suffix(".unfinished")
        with tarfile.open(unfinished, "w", format=tarfile.PAX_FORMAT) as archive:
            for path in sorted(path for path in plugin.rglob("*") if path.is_file()):
                archive.add(path, str(path.relative_to(plugin)))
        unfinished.rename(tar)
    return tar


def _skopeo(bench: Bench, source: str, target: str) -> Sample:
    plain = ["--src-tls-verify=false", "--dest-tls-verify=false"]
    return bench.runner.command(["skopeo", "--insecure-policy", "copy", "--quiet", "--all", *plain, source, target])


def _tag_platforms(ref: str) -> list[str]:
    """Tag each manifest of the index under `ref` by itself; return their references."""
    host, _, rest = ref.partition("/")
    repository, _, tag = rest.partition(":")
    base = f"http://{host}/v2/{repository}/manifests"
    accept = {"Accept": f"{MANIFEST_TYPE}, application/vnd.oci.image.index.v1+json"}

    def fetched(name: str) -> bytes:
        with urllib.request.urlopen(urllib.request.Request(f"{base}/{name}", headers=accept)) as answer:
            return bytes(answer.read())

    tagged = []
    for number, listed in enumerate(json.loads(fetched(tag))["manifests"]):
        headers = {"Content-Type": MANIFEST_TYPE}
        address = f"{base}/platform-{number}"
        put = urllib.request.Request(address, data=fetched(listed["digest"]), headers=headers, method="PUT")
        urllib.request.urlopen(put).close()
        tagged.append(f"{host}/{repository}:platform-{number}")
    return tagged
