"""What the stress tests of the store do in other processes, and how much of it."""

import contextlib
import json
import multiprocessing
import os
import random
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.queues import Queue
from pathlib import Path

from attrs import frozen
from store_samples import OrasGoStore, Sample, build, make_sample

from toolhive_artifact import Digest
from toolhive_plugins_store import Store, StoreNotFoundError

LONG = os.environ.get("TOOLHIVE_STRESS") == "long"
"""Whether to take minutes, as docs/reliability.md says, rather than seconds."""

SEED = int(os.environ.get("TOOLHIVE_STRESS_SEED", "1"))

LAYERS = [b"shared layer %d" % number * 50 for number in range(3)]


@frozen
class Scale:
    """How much to do."""

    processes: int
    steps: int
    kills: int


SCALE = Scale(processes=8, steps=1500, kills=500) if LONG else Scale(processes=4, steps=30, kills=25)


def sample(name: str) -> Sample:
    """Return the artifact of a name; the name says which layer it shares, if any."""
    shared = sum(name.encode()) % 5
    return make_sample(name, layer=LAYERS[shared] if shared < len(LAYERS) else None)


def in_processes(work: Callable[..., None], count: int, *arguments: object, timeout: float = 3600) -> None:
    """Run the work in so many processes at once, with a number and the arguments; fail with what failed there."""
    context = multiprocessing.get_context("spawn")
    failures: Queue[str] = context.Queue()
    gate = context.Barrier(count)
    processes = [
        context.Process(target=_run, args=(work, number, gate, failures, arguments)) for number in range(count)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout)
        assert process.exitcode == 0, failures.get(timeout=10)


def _run(
    work: Callable[..., None],
    number: int,
    gate: threading.Barrier,
    failures: "Queue[str]",
    arguments: tuple[object, ...],
) -> None:
    gate.wait(timeout=300)
    try:
        work(number, *arguments)
    except BaseException:
        failures.put(traceback.format_exc())
        raise


class Player:
    """Does one thing after another to a store, at random under a seed, and knows what its own tags stand for."""

    def __init__(self, store: Store, name: str, seed: int) -> None:
        self.store = store
        self.name = name
        self.random = random.Random(f"{SEED}/{seed}/{name}")
        self.mine: dict[str, str] = {}
        self.steps = 0

    def step(self) -> str:
        """Do one thing; return what."""
        self.steps += 1
        action = self.random.choices(
            [
                self.build,
                self.build_in_steps,
                self.take_over,
                self.delete_build,
                self.delete_tag,
                self.gc,
                self.read,
                self.check,
            ],
            [5, 4, 3, 4, 1, 1, 8, 0.3],
        )[0]
        action()
        return action.__name__

    def new_tag(self) -> str:
        """Return one of few tags of this player's own, so that tags are taken over as well."""
        return f"{self.name}-{self.random.randrange(12)}"

    def content(self) -> str:
        """Return one of few names of content that all players build, so that they meet."""
        return f"content-{self.random.randrange(15)}"

    def build(self) -> None:
        tag, name = self.new_tag(), self.content()
        build(self.store, tag, sample(name))
        self.mine[tag] = name

    def build_in_steps(self) -> None:
        """As the packager and its caller do: first the content, then the tag; others may delete in between."""
        tag, name = self.new_tag(), self.content()
        one = sample(name)
        with self.store.transaction() as transaction:
            transaction.put_blob_chunks([one.layer[:7], one.layer[7:]])
            one.put(transaction)
        self.store.tag(one.digest, tag, local_build=True)
        self.mine[tag] = name

    def take_over(self) -> None:
        """As a pull does: ask what is there already, bring only the rest."""
        tag, name = self.new_tag(), self.content()
        one = sample(name)
        with self.store.transaction() as transaction:
            for digest, data in one.blobs.items():
                if not transaction.has(digest, size=len(data)):
                    transaction.put_blob(data)
            transaction.tag(one.digest, tag)
        self.mine[tag] = name

    def delete_build(self) -> None:
        if self.mine:
            tag = self.random.choice(sorted(self.mine))
            del self.mine[tag]
            self.store.delete_build(tag)

    def delete_tag(self) -> None:
        if self.mine:
            tag = self.random.choice(sorted(self.mine))
            name = self.mine.pop(tag)
            self.store.delete_tag(tag)
            # Another entry may stand for it as well, or another player be quicker.
            with contextlib.suppress(StoreNotFoundError):
                self.store.delete_build(sample(name).digest)

    def gc(self) -> None:
        self.store.gc(grace=self.random.choice([0.0, 3600.0]))

    def read(self) -> None:
        """Read all of one's own tags' content, and of somebody else's as long as it is there."""
        for tag, name in self.mine.items():
            read_all(self.store, self.store.resolve(tag), sample(name))
        others = [tag for tag in self.store.list_tags() if tag not in self.mine]
        if others:
            tag = self.random.choice(others)
            try:
                digest = self.store.resolve(tag)
                self.store.get_manifest(digest)
            except StoreNotFoundError:
                pass  # its owner deleted it since the list was read

    def check(self) -> None:
        problems = self.store.check()
        assert problems == (), problems


def read_all(store: Store, digest: Digest, expected: Sample) -> None:
    assert digest == expected.digest
    assert store.is_index(digest)
    for found, data in expected.blobs.items():
        assert store.get_blob(found) == data


def play(number: int, root: str, ledgers: str, steps: int, seed: int) -> None:
    """Two threads of one process play, on one `Store` object; each writes down in the end what its tags stand for."""
    failures: list[str] = []

    def run(name: str) -> None:
        player = Player(store, name, seed)
        try:
            for _ in range(steps):
                player.step()
            Path(ledgers, name).write_text(json.dumps(player.mine))
        except BaseException:
            failures.append(f"{name}, step {player.steps}: {traceback.format_exc()}")
            raise

    with Store(root) as store:
        threads = [threading.Thread(target=run, args=(f"p{number}t{thread}",)) for thread in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not failures, failures[0]


@contextmanager
def player_to_be_killed(root: Path, seed: int) -> Iterator[tuple[int, int]]:
    """Have a child play until somebody kills it; yield its process id, and a pipe on which it tells what its tags
    stand for, one JSON object a line: before and after each thing that it does."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            player = Player(Store(root), f"k{seed}", seed)
            while True:
                player.step()
                os.write(writing, json.dumps(player.mine).encode() + b"\n")
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            os._exit(1)
    os.close(writing)
    try:
        yield child, reading
    finally:
        os.close(reading)


def tag_as_oras_go(root: str, count: int) -> None:
    """Write like a program that takes no lock, and that looks at index.json only when it starts."""
    go = OrasGoStore(Path(root))
    for number in range(count):
        one = sample(f"go-{number}")
        go.tag(one.put(go), f"go-{number}")


def tag_as_we_do(root: str, count: int) -> None:
    with Store(root) as store:
        for number in range(count):
            build(store, f"ours-{number}", sample(f"ours-{number}"))
            store.list_tags()


def write_both_ways(number: int, root: str, count: int) -> None:
    (tag_as_oras_go if number == 0 else tag_as_we_do)(root, count)
