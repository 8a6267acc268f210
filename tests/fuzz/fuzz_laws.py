"""What every target holds a reader to: errors of our one family, short and printable, and the same answer each time."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from toolhive_artifact import ToolhiveError

T = TypeVar("T")

_LONGEST_MESSAGE = 1500
"""Characters. A message holds a few outside texts, of 200 characters at most, each of which may become an escape of ten."""


def check_error(error: ToolhiveError) -> None:
    """Hold an error to what every error promises: outside text in it is clipped, and fit for a terminal."""
    text = str(error)
    assert len(text) <= 10 * _LONGEST_MESSAGE, f"a message of {len(text)} characters"
    assert text.isprintable(), f"a message with control characters: {text!r}"
    assert error.problem, "an error without a problem"


def attempt(read: Callable[[], T]) -> T | type[ToolhiveError]:
    """Return what `read` returns, or the class of the error, of our family, that it raises; anything else comes out."""
    try:
        return read()
    except ToolhiveError as error:
        check_error(error)
        return type(error)


def in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    """Yield the same bytes in pieces of `size`, empty ones among them."""
    for start in range(0, len(data), size):
        yield data[start : start + size]
        yield b""


def text_of(data: bytes) -> str:
    """Return any bytes as text, as a command line hands them on."""
    return data.decode("utf-8", "surrogateescape")
