"""Platforms of an index's manifests (OCI image-spec, image-index.md, "platform")."""

from typing import Final

from attrs import field, frozen

from toolhive_artifact._structs import as_json
from toolhive_artifact.errors import InvalidPlatformError, shown


@frozen
class Platform:
    """An operating system and an architecture, by Go's names for them; `str` gives `os/architecture[/variant]`."""

    os: str = field(metadata=as_json("os", keep_empty=True, order=1))
    """The operating system: `linux`, `windows`, `darwin`, ..."""

    architecture: str = field(metadata=as_json("architecture", keep_empty=True))
    """The architecture: `amd64`, `arm64`, ..."""

    variant: str = field(default="", metadata=as_json("variant", order=3))
    """The variant of the architecture, such as `v8`."""

    os_version: str = field(default="", metadata=as_json("os.version", order=2))
    """The minimum version of the operating system (Windows only)."""

    os_features: tuple[str, ...] = field(default=(), metadata=as_json("os.features", order=2))
    """Required features of the operating system (Windows only)."""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


DEFAULT_PLATFORMS: Final = (Platform("linux", "amd64"), Platform("linux", "arm64"))
"""The platforms that a plugin is published for by default; the content is the same on each."""

# What Go's unicode.IsSpace calls space, which toolhive-core trims; str.strip() would also remove U+001C to U+001F.
_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def parse_platform(text: str) -> Platform:
    """Parse `os/architecture` or `os/architecture/variant`; white space around each part is ignored.

    Raises:
        InvalidPlatformError: there are not two or three parts, or one is empty.
    """
    parts = [part.strip(_SPACE) for part in text.split("/")]
    if len(parts) not in (2, 3) or not all(parts):
        raise InvalidPlatformError(
            f"{shown(text)!r} is not a platform",
            remedy="Write os/architecture, such as linux/amd64, or os/architecture/variant",
        )
    return Platform(parts[0], parts[1], variant=parts[2] if len(parts) > 2 else "")
