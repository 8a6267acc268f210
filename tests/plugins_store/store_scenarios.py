"""Operations that the crash tests interrupt, and what must hold wherever they are interrupted."""

import shutil
from collections.abc import Callable
from pathlib import Path

from attrs import frozen
from store_samples import (
    OrasGoStore,
    Sample,
    assert_stored,
    assert_whole,
    build,
    leftovers,
    make_sample,
    stored,
    tags_on_disk,
)

from toolhive_plugins_store import Store

KEPT = make_sample("kept")
DOOMED = make_sample("doomed", layer=KEPT.layer)
BUILT = make_sample("built", layer=b"new layer" * 1000)


@frozen
class Scenario:
    """An operation on a store that has `kept` and `doomed`, which share a layer."""

    name: str

    act: Callable[[Store], object]
    """The operation."""

    adds: dict[str, Sample]
    """The tags that it adds; after an interruption they may be there or not."""

    drops: tuple[str, ...] = ()
    """The tags that it deletes; likewise."""

    fresh: bool = False
    """Whether the store does not exist before."""

    before: Callable[[Path], object] = lambda root: None
    """What happens to the store before."""

    beside_thv: bool = False
    """Whether index.json lacks tags of ours before, which the journal knows."""

    def prepare(self, root: Path) -> None:
        """Create the store, as a copy of one that is made once."""
        if self.fresh:
            return
        template = root.with_name("template")
        if not template.exists():
            with Store(template) as store:
                build(store, "kept", KEPT)
                thv = OrasGoStore(template) if self.beside_thv else None
                build(store, "doomed", DOOMED)
            self.before(template)
            if thv is not None:
                (template / "index.json").write_bytes(thv.text())
        shutil.copytree(template, root)

    def tags(self, root: Path) -> dict[str, str]:
        """Return the digests of all tags: by index.json itself, or by what a reader makes of it beside thv."""
        if self.beside_thv:
            with Store(root) as store:
                return {tag.tag: str(tag.digest) for tag in store.tags()}
        return tags_on_disk(root) if (root / "index.json").exists() else {}

    def check_cut_short(self, root: Path) -> None:
        """Check that nothing is lost and nothing is half done, without a repair."""
        with Store(root) as store:
            assert store.check() == ()
        expected = {} if self.fresh else {"kept": KEPT}
        found = self.tags(root)
        expected |= {tag: sample for tag, sample in self.adds.items() if tag in found}
        if "doomed" in found:
            expected["doomed"] = DOOMED
        if expected:
            assert_stored(root, found, expected)
        certain = ({"kept", "doomed"} - set(self.drops)) if not self.fresh else set()
        assert certain <= found.keys() <= certain | self.adds.keys() | set(self.drops)

    def check_swept(self, root: Path) -> None:
        """Check that `gc` leaves only what tags reach."""
        with Store(root) as store:
            store.gc(grace=0)
            assert store.check() == ()
        reached = {"kept": KEPT, "doomed": DOOMED} | self.adds
        on_disk = tags_on_disk(root) if (root / "index.json").exists() else {}
        kept = {reached[tag].digest: reached[tag] for tag in on_disk}
        if self.name == "delete_tag":
            kept[DOOMED.digest] = DOOMED
        assert stored(root) == {digest for sample in kept.values() for digest in sample.blobs}
        assert leftovers(root) == []

    def check_done(self, root: Path) -> None:
        """Check that the operation, once it was not interrupted, did what it does."""
        expected = ({} if self.fresh else {"kept": KEPT, "doomed": DOOMED}) | self.adds
        for tag in self.drops:
            del expected[tag]
        assert tags_on_disk(root).keys() == expected.keys()
        assert_whole(root, expected)
        with Store(root) as store:
            assert store.check() == ()


def build_in_steps(store: Store) -> None:
    """Build and tag as two transactions, the layer in chunks."""
    with store.transaction() as transaction:
        transaction.put_blob_chunks([BUILT.layer[:100], BUILT.layer[100:]])
        BUILT.put(transaction)
    store.tag(BUILT.digest, "built", local_build=True)


def add_orphan(root: Path) -> None:
    with Store(root) as store:
        store.put_blob(b"an orphan")


def fill_journal(root: Path) -> None:
    """Change one tag until the journal is compacted at the next change."""
    journal = root / ".toolhive" / "journal"
    with Store(root) as store:
        number = 0
        while journal.stat().st_size <= 64 * 1024:
            number += 1
            store.tag(KEPT.digest, "kept", local_build=bool(number % 2))


def delete_if_there(store: Store, delete: Callable[[str], None]) -> None:
    if "doomed" in store.list_tags():
        delete("doomed")


SCENARIOS = (
    Scenario("the first build", lambda store: build(store, "built", BUILT), {"built": BUILT}, fresh=True),
    Scenario("build", lambda store: build(store, "built", BUILT), {"built": BUILT}),
    Scenario("build in steps", build_in_steps, {"built": BUILT}),
    Scenario("build what is there", lambda store: build(store, "built", KEPT), {"built": KEPT}),
    Scenario("delete_tag", lambda store: delete_if_there(store, store.delete_tag), {}, ("doomed",)),
    Scenario("delete_build", lambda store: delete_if_there(store, store.delete_build), {}, ("doomed",)),
    Scenario("gc", lambda store: store.gc(grace=0), {}, before=add_orphan),
    Scenario("a full journal", lambda store: build(store, "built", BUILT), {"built": BUILT}, before=fill_journal),
    Scenario("build beside thv", lambda store: build(store, "built", BUILT), {"built": BUILT}, beside_thv=True),
    Scenario(
        "delete_build beside thv",
        lambda store: delete_if_there(store, store.delete_build),
        {},
        ("doomed",),
        beside_thv=True,
    ),
    Scenario("gc beside thv", lambda store: store.gc(grace=0), {}, before=add_orphan, beside_thv=True),
)
