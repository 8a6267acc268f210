"""What a pull accepts, everything else can read; what it refuses leaves nothing in the store."""

from collections.abc import Iterator

import pytest
from registry_artifacts import (
    INDEX,
    LAYER,
    MANIFEST,
    Artifact,
    config,
    descriptor,
    encode,
    index,
    layer_bytes,
    manifest,
    plugin,
    single,
)
from registry_simulator import Simulator

from toolhive_plugins import Credential, Registry, Store, ToolhiveError
from toolhive_plugins_service import Service

_LAYER, _DIFF_ID = layer_bytes()
_CONFIG = encode(config([_DIFF_ID]))
_MANIFEST = encode(manifest(_CONFIG, [_LAYER]))
_MIB = 2**20


class _Anonymous:
    def get(self, registry_host: str) -> Credential:
        return Credential()


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


@pytest.fixture
def over_the_network(store: Store) -> Iterator[Service]:
    """A service with the real client."""
    with Registry(plain_http=True, credential_store=_Anonymous()) as registry:
        yield Service(store, make_registry=lambda: registry)


def _of_layers(count: int, platforms: int) -> Artifact:
    layers = [layer_bytes(b"%d" % number) for number in range(count)]
    data = [encode(config([diff_id for _, diff_id in layers], architecture=f"a{n}")) for n in range(platforms)]
    manifests = [encode(manifest(each, [layer for layer, _ in layers])) for each in data]
    return Artifact(encode(index(manifests)), INDEX, manifests, data, [layer for layer, _ in layers])


def _claiming(size: int, count: int, *, layers: bool) -> Artifact:
    """An artifact that lists manifests, or whose manifests list layers, of that size; they are never served."""
    if not layers:
        listed = [{**descriptor(MANIFEST, b"%d" % n), "size": size} for n in range(count)]
        return Artifact(encode(index([], manifests=listed)), INDEX)
    manifests = [
        encode(manifest(_CONFIG, [], layers=[{**descriptor(LAYER, b"%d" % n), "size": size}])) for n in range(count)
    ]
    return Artifact(encode(index(manifests)), INDEX, manifests, [_CONFIG])


REFUSED = {
    "4 manifests of 64 layers": _of_layers(64, 4),
    "two layers": _of_layers(2, 1),
    "no layer": single(manifest(encode(config([])), []), encode(config([])), []),
    "two diff IDs": single(
        manifest(encode(config([_DIFF_ID, _DIFF_ID])), [_LAYER]), encode(config([_DIFF_ID, _DIFF_ID])), [_LAYER]
    ),
    "17 MiB of manifests": _claiming(_MIB, 17, layers=False),
    "300 MiB of layers": _claiming(100 * _MIB, 3, layers=True),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_pull_leaves_nothing(simulator: Simulator, over_the_network: Service, name: str) -> None:
    ref = REFUSED[name].serve(simulator)
    with pytest.raises(ToolhiveError):
        over_the_network.pull(ref)
    assert over_the_network.store.list_tags() == []
    assert not simulator.seen.matching("GET", "/blobs/") or name == "two diff IDs"
    with pytest.raises(ToolhiveError):
        over_the_network.inspect(ref)


_UNTYPED = encode(manifest(_CONFIG, [_LAYER], artifactType=None))
ACCEPTED = {
    "index": plugin(),
    "one manifest": single(manifest(_CONFIG, [_LAYER]), _CONFIG, [_LAYER]),
    "index without a type": Artifact(
        encode(index([_MANIFEST], artifactType=None)), INDEX, [_MANIFEST], [_CONFIG], [_LAYER]
    ),
    "nothing has a type": Artifact(
        encode(index([], artifactType=None, manifests=[descriptor(MANIFEST, _UNTYPED)])),
        INDEX,
        [_UNTYPED],
        [_CONFIG],
        [_LAYER],
    ),
    "one manifest listed twice": Artifact(
        encode(index([], manifests=[descriptor(MANIFEST, _MANIFEST)] * 2)), INDEX, [_MANIFEST], [_CONFIG], [_LAYER]
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted_pull_can_be_read_from_the_store_and_from_the_registry(
    simulator: Simulator, over_the_network: Service, name: str
) -> None:
    ref = ACCEPTED[name].serve(simulator)
    assert over_the_network.inspect(ref).name == "hello"
    assert over_the_network.pull(ref).digest == ACCEPTED[name].digest
    assert over_the_network.store.list_tags() == [ref]
    assert over_the_network.inspect(ref).name == "hello"
