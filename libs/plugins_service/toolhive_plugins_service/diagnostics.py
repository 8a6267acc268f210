"""What is wrong with a plugin directory, and how it is said."""

import enum
from collections.abc import Mapping

from attrs import frozen

from toolhive_plugins_service.trees import path_order


class Severity(enum.Enum):
    """How bad it is."""

    ERROR = "error"
    """The plugin cannot be published, or some of it will not load."""

    WARNING = "warning"
    """It works, but not as its author may think, or not everywhere."""


@frozen
class Diagnostic:
    """One thing that is wrong."""

    severity: Severity
    path: str
    """The file, from the plugin's root; `.` for the directory as a whole."""
    line: int
    """From 1; 0 where no line can be named."""
    column: int
    """In characters, from 1; 0 where no line can be named."""
    rule: str
    """A short name of the rule that it breaks, the same from one version to the next."""
    message: str
    """What is wrong, as a sentence without its full stop."""
    remedy: str = ""
    """What to do about it; may be empty."""


@frozen
class ValidationReport:
    """All that is wrong with a directory, by file and line."""

    directory: str
    name: str
    """The plugin's; empty where the manifest cannot be read."""
    version: str
    components: Mapping[str, int]
    """How many components of each type there are."""
    problems: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """Those problems that are errors."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """Those that are not."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.WARNING)


class Findings:
    """Collects problems."""

    def __init__(self) -> None:
        self._found: dict[Diagnostic, None] = {}

    def error(self, rule: str, message: str, path: str, at: tuple[int, int] = (0, 0), remedy: str = "") -> None:
        """Add an error; `at` is its line and column."""
        self._found[Diagnostic(Severity.ERROR, path, *at, rule, message, remedy)] = None

    def warning(self, rule: str, message: str, path: str, at: tuple[int, int] = (0, 0), remedy: str = "") -> None:
        """Add a warning; `at` is its line and column."""
        self._found[Diagnostic(Severity.WARNING, path, *at, rule, message, remedy)] = None

    def sorted(self) -> tuple[Diagnostic, ...]:
        """Return what was found, each once, by file, line and column, the directory and the manifest first."""
        return tuple(sorted(self._found, key=_place))


def _place(problem: Diagnostic) -> tuple[int, bytes, int, int]:
    first = {".": 0, ".claude-plugin/plugin.json": 1}
    return first.get(problem.path, 2), path_order(problem.path), problem.line, problem.column
