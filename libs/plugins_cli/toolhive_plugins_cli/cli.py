"""The entry point: from a command line to an exit status.

Start-up is what a person feels first, so each step imports no more than it needs: `--version` not even the
argument parser, a subcommand only its own module, and the terminal library only where something is drawn.
"""

import sys

from toolhive_plugins_cli import exit_codes


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit status (`exit_codes`). A traceback is printed only under `--debug`.

    Args:
        argv: the arguments after the program's name; None means the process's own.
    """
    arguments = sys.argv[1:] if argv is None else argv
    _open_missing_streams()
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        status = _ended("interrupted", exit_codes.INTERRUPTED)
    except exit_codes.Terminated:
        status = _ended("terminated", exit_codes.TERMINATED)
    except SystemExit as end:  # argparse ends so, after help and after a usage error
        status = end.code if isinstance(end.code, int) else exit_codes.FAILED
    except BrokenPipeError:
        status = exit_codes.CLOSED_PIPE
    except Exception as error:  # noqa: BLE001 - the last resort: a person is told what it was, without a traceback
        from toolhive_plugins_cli.failures import report

        status = report(error, debug="--debug" in arguments)
    return _flushed(status)


def _run(arguments: list[str]) -> int:
    if arguments in (["--version"], ["-V"]):
        from toolhive_plugins_cli.version import version

        sys.stdout.write(f"thv-plugin {version()}\n")
        return exit_codes.OK
    from toolhive_plugins_cli.dispatch import dispatch

    return dispatch(arguments)


def _ended(how: str, status: int) -> int:
    from contextlib import suppress

    with suppress(OSError):
        sys.stderr.write(f"\n{how}\n")
    return status


def _flushed(status: int) -> int:
    """Flush stdout, and send to nowhere what cannot be: else the interpreter complains about it as it ends."""
    try:
        sys.stdout.flush()
    except OSError as error:
        import os
        from contextlib import suppress

        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # a stream without a descriptor has nothing to redirect
                os.dup2(nowhere, stream.fileno())
        if isinstance(error, BrokenPipeError) and status == exit_codes.OK:
            return exit_codes.CLOSED_PIPE
    return status


def _open_missing_streams() -> None:
    """Give a process that was started without stdout or stderr something to write to."""
    if sys.stdout is None or sys.stderr is None:
        import os

        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - stays open as long as the process
        sys.stdout = sys.stdout or nowhere
        sys.stderr = sys.stderr or nowhere
