"""A Progress that does nothing."""

from toolhive_artifact import Descriptor


class Quiet:
    """A `Progress` that does nothing."""

    def started(self, descriptor: Descriptor) -> None:
        """Ignore that a transfer begins."""

    def advanced(self, descriptor: Descriptor, count: int) -> None:
        """Ignore that bytes were transferred."""

    def finished(self, descriptor: Descriptor, *, skipped: bool) -> None:
        """Ignore that a transfer is done."""
