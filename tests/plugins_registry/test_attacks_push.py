"""Registries that take a push badly."""

import pytest
from client_parts import ClientMaker, FakeClock, Logins
from hostile_pull import snapshot
from registry_artifacts import Artifact, large_plugin, plugin
from registry_simulator import Answer, Exchange, Login, Simulator, digest_of

from toolhive_artifact import Digest, DigestMismatchError, ToolhiveError
from toolhive_plugins_interfaces import (
    RegistryAuthError,
    RegistryConnectionError,
    RegistryResponseError,
)
from toolhive_plugins_registry import Credential, Registry, Timeouts
from toolhive_plugins_store import CorruptStoreError, Store


class Pusher:
    """Pushes one artifact, and expects it to fail or to come through."""

    def __init__(self, client: Registry, store: Store, simulator: Simulator, artifact: Artifact) -> None:
        self.client = client
        self.store = store
        self.simulator = simulator
        self.artifact = artifact
        artifact.keep(store)

    def push(self) -> None:
        self.client.push(self.store, Digest(self.artifact.digest), f"{self.simulator.host}/acme/hello:v1")

    def fails(self, error: type[ToolhiveError], words: str) -> ToolhiveError:
        before = snapshot(self.store)
        with pytest.raises(error, match=words) as caught:
            self.push()
        assert snapshot(self.store) == before
        assert ("acme/hello", "v1") not in self.simulator.manifests, "the tag must not appear"
        assert len(str(caught.value)) < 1000
        return caught.value

    def comes_through(self) -> None:
        self.push()
        assert self.simulator.manifests["acme/hello", "v1"][1] == self.artifact.root
        for blob in self.artifact.blobs:
            assert self.simulator.blobs[digest_of(blob)] == blob


@pytest.fixture
def pusher(client: Registry, store: Store, simulator: Simulator) -> Pusher:
    return Pusher(client, store, simulator, plugin())


@pytest.fixture
def big_pusher(client: Registry, store: Store, simulator: Simulator) -> Pusher:
    return Pusher(client, store, simulator, large_plugin(3_000_000))


STAGES = [
    ("HEAD", "/blobs/"),
    ("POST", "/uploads/"),
    ("PUT", "/uploads/"),
    ("HEAD", "/manifests/"),
    ("PUT", "/manifests/sha256:"),
    ("PUT", "/manifests/v1"),
]


@pytest.mark.parametrize(("method", "path"), STAGES)
def test_connection_reset_once_at_any_stage_of_a_push_is_got_over(pusher: Pusher, method: str, path: str) -> None:
    pusher.simulator.poison(method, path, lambda exchange: exchange.reset(), times=1)
    pusher.comes_through()


@pytest.mark.parametrize(("method", "path"), STAGES)
def test_connection_reset_always_at_any_stage_of_a_push_is_given_up(pusher: Pusher, method: str, path: str) -> None:
    pusher.simulator.poison(method, path, lambda exchange: exchange.reset())
    pusher.fails(RegistryConnectionError, "broke")


@pytest.mark.parametrize(("method", "path"), STAGES)
def test_answer_lost_after_the_work_was_done_is_got_over(pusher: Pusher, method: str, path: str) -> None:
    def do_and_break(exchange: Exchange) -> None:
        exchange.honest()
        exchange.reset()

    pusher.simulator.poison(method, path, do_and_break, times=1)
    pusher.comes_through()


@pytest.mark.parametrize(("method", "path"), STAGES)
def test_trouble_at_any_stage_of_a_push_is_waited_out(pusher: Pusher, method: str, path: str) -> None:
    pusher.simulator.poison(method, path, lambda _: Answer(503), times=2)
    pusher.comes_through()


@pytest.mark.parametrize(("method", "path"), STAGES)
def test_trouble_for_ever_at_any_stage_of_a_push_is_given_up(pusher: Pusher, method: str, path: str) -> None:
    pusher.simulator.poison(method, path, lambda _: Answer(503))
    pusher.fails(RegistryResponseError, "HTTP 503")


@pytest.mark.parametrize(("method", "path"), STAGES)
def test_refusal_at_any_stage_of_a_push_is_final(pusher: Pusher, fake_clock: FakeClock, method: str, path: str) -> None:
    pusher.simulator.poison(method, path, lambda _: Answer(403, b'{"errors":[{"code":"DENIED","message":"no"}]}'))
    pusher.fails(RegistryAuthError, "HTTP 403" if method == "HEAD" else "HTTP 403: DENIED no")
    assert not fake_clock.waits


