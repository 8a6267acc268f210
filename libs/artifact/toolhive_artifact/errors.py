"""The one error family: every failure a caller can meet derives from `ToolhiveError`.

An error says what was wrong (`problem`), where (`where`) and what to do about it (`remedy`). Untrusted text goes through
`shown` before it enters a message, so that an error carries neither terminal escapes nor a megabyte of junk.
"""

_SHOWN_LIMIT = 200


def shown(value: object) -> str:
    """Return untrusted text made safe for a message: one line, printable, at most 200 characters."""
    text = str(value)
    clipped = text[:_SHOWN_LIMIT]
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in clipped)
    return safe + "…" if len(text) > _SHOWN_LIMIT else safe


class ToolhiveError(Exception):
    """The base class of every error that this project raises.

    Args:
        problem: what was wrong, as a sentence without its full stop.
        where: the file, entry, field, URL or reference; may be empty.
        remedy: what to do about it, as a sentence without its full stop; may be empty. It names no command or option, since
            a library does not know what calls it.
        hint: a stable code for the remedy, for callers that word it with their own options; may be empty.
    """

    def __init__(self, problem: str, *, where: str = "", remedy: str = "", hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.where = where
        self.remedy = remedy
        self.hint = hint

    def __str__(self) -> str:
        head = f"{self.where}: {self.problem}" if self.where else self.problem
        return f"{head}. {self.remedy}." if self.remedy else head

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.args, self.__dict__.copy()))


def _rebuild(cls: type[ToolhiveError], args: tuple[object, ...], state: dict[str, object]) -> ToolhiveError:
    """Rebuild a pickled error without calling a subclass's own `__init__`."""
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class InvalidDigestError(ToolhiveError):
    """A digest is not of the form `sha256:<64 lowercase hex digits>`."""


class DigestMismatchError(ToolhiveError):
    """Content does not match its descriptor's digest or size."""


class InvalidDocumentError(ToolhiveError):
    """A JSON document (manifest, index, config) is malformed or has a field of the wrong type.

    Args:
        problem, where, remedy, hint: as for ToolhiveError; the position is added to `where`.
        line: the line number, from 1; 0 if there is no single place.
        column: the column in characters, from 1; 0 if there is no single place.
    """

    def __init__(
        self, problem: str, *, where: str = "", remedy: str = "", hint: str = "", line: int = 0, column: int = 0
    ) -> None:
        if line:
            position = f"line {line}, column {column}"
            where = f"{where}, {position}" if where else position
        super().__init__(problem, where=where, remedy=remedy, hint=hint)
        self.line = line
        self.column = column


class InvalidArchiveError(ToolhiveError):
    """A tar archive is malformed or contains an entry that is refused."""


class InvalidGzipError(ToolhiveError):
    """A gzip stream is malformed or truncated, or a checksum does not match."""


class SizeLimitError(ToolhiveError):
    """Something exceeds a limit on its size, depth or number."""


class DocumentLimitError(InvalidDocumentError, SizeLimitError):
    """A JSON document exceeds a limit on its size, depth or number of elements."""


class ArchiveLimitError(InvalidArchiveError, SizeLimitError):
    """A tar archive exceeds a limit on its size, its entries or their paths."""


class GzipLimitError(InvalidGzipError, SizeLimitError):
    """A gzip stream exceeds a limit on its decompressed size or its members."""


class InvalidPlatformError(ToolhiveError):
    """A platform is not of the form `os/architecture` or `os/architecture/variant`."""


class InvalidEpochError(ToolhiveError):
    """An epoch is outside the years that RFC 3339 can express, 0000 to 9999."""


class CompressorError(ToolhiveError):
    """The deflate library is missing, or its output differs from what this version promises."""
