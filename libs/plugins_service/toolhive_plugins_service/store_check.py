"""What a check or a repair of the local store found."""

from attrs import frozen

from toolhive_plugins import Problem


@frozen
class StoreCheck:
    """What is wrong with the store."""

    root: str
    """Its folder."""

    problems: tuple[Problem, ...]
