"""Stands between Pants and an engine, and is as bad as it is told; runs in BuildGrid's environment.

    engine_proxy.py PORT ENGINE [--delay SECONDS] [--die-after CALLS] [--full] [--record FILE] [--token TOKEN]
                    [--certificate FILE]

Every call is passed on as bytes, whatever it is. `--delay` waits before each answer; `--die-after` ends the process without a word at
the call of that number; `--full` refuses to store; `--record` writes the action results that are stored, one JSON line each; with
`--token`, a call without it is refused; `--certificate`, a PEM file of key and certificate, makes it speak TLS.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from buildgrid._protos.build.bazel.remote.execution.v2.remote_execution_pb2 import UpdateActionResultRequest

STORES = ("BatchUpdateBlobs", "Write", "UpdateActionResult")
"""The calls that ask an engine to keep something."""

UNLIMITED = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))


class Proxy(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Passes every call on."""

    def __init__(self, channel: Any, manner: argparse.Namespace) -> None:
        self._channel = channel
        self._manner = manner
        self._lock = threading.Lock()
        self._calls = 0

    def service(self, call: Any) -> Any:
        """Return what serves a call: a stream each way, as which a single message passes too."""
        method = call.method
        metadata = [(key, value) for key, value in call.invocation_metadata if not key.startswith("grpc-")]
        name = method.rpartition("/")[2]

        def serve(requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
            self._misbehave(name, dict(metadata), context)
            passed = self._recorded(name, requests) if self._manner.record else requests
            try:
                yield from self._channel.stream_stream(method)(passed, metadata=metadata)
            except grpc.RpcError as error:
                context.abort(error.code(), error.details())

        return grpc.stream_stream_rpc_method_handler(serve)

    def _misbehave(self, name: str, metadata: dict[str, str], context: Any) -> None:
        with self._lock:
            self._calls += 1
            calls = self._calls
        if self._manner.die_after and calls >= self._manner.die_after:
            os._exit(1)
        if self._manner.token and metadata.get("authorization") != f"Bearer {self._manner.token}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "no such token")
        if self._manner.full and name in STORES:
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "the cache is full")
        time.sleep(self._manner.delay)

    def _recorded(self, name: str, requests: Iterator[bytes]) -> Iterator[bytes]:
        for request in requests:
            if name == "UpdateActionResult":
                update = UpdateActionResultRequest.FromString(request)
                digest = update.action_digest
                told = {
                    "action": f"{digest.hash}/{digest.size_bytes}",
                    "result": update.action_result.SerializeToString().hex(),
                }
                with self._lock, self._manner.record.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(told) + "\n")
            yield request


def main() -> int:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("engine")
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--die-after", type=int, default=0)
    parser.add_argument("--full", type=int, default=0)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--token", default="")
    parser.add_argument("--certificate", type=Path)
    manner = parser.parse_args()
    server = grpc.server(ThreadPoolExecutor(64), options=UNLIMITED)
    server.add_generic_rpc_handlers((Proxy(grpc.insecure_channel(manner.engine, options=UNLIMITED), manner),))
    if manner.certificate:
        pem = manner.certificate.read_bytes()
        server.add_secure_port(f"127.0.0.1:{manner.port}", grpc.ssl_server_credentials([(pem, pem)]))
    else:
        server.add_insecure_port(f"127.0.0.1:{manner.port}")
    server.start()
    server.wait_for_termination()
    return 0


if __name__ == "__main__":
    sys.exit(main())
