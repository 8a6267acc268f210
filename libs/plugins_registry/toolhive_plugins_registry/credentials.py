"""Credentials for registries, by default those that `docker login` stored."""

import os
from pathlib import Path
from typing import Final, Protocol

from attrs import field, frozen

from toolhive_plugins_registry.references import DOCKER_HUB_HOST

_DOCKER_HUB_KEY: Final = "https://index.docker.io/v1/"
"""Docker Hub's entry in every Docker configuration and helper; it is older than the registry protocol in use."""

_HELPER_TIMEOUT: Final = 30.0
"""Seconds: long enough for a person to confirm a prompt of their keychain."""
_TOKEN_USERNAME: Final = "<token>"  # noqa: S105 - what a helper calls its user where the secret is an identity token


@frozen
class Credential:
    """What to show a registry or its token service; no field's value is ever printed.

    The empty credential means that none is known; the registry is then asked anonymously.
    """

    username: str = field(default="", repr=False)
    """With `password`: for HTTP Basic, or for the token service."""

    password: str = field(default="", repr=False)
    """May hold surrogate escapes for bytes that are not UTF-8."""

    refresh_token: str = field(default="", repr=False)
    """An identity token, which the token service exchanges for access tokens (OAuth2)."""

    access_token: str = field(default="", repr=False)
    """A registry token, sent to the registry as it is."""

    def __bool__(self) -> bool:
        return bool(self.username or self.password or self.refresh_token or self.access_token)


class CredentialStore(Protocol):
    """Holds the credentials of registries."""

    def get(self, registry_host: str) -> Credential:
        """Return the credential for `registry_host` (`ghcr.io`, `localhost:5000`), or the empty one.

        Docker Hub is asked for as `registry-1.docker.io`.

        Raises:
            CredentialError: something is configured for the host but cannot be had.
        """
        ...


class DockerCredentialStore:
    """Docker's own credentials: `credHelpers`, else `credsStore`, else `auths`; the first that applies decides.

    The configuration is read once, here.

    Args:
        config_path: the configuration file; by default `config.json` in `$DOCKER_CONFIG`, else in `~/.docker`. A file
            that does not exist holds no credentials.
        helper_timeout: seconds that a credential helper may take.

    Raises:
        CredentialError: the file cannot be read or is malformed.
    """

    def __init__(
        self, config_path: str | os.PathLike[str] | None = None, *, helper_timeout: float = _HELPER_TIMEOUT
    ) -> None:
        # Here, not above: a program that only names these classes does not pay for what reads JSON into them.
        from toolhive_plugins_registry.docker_config import default_config_path, read_docker_config

        self._path = default_config_path() if config_path is None else Path(config_path)
        self._helper_timeout = helper_timeout
        self._config = read_docker_config(self._path)

    def get(self, registry_host: str) -> Credential:
        """Return Docker's credential for `registry_host`, or the empty one.

        Raises:
            CredentialError: the entry is malformed, or the helper is missing, failed, hung or gave an invalid answer.
        """
        server = _DOCKER_HUB_KEY if registry_host == DOCKER_HUB_HOST else registry_host
        helper = self._config.helpers.get(server) or self._config.store
        return self._ask(helper, server) if helper else self._from_file(server)

    def __repr__(self) -> str:
        return f"DockerCredentialStore({str(self._path)!r})"

    def _ask(self, helper: str, server: str) -> Credential:
        """Return what the credential helper knows of `server`."""
        from toolhive_plugins_registry.credential_helpers import run_helper

        answer = run_helper(helper, server, timeout=self._helper_timeout)
        if answer is None:
            return Credential()
        if answer.username == _TOKEN_USERNAME:
            return Credential(refresh_token=answer.secret)
        return Credential(answer.username, answer.secret)

    def _from_file(self, server: str) -> Credential:
        """Return the credential that the file itself holds for `server`."""
        from toolhive_plugins_registry.docker_config import decode_auth

        entry = self._config.entry(server, self._path)
        if entry is None:
            return Credential()
        username, password = entry.username, entry.password
        if entry.auth:
            username, password = decode_auth(entry.auth, server, self._path)
        return Credential(username, password, entry.identity_token, entry.registry_token)
