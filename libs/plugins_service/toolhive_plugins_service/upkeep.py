"""Damage in the local store: finding it, and mending it."""

from attrs import frozen

from toolhive_plugins import Problem, Store


@frozen
class StoreCheck:
    """What was found wrong with the store."""

    root: str
    problems: tuple[Problem, ...]


def check(store: Store) -> StoreCheck:
    """Look for damage; see `Service.check`."""
    return StoreCheck(str(store.root), store.check())


def repair(store: Store) -> StoreCheck:
    """Mend what can be mended; see `Service.repair`."""
    return StoreCheck(str(store.root), store.repair())
