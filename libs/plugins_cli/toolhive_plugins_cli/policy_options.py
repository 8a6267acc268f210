"""Which policies are in force: those of the configuration and of the project, and those that a command line names."""

import argparse
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins_service import Policy


def add_policy_options(parser: argparse.ArgumentParser) -> None:
    """Add the option."""
    group = parser.add_argument_group("options for policies")
    group.add_argument(
        "--policy",
        metavar="FILE",
        action="append",
        default=[],
        help="obey this policy too, besides those of the configuration and the project; may be repeated",
    )


def policies_in_force(args: argparse.Namespace) -> "tuple[Policy, ...]":
    """Return the policies that are found. Without any, nothing is loaded that reads them.

    Raises:
        PolicyError: one is there and is not understood: then nothing is allowed.
    """
    from platformdirs import user_config_dir

    configuration = user_config_dir("toolhive-plugins", appauthor=False)
    project = getattr(args, "project", None) or _project_around(os.getcwd())  # noqa: PTH109 - as text
    named = getattr(args, "policy", [])
    if not named and not any(map(_may_be_there, _places(configuration, project))):
        return ()
    from toolhive_plugins_service import load_policies

    return load_policies(configuration=configuration, project=project, named=named)


def _places(configuration: str, project: str) -> tuple[str, ...]:
    found = [os.path.join(configuration, "policy.toml")]  # noqa: PTH118 - as text
    if project:
        found.append(os.path.join(project, "toolhive.policy.toml"))  # noqa: PTH118
    return tuple(found)


def _may_be_there(path: str) -> bool:
    """Tell whether a policy must be looked for: what cannot be looked for is an error then, and never the same as none."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _project_around(folder: str) -> str:
    """Return the nearest folder with a `.git`, from `folder` upwards; "" if there is none."""
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):  # noqa: PTH118 - as text
            return folder
        parent = os.path.dirname(folder)  # noqa: PTH120
        if parent == folder:
            return ""
        folder = parent
