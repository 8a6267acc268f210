"""What a tag stands for, as `Store.tags` tells it: apart from the store, since its class loads attrs and the models."""

from attrs import frozen

from toolhive_artifact import Descriptor


@frozen
class TagEntry:
    """A tag and what it stands for."""

    tag: str
    """The tag, or full reference."""

    descriptor: Descriptor
    """What index.json says of the manifest or index."""

    local_build: bool
    """Whether it was built on this machine."""
