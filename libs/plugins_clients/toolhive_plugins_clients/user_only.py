"""What the clients have in common that have plugins for a user only."""

from pathlib import Path

from toolhive_plugins_clients.errors import PlacementError
from toolhive_plugins_clients.files import check_folder_writable, check_no_link
from toolhive_plugins_clients.placements import Method, Placement, Scope


def check_way(placement: Placement, client: str, method: Method) -> None:
    """Check that a placement is for the user, and by the one way into a client.

    Raises:
        PlacementError: it is not.
    """
    if placement.scope is Scope.PROJECT:
        problem = f"{client} has no plugins of a project"
        remedy = "Install it for the user, or into another client"
        raise PlacementError(problem, where=placement.name, remedy=remedy)
    if placement.method is not method:
        problem = f"{client} takes no plugin by the method {placement.method}"
        raise PlacementError(problem, where=placement.name, remedy=f"Install it by the method {method}")


def check_folder(home: Path, folder: Path) -> None:
    """Check that a plugin's folder can be made.

    Raises:
        PlacementError: a link, or something that is not a folder, is in the way.
        ClientFileError: a folder on the way is read-only.
    """
    check_no_link(home, folder)
    check_folder_writable(folder.parent)
