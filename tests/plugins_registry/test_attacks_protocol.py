"""Servers that hold the line open, send headers without end, or do not speak HTTP at all."""

import gzip
from collections.abc import Callable, Iterable
from itertools import chain

import pytest
from client_parts import ClientMaker, FakeClock
from hostile_pull import Puller
from registry_artifacts import INDEX, large_plugin, plugin
from registry_simulator import Answer, Exchange, Simulator, digest_of, for_ever

from toolhive_artifact import DigestMismatchError, InvalidDocumentError
from toolhive_plugins_interfaces import (
    InvalidArtifactError,
    RegistryConnectionError,
    RegistryNotFoundError,
    RegistryResponseError,
)
from toolhive_plugins_registry import Registry, RetryPolicy
from toolhive_plugins_store import Store


def raw(pieces: bytes | Iterable[bytes]) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.raw(pieces)


@pytest.fixture
def hasty(hasty_client: Registry, puller: Puller) -> Puller:
    return Puller(hasty_client, puller.store)


# Time


def test_body_that_drips_is_given_up_at_the_deadline(simulator: Simulator, hasty: Puller) -> None:
    ref = plugin().serve(simulator)
    drip = for_ever(b" ", simulator.stopping, pause=0.02)
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(body=drip, headers=(("Content-Type", INDEX),)))
    hasty.refuses(ref, RegistryConnectionError, "did not finish within 0.5 seconds")


def test_large_layer_that_drips_is_given_up_at_the_deadline(simulator: Simulator, hasty: Puller) -> None:
    artifact = large_plugin()
    ref = artifact.serve(simulator)
    size = len(artifact.layers[0])
    drip = for_ever(b" ", simulator.stopping, pause=0.02)
    simulator.poison("GET", digest_of(artifact.layers[0]), lambda _: Answer(body=drip, length=size))
    hasty.refuses(ref, RegistryConnectionError, "did not finish within 0.[56] seconds")


def test_headers_that_drip_are_given_up_at_the_deadline(simulator: Simulator, hasty: Puller) -> None:
    ref = plugin().serve(simulator)
    drip = chain([b"HTTP/1.1 200 OK\r\nX-Slow: "], for_ever(b"X", simulator.stopping, pause=0.02))
    simulator.poison("GET", "/manifests/v1", raw(drip))
    hasty.refuses(ref, RegistryConnectionError, "did not finish within 0.5 seconds")


def test_silence_is_given_up(simulator: Simulator, hasty: Puller) -> None:
    ref = plugin().serve(simulator)

    def say_nothing(exchange: Exchange) -> None:
        simulator.stopping.wait()

    simulator.poison("GET", "/manifests/v1", say_nothing)
    hasty.refuses(ref, RegistryConnectionError, "did not finish|no answer in time")


def test_silence_in_the_middle_of_a_layer_is_given_up(simulator: Simulator, hasty: Puller) -> None:
    artifact = large_plugin()
    ref = artifact.serve(simulator)

    def stop_talking() -> Iterable[bytes]:
        yield artifact.layers[0][:1000]
        simulator.stopping.wait()

    simulator.poison(
        "GET",
        digest_of(artifact.layers[0]),
        lambda _: Answer(body=stop_talking(), length=len(artifact.layers[0])),
    )
    hasty.refuses(ref, RegistryConnectionError, "did not finish|no answer in time")


def test_continue_for_ever_is_given_up(simulator: Simulator, puller: Puller) -> None:
    ref = plugin().serve(simulator)
    simulator.poison(
        "GET", "/manifests/v1", raw(for_ever(b"HTTP/1.1 100 Continue\r\nX-Pad: aaaa\r\n\r\n" * 100, simulator.stopping))
    )
    puller.refuses(ref, RegistryResponseError, "endless headers")


def test_trailers_for_ever_are_given_up(simulator: Simulator, hasty: Puller) -> None:
    ref = plugin().serve(simulator)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n"

    def pieces() -> Iterable[bytes]:
        yield head
        yield from for_ever(b"X-Trailer: a\r\n", simulator.stopping, pause=0.01)

    simulator.poison("GET", "/manifests/v1", raw(pieces()))
    hasty.refuses(ref, RegistryConnectionError, "did not finish")


