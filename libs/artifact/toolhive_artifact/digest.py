"""Content digests (OCI image-spec, descriptor.md, "Digests"). Only sha256 is spoken here."""

import re
from typing import Self

from toolhive_artifact.errors import InvalidDigestError, shown

_FORM = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)


class Digest(str):
    """A checked digest, `sha256:<64 lowercase hex digits>`; it is its own text.

    Build one with `Digest.parse` or `Digest.of`; the constructor checks too, so that an instance is
    always fit to become a path.

    Raises:
        InvalidDigestError: the text has another algorithm, length or alphabet.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if not isinstance(text, str) or _FORM.fullmatch(text) is None:
            raise InvalidDigestError(
                f"{shown(text)!r} is not a digest",
                remedy="A digest reads sha256: and 64 lowercase hexadecimal digits",
            )
        return super().__new__(cls, text)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Check `text` and return it as a digest."""
        return cls(text)

    @classmethod
    def of(cls, data: bytes | bytearray | memoryview) -> Self:
        """Return the digest of `data`."""
        import hashlib  # lazily: what only checks a digest's form does not load OpenSSL for it

        return cls("sha256:" + hashlib.sha256(data).hexdigest())

    @property
    def algorithm(self) -> str:
        """The part before the colon: `sha256`."""
        return self[:6]

    @property
    def encoded(self) -> str:
        """The part after the colon: 64 hexadecimal digits."""
        return self[7:]
