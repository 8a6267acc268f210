"""One line of the table, and the table."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Row:
    """One figure, with its target where it has one."""

    name: str
    median: float
    least: float
    most: float
    unit: str
    """`x` for a ratio, else `ms` or `MB` (1,000,000 bytes)."""

    limit: float | None
    """At most this; None without a target."""

    note: str = ""

    @property
    def mark(self) -> str:
        """Whether the target was met."""
        if self.limit is None:
            return ""
        return "pass" if self.median <= self.limit else "MISS"

    def to_json(self) -> dict[str, Any]:
        """The row as JSON has it."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """The row from what `to_json` gave."""
        return cls(**value)


def figure(value: float, unit: str) -> str:
    """A figure with its unit, in three digits or so."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:.{digits}f}" + ("" if unit == "x" else f" {unit}")


def table(runs: Sequence[Sequence[Row]]) -> str:
    """A Markdown table of one or several runs of the same cases: each run's median, and pass where all passed."""
    columns = [
        "what",
        "target",
        *(["median (range)"] if len(runs) == 1 else [f"run {n + 1}" for n in range(len(runs))]),
    ]
    lines = [" | ".join([*columns, "", "note"]), "|".join(["---"] * (len(columns) + 2))]
    for row in runs[0]:
        same = [found for run in runs for found in run if found.name == row.name]
        target = f"at most {row.limit:g}{'' if row.unit == 'x' else ' ' + row.unit}" if row.limit is not None else ""
        if len(runs) == 1:
            spread = f" ({figure(row.least, 'x')} to {figure(row.most, 'x')})" if row.least != row.most else ""
            cells = [figure(row.median, row.unit) + spread]
        else:
            cells = [figure(found.median, found.unit) for found in same]
        mark = "MISS" if any(found.mark == "MISS" for found in same) else row.mark
        lines.append(" | ".join([row.name, target, *cells, mark, row.note]))
    return "\n".join(f"| {line} |" for line in lines)
