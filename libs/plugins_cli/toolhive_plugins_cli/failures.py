"""From an error to what a person reads on stderr and what a pipeline reads from the exit status."""

import sys

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.terminal import ColorChoice, line_width, shows_color
from toolhive_plugins_cli.text import safe

_WIDEST = 110
"""Cells: messages grow no wider, however wide the terminal."""


def complain(problem: str, *, where: str = "", remedy: str = "", color: ColorChoice = ColorChoice.AUTO) -> None:
    """Write an error to stderr: what was wrong, where, and what to do next."""
    _write("error", "31", [(f"{safe(where)}: " if where else "") + safe(problem), remedy], color)


def warning(problem: str, *, color: ColorChoice = ColorChoice.AUTO) -> None:
    """Write a warning to stderr."""
    _write("warning", "33", [safe(problem), ""], color)


def report(error: Exception, *, debug: bool = False, color: ColorChoice = ColorChoice.AUTO) -> int:
    """Tell a person about an error, and return the exit status for it."""
    if debug:
        import traceback

        traceback.print_exception(error)
    from toolhive_plugins_service import ToolhiveError

    if isinstance(error, ToolhiveError):
        from toolhive_plugins_cli.remedies import remedy_of
        from toolhive_plugins_service import mask_tokens

        complain(mask_tokens(error.problem), where=mask_tokens(error.where), remedy=remedy_of(error), color=color)
        return status_of(error)
    if isinstance(error, FileNotFoundError) and not error.filename and _is_nowhere():
        remedy = "Change to a folder that is there"
        complain("the working directory is gone: somebody has removed it", remedy=remedy, color=color)
        return exit_codes.NOT_FOUND
    if isinstance(error, OSError):
        complain(error.strerror or str(error), where=str(error.filename or ""), color=color)
        return exit_codes.FAILED
    complain(
        f"internal error, {type(error).__name__}: {error}",
        remedy="This is a bug in thv-plugin: run the same command with --debug, and report what it prints",
        color=color,
    )
    return exit_codes.FAILED


def _is_nowhere() -> bool:
    import os

    try:
        os.getcwd()  # noqa: PTH109 - whether it fails is what matters
    except FileNotFoundError:
        return True
    return False


def status_of(error: Exception) -> int:
    """Return the exit status for an error of the project's own family."""
    from toolhive_plugins_service import error_kinds

    if isinstance(error, error_kinds.USAGE):
        return exit_codes.USAGE
    if isinstance(error, error_kinds.NOT_FOUND):
        return exit_codes.NOT_FOUND
    if isinstance(error, error_kinds.GREW):
        return exit_codes.SURFACE_GREW
    if isinstance(error, error_kinds.NOT_TRUSTED):
        return exit_codes.NOT_TRUSTED
    if isinstance(error, error_kinds.INVALID_PLUGIN):
        return exit_codes.INVALID_PLUGIN
    return exit_codes.FAILED


def _write(kind: str, hue: str, sentences: list[str], color: ColorChoice) -> None:
    problem, remedy = sentences
    strong, plain, end = (f"\x1b[1;{hue}m", "\x1b[1m", "\x1b[0m") if shows_color(sys.stderr, color) else ("", "", "")
    text = _wrapped(f"{kind}: {problem}").replace(f"{kind}:", f"{strong}{kind}:{end}", 1)
    if remedy:
        text += "\n" + _wrapped(f"  help: {safe(remedy)}").replace("help:", f"{plain}help:{end}", 1)
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except OSError:
        pass  # stderr is closed: the exit status has to say it all


def _wrapped(paragraph: str) -> str:
    """Wrap a paragraph to the terminal that stderr is; elsewhere a message stays one line."""
    width = min(line_width(sys.stderr), _WIDEST) if sys.stderr.isatty() else 0
    if not width or len(paragraph) <= width:
        return paragraph
    import textwrap

    return textwrap.fill(paragraph, width, subsequent_indent=" " * 8, break_on_hyphens=False, drop_whitespace=True)
