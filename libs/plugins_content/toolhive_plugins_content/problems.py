"""Collects what is wrong with a plugin's components, in bounds: a hostile plugin can have a problem in every second byte."""

from collections.abc import Iterable
from typing import Final

from attrs import evolve

from toolhive_plugins_content.components import ComponentProblem

MAX_PROBLEMS: Final = 200
"""Problems that are told of one plugin, or of one declaration; nobody reads more."""


class Problems:
    """The first problems found, and how many there are."""

    def __init__(self) -> None:
        self._kept: list[ComponentProblem] = []
        self._last: ComponentProblem | None = None
        self._left_out = 0

    @property
    def full(self) -> bool:
        """Whether further problems are only counted, so that it is idle to find out where they stand."""
        return len(self._kept) >= MAX_PROBLEMS

    def add(self, path: str, problem: str, line: int = 0, column: int = 0) -> None:
        """Note a problem; see ComponentProblem."""
        found = ComponentProblem(path, problem, line, column)
        if self.full:
            self._left_out += 1
            self._last = found
        else:
            self._kept.append(found)

    def add_all(self, problems: Iterable[ComponentProblem]) -> None:
        """Note problems that were found elsewhere."""
        for problem in problems:
            self.add(problem.path, problem.problem, problem.line, problem.column)

    def all(self) -> tuple[ComponentProblem, ...]:
        """Return them; where there were too many, the last one says how many more."""
        if self._last is None:
            return tuple(self._kept)
        more = evolve(
            self._last, problem=f"there are {self._left_out} more problems of this kind or another", line=0, column=0
        )
        return (*self._kept, more)
