"""Credentials for registries, by default those that `docker login`, `podman login` and the like stored."""

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from attrs import field, frozen

from toolhive_artifact import shown
from toolhive_plugins_interfaces import CredentialError
from toolhive_plugins_registry.references import DOCKER_HUB, DOCKER_HUB_HOST

if TYPE_CHECKING:
    from toolhive_plugins_registry.docker_config import DockerConfig

_PODMAN_NAME: Final = "auth.json"

_HELPER_TIMEOUT: Final = 30.0
"""Seconds: long enough for a person to confirm a prompt of their keychain."""
_MAX_SHOWN: Final = 40
"""Characters of a user name that is shown."""

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

    source: str = field(default="", repr=False, eq=False)
    """Where it is kept: a file, or a credential helper."""

    @property
    def described(self) -> str:
        """As whom the registry is asked with it, for messages: `anonymously`, `as ann from /home/ann/.docker/config.json`."""
        if not self:
            return "anonymously"
        # What is longer is likely to be a token.
        name = shown(self.username) if len(self.username) <= _MAX_SHOWN else "a user with a long name"
        whom = f"as {name}" if self.username else "with a token"
        return f"{whom} from {shown(self.source)}" if self.source else whom

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


@runtime_checkable
class NamespacedCredentialStore(Protocol):
    """Holds credentials for parts of a registry, too."""

    def namespace(self, registry_host: str, repository: str) -> str:
        """Return the longest namespace of `repository` that has a credential of its own, "" if none has."""
        ...

    def get(self, registry_host: str, repository: str = "") -> Credential:
        """Return the credential for a repository or namespace, or the empty one; raises as `CredentialStore.get`."""
        ...


@frozen
class ErasedLogin:
    """What was forgotten, and what was not."""

    erased_from: tuple[str, ...]
    """The file, or the credential helper, that held a login; empty if none did."""

    still_in: tuple[str, ...]
    """Other files and helpers that hold one."""


