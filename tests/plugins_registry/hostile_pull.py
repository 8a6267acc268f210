"""Says of a pull or a push that it must fail, with what words, and that the store is as it was."""

from pathlib import Path
from typing import TypeVar

import pytest
from attrs import frozen

from toolhive_artifact import ToolhiveError
from toolhive_plugins_registry import Registry
from toolhive_plugins_store import Store

E = TypeVar("E", bound=ToolhiveError)


def snapshot(store: Store) -> dict[str, bytes]:
    """All that counts as content, and whatever an operation may have left in its session's folder."""
    files = [path for path in store.root.rglob("*") if path.is_file()] if store.root.is_dir() else []
    return {str(path.relative_to(store.root)): path.read_bytes() for path in files if not _is_housekeeping(path)}


def _is_housekeeping(path: Path) -> bool:
    """Locks, and the list of what a session looked at."""
    return path.suffix == ".lock" or path.name in ("lock", "claims", "index.spare", "oci-layout")


@frozen
class Puller:
    """Pulls that must fail."""

    client: Registry
    store: Store

    def refuses(self, ref: str, error: type[E] | tuple[type[E], ...], words: str) -> E:
        """Pull, expect the error with words that match, and nothing changed in the store; return the error."""
        before = snapshot(self.store)
        with pytest.raises(error, match=words) as caught:
            self.client.pull(self.store, ref)
        assert snapshot(self.store) == before
        assert not [tag for tag in self.store.list_tags() if tag == ref]
        assert len(str(caught.value)) < 1000, "no outside text may blow up a message"
        assert str(caught.value).isprintable()
        return caught.value
