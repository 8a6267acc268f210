"""Keeps the first of any number of names, in bounded memory."""


class FirstNames:
    """Counts names and keeps those that sort first.

    Args:
        room: how many to keep.
    """

    def __init__(self, room: int) -> None:
        self.count = 0
        """The number of names added."""
        self._room = room
        self._names: list[bytes] = []

    def add(self, name: bytes) -> None:
        """Add a name."""
        self.count += 1
        self._names.append(name)
        if len(self._names) > 2 * self._room:
            self._cut()

    def first(self) -> list[bytes]:
        """Return the names that sort first, sorted."""
        self._cut()
        return list(self._names)

    def _cut(self) -> None:
        self._names.sort()
        del self._names[self._room :]
