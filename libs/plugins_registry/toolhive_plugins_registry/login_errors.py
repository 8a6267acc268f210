"""The errors for a login that a registry asks for, or does not accept: they say as whom it was asked, and where to log in."""

from toolhive_plugins_interfaces import RegistryAuthError
from toolhive_plugins_registry.credentials import Credential
from toolhive_plugins_registry.errors import Hint
from toolhive_plugins_registry.references import DOCKER_HUB, DOCKER_HUB_HOST
from toolhive_plugins_registry.urls import Url


def login_error(problem: str, where: Url, home: Url, credential: Credential, remedy: str = "") -> RegistryAuthError:
    """Return the error for a request that was refused for want of a login, or of another one.

    Args:
        problem: what the registry or its token service did.
        where: what was asked for.
        home: the registry.
        credential: as whom it was asked.
        remedy: what to do; by default, to log in.
    """
    registry = DOCKER_HUB if home.host == DOCKER_HUB_HOST else home.authority
    error = RegistryAuthError(
        f"{problem} (asked {credential.described})",
        where=where.shown,
        remedy=remedy or f"Log in to {registry}{' again' if credential else ''}",
        hint=Hint.LOG_IN,
    )
    error.registry = registry
    return error
