"""Progress that nobody listens to."""

from toolhive_artifact import Descriptor


class Quiet:
    """A `Progress` that says nothing."""

    def started(self, descriptor: Descriptor) -> None:
        """Hear nothing."""

    def advanced(self, descriptor: Descriptor, count: int) -> None:
        """Hear nothing."""

    def finished(self, descriptor: Descriptor, *, skipped: bool) -> None:
        """Hear nothing."""
