"""Operations that end before they are done, and the roads that they take."""

import threading
import time

import pytest
from attrs import define
from client_parts import ClientMaker
from hostile_pull import Puller, snapshot
from registry_artifacts import large_plugin, plugin
from registry_simulator import Answer, Exchange, Simulator, digest_of

from toolhive_artifact import Descriptor, Digest
from toolhive_plugins_interfaces import RegistryAuthError, RegistryConnectionError
from toolhive_plugins_registry import Registry, Timeouts
from toolhive_plugins_store import Store

PATIENT = Timeouts(connect=5, read=60, exchange=60, operation=600)


@define
class Interrupter:
    """A `Progress` under which somebody presses Ctrl-C after so many bytes of one transfer."""

    digest: str
    after: int

    def started(self, descriptor: Descriptor) -> None:
        pass

    def advanced(self, descriptor: Descriptor, count: int) -> None:
        if descriptor.digest == self.digest:
            self.after -= count
            if self.after <= 0:
                raise KeyboardInterrupt

    def finished(self, descriptor: Descriptor, *, skipped: bool) -> None:
        pass


def test_interrupted_pull_leaves_the_store_as_it_was(simulator: Simulator, puller: Puller) -> None:
    artifact = large_plugin(3_000_000)
    ref = artifact.serve(simulator)
    before = snapshot(puller.store)
    with pytest.raises(KeyboardInterrupt):
        puller.client.pull(puller.store, ref, progress=Interrupter(digest_of(artifact.layers[0]), 1_000_000))
    assert snapshot(puller.store) == before
    assert puller.client.pull(puller.store, ref) == artifact.digest, "the same client goes on"


def test_interrupted_push_leaves_no_tag(simulator: Simulator, client: Registry, store: Store) -> None:
    artifact = large_plugin(3_000_000)
    artifact.keep(store)
    ref = f"{simulator.host}/acme/hello:v1"
    with pytest.raises(KeyboardInterrupt):
        client.push(store, Digest(artifact.digest), ref, progress=Interrupter(digest_of(artifact.layers[0]), 1_000_000))
    assert ("acme/hello", "v1") not in simulator.manifests
    client.push(store, Digest(artifact.digest), ref)


def test_failure_of_one_part_ends_the_others_at_once(
    simulator: Simulator, make_client: ClientMaker, store: Store
) -> None:
    """Not after the minute that the other side could be silent."""
    artifact = plugin()
    artifact.keep(store)
    hanging = threading.Event()

    def hang(exchange: Exchange) -> None:
        hanging.set()
        simulator.stopping.wait()

    def refuse(exchange: Exchange) -> Answer:
        hanging.wait(10)
        return Answer(403)

    simulator.poison("HEAD", digest_of(artifact.configs[0]), hang)
    simulator.poison("HEAD", digest_of(artifact.layers[0]), refuse)
    started = time.monotonic()
    with pytest.raises(RegistryAuthError, match="HTTP 403"):
        make_client(timeouts=PATIENT).push(store, Digest(artifact.digest), f"{simulator.host}/acme/hello:v1")
    assert time.monotonic() - started < 20


def test_layer_check_of_a_broken_download_leaves_no_thread_behind(simulator: Simulator, puller: Puller) -> None:
    artifact = large_plugin(4_000_000)
    ref = artifact.serve(simulator)
    with pytest.raises(KeyboardInterrupt):
        puller.client.pull(puller.store, ref, progress=Interrupter(digest_of(artifact.layers[0]), 2_000_000))
    assert not [t for t in threading.enumerate() if t.name.startswith("layer-check")]


# Proxies


def test_proxy_of_the_environment_is_used(
    simulator: Simulator, client: Registry, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", simulator.url)
    monkeypatch.setenv("http_proxy", simulator.url)
    artifact = plugin()
    artifact.serve(simulator)
    assert client.pull(store, "registry.example/acme/hello:v1") == artifact.digest


def test_host_that_the_environment_excepts_is_not_reached_by_the_proxy(
    simulator: Simulator, client: Registry, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    artifact = plugin()
    assert client.pull(store, artifact.serve(simulator)) == artifact.digest


def test_password_of_a_proxy_is_in_no_error(puller: Puller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://user:proxy-password@127.0.0.1:1")
    error = puller.refuses("registry.example/acme/hello:v1", RegistryConnectionError, "refused|broke")
    assert "proxy-password" not in str(error)


def test_a_cancelled_client_ends_what_other_threads_do_and_can_be_used_again(
    simulator: Simulator, make_client: ClientMaker, store: Store
) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    client = make_client(timeouts=PATIENT)
    hanging = threading.Event()

    def hang(exchange: Exchange) -> None:
        hanging.set()
        simulator.stopping.wait()

    failures: list[RegistryConnectionError] = []

    def pull() -> None:
        try:
            client.pull(store, ref)
        except RegistryConnectionError as error:
            failures.append(error)

    simulator.poison("GET", digest_of(artifact.layers[0]), hang, times=1)
    pulling = threading.Thread(target=pull)
    pulling.start()
    assert hanging.wait(30)
    client.cancel()
    pulling.join(30)
    assert "cancelled" in str(failures[0])
    assert client.pull(store, ref) == artifact.digest
