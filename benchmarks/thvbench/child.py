"""One measured operation, in a process of its own: `child.py OPERATION '{"argument": ...}'`.

The last line of output is a JSON object: `seconds` and `cpu` of the operation, `peak` (MiB of VmHWM after it, over the
resident size with everything imported), and what else the operation has to say. Operations that do not need our
libraries do not import them, so each is measured against its own interpreter.
"""

import argparse
import importlib
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHUNK = 1024 * 1024
MANIFEST_TYPES = ("application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json")


class Meter:
    """Measures what happens inside `with meter:`, once the imports are done."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure the operation."""
        resident, cpu, begun = _status("VmRSS"), _cpu(), time.perf_counter()
        yield
        self.told["seconds"] = time.perf_counter() - begun
        self.told["cpu"] = _cpu() - cpu
        children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        self.told["peak"] = _status("VmHWM") - resident + children


def _status(name: str) -> float:
    """A line of /proc/self/status, in MiB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024
    raise KeyError(name)


def _cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def hash_files(meter: Meter, *, folder: str) -> None:
    """The physical limit: read the same files and hash them."""
    import hashlib

    with meter.running():
        digest = hashlib.sha256()
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                digest.update(path.read_bytes())


def zlib9(meter: Meter, *, tar: str, output: str) -> None:
    """In place of Go's best compression: zlib at level 9 on the tar, in one thread."""
    import zlib

    with meter.running(), Path(tar).open("rb") as source, Path(output).open("wb") as target:
        deflater = zlib.compressobj(9, zlib.DEFLATED, 31)
        while chunk := source.read(CHUNK):
            target.write(deflater.compress(chunk))
        target.write(deflater.flush())
    meter.told["size"] = Path(output).stat().st_size


