"""What the stress tests of the store do in other processes, and how much of it."""

import contextlib
import json
import os
import random
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen
from store_samples import OrasGoStore, Sample, build
from stress_registry import plugin_sample

from toolhive_artifact import Digest
from toolhive_plugins_interfaces import RegistryNotFoundError
from toolhive_plugins_registry import Registry
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
    """Return the plugin of a name; the name says which layer it shares, if any."""
    shared = sum(name.encode()) % 5
    return plugin_sample(name, LAYERS[shared] if shared < len(LAYERS) else name.encode())


CONTENTS = [f"content-{number}" for number in range(15)]
"""What all players build, so that they meet."""

Announce = Callable[[str, str | None, str | None], None]
"""Hears of what a player is about to do, to which of its tags, and what that stands for then; None for nothing."""


class Player:
    """Does one thing after another to a store, at random under a seed, and knows what its own tags stand for."""

    def __init__(
        self, store: Store, name: str, seed: int, registry: Registry, host: str, announce: Announce | None = None
    ) -> None:
        self.store = store
        self.name = name
        self.registry = registry
        self.host = host
        self.announce = announce or (lambda action, tag, name: None)
        self.random = random.Random(f"{SEED}/{seed}/{name}")
        self.mine: dict[str, str] = {}
        self.done: Counter[str] = Counter()

    def step(self) -> None:
        """Do one thing."""
        actions: dict[Callable[[], None], float] = {
            self.build: 5,
            self.build_in_steps: 4,
            self.take_over: 3,
            self.delete_build: 4,
            self.delete_tag: 1,
            self.gc: 1,
            self.read: 8,
            self.check: 0.3,
            self.push: 3,
            self.pull: 3,
        }
        action = self.random.choices(list(actions), list(actions.values()))[0]
        action()
        self.done[action.__name__] += 1

    def new_tag(self) -> str:
        """Return one of few tags of this player's own, so that tags are taken over as well."""
        return f"{self.name}-{self.random.randrange(12)}"

    def content(self) -> str:
        """Return the name of something to build."""
        return self.random.choice(CONTENTS)

    def build(self) -> None:
        tag, name = self.new_tag(), self.content()
        self.announce("build", tag, name)
        build(self.store, tag, sample(name))
        self.mine[tag] = name

    def build_in_steps(self) -> None:
        """As the packager and its caller do: first the content, then the tag; others may delete in between."""
        tag, name = self.new_tag(), self.content()
        one = sample(name)
        self.announce("build_in_steps", tag, name)
        with self.store.transaction() as transaction:
            transaction.put_blob_chunks([one.layer[:7], one.layer[7:]])
            one.put(transaction)
        self.store.tag(one.digest, tag, local_build=True)
        self.mine[tag] = name

    def take_over(self) -> None:
        """As a pull does: ask what is there already, bring only the rest."""
        tag, name = self.new_tag(), self.content()
        one = sample(name)
        self.announce("take_over", tag, name)
        with self.store.transaction() as transaction:
            for digest, data in one.blobs.items():
                if not transaction.has(digest, size=len(data)):
                    transaction.put_blob(data)
            transaction.tag(one.digest, tag)
        self.mine[tag] = name

    def delete_build(self) -> None:
        if self.mine:
            tag = self.random.choice(sorted(self.mine))
            self.announce("delete_build", tag, None)
            del self.mine[tag]
            self.store.delete_build(tag)

    def delete_tag(self) -> None:
        if self.mine:
            tag = self.random.choice(sorted(self.mine))
            self.announce("delete_tag", tag, None)
            name = self.mine.pop(tag)
            self.store.delete_tag(tag)
            # Another entry may stand for it as well, or another player be quicker.
            with contextlib.suppress(StoreNotFoundError):
                self.store.delete_build(sample(name).digest)

    def push(self) -> None:
        """Push one of one's own builds, or somebody else's as long as it is there."""
        tags = self.store.list_tags()
        if not tags:
            return
        tag = self.random.choice(tags)
        self.announce("push", None, None)
        try:
            digest = self.store.resolve(tag)
            repository = next((name for name in CONTENTS if sample(name).digest == digest), "other")
            self.registry.push(self.store, digest, f"{self.host}/stress/{repository}:{self.name}")
        except StoreNotFoundError:
            assert tag not in self.mine, "only its owner deletes a build"

    def pull(self) -> None:
        """Pull what some player pushed; the tag before the digest, which nobody looks at, makes the tag this player's own."""
        name = self.content()
        ref = f"{self.host}/stress/{name}:{self.name}-{self.random.randrange(3)}@{sample(name).digest}"
        self.announce("pull", ref, name)
        try:
            self.registry.pull(self.store, ref)
        except RegistryNotFoundError:
            self.done["pull of what nobody pushed yet"] += 1
            self.done["pull"] -= 1
            self.announce("pull", None, None)  # so nothing became of it
        else:
            self.mine[ref] = name

    def gc(self) -> None:
        self.announce("gc", None, None)
        self.store.gc(grace=self.random.choice([0.0, 3600.0]))

    def read(self) -> None:
        """Read all of one's own tags' content, and of somebody else's as long as it is there."""
        self.announce("read", None, None)
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
        self.announce("check", None, None)
        problems = self.store.check()
        assert problems == (), problems


