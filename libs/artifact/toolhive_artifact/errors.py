"""The one error family: every failure a caller can meet derives from `ToolhiveError`.

Each error says what was wrong (`problem`), where (`where`), and what to do about it (`remedy`).
Text that came from outside is passed through `shown` before it enters a message, so that neither a
terminal escape nor a megabyte of junk can ride in on an error.
"""

_SHOWN_LIMIT = 200


def shown(value: object) -> str:
    """Return untrusted text in a form fit for a message: one line, printable, at most 200 characters."""
    text = str(value)
    clipped = text[:_SHOWN_LIMIT]
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in clipped)
    return safe + "…" if len(text) > _SHOWN_LIMIT else safe


class ToolhiveError(Exception):
    """The base of every error that this project raises on purpose.

    Args:
        problem: what was wrong, as a sentence without its full stop.
        where: the file, entry, field, URL or reference it was found in; may be empty.
        remedy: what the reader can do about it, as a sentence without its full stop; may be empty. It names no option of any
            program, since a library does not know who calls it.
        hint: a short code for the remedy, the same from one version to the next, for callers that word it with their own
            options; may be empty.
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
    """Content does not hash to the digest, or have the size, that was promised for it."""


class InvalidDocumentError(ToolhiveError):
    """A JSON document (manifest, index, config) is malformed or has a field of the wrong type.

    Args:
        problem, where, remedy, hint: as for ToolhiveError; the position is added to `where`.
        line: the line it was found on, from 1; 0 where there is none to name.
        column: the column on that line, in characters from 1; 0 where there is none to name.
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
    """A tar archive is malformed, or holds an entry that is refused."""


class InvalidGzipError(ToolhiveError):
    """A gzip stream is malformed, truncated or fails its checksum."""


class SizeLimitError(ToolhiveError):
    """Something is larger, deeper or more numerous than the limit for it."""


class DocumentLimitError(InvalidDocumentError, SizeLimitError):
    """A JSON document is larger, deeper, or lists more than its limit allows."""


class ArchiveLimitError(InvalidArchiveError, SizeLimitError):
    """A tar archive, or an entry of it, is larger, longer or more numerous than its limit allows."""


class GzipLimitError(InvalidGzipError, SizeLimitError):
    """A gzip stream gives more bytes, or has more members, than its limit allows."""


class InvalidPlatformError(ToolhiveError):
    """A platform is not of the form `os/architecture` or `os/architecture/variant`."""


class InvalidEpochError(ToolhiveError):
    """An epoch is outside the years that RFC 3339 can express (0000 to 9999)."""


class CompressorError(ToolhiveError):
    """The installed deflate library would not write the bytes that this version promises."""
