"""The entry point: from a command line to an exit status.

Start-up is what a person feels first, so each step imports no more than it needs: `--version` not even the
argument parser, a subcommand only its own module, and the terminal library only where something is drawn.
"""

import sys

from toolhive_plugins_cli import exit_codes


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit status (`exit_codes`); never raises, and prints a traceback only under `--debug`.

    Args:
        argv: the arguments after the program's name; None means the process's own.
    """
    arguments = sys.argv[1:] if argv is None else argv
    try:
        status = _run(arguments)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        _say("\ninterrupted")
        return exit_codes.INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return exit_codes.CLOSED_PIPE
    except SystemExit as exit_:  # argparse ends this way, after --help and after a usage error
        return _flushed(exit_.code if isinstance(exit_.code, int) else exit_codes.FAILED)
    except Exception as error:  # noqa: BLE001 - the last resort: whatever it is, a person is told, without a traceback
        from toolhive_plugins_cli.failures import report

        return report(error, debug="--debug" in arguments)


def _run(arguments: list[str]) -> int:
    if arguments in (["--version"], ["-V"]):
        from toolhive_plugins_cli.version import version

        sys.stdout.write(f"thv-plugin {version()}\n")
        return exit_codes.OK
    from toolhive_plugins_cli.dispatch import dispatch

    return dispatch(arguments)


def _flushed(status: int) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return exit_codes.CLOSED_PIPE
    return status


def _say(text: str) -> None:
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except OSError:
        pass  # nobody is listening any more, and there is nobody to tell


def _drop_output() -> None:
    """Send what is still buffered to nowhere, else the interpreter complains about the closed pipe as it ends."""
    import contextlib
    import os

    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # a stream without a descriptor has nothing to redirect
            os.dup2(nowhere, stream.fileno())
