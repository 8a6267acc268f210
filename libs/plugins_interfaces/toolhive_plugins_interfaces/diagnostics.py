"""What is wrong with a plugin: one form for all that packaging, validating and inspecting find."""

import enum

from attrs import field, frozen

from toolhive_artifact.errors import shown


class Severity(enum.Enum):
    """How bad it is."""

    ERROR = "error"
    """The plugin cannot be published, or some of it will not load."""

    WARNING = "warning"
    """It works, but not as its author may think, or not everywhere."""


@frozen
class Diagnostic:
    """One thing that is wrong with a plugin."""

    severity: Severity

    path: str
    """The file, from the plugin's root; `.` for the plugin as a whole."""

    line: int
    """From 1; 0 where no line can be named."""

    column: int
    """In characters, from 1; 0 where no line can be named."""

    rule: str
    """A short name of the rule that is broken, the same from one version to the next."""

    problem: str = field(metadata={"key": "message"})
    """What is wrong, as a sentence without its full stop."""

    remedy: str = ""
    """What to do about it, likewise; may be empty."""

    def __str__(self) -> str:
        if self.path == ".":
            return self.problem
        place = f", line {self.line}, column {self.column}" if self.line else ""
        return f"{shown(self.path)}{place}: {self.problem}"
