"""Runs git, for everything that needs it, so that no repository's settings can run code.

Git in somebody's directory obeys that directory: settings name programs for it to run (a file system monitor, hooks, filters, a pager,
a signature checker, a remote helper that fetches an object which is missing), and the environment can point it at another repository
altogether. So this module alone starts git, with:

- only commands that read objects, and a bare clone: never `status`, `archive`, `checkout`, or submodules;
- settings of its own for what those commands could still run;
- no variable of the caller's whose name begins with `GIT_`;
- no transport at all in a local repository, so that nothing is fetched;
- no replaced objects, grafts or commit graph, so that a commit means what its ID says;
- bounded output and time, and no process of git left behind.
"""

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final, Literal

from attrs import frozen

from toolhive_artifact.errors import shown
from toolhive_plugins_content.errors import GitError, GitFailedError, GitMissingError

MAX_OUTPUT: Final = 64 * 1024 * 1024
"""The most that one command may write, in bytes, unless its caller says otherwise."""

TIMEOUT: Final = 60.0
"""The time that one command may take, in seconds."""

CLONE_TIMEOUT: Final = 600.0
"""The time that a clone may take, in seconds."""

MAX_CLONE: Final = 100 * 1024 * 1024
"""The most bytes that a clone may put on the disk, unless its caller says otherwise."""

_WATCH: Final = 0.2
"""How often what a command writes to the disk is looked at, in seconds."""

Command = Literal["rev-parse", "ls-files", "ls-tree", "cat-file", "log"]
"""The commands that may be run in a repository."""

RUN_FILTERS: Final = frozenset({"-m", "--modified", "--filters", "--textconv", "-p", "--patch", "--ext-diff"})
"""Options of those commands that run what attributes and settings name: `ls-files --modified` cleans files to compare them."""

_CHUNK: Final = 256 * 1024
_MAX_COMPLAINT: Final = 4096
"""How much of what git complains of is read, in bytes."""

_MAX_COMPLAINTS: Final = 1024 * 1024
"""How much a clone may complain, in bytes: a server can send messages without end."""

_BOUNDS_OF_CLONE: Final = ("-c", "core.bigFileThreshold=64m", "-c", "pack.threads=1")
"""Larger objects are not kept in memory, nor several of them at once."""

_SETTINGS: Final = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.alternateRefsCommand=:",
    "core.commitGraph=false",
    "log.showSignature=false",
    "log.follow=false",
    "safe.bareRepository=explicit",
)
_ENVIRONMENT: Final = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",  # from git 2.44; before, GIT_ALLOW_PROTOCOL alone prevents a fetch
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_GRAFT_FILE": os.devnull + "/none",
}
_OF_COMMAND: Final[dict[str, tuple[str, ...]]] = {"log": ("--no-show-signature", "--no-decorate", "--no-color")}

_CLONED: Final = ("--template=", "--no-recurse-submodules")


@frozen
class Repository:
    """The local repository that a directory is in, or is."""

    directory: str
    """An absolute path."""

    bare: bool = False
    """Whether the directory is the repository itself, as `clone_bare` makes it."""

    def run(
        self, command: Command, *arguments: str, stdin: bytes = b"", limit: int = MAX_OUTPUT, timeout: float = TIMEOUT
    ) -> bytes:
        """Run a command in the directory, and return what it writes; see `stream`."""
        return b"".join(self.stream(command, *arguments, stdin=stdin, limit=limit, timeout=timeout))

    def stream(
        self, command: Command, *arguments: str, stdin: bytes = b"", limit: int = MAX_OUTPUT, timeout: float = TIMEOUT
    ) -> Generator[bytes, None, None]:
        """Run a command in the directory, and yield what it writes.

        Args:
            command: one of the commands that run nothing of the repository's.
            arguments: its arguments. Those that come from others follow `--` or `--end-of-options`.
            stdin: what it reads.
            limit: the most bytes that it may write.
            timeout: the most seconds that it may take.

        Raises:
            GitFailedError: it ended with an error.
            GitError: git is not installed (GitMissingError), or the command broke a limit.
            ValueError: an argument is one of RUN_FILTERS.
        """
        if refused := RUN_FILTERS.intersection(arguments):
            raise ValueError(f"{', '.join(sorted(refused))} may run code of the repository's")
        place = ["-C", self.directory, *(["--git-dir=.", "--bare"] if self.bare else [])]
        full = [*place, "--no-pager", command, *_OF_COMMAND.get(command, ()), *arguments]
        return _run(full, protocols="none", stdin=stdin, limit=limit, timeout=timeout)


