"""A registry in a process of its own, which many processes push to and pull from, and plugins that they pull."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing.connection import Connection

from registry_artifacts import config, encode, index, layer_bytes, manifest
from registry_simulator import Simulator
from store_samples import Sample


@contextmanager
def running_registry() -> Iterator[str]:
    """Yield the host and port of a registry that keeps what it is given for as long as the block lasts."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    there.close()
    try:
        assert here.poll(60), "the registry did not start"
        yield here.recv()
    finally:
        here.close()  # which tells it to end
        process.join(10)
        process.kill()
        process.join()


def _serve(pipe: Connection) -> None:
    with Simulator() as simulator:
        pipe.send(simulator.host)
        pipe.poll(None)


@cache
def plugin_sample(name: str, text: bytes) -> Sample:
    """Return a plugin that a pull accepts; its layer depends on the text alone, and so may be shared."""
    layer, diff_id = layer_bytes(text)
    configs = [encode(config([diff_id], architecture=architecture, name=name)) for architecture in ("amd64", "arm64")]
    manifests = [encode(manifest(data, [layer])) for data in configs]
    return Sample(encode(index(manifests)), tuple(manifests), tuple(configs), layer)
