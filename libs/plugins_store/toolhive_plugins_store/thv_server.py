"""Whether `thv serve` is running. It reads a store's index.json once, so it sees what we tag only after a restart.

It says so in `toolhive/server/server.json` in the state home of the XDG base directory specification. The file is
another program's, so it is read with care, and what is wrong with it means that no server is known.
"""

import json
import os
import sys
from typing import Final, NamedTuple

from toolhive_artifact import shown
from toolhive_plugins_store.errors import StoreError
from toolhive_plugins_store.layout import read_plain_file
from toolhive_plugins_store.paths import state_home

_MAX_SIZE: Final = 64 * 1024
_MAX_PID: Final = 2**31 - 1


class RunningServer(NamedTuple):
    """A `thv serve` process."""

    url: str
    """Where it listens, fit to be displayed; empty if it does not say."""

    pid: int
    """Its process id."""


def running_server() -> RunningServer | None:
    """Return this user's `thv serve`, if its process is alive."""
    path = os.path.join(state_home(), "toolhive", "server", "server.json")
    try:
        document = json.loads(read_plain_file(path, _MAX_SIZE) or b"")
    except (StoreError, ValueError, RecursionError):
        return None
    pid, url = (document.get("pid"), document.get("url")) if isinstance(document, dict) else (None, None)
    if type(pid) is not int or not 0 < pid <= _MAX_PID or not _is_alive(pid):
        return None
    return RunningServer(shown(url) if isinstance(url, str) else "", pid)


if sys.platform == "win32":

    def _is_alive(pid: int) -> bool:
        import ctypes

        still_active, may_query = 259, 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION
        process = ctypes.windll.kernel32.OpenProcess(may_query, False, pid)
        if not process:
            return False
        code = ctypes.c_ulong()
        ctypes.windll.kernel32.GetExitCodeProcess(process, ctypes.byref(code))
        ctypes.windll.kernel32.CloseHandle(process)
        return code.value == still_active

else:

    def _is_alive(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True  # another user's
        return True
