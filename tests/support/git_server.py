"""A server of git repositories over HTTPS: by git's own `http-backend`, or as plain files ("dumb HTTP")."""

import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from attrs import define, field
from programs import required


@define
class GitServer:
    """What the server has and was asked."""

    folder: Path
    """Its repositories: `folder/owner/repo`."""

    host: str = ""
    smart: bool = True
    redirect: str = ""
    """Where every request is sent on to; empty for nowhere."""

    hangs: bool = False
    """Whether requests are left without an answer until the server ends."""

    requests: list[str] = field(factory=list)
    ended: threading.Event = field(factory=threading.Event)

    def publish(self, repository: Path, path: str) -> None:
        """Serve a bare copy of a repository."""
        bare = self.folder / path
        subprocess.run(
            [required("git"), "clone", "--quiet", "--bare", "--template=", str(repository), str(bare)], check=True
        )
        for settings in ("http.receivepack=false", "uploadpack.allowAnySHA1InWant=false"):
            subprocess.run([required("git"), "-C", str(bare), "config", *settings.split("=")], check=True)
        subprocess.run([required("git"), "-C", str(bare), "update-server-info"], check=True)


@contextmanager
def running_git_server(folder: Path, certificate: Path) -> Iterator[GitServer]:
    """Serve the repositories below `folder` within the block."""
    state = GitServer(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve(b"")

        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _serve(self, body: bytes) -> None:
            state.requests.append(self.path)
            if state.hangs:
                state.ended.wait(60)
                self.close_connection = True
            elif state.redirect:
                self._answer(302, {"Location": state.redirect + self.path}, b"")
            elif state.smart:
                self._answer(*_from_backend(state.folder, self, body))
            else:
                file = state.folder / self.path.partition("?")[0].lstrip("/")
                found = file.is_file() and state.folder in file.resolve().parents
                self._answer(200 if found else 404, {}, file.read_bytes() if found else b"")

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    state.host = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.ended.set()
        server.shutdown()
        server.server_close()


def _from_backend(folder: Path, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
    path, _, query = request.path.partition("?")
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(folder),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": request.command,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
    done = subprocess.run(
        [required("git"), "http-backend"], env=environment, input=body, capture_output=True, check=True
    )
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
    return int(headers.pop("Status", "200").split(" ")[0]), headers, content