class DockerCredentialStore:
    """The logins of docker, podman, skopeo and oras, from their files and credential helpers.

    The files are those of `login_files`, in that order; the first that has a credential decides. In each, a credential
    helper counts before `auths`: `credHelpers`, else `credsStore`. In `auths`, the longest namespace that a repository is in counts.

    Args:
        config_path: the only file to look at; by default all of them. A file that does not exist holds no credentials.
        helper_timeout: seconds that a credential helper may take.

    Raises:
        CredentialError: Docker's file, or the one in `REGISTRY_AUTH_FILE`, cannot be read or is malformed. The others are read
            when they are needed.
    """

    def __init__(
        self, config_path: str | os.PathLike[str] | None = None, *, helper_timeout: float = _HELPER_TIMEOUT
    ) -> None:
        # Here, not above: a program that only names these classes does not pay for what reads JSON into them.
        from toolhive_plugins_registry.login_files import login_files

        self._files = login_files() if config_path is None else (Path(config_path),)
        self._helper_timeout = helper_timeout
        self._configs: dict[Path, DockerConfig] = {}
        for path in self._files:
            if path.name != _PODMAN_NAME or path == self._files[0]:
                self._config(path)

    def namespace(self, registry_host: str, repository: str) -> str:
        """Return the longest namespace of `repository` that has an entry in a file that can be read, "" if none has."""
        found = ""
        for path in self._files:
            with contextlib.suppress(CredentialError):
                found = max(found, self._config(path).namespace(registry_host, repository), key=len)
        return found

    def get(self, registry_host: str, repository: str = "") -> Credential:
        """Return the credential for `registry_host`, or for a repository there, or the empty one.

        Raises:
            CredentialError: the entry is malformed, or the helper is missing, failed, hung or gave an invalid answer.
        """
        for path in self._files:
            credential = self._get(path, registry_host, repository)
            if credential:
                return credential
        return Credential()

    def store(self, registry_host: str, credential: Credential) -> str:
        """Keep a user name and password where `docker login` would, and return where: a file or a credential helper.

        Raises:
            CredentialError: the file or the helper failed.
        """
        from toolhive_plugins_registry.credential_helpers import store_with_helper
        from toolhive_plugins_registry.login_files import remove_login, write_login

        path, key = self._files[0], _key(registry_host)
        helper = self._helper(path, registry_host)
        if not helper:
            write_login(path, key, registry_host, credential)
        else:
            store_with_helper(helper, key, credential.username, credential.password, timeout=self._helper_timeout)
            remove_login(path, registry_host)
        self._configs.pop(path, None)
        return _helper_name(helper) if helper else str(path)

    def erase(self, registry_host: str) -> ErasedLogin:
        """Forget the login for `registry_host` where `store` would keep it.

        Raises:
            CredentialError: the file or the helper failed.
        """
        from toolhive_plugins_registry.credential_helpers import erase_with_helper
        from toolhive_plugins_registry.login_files import remove_login

        path, erased = self._files[0], []
        helper = self._helper(path, registry_host)
        if helper:
            held = self._ask(helper, registry_host)
            for key in _helper_keys(registry_host):
                erase_with_helper(helper, key, timeout=self._helper_timeout)
            if held:
                erased.append(_helper_name(helper))
        if remove_login(path, registry_host):
            erased.append(str(path))
        self._configs.pop(path, None)
        still_in: dict[str, None] = {}
        for other in self._files[1:]:
            with contextlib.suppress(CredentialError):  # what cannot be read holds nothing that would be used
                still_in[self._get(other, registry_host, "").source] = None
        still_in.pop("", None)
        return ErasedLogin(tuple(erased), tuple(still_in))

    def __repr__(self) -> str:
        return f"DockerCredentialStore({str(self._files[0])!r})"

    def _config(self, path: Path) -> "DockerConfig":
        from toolhive_plugins_registry.docker_config import read_docker_config

        if path not in self._configs:
            self._configs[path] = read_docker_config(path)
        return self._configs[path]

    def _helper(self, path: Path, host: str) -> str:
        """Return the name of the credential helper that a file names for a host, "" if it names none."""
        from toolhive_plugins_registry.docker_config import is_for

        config = self._config(path)
        named = config.helpers.get(_key(host)) or next(
            (helper for key, helper in config.helpers.items() if is_for(key, host)), ""
        )
        return named or config.store

    def _get(self, path: Path, host: str, repository: str) -> Credential:
        helper = self._helper(path, host)
        return self._ask(helper, host) if helper else self._from_file(path, host, repository)

    def _ask(self, helper: str, host: str) -> Credential:
        """Return what the credential helper knows of a host."""
        from toolhive_plugins_registry.credential_helpers import run_helper

        for key in _helper_keys(host):
            answer = run_helper(helper, key, timeout=self._helper_timeout)
            if answer is not None:
                source = _helper_name(helper)
                if answer.username == _TOKEN_USERNAME:
                    return Credential(refresh_token=answer.secret, source=source)
                return Credential(answer.username, answer.secret, source=source)
        return Credential()

    def _from_file(self, path: Path, host: str, repository: str) -> Credential:
        """Return the credential that a file itself holds."""
        from toolhive_plugins_registry.docker_config import decode_auth

        entry = self._config(path).entry(host, repository, path)
        if entry is None:
            return Credential()
        username, password = entry.username, entry.password
        if entry.auth:
            username, password = decode_auth(entry.auth, host, path)
        return Credential(username, password, entry.identity_token, entry.registry_token, source=str(path))


def _key(host: str) -> str:
    """Return the name under which Docker stores the login for a host."""
    from toolhive_plugins_registry.docker_config import DOCKER_HUB_KEY

    return DOCKER_HUB_KEY if host == DOCKER_HUB_HOST else host


def _helper_keys(host: str) -> tuple[str, ...]:
    """Return the names under which a helper may have the login for a host: podman names Docker Hub otherwise."""
    return (_key(host), DOCKER_HUB) if host == DOCKER_HUB_HOST else (host,)


def _helper_name(helper: str) -> str:
    return f"credential helper docker-credential-{helper}"
