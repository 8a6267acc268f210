"""What is remembered of a file of an installed plugin."""

from attrs import frozen

from toolhive_plugins import Digest


@frozen
class InstalledFile:
    """A file, as it was installed."""

    digest: Digest
    executable: bool = False