# Headers


def test_header_line_without_end_is_refused(simulator: Simulator, puller: Puller) -> None:
    ref = plugin().serve(simulator)
    simulator.poison(
        "GET", "/manifests/v1", raw(for_ever(b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 65536, simulator.stopping))
    )
    puller.refuses(ref, RegistryResponseError, "endless headers")


def test_headers_without_end_are_refused(simulator: Simulator, puller: Puller) -> None:
    ref = plugin().serve(simulator)

    def pieces() -> Iterable[bytes]:
        yield b"HTTP/1.1 200 OK\r\n"
        yield from for_ever(b"X-Many: a\r\n", simulator.stopping)

    simulator.poison("GET", "/manifests/v1", raw(pieces()))
    puller.refuses(ref, RegistryResponseError, "endless headers")


def test_a_few_huge_headers_are_refused(simulator: Simulator, puller: Puller) -> None:
    ref = plugin().serve(simulator)
    huge = b"".join(b"X-Huge-%d: %b\r\n" % (i, b"a" * 60_000) for i in range(50))
    simulator.poison("GET", "/manifests/v1", raw([b"HTTP/1.1 200 OK\r\n" + huge + b"\r\n"]))
    puller.refuses(ref, RegistryResponseError, "endless headers")


@pytest.mark.parametrize(
    "length", [b"Content-Length: 5\r\nContent-Length: 7", b"Content-Length: -5", b"Content-Length: many"]
)
def test_nonsense_in_content_length_harms_nothing(simulator: Simulator, puller: Puller, length: bytes) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/v1", raw([b"HTTP/1.1 200 OK\r\n" + length + b"\r\n\r\n{}"]))
    puller.refuses(ref, (RegistryConnectionError, InvalidArtifactError), "broke|media type")


@pytest.mark.parametrize("size", [b"-1", b"zz", b"ffffffffffffffffffff", b"5" * 70_000])
def test_nonsense_in_a_chunk_size_harms_nothing(simulator: Simulator, puller: Puller, size: bytes) -> None:
    ref = plugin().serve(simulator)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    simulator.poison("GET", "/manifests/v1", raw([head + size + b"\r\n{}"]))
    puller.refuses(
        ref, (RegistryConnectionError, RegistryResponseError, InvalidArtifactError), "broke|media type|HTTP|endless"
    )


@pytest.mark.parametrize(
    "banner",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x16\x03\x01\x00\x00",
        b"HTTP/9.9 okay\r\n\r\n",
        b"\x00" * 100,
        b"HTTP/1.1 99999 No\r\n\r\n",
    ],
)
def test_server_that_does_not_speak_http_is_refused(simulator: Simulator, puller: Puller, banner: bytes) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/v1", raw([banner]))
    puller.refuses(ref, (RegistryResponseError, RegistryConnectionError), "did not answer with HTTP|broke")


@pytest.mark.parametrize(
    "status", [102, 201, 204, 206, 299, 300, 304, 305, 400, 402, 405, 410, 418, 451, 501, 505, 600, 999]
)
def test_status_that_makes_no_sense_is_refused(simulator: Simulator, puller: Puller, status: int) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(status, close=True))
    puller.refuses(ref, RegistryResponseError, f"HTTP {status}")


# Content codings


def test_manifest_in_a_content_coding_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    headers = (("Content-Type", INDEX), ("Content-Encoding", "gzip"))
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(body=gzip.compress(artifact.root), headers=headers))
    puller.refuses(ref, RegistryResponseError, "content coding 'gzip'")


def test_content_coding_bomb_in_a_layers_place_is_not_decoded(simulator: Simulator, puller: Puller) -> None:
    artifact = large_plugin()
    ref = artifact.serve(simulator)
    bomb = gzip.compress(bytes(50_000_000))
    simulator.poison(
        "GET", digest_of(artifact.layers[0]), lambda _: Answer(body=[bomb], headers=(("Content-Encoding", "gzip"),))
    )
    puller.refuses(ref, RegistryConnectionError, f"sent {len(bomb)} of")


