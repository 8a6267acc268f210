"""The pipe that the benchmarks put before a registry: it changes nothing but the time."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from thvbench.far_pipe import far_away

AWAY = 0.05


@contextmanager
def echoing() -> Iterator[str]:
    """A server that sends back what it is sent, until the client has said all."""

    def serve() -> None:
        with listening.accept()[0] as peer:
            while data := peer.recv(4096):
                peer.sendall(data)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


def connect(host: str) -> socket.socket:
    name, _, port = host.rpartition(":")
    return socket.create_connection((name, int(port)), timeout=30)


def test_each_answer_takes_the_way_there_and_back_and_the_first_a_handshake_more() -> None:
    with echoing() as server, far_away(server, AWAY) as host, connect(host) as client:
        taken = []
        for word in (b"one", b"two"):
            begun = time.monotonic()
            client.sendall(word)
            assert client.recv(3) == word
            taken.append(time.monotonic() - begun)

    assert taken[0] >= 4 * AWAY
    assert taken[1] >= 2 * AWAY


def test_bytes_arrive_whole_and_in_order_and_the_end_after_them() -> None:
    sent = os.urandom(1_000_000)

    def send() -> None:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)

    with echoing() as server, far_away(server, 0.01) as host, connect(host) as client:
        writing = threading.Thread(target=send)
        writing.start()
        received = bytearray()
        while data := client.recv(65536):
            received += data
        writing.join()

    assert bytes(received) == sent


def test_where_nobody_listens_the_connection_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nowhere = f"127.0.0.1:{closed.getsockname()[1]}"
    with far_away(nowhere, 0.01) as host, connect(host) as client:
        assert client.recv(1) == b""