def test_upload_that_breaks_in_the_middle_is_begun_again(big_pusher: Pusher) -> None:
    seen: list[int] = []

    def break_off(exchange: Exchange) -> None:
        seen.append(len(exchange.request.body))
        exchange.reset()

    big_pusher.simulator.poison("PUT", "/uploads/", break_off, times=2)
    big_pusher.comes_through()
    sessions = [request.path for request in big_pusher.simulator.seen.matching("PUT", "/uploads/")]
    assert len(set(sessions)) == len(sessions), "a broken session is not used again"


def test_server_that_answers_before_it_has_read_the_upload_is_understood(big_pusher: Pusher) -> None:
    from registry_simulator import _Handler

    original = _Handler._handle

    def refuse_early(self: _Handler) -> None:
        if self.command == "PUT" and "/uploads/" in self.path and int(self.headers["Content-Length"]) > 1_000_000:
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            self.wfile.flush()
            self.close_connection = True
            return
        original(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Handler, "_handle", refuse_early)
        big_pusher.fails((RegistryAuthError, RegistryConnectionError), "HTTP 403|broke")  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [405, 411, 413, 415, 501])
def test_registry_that_takes_no_blob_in_one_piece_gets_chunks(big_pusher: Pusher, status: int) -> None:
    big_pusher.simulator.poison(
        "PUT", "/uploads/", lambda exchange: Answer(status) if exchange.request.body else exchange.honest()
    )
    big_pusher.comes_through()
    assert big_pusher.simulator.seen.matching("PATCH")


def test_chunks_that_are_too_large_are_made_smaller(big_pusher: Pusher) -> None:
    """As nginx before a registry does, by default at one mebibyte."""

    def limited(exchange: Exchange) -> Answer:
        return Answer(413) if len(exchange.request.body) > 2**20 else exchange.honest()

    big_pusher.simulator.poison("*", "/uploads/", limited)
    big_pusher.comes_through()
    assert max(len(r.body) for r in big_pusher.simulator.seen.matching("PATCH")[1:]) <= 2**20


def test_chunks_that_are_always_too_large_are_given_up(big_pusher: Pusher) -> None:
    big_pusher.simulator.poison("*", "/uploads/", lambda e: Answer(413) if len(e.request.body) > 1000 else e.honest())
    big_pusher.fails(RegistryResponseError, "HTTP 413")


def test_least_chunk_that_the_registry_asks_for_is_honoured(big_pusher: Pusher) -> None:
    def ask(exchange: Exchange) -> Answer:
        honest = exchange.honest()
        return Answer(honest.status, b"", (*honest.headers, ("OCI-Chunk-Min-Length", "2000000")))

    big_pusher.simulator.poison("POST", "/uploads/", ask)
    big_pusher.simulator.poison("PUT", "/uploads/", lambda e: Answer(405) if e.request.body else e.honest())
    big_pusher.simulator.poison(
        "PATCH", "/uploads/", lambda e: Answer(413) if len(e.request.body) > 2_500_000 else e.honest()
    )
    big_pusher.comes_through()
    sizes = [len(request.body) for request in big_pusher.simulator.seen.matching("PATCH")]
    assert 2_000_000 in sizes


@pytest.mark.parametrize("status", [404, 416])
def test_upload_that_the_registry_lost_is_begun_again(big_pusher: Pusher, status: int) -> None:
    big_pusher.simulator.poison("PUT", "/uploads/", lambda _: Answer(status), times=1)
    big_pusher.comes_through()


@pytest.mark.parametrize("status", [404, 416])
def test_upload_that_the_registry_loses_always_is_given_up(big_pusher: Pusher, status: int) -> None:
    big_pusher.simulator.poison("PUT", "/uploads/", lambda _: Answer(status))
    big_pusher.fails(RegistryResponseError, rf"lost the upload \(HTTP {status}\) \(3 attempts\)")


# Where uploads go


@pytest.mark.parametrize("form", ["absolute", "path", "relative", "scheme-relative"])
def test_upload_location_of_any_form_is_followed_with_its_query(pusher: Pusher, form: str) -> None:
    def locate(exchange: Exchange) -> Answer:
        honest = exchange.honest()
        path = dict(honest.headers)["Location"].partition(pusher.simulator.host)[2]
        location = {
            "absolute": f"{pusher.simulator.url}{path}",
            "path": path,
            "relative": path.rpartition("/uploads/")[2],
            "scheme-relative": f"//{pusher.simulator.host}{path}",
        }[form]
        return Answer(202, headers=(("Location", location),))

    pusher.simulator.poison("POST", "/uploads/", locate)
    pusher.comes_through()
    for request in pusher.simulator.seen.matching("PUT", "/uploads/"):
        assert request.query["_state"] == "ab+c"
        assert request.query["digest"].startswith("sha256:")


