"""A web server of this machine that serves what a test gives it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from attrs import define, field


@define
class WebServer:
    """What is served, and what was asked."""

    url: str = ""
    files: dict[str, bytes] = field(factory=dict)
    """By path, the query included."""

    redirects: dict[str, str] = field(factory=dict)
    failures: dict[str, list[int]] = field(factory=dict)
    """Statuses to answer with first."""

    asked: list[str] = field(factory=list)


@contextmanager
def serving() -> Iterator[WebServer]:
    """Serve within the block."""
    web = WebServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.asked.append(self.path)
            assert "Authorization" not in self.headers
            if web.failures.get(self.path):
                self.send_response(web.failures[self.path].pop(0))
                body = b""
            elif self.path in web.redirects:
                self.send_response(302)
                self.send_header("Location", web.redirects[self.path])
                body = b""
            else:
                body = web.files.get(self.path, b"")
                self.send_response(200 if self.path in web.files else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        web.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield web
        finally:
            server.shutdown()
