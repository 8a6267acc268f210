"""A registry on a loopback socket, every answer of which a test can poison; in the spirit of python-tuf's repository simulator.

Left alone it is an honest registry after the distribution spec: it checks what is pushed, wants blobs before manifests and
manifests before indexes, serves ranges, mounts, and can ask for a login. A test poisons it with rules: whatever
request a rule matches is answered by the rule instead.

    simulator.poison("GET", r"/blobs/", lambda exchange: Answer(body=b"other bytes"))
"""

import base64
import hashlib
import json
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from attrs import Factory, define, field, frozen


@frozen
class Answer:
    """What to send back."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    """Bytes get a Content-Length; anything else is sent in chunks, however long it goes on."""
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None
    """The Content-Length to claim, if not the true one."""
    reset_after: int | None = None
    """Break the connection after so many bytes of the body."""
    close: bool = False


@frozen
class Request:
    """A request that arrived, as far as tests ask."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    server: str
    """The name of the simulator that it came to."""

    @property
    def authorization(self) -> str:
        return self.headers.get("authorization", "")


@define
class Exchange:
    """A request, and the means to answer it in any manner."""

    request: Request
    handler: "_Handler"

    def honest(self) -> Answer:
        """What the registry would answer if nobody poisoned it."""
        return self.handler.simulator.answer(self.request)

    def raw(self, pieces: bytes | Iterable[bytes]) -> None:
        """Write bytes to the socket, headers and all, until the other side hangs up."""
        for piece in [pieces] if isinstance(pieces, bytes) else pieces:
            self.handler.wfile.write(piece)
            self.handler.wfile.flush()
        self.handler.close_connection = True

    def reset(self) -> None:
        """Break the connection, so that the other side gets a reset."""
        self.handler.reset()


Poison = Callable[[Exchange], Answer | None]
"""Answers an exchange; None means that it has done so itself, on the socket."""


@define
class _Rule:
    method: str
    path: re.Pattern[str]
    poison: Poison
    times: int | None

    def applies(self, request: Request) -> bool:
        return self.times != 0 and self.method in (request.method, "*") and self.path.search(request.path) is not None


@define
class Login:
    """Whom the registry lets in, and how it asks."""

    username: str = "ann"
    password: str = "correct-horse-battery"
    refresh_token: str = "identity-token-of-ann"
    scheme: str = "bearer"
    realm: str = ""
    """The token service; by default /token on the registry itself."""
    anonymous_pull: bool = True
    tokens: dict[str, str] = Factory(dict)
    """Valid tokens, and the scopes they were given for."""
    issued: int = 0
    expires_in: int | None = None


@define
class Recorded:
    """The requests that came, in order."""

    requests: list[Request] = Factory(list)

    def matching(self, method: str, path: str = "") -> list[Request]:
        return [r for r in self.requests if r.method == method and re.search(path, r.path)]