def clone_bare(
    address: str,
    folder: str,
    *,
    branch: str = "",
    shallow: bool = False,
    follow_redirects: bool = True,
    max_size: int = MAX_CLONE,
    timeout: float = CLONE_TIMEOUT,
) -> None:
    """Clone a repository without a work tree, over HTTPS or SSH, with the user's own configuration and no other repository's.

    Args:
        address: where it is.
        folder: an absolute path, where nothing is yet.
        branch: the branch or tag that HEAD is to name; empty for the repository's own.
        shallow: fetch that one commit only.
        follow_redirects: whether a server may send git on to another address.
        max_size: the most bytes that it may put on the disk; looked at several times a second.
        timeout: the most seconds that it may take.

    Raises: as `Repository.stream`.
    """
    options = ["--depth=1", "--single-branch", "--no-tags"] if shallow else []
    if branch:
        options.append(f"--branch={branch}")
    above = str(Path(folder).parent)
    place = ["-C", above, "-c", f"http.followRedirects={'initial' if follow_redirects else 'false'}"]

    def check_size() -> None:
        if size_on_disk(folder) > max_size:
            raise GitError(
                f"the repository is larger than {max_size} bytes", where=shown(address), remedy="Ask for a smaller one"
            )

    with contextlib.closing(
        _run(
            [*place, *_BOUNDS_OF_CLONE, "clone", "--quiet", "--bare", *_CLONED, *options, "--", address, folder],
            protocols="https:ssh",
            stdin=b"",
            limit=MAX_OUTPUT,
            timeout=timeout,
            watch=check_size,
            environment={"GIT_CEILING_DIRECTORIES": str(Path(above).parent)},
        )
    ) as output:
        for _ in output:
            pass
    check_size()


def size_on_disk(folder: str) -> int:
    """Return how many bytes the files below a folder have; what cannot be read counts as nothing."""
    size = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                size += os.lstat(os.path.join(root, name)).st_size  # noqa: PTH118 - as text
    return size


def _run(
    arguments: Sequence[str],
    *,
    protocols: str,
    stdin: bytes,
    limit: int,
    timeout: float,
    watch: Callable[[], None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Generator[bytes, None, None]:
    deadline = time.monotonic() + timeout
    with TemporaryFile(prefix="thv-plugin-") as questions, TemporaryFile(prefix="thv-plugin-") as complaints:
        questions.write(stdin)
        questions.seek(0)
        process = _start(arguments, protocols, questions, complaints, environment or {})

        def look() -> None:
            if os.fstat(complaints.fileno()).st_size > _MAX_COMPLAINTS:
                raise GitError("the server sent messages without end", remedy="Ask whoever runs it")
            if watch is not None:
                watch()

        with process:
            try:
                yield from _output(process, limit, deadline, None if watch is None else look)
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                raise _too_slow() from None
            finally:
                if process.returncode is None:
                    _end_group(process)
        if process.returncode != 0:
            complaints.seek(0)
            raise _failure(complaints.read(_MAX_COMPLAINT), process.returncode)


def _start(
    arguments: Sequence[str],
    protocols: str,
    questions: IO[bytes],
    complaints: IO[bytes],
    environment: Mapping[str, str],
) -> "subprocess.Popen[bytes]":
    # A relative entry would have a program of the working directory run.
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    path = os.pathsep.join(folder for folder in folders if Path(folder).is_absolute())
    program = shutil.which("git", path=path)
    if program is None:
        raise GitMissingError("git is not on the PATH", remedy="Install git, or put it on the PATH")
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("GIT_")}
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    try:
        return subprocess.Popen(  # noqa: S603 - git itself, with arguments that are checked
            [program, *settings, *arguments],
            stdin=questions,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env={**kept, "PATH": path, **_ENVIRONMENT, "GIT_ALLOW_PROTOCOL": protocols, **environment},
            start_new_session=True,
        )
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror}", remedy="Correct the installation of git") from error


def _output(
    process: "subprocess.Popen[bytes]", limit: int, deadline: float, watch: Callable[[], None] | None
) -> Generator[bytes, None, None]:
    stdout = process.stdout
    if stdout is None:  # never: it was asked for, which the type checker cannot know
        return
    left = limit
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        while True:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise _too_slow()
            if not selector.select(remaining if watch is None else min(remaining, _WATCH)):
                if watch is not None:
                    watch()
                continue
            piece = os.read(stdout.fileno(), _CHUNK)
            if not piece:
                return
            left -= len(piece)
            if left < 0:
                raise GitError(f"git wrote more than {limit} bytes", remedy="Name a smaller directory")
            yield piece


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill git, which has not been waited for, and what it started."""
    if not hasattr(os, "killpg"):
        process.kill()
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _too_slow() -> GitError:
    return GitError("git did not end in time", remedy="Try again on a machine that is less busy")


def _failure(complaint: bytes, status: int) -> GitFailedError:
    """Return the error for a command that failed, in git's own words: its first line that begins with `fatal`, if any."""
    lines = complaint.decode("utf-8", "backslashreplace").splitlines()
    told = next((line for line in lines if line.startswith("fatal: ")), lines[0] if lines else "")
    words = shown(told.removeprefix("fatal: ").removeprefix("error: ").rstrip("."))
    return GitFailedError(f"git failed: {words}" if words else f"git ended with status {status}")
