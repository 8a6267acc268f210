"""An HTTP proxy on a loopback socket: it opens tunnels to one place, or refuses them."""

import base64
import socket
import ssl
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from attrs import Factory, define


@define
class ProxySimulator:
    """The proxy. A context manager: it listens within the `with` block.

    Args:
        target: host and port that every tunnel leads to.
        login: `user:password` that it asks for, if any.
        refusal: the status that it answers with instead of opening a tunnel.
        extra: bytes that it sends in front of the end of its headers.
        tls: a server-side context, if it speaks TLS.
    """

    target: tuple[str, int] = ("127.0.0.1", 1)
    login: str = ""
    refusal: int = 0
    extra: bytes = b""
    tls: ssl.SSLContext | None = None
    connects: list[str] = Factory(list)
    """What was asked for, `host:port` each; the URL of a request that was not a CONNECT."""
    _server: Any = None

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"

    def url_for(self, userinfo: str) -> str:
        return self.url.replace("//", f"//{userinfo}@")

    def __enter__(self) -> Self:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_CONNECT(self) -> None:
                proxy.connects.append(self.path)
                status = proxy._status(self.headers.get("Proxy-Authorization", ""))
                if status != 200:
                    self.close_connection = True
                    self.wfile.write(b"HTTP/1.1 %d Refused\r\nContent-Length: 0\r\n\r\n" % status)
                    return
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n" + proxy.extra + b"\r\n")
                with socket.create_connection(proxy.target) as onward:
                    _relay(self.connection, onward)
                self.close_connection = True

            def do_GET(self) -> None:
                proxy.connects.append(self.path)
                self.send_response(proxy._status(self.headers.get("Proxy-Authorization", "")))
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

            def log_message(self, *args: object) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self._server.block_on_close = False
        self._server.handle_error = lambda *_: None
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _status(self, authorization: str) -> int:
        if self.login and authorization != f"Basic {base64.b64encode(self.login.encode()).decode()}":
            return 407
        return self.refusal or 200


def _relay(one: socket.socket, other: socket.socket) -> None:
    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    back = threading.Thread(target=pump, args=(other, one), daemon=True)
    back.start()
    pump(one, other)
    back.join()