def test_layer_that_is_only_labelled_with_a_content_coding_is_taken_as_it_is(
    simulator: Simulator, client: Registry, store: Store
) -> None:
    artifact = large_plugin()
    ref = artifact.serve(simulator)
    headers = (("Content-Encoding", "gzip"),)
    simulator.poison("GET", digest_of(artifact.layers[0]), lambda _: Answer(body=artifact.layers[0], headers=headers))
    assert client.pull(store, ref) == artifact.digest


def test_no_content_coding_is_asked_for(simulator: Simulator, client: Registry, store: Store) -> None:
    client.pull(store, plugin().serve(simulator))
    assert {request.headers["accept-encoding"] for request in simulator.seen.requests} == {"identity"}


def test_cookies_are_not_kept(simulator: Simulator, client: Registry, store: Store) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    headers = (("Content-Type", INDEX), ("Set-Cookie", "session=1; Path=/"))
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(body=artifact.root, headers=headers))
    client.pull(store, ref)
    assert not [request for request in simulator.seen.requests if "cookie" in request.headers]


# Storms and broken connections


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_trouble_that_passes_is_waited_out(
    simulator: Simulator, client: Registry, store: Store, fake_clock: FakeClock, status: int
) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(status), times=2)
    assert client.pull(store, ref) == artifact.digest
    assert fake_clock.waits == [0.2, 0.4]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_trouble_that_does_not_pass_is_given_up_after_bounded_attempts(
    simulator: Simulator, puller: Puller, status: int
) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(status))
    puller.refuses(ref, RegistryResponseError, rf"HTTP {status} \(3 attempts\)")
    assert len(simulator.seen.matching("GET")) == 3


def test_retry_after_is_honoured(simulator: Simulator, client: Registry, store: Store, fake_clock: FakeClock) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(429, headers=(("Retry-After", "7"),)), times=1)
    client.pull(store, ref)
    assert fake_clock.waits == [7.0]


def test_retry_after_a_date_is_honoured(
    simulator: Simulator, client: Registry, store: Store, fake_clock: FakeClock
) -> None:
    ref = plugin().serve(simulator)
    headers = (("Retry-After", "Fri, 15 Jan 2027 08:00:30 GMT"),)  # half a minute after the clock's 1,800,000,000
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(503, headers=headers), times=1)
    client.pull(store, ref)
    assert fake_clock.waits == [30.0]


@pytest.mark.parametrize("asked", ["86400", "9" * 500, "Fri, 15 Jan 2999 08:00:30 GMT"])
def test_retry_after_a_day_is_not_waited_for(
    simulator: Simulator, puller: Puller, fake_clock: FakeClock, asked: str
) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(429, headers=(("Retry-After", asked),)))
    puller.refuses(ref, RegistryResponseError, "asks to wait")
    assert not fake_clock.waits


@pytest.mark.parametrize("asked", ["-5", "soon", "1.5", "Fri, 99 Foo", "", "Mon, 01 Jan 0001 00:00:00 -0000"])
def test_nonsense_in_retry_after_is_ignored(
    simulator: Simulator, client: Registry, store: Store, fake_clock: FakeClock, asked: str
) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(429, headers=(("Retry-After", asked),)), times=1)
    client.pull(store, ref)
    assert fake_clock.waits == [0.2]


def test_retries_never_outlast_the_operation(make_client: ClientMaker, simulator: Simulator, puller: Puller) -> None:
    client = make_client(retries=RetryPolicy(attempts=1_000_000, first_delay=1, max_delay=30))
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(503))
    Puller(client, puller.store).refuses(ref, RegistryResponseError, r"HTTP 503 \(\d attempts\)")


STAGES = ["/manifests/v1", "/manifests/sha256:", "/blobs/sha256:"]