def read_all(store: Store, digest: Digest, expected: Sample) -> None:
    assert digest == expected.digest
    assert store.is_index(digest)
    for found, data in expected.blobs.items():
        assert store.get_blob(found) == data


ACTIONS = (
    "build",
    "build_in_steps",
    "take_over",
    "delete_build",
    "delete_tag",
    "gc",
    "read",
    "check",
    "push",
    "pull",
)
"""What a player announces."""


def play(number: int, root: str, ledgers: str, host: str, steps: int, seed: int) -> None:
    """Two threads of one process play, on one `Store` and one `Registry`; each writes down in the end what its tags
    stand for, and what it did how often."""
    failures: list[str] = []

    def run(name: str) -> None:
        player = Player(store, name, seed, registry, host)
        try:
            for _ in range(steps):
                player.step()
            Path(ledgers, name).write_text(json.dumps({"tags": player.mine, "done": player.done}))
        except BaseException:
            failures.append(f"{name}, step {player.done.total()}: {traceback.format_exc()}")
            raise

    with Store(root) as store, Registry(plain_http=True) as registry:
        threads = [threading.Thread(target=run, args=(f"p{number}t{thread}",)) for thread in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not failures, failures[0]


@contextmanager
def player_to_be_killed(root: Path, seed: int, host: str) -> Iterator[tuple[int, int]]:
    """Have a child play until somebody kills it; yield its process id, and a pipe on which it tells what it does, one
    JSON list a line: what an `Announce` hears before it does it, and an empty list once it is done."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)

            def tell(*what: str | None) -> None:
                os.write(writing, json.dumps(what).encode() + b"\n")

            player = Player(Store(root), f"k{seed}", seed, Registry(plain_http=True), host, tell)
            while True:
                player.step()
                tell()
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


class Heard:
    """What a player that was killed told: what its tags stood for, and what was under way."""

    def __init__(self) -> None:
        self.told = b""
        self.tags: dict[str, str] = {}
        self.under_way: list[str | None] = []

    def take(self, told: bytes) -> None:
        """Take in what came through the pipe; a line that is not whole yet waits for its rest."""
        *lines, self.told = (self.told + told).split(b"\n")
        for line in lines:
            self._follow(json.loads(line))

    def _follow(self, line: list[str | None]) -> None:
        if not line and self.under_way:
            _, tag, name = self.under_way
            if tag is not None and name is not None:
                self.tags[tag] = name
            elif tag is not None:
                self.tags.pop(tag, None)
        self.under_way = line

    @property
    def action(self) -> str:
        """What was under way."""
        return str(self.under_way[0]) if self.under_way else "nothing"

    def allowed(self) -> list[dict[str, str]]:
        """Return what the tags may stand for now: all as it was before what was under way, or all as it is after it."""
        after = Heard()
        after.tags, after.under_way = dict(self.tags), self.under_way
        after._follow([])
        return [self.tags, after.tags]


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
            assert {f"ours-{n}" for n in range(number + 1)} <= set(store.list_tags())


def write_both_ways(number: int, root: str, count: int) -> None:
    (tag_as_oras_go if number == 0 else tag_as_we_do)(root, count)
