"""From an error to what a person reads on stderr and what a pipeline reads from the exit status."""

import os
import sys

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.text import safe


def complain(problem: str, *, where: str = "", remedy: str = "", color: bool | None = None) -> None:
    """Write an error to stderr: what was wrong, where, and what to do next."""
    _message("error", "31", problem, where=where, remedy=remedy, color=color)


def warning(problem: str, *, color: bool | None = None) -> None:
    """Write a warning to stderr."""
    _message("warning", "33", problem, color=color)


def _message(
    kind: str, hue: str, problem: str, *, where: str = "", remedy: str = "", color: bool | None = None
) -> None:
    if color is None:
        color = sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    strong, plain, end = (f"\x1b[1;{hue}m", "\x1b[1m", "\x1b[0m") if color else ("", "", "")
    paragraphs = [f"{kind}: " + (f"{safe(where)}: " if where else "") + safe(problem)]
    if remedy:
        paragraphs.append(f"  help: {safe(remedy)}")
    text = "\n".join(_wrapped(paragraph) for paragraph in paragraphs)
    text = text.replace(f"{kind}:", f"{strong}{kind}:{end}", 1).replace("\n  help:", f"\n  {plain}help:{end}", 1)
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except OSError:
        pass  # stderr is closed: the exit status has to say it all


def _wrapped(paragraph: str) -> str:
    """Wrap a paragraph to the terminal that stderr is; elsewhere a message stays one line."""
    from toolhive_plugins_cli.session import terminal_width

    width = min(terminal_width(sys.stderr), 110) if sys.stderr.isatty() else 0
    if not width or len(paragraph) <= width:
        return paragraph
    import textwrap

    return textwrap.fill(paragraph, width, subsequent_indent=" " * 8, break_on_hyphens=False, drop_whitespace=True)


def report(error: Exception, *, debug: bool = False) -> int:
    """Tell a person about an error that ended the run, and return the exit status for it."""
    if debug:
        import traceback

        traceback.print_exception(error)
    from toolhive_plugins_service import ToolhiveError

    if isinstance(error, ToolhiveError):
        remedy = error.remedy
        if remedy == "If the registry speaks plain HTTP, ask for that":
            remedy = "If the registry speaks plain HTTP, pass --plain-http"
        complain(error.problem, where=error.where, remedy=remedy)
        return status_of(error)
    if isinstance(error, OSError):
        complain(error.strerror or str(error), where=str(error.filename or ""))
        return exit_codes.FAILED
    complain(
        f"internal error, {type(error).__name__}: {error}",
        remedy="This is a fault of thv-plugin: run the same command with --debug and report what it prints",
    )
    return exit_codes.FAILED


def status_of(error: Exception) -> int:
    """Return the exit status for an error of the project's own family."""
    from toolhive_plugins_service import errors

    if isinstance(error, errors.USAGE):
        return exit_codes.USAGE
    if isinstance(error, errors.NOT_FOUND):
        return exit_codes.NOT_FOUND
    if isinstance(error, errors.INVALID_PLUGIN):
        return exit_codes.INVALID_PLUGIN
    return exit_codes.FAILED