def test_upload_location_that_is_missing_is_refused(pusher: Pusher) -> None:
    pusher.simulator.poison("POST", "/uploads/", lambda _: Answer(202))
    pusher.fails(RegistryResponseError, "without a Location")


@pytest.mark.parametrize("location", ["file:///tmp/x", "http://user:pw@h.example/x", "http://[/", "ftp://h.example/"])
def test_upload_location_that_is_no_web_address_is_refused(pusher: Pusher, location: str) -> None:
    pusher.simulator.poison("POST", "/uploads/", lambda _: Answer(202, headers=(("Location", location),)))
    pusher.fails(RegistryResponseError, "named a (malformed )?URL")


def test_upload_to_a_private_address_from_a_public_name_is_refused(names: None, client: Registry, store: Store) -> None:
    with Simulator(name="registry.example") as public:
        pusher = Pusher(client, store, public, plugin())
        public.poison("POST", "/uploads/", lambda _: Answer(202, headers=(("Location", "http://10.0.0.1/x"),)))
        pusher.fails(RegistryResponseError, "private address")


def test_upload_elsewhere_carries_no_credentials(
    simulator: Simulator, make_client: ClientMaker, logins: Logins, store: Store
) -> None:
    simulator.login = Login(scheme="basic")
    logins.known[simulator.host] = Credential(simulator.login.username, simulator.login.password)
    with Simulator() as elsewhere:
        pusher = Pusher(make_client(), store, simulator, large_plugin())

        def send_away(exchange: Exchange) -> Answer:
            honest = exchange.honest()
            if honest.status != 202:
                return honest
            path = dict(honest.headers)["Location"].partition(simulator.host)[2]
            return Answer(202, headers=(("Location", f"{elsewhere.url}{path}"),))

        def take(exchange: Exchange) -> Answer:
            simulator.add_blob("acme/hello", exchange.request.body)
            return Answer(201)

        simulator.poison("POST", "/uploads/", send_away)
        elsewhere.poison("PUT", "/uploads/", take)
        pusher.comes_through()
        assert elsewhere.seen.requests
        assert not [request for request in elsewhere.seen.requests if request.authorization]


def test_upload_elsewhere_that_asks_for_a_login_is_refused(
    simulator: Simulator, make_client: ClientMaker, logins: Logins, store: Store
) -> None:
    with Simulator(login=Login(scheme="basic")) as elsewhere:
        logins.known[elsewhere.host] = Credential("ann", "correct-horse-battery")
        pusher = Pusher(make_client(), store, simulator, large_plugin())
        simulator.poison(
            "POST", "/uploads/", lambda _: Answer(202, headers=(("Location", f"{elsewhere.url}/v2/x/blobs/uploads/1"),))
        )
        pusher.fails(RegistryAuthError, "HTTP 401")
        assert not logins.asked


def test_redirected_upload_is_sent_to_where_it_leads(pusher: Pusher) -> None:
    """307 and 308 keep the method and the body."""

    def once_round(exchange: Exchange) -> Answer:
        if "moved" in exchange.request.query:
            return exchange.honest()
        target = f"{exchange.handler.path}&moved=1"
        return Answer(308, headers=(("Location", target),))

    pusher.simulator.poison("PUT", "/uploads/", once_round)
    pusher.comes_through()


@pytest.mark.parametrize("status", [301, 302, 303])
def test_redirect_that_would_lose_the_body_is_refused(pusher: Pusher, status: int) -> None:
    pusher.simulator.poison("PUT", "/uploads/", lambda _: Answer(status, headers=(("Location", "/x"),)))
    pusher.fails(RegistryResponseError, f"HTTP {status}")


# Lies


def test_registry_that_says_it_stored_another_blob_is_refused(pusher: Pusher) -> None:
    headers = (("Docker-Content-Digest", digest_of(b"other")),)
    pusher.simulator.poison("PUT", "/uploads/", lambda _: Answer(201, headers=headers))
    pusher.fails(DigestMismatchError, "the registry stored")


