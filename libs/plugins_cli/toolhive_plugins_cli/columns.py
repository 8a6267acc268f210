"""Plain columns, as `docker images` has them: quick to draw, easy to cut and to grep.

Not rich's tables: `list` starts in half the time without them.
"""

from collections.abc import Sequence

from toolhive_plugins_cli.text import cells, clip

_GAP = 2
_NARROWEST = 8


def columns(header: Sequence[str], rows: Sequence[Sequence[str]], *, width: int, color: bool, flexible: int) -> str:
    """Return a table whose lines end in line breaks and fit into `width` cells.

    Args:
        header: the columns' titles.
        rows: printable text, one a column.
        width: cells of a line.
        color: whether to set the header off.
        flexible: the column that gives way where a line does not fit; where that is not enough, columns are dropped,
            the last first.
    """
    shown = len(header)
    while True:
        widths = [max(cells(row[at]) for row in [header, *rows]) for at in range(shown)]
        over = sum(widths) + _GAP * (shown - 1) - width
        if over > 0 and flexible < shown and widths[flexible] - over >= _NARROWEST:
            widths[flexible] -= over
            over = 0
        if over <= 0:
            break
        if shown == 1:
            widths[0] = width
            break
        shown -= 1
    lines = [_line(header, widths)]
    if color:
        lines[0] = f"\x1b[1m{lines[0]}\x1b[0m"
    lines += [_line(row, widths) for row in rows]
    return "".join(line + "\n" for line in lines)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    parts = []
    for text, width in zip(row, widths, strict=False):
        fitting = clip(text, width)
        parts.append(fitting + " " * (width - cells(fitting)))
    return (" " * _GAP).join(parts).rstrip()
