"""Content digests (OCI image-spec, descriptor.md, "Digests"). Only sha256 is supported."""

import re
from typing import Self

from toolhive_artifact.errors import InvalidDigestError, shown

_FORM = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)


class Digest(str):
    """A digest: a string of the form `sha256:<64 lowercase hex digits>`.

    `Digest.parse`, `Digest.of` and the constructor all validate, so an instance is always safe to use in a path.

    Raises:
        InvalidDigestError: the text does not have that form.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if not isinstance(text, str) or _FORM.fullmatch(text) is None:
            raise InvalidDigestError(
                f"{shown(text)!r} is not a digest",
                remedy="A digest is sha256: followed by 64 lowercase hexadecimal digits",
            )
        return super().__new__(cls, text)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Validate `text` and return it as a digest."""
        return cls(text)

    @classmethod
    def of(cls, data: bytes | bytearray | memoryview) -> Self:
        """Return the digest of `data`."""
        import hashlib  # lazily: validating a digest does not need OpenSSL

        return cls("sha256:" + hashlib.sha256(data).hexdigest())

    @property
    def algorithm(self) -> str:
        """The part before the colon: `sha256`."""
        return self[:6]

    @property
    def encoded(self) -> str:
        """The part after the colon: 64 hexadecimal digits."""
        return self[7:]
