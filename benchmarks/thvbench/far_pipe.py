"""A registry that is far away: a TCP pipe that holds every byte back, both ways.

    with far_away("127.0.0.1:5000", 0.02) as host:
        ...  # what is sent to `host` arrives 20 ms later, and so does each answer

Bytes arrive in order and without a limit on how many are under way, so it has a latency and no bandwidth. A connection on this
machine is there at once, and one to a far machine only after a round trip: the first bytes of each are held back by that, too.
"""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from subprocess import PIPE, Popen

_CHUNK = 64 * 1024


@contextlib.contextmanager
def far_away(host: str, seconds: float) -> Iterator[str]:
    """Run a pipe to `host` in a process of its own, and give the `host:port` where it begins.

    Args:
        host: where it ends.
        seconds: how long each byte is held back, each way.
    """
    process = Popen([sys.executable, __file__, host, str(seconds)], stdout=PIPE, text=True)
    try:
        if process.stdout is None or not (port := process.stdout.readline().strip()):
            raise RuntimeError("the pipe did not start")
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


async def serve(host: str, seconds: float) -> asyncio.Server:
    """Listen on a free port of the loopback address, and pipe each connection to `host`."""
    name, _, port = host.rpartition(":")
    running: set[asyncio.Task[None] | None] = set()  # asyncio itself would let them be collected

    async def connect(near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        running.add(asyncio.current_task())
        handshake = 2 * seconds
        try:
            far_in, far_out = await asyncio.open_connection(name, int(port))
        except OSError:
            near_out.close()
            return
        await asyncio.gather(_hold(near_in, far_out, seconds, handshake), _hold(far_in, near_out, seconds, 0.0))
        near_out.close()
        far_out.close()
        running.discard(asyncio.current_task())

    return await asyncio.start_server(connect, "127.0.0.1", 0)


async def _hold(source: asyncio.StreamReader, target: asyncio.StreamWriter, seconds: float, handshake: float) -> None:
    """Carry bytes one way, each `seconds` after it came, and none before `seconds` and the handshake are over."""
    clock = asyncio.get_running_loop().time
    begins = clock() + handshake + seconds
    held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    reading = asyncio.create_task(_read(source, held, seconds))
    with contextlib.suppress(OSError):
        while True:
            due, data = await held.get()
            await asyncio.sleep(max(due, begins) - clock())
            if not data:
                target.write_eof()
                break
            target.write(data)
            await target.drain()
    reading.cancel()


async def _read(source: asyncio.StreamReader, held: "asyncio.Queue[tuple[float, bytes]]", seconds: float) -> None:
    """Take what comes, to its end, which is held back as well."""
    clock = asyncio.get_running_loop().time
    data = b"."
    while data:
        try:
            data = await source.read(_CHUNK)
        except OSError:
            data = b""
        held.put_nowait((clock() + seconds, data))


async def _main(host: str, seconds: float) -> None:
    server = await serve(host, seconds)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], float(sys.argv[2])))