@pytest.mark.parametrize("stage", STAGES)
def test_connection_reset_once_at_any_stage_of_a_pull_is_got_over(
    simulator: Simulator, client: Registry, store: Store, stage: str
) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    simulator.poison("GET", stage, lambda exchange: exchange.reset(), times=1)
    assert client.pull(store, ref) == artifact.digest
    assert store.check() == ()


@pytest.mark.parametrize("stage", STAGES)
def test_connection_reset_always_at_any_stage_of_a_pull_is_given_up(
    simulator: Simulator, puller: Puller, stage: str
) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", stage, lambda exchange: exchange.reset())
    puller.refuses(ref, RegistryConnectionError, r"broke \(3 attempts\)|cancelled")


@pytest.mark.parametrize("stage", STAGES)
def test_connection_closed_without_a_word_at_any_stage_is_got_over(
    simulator: Simulator, client: Registry, store: Store, stage: str
) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    simulator.poison("GET", stage, raw([]), times=1)
    assert client.pull(store, ref) == artifact.digest


@pytest.mark.parametrize("stage", STAGES)
def test_connection_reset_within_the_headers_is_got_over(
    simulator: Simulator, client: Registry, store: Store, stage: str
) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)

    def break_off(exchange: Exchange) -> None:
        exchange.handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Ty")
        exchange.handler.wfile.flush()
        exchange.reset()

    simulator.poison("GET", stage, break_off, times=1)
    assert client.pull(store, ref) == artifact.digest


def test_connection_that_is_refused_is_not_tried_again(puller: Puller, fake_clock: FakeClock) -> None:
    with Simulator() as gone:
        host = gone.host
    puller.refuses(f"{host}/acme/hello:v1", RegistryConnectionError, "refused")
    assert not fake_clock.waits


def test_name_that_cannot_be_resolved_is_named(puller: Puller, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def nowhere(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    puller.refuses("registry.example/acme/hello:v1", RegistryConnectionError, "registry.example.*cannot be resolved")


def test_tag_that_does_not_exist_is_named(simulator: Simulator, puller: Puller) -> None:
    plugin().serve(simulator)
    ref = f"{simulator.host}/acme/hello:v9"
    puller.refuses(ref, RegistryNotFoundError, "manifests/v9.*404.*MANIFEST_UNKNOWN manifest unknown")


# What a registry says of an error


def test_error_text_of_a_megabyte_is_not_repeated(simulator: Simulator, puller: Puller) -> None:
    ref = plugin().serve(simulator)
    body = b'{"errors":[{"code":"DENIED","message":"' + b"x" * 2**20 + b'"}]}'
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(418, body))
    puller.refuses(ref, RegistryResponseError, "HTTP 418")


def test_error_text_that_never_ends_is_not_waited_for(simulator: Simulator, puller: Puller) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(418, for_ever(b"x" * 1000, simulator.stopping)))
    puller.refuses(ref, RegistryResponseError, "HTTP 418")


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"errors":null}', b'{"errors":[7]}', b'{"errors":[{"code":[]}]}', b"\xff"]
)
def test_error_text_of_any_shape_harms_nothing(simulator: Simulator, puller: Puller, body: bytes) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(418, body))
    puller.refuses(ref, RegistryResponseError, "HTTP 418")


def test_escape_sequences_in_error_text_are_made_visible(simulator: Simulator, puller: Puller) -> None:
    ref = plugin().serve(simulator)
    body = b'{"errors":[{"code":"\\u001b[31m","message":"a\\u0007\\nb\\u202e"}]}'
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(418, body))
    error = puller.refuses(ref, RegistryResponseError, "HTTP 418")
    assert "\x1b" not in str(error)


# Partial content


def broken_once(simulator: Simulator, layer: bytes, after: int = 500_000) -> None:
    """Break the first download of the layer off."""
    simulator.poison("GET", digest_of(layer), lambda _: Answer(body=layer, reset_after=after), times=1)