def tarfile_gzip9(meter: Meter, *, folders: list[str], output: str) -> None:
    """Python's own way: `tarfile` with `gzip` at level 9, one archive for each folder, hashed and fsynced."""
    import hashlib
    import os
    import tarfile

    def package(folder: Path, target: Path) -> None:
        with target.open("wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=9, format=tarfile.PAX_FORMAT) as archive:
                for path in sorted(folder.rglob("*")):
                    if path.is_file():
                        archive.add(path, str(path.relative_to(folder)))
            raw.flush()
            os.fsync(raw.fileno())
        with target.open("rb") as written:
            hashlib.file_digest(written, "sha256")

    target = Path(output)
    target.mkdir(parents=True, exist_ok=True)
    walls = []
    with meter.running():
        for number, folder in enumerate(folders):
            begun = time.perf_counter()
            package(Path(folder), target / f"{number}.tar.gz")
            walls.append(time.perf_counter() - begun)
    meter.told["walls"] = walls


def fsync(meter: Meter, *, folder: str, count: int = 100) -> None:
    """What one fsync of a small new file costs on this file system."""
    import os

    spent = []
    with meter.running():
        for number in range(count):
            with (Path(folder) / f"fsync-{number}").open("wb") as target:
                target.write(b"x" * 4000)
                target.flush()
                begun = time.perf_counter()
                os.fsync(target.fileno())
                spent.append(time.perf_counter() - begun)
    meter.told["median"] = sorted(spent)[count // 2]


def package(meter: Meter, *, folder: str, store: str, workers: int, times: int = 1) -> None:
    """Package one plugin into a store, so many times; `walls` has the seconds of each."""
    from toolhive_plugins_interfaces import PackageOptions
    from toolhive_plugins_packager import Packager
    from toolhive_plugins_store import Store

    walls = []
    packager = Packager(Store(store), workers=workers)
    with meter.running():
        for _ in range(times):
            begun = time.perf_counter()
            result = packager.package(folder, PackageOptions(epoch=0))
            walls.append(time.perf_counter() - begun)
    Store(store).tag(result.index_digest, "big", local_build=True)
    meter.told |= {"walls": walls, "size": result.layer_size, "digest": result.index_digest}


def package_many(
    meter: Meter, *, folders: list[str], store: str, builds: int, tag: bool = True, again: bool = False
) -> None:
    """Build small plugins into one store, durably; build number n has epoch n // len(folders), so that all differ.

    `walls` and `cpus` have the seconds of each build, and with `again` those of building all of it once more; `refused`
    has the plugins that cannot be packaged.
    """
    from toolhive_plugins_interfaces import PackageOptions, PluginError
    from toolhive_plugins_packager import Packager
    from toolhive_plugins_store import Store

    opened = Store(store)
    packager = Packager(opened)
    refused: dict[str, str] = {}

    def build_all() -> tuple[list[float], list[float]]:
        walls, cpus = [], []
        for number in range(builds):
            folder, epoch = folders[number % len(folders)], number // len(folders)
            begun, cpu = time.perf_counter(), time.process_time()
            try:
                result = packager.package(folder, PackageOptions(epoch=epoch))
            except PluginError as error:
                refused[folder] = str(error)
                continue
            if tag:
                opened.tag(result.index_digest, f"{Path(folder).name}-{epoch}", local_build=True)
            walls.append(time.perf_counter() - begun)
            cpus.append(time.process_time() - cpu)
        return walls, cpus

    with meter.running():
        meter.told["walls"], meter.told["cpus"] = build_all()
    if again:
        meter.told["again_walls"], meter.told["again_cpus"] = build_all()
    meter.told["refused"] = refused
    meter.told["index_bytes"] = (Path(store) / "index.json").stat().st_size if tag else 0


def package_as(meter: Meter, *, folders: list[str], stores: list[str], tags: list[str]) -> None:
    """Package each plugin into its store, under its tag; what several have in common is opened once."""
    from toolhive_plugins_interfaces import PackageOptions
    from toolhive_plugins_packager import Packager
    from toolhive_plugins_store import Store

    opened = {path: Store(path) for path in stores}
    with meter.running():
        for folder, path, tag in zip(folders, stores, tags, strict=True):
            store = opened[path]
            store.tag(Packager(store).package(folder, PackageOptions(epoch=0)).index_digest, tag, local_build=True)


def package_at_once(meter: Meter, *, folders: list[str], store: str, builds: int, jobs: int) -> None:
    """Package plugins into one store, durably, several at once; build number n has epoch n // len(folders)."""
    from concurrent.futures import ThreadPoolExecutor

    from toolhive_plugins_interfaces import PackageOptions
    from toolhive_plugins_packager import Packager
    from toolhive_plugins_store import Store

    packager = Packager(Store(store), workers=1)

    def package(number: int) -> None:
        packager.package(folders[number % len(folders)], PackageOptions(epoch=number // len(folders)))

    with meter.running(), ThreadPoolExecutor(jobs) as pool:
        for _ in pool.map(package, range(builds)):
            pass


def grow(meter: Meter, *, folders: list[str], store: str, fresh: str, builds: int) -> None:
    """Build small plugins into a store that grows, the last of each plugin side by side with the first into a new store.

    `walls` and `cpus` have the seconds of each build, `fresh_walls` and `fresh_cpus` those into the new store, and
    `resident` the MiB of the process, over those before the first build, after each build.
    """
    from toolhive_plugins_interfaces import PackageOptions
    from toolhive_plugins_packager import Packager
    from toolhive_plugins_store import Store

    old, new = Store(store), Store(fresh)
    packagers = {old: Packager(old), new: Packager(new)}
    names = ("walls", "cpus", "fresh_walls", "fresh_cpus")
    walls, cpus, fresh_walls, fresh_cpus = (meter.told.setdefault(name, []) for name in names)

    def build(number: int, into: Store, walls: list[float], cpus: list[float]) -> None:
        folder, epoch = folders[number % len(folders)], number // len(folders)
        begun, cpu = time.perf_counter(), time.process_time()
        result = packagers[into].package(folder, PackageOptions(epoch=epoch))
        into.tag(result.index_digest, f"{Path(folder).name}-{epoch}", local_build=True)
        walls.append(time.perf_counter() - begun)
        cpus.append(time.process_time() - cpu)

    resident = meter.told.setdefault("resident", [])
    with meter.running():
        at_first = _status("VmRSS")
        for number in range(builds):
            build(number, old, walls, cpus)
            resident.append(round(_status("VmRSS") - at_first, 2))
            if number >= builds - len(folders):
                build(number, new, fresh_walls, fresh_cpus)
    meter.told["index_bytes"] = (Path(store) / "index.json").stat().st_size


def push(meter: Meter, *, store: str, digest: str, ref: str) -> None:
    """Push one artifact with our client."""
    from toolhive_artifact import Digest
    from toolhive_plugins_registry import Registry
    from toolhive_plugins_store import Store

    with meter.running():
        Registry(plain_http=True).push(Store(store), Digest.parse(digest), ref)


def push_many(meter: Meter, *, store: str, tags: dict[str, str]) -> None:
    """Push many artifacts (reference by tag) with our client."""
    from toolhive_plugins_registry import Registry
    from toolhive_plugins_store import Store

    opened, registry = Store(store), Registry(plain_http=True)
    with meter.running():
        for tag, ref in tags.items():
            registry.push(opened, opened.resolve(tag), ref)


def pull(meter: Meter, *, store: str, refs: list[str], jobs: int = 1) -> None:
    """Pull artifacts with our client into one store, so many at once."""
    from toolhive_plugins_registry import Registry
    from toolhive_plugins_store import Store

    opened, registry = Store(store), Registry(plain_http=True)
    if jobs == 1:
        with meter.running():
            for ref in refs:
                registry.pull(opened, ref)
        return

    from concurrent.futures import ThreadPoolExecutor

    with meter.running(), ThreadPoolExecutor(jobs) as pool:
        for _ in pool.map(lambda ref: registry.pull(opened, ref), refs):
            pass


def oras_push(meter: Meter, *, layer: str, ref: str) -> None:
    """Push one layer with oras-py, as it comes."""
    client = _oras_client()
    with meter.running():
        client.push(ref, files=[layer], disable_path_validation=True, quiet=True)


def oras_pull(meter: Meter, *, folder: str, refs: list[str]) -> None:
    """Pull image manifests (it knows no index) and their layers with oras-py, as it comes."""
    client = _oras_client()
    with meter.running():
        for number, ref in enumerate(refs):
            client.pull(ref, outdir=str(Path(folder) / str(number)))


def bare_pull(meter: Meter, *, refs: list[str]) -> None:
    """The limit of a pull: the same requests, one after another on one connection; what comes is hashed and dropped."""
    import hashlib
    import http.client

    host = refs[0].partition("/")[0]
    connection = http.client.HTTPConnection(host)

    def fetched(path: str) -> bytes:
        connection.request("GET", path, headers={"Accept": ", ".join(MANIFEST_TYPES)})
        with connection.getresponse() as answer:
            data = answer.read()
            if answer.status != http.client.OK:
                raise RuntimeError(f"{path}: HTTP {answer.status}")
        hashlib.sha256(data).hexdigest()
        return data

    with meter.running():
        for ref in refs:
            repository, _, tag = ref.partition("/")[2].partition(":")
            base = f"/v2/{repository}"
            listed = json.loads(fetched(f"{base}/manifests/{tag}"))["manifests"]
            manifests = [json.loads(fetched(f"{base}/manifests/{entry['digest']}")) for entry in listed]
            for digest in {part["digest"]: None for m in manifests for part in (m["config"], *m["layers"])}:
                fetched(f"{base}/blobs/{digest}")


def _oras_client() -> Any:
    return importlib.import_module("oras.client").OrasClient(insecure=True)  # it carries no types


OPERATIONS: dict[str, Callable[..., None]] = {
    operation.__name__: operation
    for operation in (
        hash_files,
        zlib9,
        tarfile_gzip9,
        fsync,
        package,
        package_many,
        package_as,
        package_at_once,
        grow,
        push,
        push_many,
        pull,
        oras_push,
        oras_pull,
        bare_pull,
    )
}


def main() -> int:
    """Run the operation that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("operation", choices=OPERATIONS)
    parser.add_argument("arguments", type=json.loads)
    given = parser.parse_args()
    meter = Meter()
    OPERATIONS[given.operation](meter, **given.arguments)
    print(json.dumps(meter.told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