@define
class Simulator:
    """The registry. A context manager: it listens within the `with` block.

    Args:
        name: the host name in its URLs; tests that use another than 127.0.0.1 see to its resolution.
        tls: a server-side TLS context, if it speaks HTTPS.
    """

    name: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    blobs: dict[str, bytes] = Factory(dict)
    """All blobs, of all repositories."""
    linked: set[tuple[str, str]] = Factory(set)
    """Which repository has which blob."""
    manifests: dict[tuple[str, str], tuple[str, bytes]] = Factory(dict)
    """Media type and bytes, by repository and tag or digest."""
    login: Login | None = None
    seen: Recorded = Factory(Recorded)
    mounts: bool = True
    ranges: bool = True
    referrers_api: bool = True
    page_size: int = 1000
    """Tags that it lists at once."""
    _rules: list[_Rule] = Factory(list)
    _uploads: dict[str, bytearray] = Factory(dict)
    _sessions: int = 0
    _lock: threading.RLock = field(factory=threading.RLock, repr=False)
    _server: "_Server | None" = None
    _thread: threading.Thread | None = None
    stopping: threading.Event = field(factory=threading.Event, repr=False)
    """Set when the test is over; poisons that go on and on look at it."""

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        assert self._server is not None
        assert self._thread is not None
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.server_address[1])

    @property
    def host(self) -> str:
        """Host and port, as a reference names them."""
        return f"{self.name}:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}"

    # What tests do to it

    def poison(self, method: str, path: str, poison: Poison, *, times: int | None = None) -> None:
        """Answer matching requests by `poison`: always, or so many times. Later rules go before earlier ones."""
        with self._lock:
            self._rules.insert(0, _Rule(method, re.compile(path), poison, times))

    def add_blob(self, repository: str, data: bytes) -> str:
        digest = digest_of(data)
        self.blobs[digest] = data
        self.linked.add((repository, digest))
        return digest

    def add_manifest(self, repository: str, name: str, media_type: str, data: bytes) -> str:
        digest = digest_of(data)
        self.manifests[repository, digest] = media_type, data
        self.manifests[repository, name] = media_type, data
        return digest

    # What it answers when nobody poisons it

    def respond(self, handler: "_Handler", request: Request) -> Answer | None:
        with self._lock:
            self.seen.requests.append(request)
            rule = next((rule for rule in self._rules if rule.applies(request)), None)
            if rule is not None and rule.times is not None:
                rule.times -= 1
        if rule is not None:
            return rule.poison(Exchange(request, handler))
        return self.answer(request)

    def answer(self, request: Request) -> Answer:
        if request.path == "/token":
            return self._token(request)
        refusal = self._challenge(request)
        if refusal is not None:
            return refusal
        for pattern, answer in _ROUTES:
            match = pattern.fullmatch(request.path)
            if match is not None:
                with self._lock:
                    return answer(self, request, **match.groupdict())
        return Answer(404)

    def _root(self, request: Request) -> Answer:
        return Answer(200, b"{}", (("Content-Type", "application/json"),))

    def _manifest(self, request: Request, repository: str, name: str) -> Answer:
        if request.method == "PUT":
            return self._put_manifest(request, repository, name)
        held = self.manifests.get((repository, name))
        if held is None:
            return error(404, "MANIFEST_UNKNOWN", "manifest unknown")
        media_type, data = held
        return Answer(200, data, (("Content-Type", media_type), ("Docker-Content-Digest", digest_of(data))))

    def _put_manifest(self, request: Request, repository: str, name: str) -> Answer:
        document = json.loads(request.body)
        blobs = [document[key]["digest"] for key in ("config",) if key in document]
        blobs += [layer["digest"] for layer in document.get("layers", [])]
        for digest in blobs:
            if (repository, digest) not in self.linked:
                return error(400, "MANIFEST_BLOB_UNKNOWN", f"blob unknown: {digest}")
        for listed in document.get("manifests", []):
            if (repository, listed["digest"]) not in self.manifests:
                return error(400, "MANIFEST_UNKNOWN", "manifest unknown")
        digest = digest_of(request.body)
        if name.startswith("sha256:") and name != digest:
            return error(400, "DIGEST_INVALID", "digest invalid")
        self.add_manifest(repository, name, request.headers.get("content-type", ""), request.body)
        return Answer(
            201, headers=(("Docker-Content-Digest", digest), ("Location", f"/v2/{repository}/manifests/{digest}"))
        )

    def _tags(self, request: Request, repository: str) -> Answer:
        names = sorted({name for held, name in self.manifests if held == repository and not name.startswith("sha256:")})
        if not any(held == repository for held, _ in self.manifests):
            return error(404, "NAME_UNKNOWN", "repository name not known to registry")
        rest = [name for name in names if name > request.query.get("last", "")]
        size = min(int(request.query.get("n", "1000")), self.page_size)
        page = rest[:size]
        body = json.dumps({"name": repository, "tags": page}).encode()
        headers = [("Content-Type", "application/json")]
        if len(rest) > size:
            headers.append(("Link", f'</v2/{repository}/tags/list?n={size}&last={page[-1]}>; rel="next"'))
        return Answer(200, body, tuple(headers))

    def _referrers(self, request: Request, repository: str, digest: str) -> Answer:
        if not self.referrers_api:
            return Answer(404, b"404 page not found", (("Content-Type", "text/plain"),))
        found = []
        for (held, name), (media_type, data) in sorted(self.manifests.items()):
            document = json.loads(data)
            if (
                held == repository
                and name.startswith("sha256:")
                and document.get("subject", {}).get("digest") == digest
            ):
                artifact_type = document.get("artifactType") or document.get("config", {}).get("mediaType", "")
                found.append(
                    {"mediaType": media_type, "digest": name, "size": len(data), "artifactType": artifact_type}
                )
        body = json.dumps({"schemaVersion": 2, "mediaType": _INDEX, "manifests": found}).encode()
        return Answer(200, body, (("Content-Type", _INDEX),))

    def _blob(self, request: Request, repository: str, digest: str) -> Answer:
        if (repository, digest) not in self.linked:
            return error(404, "BLOB_UNKNOWN", "blob unknown")
        data = self.blobs[digest]
        headers = (("Content-Type", "application/octet-stream"), ("Docker-Content-Digest", digest))
        wanted = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        if wanted is None or not self.ranges:
            return Answer(200, data, headers)
        start = int(wanted[1])
        span = f"bytes {start}-{len(data) - 1}/{len(data)}"
        return Answer(206, data[start:], (*headers, ("Content-Range", span)))

    def _begin_upload(self, request: Request, repository: str) -> Answer:
        mount = request.query.get("mount", "")
        if self.mounts and mount in self.blobs and (request.query.get("from"), mount) in self.linked:
            self.linked.add((repository, mount))
            return Answer(201, headers=(("Location", f"/v2/{repository}/blobs/{mount}"),))
        self._sessions += 1
        session = f"session-{self._sessions}"
        self._uploads[session] = bytearray()
        return Answer(202, headers=(("Location", f"{self.url}/v2/{repository}/blobs/uploads/{session}?_state=ab%2Bc"),))

    def _continue_upload(self, request: Request, repository: str, session: str) -> Answer:
        held = self._uploads.get(session)
        if held is None or request.query.get("_state") != "ab+c":
            return error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
        span = request.headers.get("content-range")
        if span is not None and int(span.partition("-")[0]) != len(held):
            return Answer(416, headers=(("Range", f"0-{max(0, len(held) - 1)}"),))
        held += request.body
        location = ("Location", f"/v2/{repository}/blobs/uploads/{session}?_state=ab%2Bc")
        if request.method == "PATCH":
            return Answer(202, headers=(location, ("Range", f"0-{len(held) - 1}")))
        digest = request.query.get("digest", "")
        if digest != digest_of(bytes(held)):
            return error(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
        del self._uploads[session]
        self.add_blob(repository, bytes(held))
        return Answer(
            201, headers=(("Docker-Content-Digest", digest), ("Location", f"/v2/{repository}/blobs/{digest}"))
        )

    # Logging in

    def _challenge(self, request: Request) -> Answer | None:
        """The refusal of a request that is not allowed, if it is not."""
        login = self.login
        if login is None:
            return None
        given = request.authorization
        if login.scheme == "basic":
            if given == f"Basic {basic(login.username, login.password)}":
                return None
            return _unauthorized('Basic realm="registry"')
        repository = re.match(r"/v2/(.+?)/(?:manifests|blobs|tags|referrers)/", request.path)
        action = "pull" if request.method in ("GET", "HEAD") else "push"
        name = repository[1] if repository else ""
        scopes = login.tokens.get(given.removeprefix("Bearer "), "")
        if any(
            s.startswith(f"repository:{name}:") and action in s.rpartition(":")[2].split(",") for s in scopes.split()
        ):
            return None
        asked = f"repository:{name}:{'pull' if action == 'pull' else 'pull,push'}"
        realm = login.realm or f"{self.url}/token"
        return _unauthorized(f'Bearer realm="{realm}",service="registry.test",scope="{asked}"')

    def _token(self, request: Request) -> Answer:
        """The token service; it keeps the scopes of what it hands out in the registry's `Login`."""
        login = self.login
        assert login is not None
        if request.method == "POST":
            form = {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
            if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != login.refresh_token:
                return Answer(401)
            return self._issue(form.get("scope", ""), known=True)
        given = request.authorization
        if given and given != f"Basic {basic(login.username, login.password)}":
            return Answer(401)
        return self._issue(request.query.get("scope", ""), known=bool(given))

    def _issue(self, scope: str, *, known: bool) -> Answer:
        login = self.login
        assert login is not None
        if not known and not login.anonymous_pull:
            return Answer(401)
        granted = scope if known else re.sub(r",push|push,?", "", scope)
        with self._lock:
            login.issued += 1
            token = f"issued-token-{login.issued}"
            login.tokens[token] = granted
        body: dict[str, Any] = {"token": token}
        if login.expires_in is not None:
            body["expires_in"] = login.expires_in
        return Answer(200, json.dumps(body).encode(), (("Content-Type", "application/json"),))


_INDEX = "application/vnd.oci.image.index.v1+json"
_Route = Callable[..., Answer]
_ROUTES: tuple[tuple[re.Pattern[str], _Route], ...] = (
    (re.compile(r"/v2/"), Simulator._root),
    (re.compile(r"/v2/(?P<repository>.+)/manifests/(?P<name>[^/]+)"), Simulator._manifest),
    (re.compile(r"/v2/(?P<repository>.+)/tags/list"), Simulator._tags),
    (re.compile(r"/v2/(?P<repository>.+)/referrers/(?P<digest>[^/]+)"), Simulator._referrers),
    (re.compile(r"/v2/(?P<repository>.+)/blobs/uploads/"), Simulator._begin_upload),
    (re.compile(r"/v2/(?P<repository>.+)/blobs/uploads/(?P<session>[^/]+)"), Simulator._continue_upload),
    (re.compile(r"/v2/(?P<repository>.+)/blobs/(?P<digest>[^/]+)"), Simulator._blob),
)


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def basic(username: str, password: str) -> str:
    return base64.b64encode(f"{username}:{password}".encode()).decode()


def error(status: int, code: str, message: str) -> Answer:
    body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
    return Answer(status, body, (("Content-Type", "application/json"),))


def _unauthorized(challenge: str) -> Answer:
    return Answer(401, b"{}", (("WWW-Authenticate", challenge), ("Content-Type", "application/json")))


def for_ever(piece: bytes, until: threading.Event, *, pause: float = 0.0) -> Iterator[bytes]:
    """Yield `piece` until the test is over or the other side hangs up; with a pause between, if asked."""
    while not until.is_set():
        yield piece
        if pause:
            until.wait(pause)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        sock, address = super().get_request()
        self._open.add(sock)
        return sock, address

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.simulator.tls is not None:
            # In the connection's own thread: a client that breaks off the handshake must not stop the server.
            request = self.simulator.tls.wrap_socket(request, server_side=True)
            self._open.add(request)
        super().finish_request(request, client_address)

    def hang_up(self) -> None:
        """Close what is still open, so that no handler stays behind."""
        for sock in list(self._open):
            try:
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """Otherwise a body that follows its headers waits for these to be acknowledged: 40 ms a request."""
    server: _Server
    close_connection: bool

    @property
    def simulator(self) -> Simulator:
        return self.server.simulator

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def log_message(self, *args: object) -> None:
        """Keep quiet."""

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.rfile.close()
        socket.socket.close(self.connection)

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        query = {key: " ".join(values) for key, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        request = Request(self.command, parts.path, query, headers, body, self.simulator.name)
        answer = self.simulator.respond(self, request)
        if answer is not None:
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        if isinstance(answer.body, bytes):
            self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
        elif answer.length is not None:
            self.send_header("Content-Length", str(answer.length))
        else:
            self.send_header("Transfer-Encoding", "chunked")
        if answer.close:
            self.send_header("Connection", "close")
            self.close_connection = True
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if isinstance(answer.body, bytes):
            self.wfile.write(answer.body if answer.reset_after is None else answer.body[: answer.reset_after])
            if answer.reset_after is not None:
                self.wfile.flush()
                self.reset()
            return
        for piece in answer.body:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if answer.length is None else piece)
            self.wfile.flush()
        if answer.length is None:
            self.wfile.write(b"0\r\n\r\n")