def test_download_goes_on_where_it_broke_off(simulator: Simulator, client: Registry, store: Store) -> None:
    artifact = large_plugin(3_000_000)
    ref = artifact.serve(simulator)
    broken_once(simulator, artifact.layers[0])
    assert client.pull(store, ref) == artifact.digest
    first, second = simulator.seen.matching("GET", digest_of(artifact.layers[0]))
    assert "range" not in first.headers
    start = int(second.headers["range"].removeprefix("bytes=").removesuffix("-"))
    assert 0 < start <= 500_000


def test_download_goes_on_without_ranges(simulator: Simulator, client: Registry, store: Store) -> None:
    artifact = large_plugin(3_000_000)
    ref = artifact.serve(simulator)
    simulator.ranges = False
    broken_once(simulator, artifact.layers[0])
    assert client.pull(store, ref) == artifact.digest


@pytest.mark.parametrize(
    "answer",
    [
        Answer(206, b"x" * 100, (("Content-Range", "bytes 0-99/100"),)),
        Answer(206, b"x" * 100, (("Content-Range", "bytes 7-106/3000000"),)),
        Answer(206, b"x" * 100, (("Content-Range", "nonsense"),)),
        Answer(206, b"x" * 100),
        Answer(416),
    ],
    ids=["whole", "elsewhere", "nonsense", "no range", "refused"],
)
def test_inconsistent_partial_content_starts_the_download_over(
    simulator: Simulator, client: Registry, store: Store, answer: Answer
) -> None:
    artifact = large_plugin(3_000_000)
    ref = artifact.serve(simulator)
    simulator.poison("GET", digest_of(artifact.layers[0]), lambda _: answer, times=1)
    broken_once(simulator, artifact.layers[0])
    assert client.pull(store, ref) == artifact.digest
    assert "range" not in simulator.seen.matching("GET", digest_of(artifact.layers[0]))[-1].headers


def test_rest_that_does_not_fit_the_beginning_starts_the_download_over(
    simulator: Simulator, client: Registry, store: Store
) -> None:
    artifact = large_plugin(3_000_000)
    ref = artifact.serve(simulator)
    layer = artifact.layers[0]

    def wrong_rest(exchange: Exchange) -> Answer:
        honest = exchange.honest()
        assert isinstance(honest.body, bytes)
        return Answer(206, b"x" * len(honest.body), honest.headers)

    simulator.poison("GET", digest_of(layer), wrong_rest, times=1)
    broken_once(simulator, layer)
    assert client.pull(store, ref) == artifact.digest
    assert len(simulator.seen.matching("GET", digest_of(layer))) == 3


def test_rest_that_never_fits_the_beginning_is_given_up(simulator: Simulator, puller: Puller) -> None:
    artifact = large_plugin(3_000_000)
    ref = artifact.serve(simulator)
    layer = artifact.layers[0]
    simulator.blobs[digest_of(layer)] = layer[:1_000_000] + bytes(len(layer) - 1_000_000)
    broken_once(simulator, simulator.blobs[digest_of(layer)])
    simulator.poison(
        "GET", digest_of(layer), lambda _: Answer(body=simulator.blobs[digest_of(layer)], reset_after=500_000), times=1
    )
    puller.refuses(ref, DigestMismatchError, "sha256")


def test_download_that_moves_forward_is_not_given_up(simulator: Simulator, client: Registry, store: Store) -> None:
    artifact = large_plugin(12_000_000)
    ref = artifact.serve(simulator)
    layer = artifact.layers[0]

    def two_megabytes_at_a_time(exchange: Exchange) -> Answer:
        honest = exchange.honest()
        assert isinstance(honest.body, bytes)
        return Answer(honest.status, [honest.body[:2_500_000]], honest.headers, length=len(honest.body), close=True)

    simulator.poison("GET", digest_of(layer), two_megabytes_at_a_time)
    assert client.pull(store, ref) == artifact.digest
    assert len(simulator.seen.matching("GET", digest_of(layer))) > 3


def test_small_answers_that_are_no_json_are_refused(simulator: Simulator, puller: Puller) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(body=b"\x00\x01", headers=(("Content-Type", INDEX),)))
    puller.refuses(ref, InvalidDocumentError, "expected")
