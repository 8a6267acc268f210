"""What a store is put through: operations that change it, and what must hold whatever becomes of them."""

import shutil
from collections.abc import Callable
from pathlib import Path

from attrs import frozen
from store_samples import Sample, assert_whole, build, leftovers, make_sample, stored, tags_on_disk

from toolhive_plugins_store import Store

KEPT = make_sample("kept")
DOOMED = make_sample("doomed", layer=KEPT.layer)
BUILT = make_sample("built", layer=b"new layer" * 1000)


@frozen
class Scenario:
    """An operation on a store that holds `kept` and `doomed`, which share a layer."""

    name: str

    act: Callable[[Store], object]
    """The operation."""

    adds: dict[str, Sample]
    """The tags that it adds, which may be there or not when it is cut short."""

    drops: tuple[str, ...] = ()
    """The tags that it takes away, likewise."""

    fresh: bool = False
    """Whether the store does not exist before."""

    def prepare(self, root: Path) -> None:
        """Make the store, a copy of one that is made once."""
        if self.fresh:
            return
        template = root.with_name("template")
        if not template.exists():
            with Store(template) as store:
                build(store, "kept", KEPT)
                build(store, "doomed", DOOMED)
                if self.name == "gc":
                    store.put_blob(b"an orphan")
        shutil.copytree(template, root)

    def check_cut_short(self, root: Path) -> None:
        """Check that nothing was lost and nothing is half there, with no repair."""
        with Store(root) as store:
            assert store.check() == ()
        expected = {} if self.fresh else {"kept": KEPT}
        on_disk = tags_on_disk(root) if (root / "index.json").exists() else {}
        expected |= {tag: sample for tag, sample in self.adds.items() if tag in on_disk}
        if "doomed" in on_disk:
            expected["doomed"] = DOOMED
        if expected:
            assert_whole(root, expected)
        certain = ({"kept", "doomed"} - set(self.drops)) if not self.fresh else set()
        assert certain <= on_disk.keys() <= certain | self.adds.keys() | set(self.drops)

    def check_swept(self, root: Path) -> None:
        """Check that a sweep leaves only what tags reach."""
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
        """Check that the operation, once it was let through, did what it does."""
        expected = ({} if self.fresh else {"kept": KEPT, "doomed": DOOMED}) | self.adds
        for tag in self.drops:
            del expected[tag]
        assert tags_on_disk(root).keys() == expected.keys()
        assert_whole(root, expected)
        with Store(root) as store:
            assert store.check() == ()


def build_in_steps(store: Store) -> None:
    """Build and tag as two transactions, the layer in pieces."""
    with store.transaction() as transaction:
        transaction.put_blob_chunks([BUILT.layer[:100], BUILT.layer[100:]])
        BUILT.put(transaction)
    store.tag(BUILT.digest, "built", local_build=True)


SCENARIOS = (
    Scenario("the first build", lambda store: build(store, "built", BUILT), {"built": BUILT}, fresh=True),
    Scenario("build", lambda store: build(store, "built", BUILT), {"built": BUILT}),
    Scenario("build in steps", build_in_steps, {"built": BUILT}),
    Scenario("build what is there", lambda store: build(store, "built", KEPT), {"built": KEPT}),
    Scenario("delete_tag", lambda store: delete_if_there(store, store.delete_tag), {}, ("doomed",)),
    Scenario("delete_build", lambda store: delete_if_there(store, store.delete_build), {}, ("doomed",)),
    Scenario("gc", lambda store: store.gc(grace=0), {}),
)


def delete_if_there(store: Store, delete: Callable[[str], None]) -> None:
    if "doomed" in store.list_tags():
        delete("doomed")
