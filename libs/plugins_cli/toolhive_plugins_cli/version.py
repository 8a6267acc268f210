"""The installed version, found without importlib.metadata, which takes longer to import than all else that `--version` does."""

import os
import sys

_DISTRIBUTION = "toolhive_plugins_cli"


def version() -> str:
    """Return the version that the wheel was installed with; `unknown` where the command runs from a bare source tree."""
    beside = __file__.rpartition(os.sep)[0].rpartition(os.sep)[0]
    for folder in (beside, *sys.path):
        found = _version_in(folder)
        if found:
            return found
    return "unknown"


def _version_in(folder: str) -> str:
    """Return the version that the name of our `.dist-info` folder carries (PyPA, "Recording installed projects")."""
    try:
        with os.scandir(folder or ".") as entries:  # not pathlib, whose import takes longer than all of this
            names = [entry.name for entry in entries]
    except OSError:
        return ""
    for name in names:
        if name.startswith(_DISTRIBUTION + "-") and name.endswith(".dist-info"):
            return name[len(_DISTRIBUTION) + 1 : -len(".dist-info")]
    return ""
