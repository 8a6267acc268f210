"""The installed version, found without importlib.metadata, whose import takes three times as long as the interpreter's start."""

# ruff: noqa: PTH - pathlib would cost `--version` as much again as all it does

import os
import sys

_DISTRIBUTION = "toolhive_plugins_cli"


def version() -> str:
    """Return the version that the wheel was installed with; `unknown` where the command runs from a bare source tree."""
    beside = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for folder in (beside, *sys.path):
        found = _version_in(folder)
        if found:
            return found
    return "unknown"


def _version_in(folder: str) -> str:
    """Return the version that the name of our `.dist-info` folder carries (PyPA, "Recording installed projects")."""
    try:
        names = os.listdir(folder or ".")
    except OSError:
        return ""
    for name in names:
        if name.startswith(_DISTRIBUTION + "-") and name.endswith(".dist-info"):
            return name[len(_DISTRIBUTION) + 1 : -len(".dist-info")]
    return ""
