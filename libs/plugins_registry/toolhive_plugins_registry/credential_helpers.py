"""Runs Docker credential helpers (docker/docker-credential-helpers, "Development").

A helper is another program: it may hang, fail, answer junk or never stop, and its answer may be a secret. So its time and the
size of its answer are bounded, its whole process group ends with it, and no error quotes it.
"""

import contextlib
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import time
from typing import IO, Final

from attrs import field, frozen

from toolhive_artifact import InvalidDocumentError, shown
from toolhive_plugins_interfaces import CredentialError
from toolhive_plugins_registry.converter import JSON_NAME, read_json

_PREFIX: Final = "docker-credential-"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*", re.ASCII)
_MAX_ANSWER: Final = 1024 * 1024
_MAX_QUESTION: Final = 48 * 1024
"""Bytes; a pipe holds them, so that a helper that does not read its input cannot stop us."""
_NOT_FOUND: Final = b"credentials not found in native keychain"
"""What every helper prints, by the protocol, if it has no credentials for a server."""


@frozen
class HelperAnswer:
    """What a helper answers to `get`; its `ServerURL` is not needed."""

    username: str = field(default="", repr=False, metadata={JSON_NAME: "Username"})
    secret: str = field(default="", repr=False, metadata={JSON_NAME: "Secret"})


def run_helper(name: str, server: str, *, timeout: float) -> HelperAnswer | None:
    """Ask the helper `docker-credential-<name>` for the credentials of `server`.

    Args:
        name: the helper's name, without the prefix.
        server: what to ask for, as Docker names it.
        timeout: seconds until it is killed, with all that it started.

    Returns:
        The credential, or None where the helper has none.

    Raises:
        CredentialError: the helper is missing, hung, failed or gave an invalid answer.
    """
    output = _call(name, "get", server, server.encode("utf-8", "surrogateescape"), timeout)
    return None if output is None else parse_answer(name, output)


def store_with_helper(name: str, server: str, username: str, secret: str, *, timeout: float) -> None:
    """Have the helper keep a credential, in place of the one that it has for `server`.

    Raises:
        CredentialError: as `run_helper`; or the password cannot be given to a helper.
    """
    try:
        question = json.dumps(
            {"ServerURL": server, "Username": username, "Secret": secret}, ensure_ascii=False
        ).encode()
    except UnicodeEncodeError:
        question = b""
    if not 0 < len(question) <= _MAX_QUESTION:
        raise _failure(name, "takes only passwords in UTF-8 of up to 32 KiB", "Use another password, or no helper")
    if _call(name, "store", server, question, timeout) is None:
        raise _failure(name, "did not keep the credential", "Update the helper, or use another")


def erase_with_helper(name: str, server: str, *, timeout: float) -> bool:
    """Have the helper forget the credential of `server`; return whether it had one, as far as it says.

    Raises:
        CredentialError: as `run_helper`.
    """
    return _call(name, "erase", server, server.encode("utf-8", "surrogateescape"), timeout) is not None


def _call(name: str, action: str, server: str, question: bytes, timeout: float) -> bytes | None:
    """Return the output of the helper, None if it says that it has no credentials for the server.

    Raises:
        CredentialError: it is missing, hung or failed.
    """
    if _NAME.fullmatch(name) is None:
        raise CredentialError(
            f"{shown(name)!r} is not the name of a credential helper",
            remedy="Name it in Docker's configuration without its path and its docker-credential- prefix",
        )
    program = shutil.which(_PREFIX + name)
    if program is None:
        raise _failure(
            name, "is configured but not on the PATH", "Install it, or remove it from Docker's configuration"
        )
    status, output = _run([program, action], name, question, timeout)
    if status == 0:
        return output
    if output.strip() == _NOT_FOUND:
        return None
    remedy = f"Run 'echo {shown(server)} | {_PREFIX}{name} get' to see why"
    raise _failure(name, f"failed with exit status {status}", remedy)


def parse_answer(name: str, output: bytes) -> HelperAnswer:
    """Read the answer of the helper `name`.

    Raises:
        CredentialError: it is malformed; nothing of it is quoted, and no other error is carried.
    """
    answer: HelperAnswer | None = None
    with contextlib.suppress(InvalidDocumentError):
        answer = read_json(output, HelperAnswer, where="", max_size=_MAX_ANSWER)
    if answer is None:
        raise _failure(name, "answered with something other than a credential", "Update the helper, or use another")
    return answer


def _run(command: list[str], name: str, question: bytes, timeout: float) -> tuple[int, bytes]:
    """Run the helper and return its exit status and output."""
    deadline = time.monotonic() + timeout
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own configuration names this program, by a checked name
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise _failure(
            name, f"cannot be run: {error.strerror}", "Correct its permissions, or install it again"
        ) from None
    with process:
        try:
            output = _converse(process, question, deadline)
            if output is not None and len(output) > _MAX_ANSWER:
                raise _failure(name, "answered with more than a mebibyte", "Update the helper, or use another")
            if output is None or not _ended(process, deadline):
                raise _failure(name, f"did not answer within {timeout:g} seconds", "Unlock the keychain that it uses")
        finally:
            if process.returncode is None:
                _end_group(process)
    return process.returncode, output


def _converse(process: "subprocess.Popen[bytes]", question: bytes, deadline: float) -> bytes | None:
    """Send the question and read the answer until its end, the limit (which it then exceeds), or the deadline (None)."""
    stdin, stdout = process.stdin, process.stdout
    if stdin is None or stdout is None:  # never: both were asked for, which the type checker cannot know
        return None
    _put(stdin, question)
    answer = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        while len(answer) <= _MAX_ANSWER:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return None
            if selector.select(remaining):
                piece = os.read(stdout.fileno(), 65536)
                if not piece:
                    break
                answer += piece
    return bytes(answer)


def _put(stdin: IO[bytes], question: bytes) -> None:
    """Write the question; a pipe holds all of it (_MAX_QUESTION), so this does not block."""
    try:
        stdin.write(question)
        stdin.close()
    except BrokenPipeError:
        return  # it did not read the question; its answer or exit status will tell


def _ended(process: "subprocess.Popen[bytes]", deadline: float) -> bool:
    """Wait for the helper itself, which has closed its output."""
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill the helper, which has not been waited for, and what it started that still runs in its group."""
    if not hasattr(os, "killpg"):
        process.kill()
        return
    try:
        # The helper leads a session of its own, so its id names its group; not being waited for yet, it still owns it.
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _failure(name: str, problem: str, remedy: str) -> CredentialError:
    return CredentialError(problem, where=f"credential helper {_PREFIX}{name}", remedy=remedy)