@pytest.mark.parametrize("stage", ["/manifests/sha256:", "/manifests/v1"])
def test_registry_that_says_it_stored_another_manifest_is_refused(pusher: Pusher, stage: str) -> None:
    """As one does that formats JSON anew."""
    headers = (("Docker-Content-Digest", digest_of(b"other")),)
    pusher.simulator.poison("PUT", stage, lambda _: Answer(201, headers=headers))
    pusher.fails(DigestMismatchError, "the registry stored")


def test_registry_that_lies_about_having_a_blob_fails_at_the_manifest(pusher: Pusher) -> None:
    pusher.simulator.poison("HEAD", "/blobs/", lambda _: Answer(200, body=[]))
    pusher.fails(RegistryResponseError, "HTTP 400: MANIFEST_BLOB_UNKNOWN")


@pytest.mark.parametrize("headers", [(("Content-Length", "7"),), (("Docker-Content-Digest", "sha256:" + "0" * 64),)])
def test_blob_that_the_registry_has_in_another_form_is_uploaded(
    pusher: Pusher, headers: tuple[tuple[str, str], ...]
) -> None:
    length = int(dict(headers).get("Content-Length", "0")) or None
    others = tuple(header for header in headers if header[0] != "Content-Length")
    pusher.simulator.poison("HEAD", "/blobs/", lambda _: Answer(200, length=length, headers=others), times=3)
    pusher.comes_through()


@pytest.mark.parametrize("status", [404, 405])
def test_registry_without_head_is_pushed_to(pusher: Pusher, status: int) -> None:
    pusher.simulator.poison("HEAD", "/", lambda _: Answer(status))
    pusher.comes_through()


def test_registry_that_refuses_the_manifest_is_quoted(pusher: Pusher) -> None:
    body = b'{"errors":[{"code":"MANIFEST_INVALID","message":"artifactType not supported"}]}'
    pusher.simulator.poison("PUT", "/manifests/sha256:", lambda _: Answer(400, body))
    pusher.fails(RegistryResponseError, "HTTP 400: MANIFEST_INVALID artifactType not supported")


# Time, and logins that end


def test_registry_that_stops_reading_an_upload_is_given_up(
    make_client: ClientMaker, store: Store, simulator: Simulator
) -> None:
    from registry_simulator import _Handler

    original = _Handler._handle

    def stop_reading(self: _Handler) -> None:
        if self.command == "PUT" and int(self.headers["Content-Length"]) > 1_000_000:
            self.simulator.stopping.wait()
            return
        original(self)

    hasty = make_client(timeouts=Timeouts(connect=0.5, read=0.4, exchange=0.5, slowest=1e9, operation=1.0))
    pusher = Pusher(hasty, store, simulator, large_plugin(12_000_000))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Handler, "_handle", stop_reading)
        pusher.fails(RegistryConnectionError, "did not finish|in time|broke")


def test_token_that_expires_in_the_middle_of_a_push_is_replaced(
    simulator: Simulator, make_client: ClientMaker, logins: Logins, store: Store
) -> None:
    simulator.login = Login()
    tokens = simulator.login.tokens
    logins.known[simulator.host] = Credential(simulator.login.username, simulator.login.password)
    for stage in (("HEAD", "/manifests/"), ("PUT", "/uploads/"), ("PUT", "/manifests/v1")):

        def revoke(exchange: Exchange) -> Answer:
            tokens.clear()
            return exchange.honest()

        simulator.poison(*stage, revoke, times=1)
    pusher = Pusher(make_client(workers=1), store, simulator, large_plugin(3_000_000))
    pusher.comes_through()
    assert simulator.login.issued == 4


def test_user_who_may_only_pull_is_told_so(
    simulator: Simulator, client: Registry, logins: Logins, store: Store
) -> None:
    simulator.login = Login()
    pusher = Pusher(client, store, simulator, plugin())
    pusher.fails(RegistryAuthError, "HTTP 401")


# The store


def test_blob_that_is_damaged_in_the_store_is_not_pushed(big_pusher: Pusher) -> None:
    digest = digest_of(big_pusher.artifact.layers[0])
    path = big_pusher.store.root / "blobs" / "sha256" / digest.removeprefix("sha256:")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)
    error = big_pusher.fails(CorruptStoreError, "damaged")
    assert digest.removeprefix("sha256:") in str(error)
    assert digest not in big_pusher.simulator.blobs


def test_artifact_with_a_part_missing_from_the_store_is_not_pushed(big_pusher: Pusher) -> None:
    digest = digest_of(big_pusher.artifact.layers[0])
    (big_pusher.store.root / "blobs" / "sha256" / digest.removeprefix("sha256:")).unlink()
    big_pusher.fails(ToolhiveError, digest)
