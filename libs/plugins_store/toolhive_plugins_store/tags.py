"""Tags: names for builds. A full reference, such as ghcr.io/owner/name:v1.0.0, is a tag as well."""

from typing import Final, NamedTuple

from toolhive_artifact import Digest, shown
from toolhive_plugins_store.errors import InvalidTagError

MAX_TAG_LENGTH: Final = 1024
"""Size in bytes of the longest tag, in UTF-8; the longest reference of host, repository, tag and digest is shorter."""


class Tag(NamedTuple):
    """A tag of the store and the build that it names."""

    tag: str
    """The tag."""

    digest: Digest
    """The digest of the build's index or manifest."""

    local_build: bool
    """Whether the build was made on this machine."""


def check_tag(tag: str) -> str:
    """Return the tag if it can be written to index.json.

    References and the names of the OCI layout's grammar can. Beyond them, whatever oras-go accepts is accepted, as
    long as it can be displayed and cannot be mistaken for a digest.

    Raises:
        InvalidTagError: it is empty, too long, a digest, or has characters that cannot be displayed.
    """
    if not isinstance(tag, str) or not tag:
        problem = "a tag is empty" if tag == "" else "a tag is not text"
    elif not tag.isprintable() or tag != tag.strip():
        problem = f"the tag {shown(tag)!r} has spaces at an end, or characters that cannot be displayed"
    elif len(tag.encode()) > MAX_TAG_LENGTH:
        problem = f"the tag {shown(tag)!r} is longer than {MAX_TAG_LENGTH} bytes"
    elif tag.startswith("sha256:"):
        problem = f"the tag {shown(tag)!r} looks like a digest"
    else:
        return tag
    raise InvalidTagError(problem, remedy="Use a tag such as v1.0.0, or a reference such as ghcr.io/owner/name:v1.0.0")
