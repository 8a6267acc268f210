"""A model on loopback that says what it is told to, so that a session goes on past its first turn."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from attrs import field, frozen


@frozen
class FakeModel:
    """A running server."""

    url: str
    paths: list[str] = field(factory=list)
    """The path of every request."""


@contextmanager
def fake_model(turns: Sequence[dict[str, Any]]) -> Iterator[FakeModel]:
    """Run a server within the block.

    Args:
        turns: the content block of each answer to a request that offers tools, in order; afterwards it has nothing more to say.
    """
    pending = list(turns)
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            paths.append(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if "/v1/messages" not in self.path or "count_tokens" in self.path:
                self.answer(b'{"input_tokens": 1}', "application/json")
                return
            asked = json.loads(body)
            block = pending.pop(0) if asked.get("tools") and pending else {"type": "text", "text": "done"}
            self.answer(_events(block), "text/event-stream")

        def do_GET(self) -> None:
            paths.append(self.path)
            self.answer(b"{}", "application/json")

        def answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield FakeModel(f"http://127.0.0.1:{server.server_port}", paths)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _events(block: dict[str, Any]) -> bytes:
    """Return an answer with one content block, as server-sent events."""
    is_tool = block["type"] == "tool_use"
    start = {**block, "input": {}} if is_tool else {"type": "text", "text": ""}
    delta = (
        {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        if is_tool
        else {"type": "text_delta", "text": block["text"]}
    )
    usage = {"input_tokens": 1, "output_tokens": 1}
    message: dict[str, Any] = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "made-up", "content": [],
        "stop_reason": None, "stop_sequence": None, "usage": usage,
    }  # fmt: skip
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": start},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "tool_use" if is_tool else "end_turn", "stop_sequence": None},
            "usage": usage,
        },
        {"type": "message_stop"},
    ]
    return b"".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events)
