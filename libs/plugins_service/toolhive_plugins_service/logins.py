"""Logging in to a registry and out again, where `docker login` keeps what it knows."""

from typing import TYPE_CHECKING

from attrs import frozen

from toolhive_plugins import Credential, DockerCredentialStore, parse_registry

if TYPE_CHECKING:
    from toolhive_plugins import Registry


@frozen
class LoggedIn:
    """A login that was kept."""

    registry: str
    """As it was named."""

    username: str

    stored_in: str
    """A file, or a credential helper."""

    checked: bool
    """Whether the registry asked for the login; if it lets everybody in, nobody knows whether the password is right."""


@frozen
class LoggedOut:
    """A login that was forgotten, if there was one."""

    registry: str
    """As it was named."""

    removed_from: tuple[str, ...]
    """The file, or the credential helper, that held it."""

    still_in: tuple[str, ...]
    """Other files and helpers that hold one."""


def log_in(client: "Registry", registry: str, username: str, password: str) -> LoggedIn:
    """Keep a login that the registry accepts.

    Raises:
        InvalidReferenceError: `registry` is not a host.
        RegistryError: the registry does not accept it, or does not answer; nothing is then kept.
        CredentialError: it cannot be kept.
    """
    host, credential = parse_registry(registry), Credential(username, password)
    store = DockerCredentialStore()
    checked = client.check_login(registry, credential)
    return LoggedIn(registry, username, store.store(host, credential), checked)


def log_out(registry: str) -> LoggedOut:
    """Forget the login for a registry.

    Raises:
        InvalidReferenceError: `registry` is not a host.
        CredentialError: it cannot be forgotten.
    """
    erased = DockerCredentialStore().erase(parse_registry(registry))
    return LoggedOut(registry, erased.erased_from, erased.still_in)
