"""Runs work in several processes at once, and tells which of them failed or hung."""

import contextlib
import multiprocessing
import queue
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from multiprocessing.queues import Queue


def in_processes(work: Callable[..., None], count: int, *arguments: object, timeout: float = 240) -> None:
    """Run the work in so many processes at once, with a number and the arguments.

    The first that fails ends the test, and so does one that is not done in time; no process is left behind.
    """
    context = multiprocessing.get_context("spawn")
    failures: Queue[tuple[int, str]] = context.Queue()
    gate = context.Barrier(count)
    processes = [
        context.Process(target=_run, args=(work, number, gate, failures, arguments)) for number in range(count)
    ]
    for process in processes:
        process.start()
    try:
        _wait_for_all(processes, failures, timeout)
    finally:
        for process in processes:
            process.kill()
            process.join()


def _wait_for_all(processes: list[SpawnProcess], failures: "Queue[tuple[int, str]]", timeout: float) -> None:
    end = time.monotonic() + timeout
    running = dict(enumerate(processes))
    while running:
        ready = wait([process.sentinel for process in running.values()], timeout=max(0.0, end - time.monotonic()))
        assert ready, f"hung for {timeout:g} seconds: process {', '.join(map(str, running))} of {len(processes)}"
        ended = {number: _exit_code(process) for number, process in running.items() if process.sentinel in ready}
        for number in ended:
            del running[number]
        failed = {number: code for number, code in ended.items() if code != 0}
        assert not failed, f"failed (process: exit status): {failed}\n{_said(failures)}"


def _exit_code(process: SpawnProcess) -> int | None:
    process.join()
    return process.exitcode


def _said(failures: "Queue[tuple[int, str]]") -> str:
    """Return what failed in the processes; one that was killed says nothing."""
    said: list[str] = []
    with contextlib.suppress(queue.Empty):
        while True:
            number, text = failures.get(timeout=1)
            said.append(f"process {number}: {text}")
    return "\n".join(said)


def _run(
    work: Callable[..., None],
    number: int,
    gate: threading.Barrier,
    failures: "Queue[tuple[int, str]]",
    arguments: tuple[object, ...],
) -> None:
    try:
        gate.wait(timeout=120)
        work(number, *arguments)
    except BaseException:
        failures.put((number, traceback.format_exc()))
        raise
