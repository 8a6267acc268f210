"""Credentials for registries, by default those that `docker login` left behind.

Sources: docker/cli, "docker login" (configuration file, `credHelpers`, `credsStore`), and the order and the
leniencies of the reference's resolver, which the vectors in tests/parity/credentials.jsonl hold still.
"""

import base64
import binascii
import os
from pathlib import Path
from typing import Final, Protocol

from attrs import field, frozen

from toolhive_artifact import InvalidDocumentError, JsonObject, JsonValue, parse_json
from toolhive_plugins_interfaces import CredentialError
from toolhive_plugins_registry.references import DOCKER_HUB_HOST

_DOCKER_HUB_KEY: Final = "https://index.docker.io/v1/"
"""Docker Hub's entry in every Docker configuration and helper; older than the registry protocol in use."""

_HELPER_TIMEOUT: Final = 30.0
"""Seconds: long enough for a person to confirm a prompt of their keychain."""
_MAX_CONFIG_SIZE: Final = 4 * 1024 * 1024
_TOKEN_USERNAME: Final = "<token>"  # noqa: S105 - what a helper calls its user where the secret is an identity token
_REMEDY: Final = "Mend the file, or run docker login again"


@frozen
class Credential:
    """What to show a registry or its token service; no field's value is ever printed.

    The empty credential means that none is known, and that the registry is asked anonymously.
    """

    username: str = field(default="", repr=False)
    """Together with `password`: HTTP Basic, or the question to the token service."""

    password: str = field(default="", repr=False)
    """May hold surrogate escapes for bytes that are not UTF-8."""

    refresh_token: str = field(default="", repr=False)
    """An identity token, which the token service exchanges for access tokens (OAuth2)."""

    access_token: str = field(default="", repr=False)
    """A registry token: sent to the registry as it is."""

    def __bool__(self) -> bool:
        return bool(self.username or self.password or self.refresh_token or self.access_token)


class CredentialStore(Protocol):
    """Knows the credentials of registries."""

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
        self._path = _default_config_path() if config_path is None else Path(config_path)
        self._helper_timeout = helper_timeout
        config = _read_config(self._path)
        self._helpers = _helpers(config.get("credHelpers"), self._path)
        self._store = _text(config.get("credsStore"), "credsStore", self._path)
        self._auths = _object(config.get("auths"), "auths", self._path)

    def get(self, registry_host: str) -> Credential:
        """Return Docker's credential for `registry_host`, or the empty one.

        Raises:
            CredentialError: the entry is malformed, or the helper is missing, failed, answered junk or hung.
        """
        server = _DOCKER_HUB_KEY if registry_host == DOCKER_HUB_HOST else registry_host
        helper = self._helpers.get(server) or self._store
        if helper:
            return self._ask(helper, server)
        entry = self._entry(server)
        return Credential() if entry is None else _from_entry(entry, server, self._path)

    def __repr__(self) -> str:
        return f"DockerCredentialStore({str(self._path)!r})"

    def _ask(self, helper: str, server: str) -> Credential:
        """Return what the credential helper knows of `server`."""
        from toolhive_plugins_registry.credential_helpers import run_helper  # which imports all that starts programs

        answer = run_helper(helper, server, timeout=self._helper_timeout)
        if answer is None:
            return Credential()
        username, secret = answer
        if username == _TOKEN_USERNAME:
            return Credential(refresh_token=secret)
        return Credential(username, secret)

    def _entry(self, server: str) -> JsonObject | None:
        """Return the entry filed under `server`, else the first filed under a URL of that host."""
        key: str | None = server if server in self._auths else None
        if key is None:
            key = next((name for name in self._auths if _host_of(name) == server), None)
        if key is None:
            return None
        return _object(self._auths[key], "an entry of auths", self._path)


def _default_config_path() -> Path:
    folder = os.environ.get("DOCKER_CONFIG")
    if folder:
        return Path(folder, "config.json")
    try:
        return Path.home() / ".docker" / "config.json"
    except RuntimeError:
        raise CredentialError(
            "there is no home directory to look for Docker's credentials in", remedy="Set HOME or DOCKER_CONFIG"
        ) from None


def _read_config(path: Path) -> JsonObject:
    """Return the configuration; an absent file is an empty one."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_CONFIG_SIZE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return JsonObject(())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path is not usable"
        raise CredentialError(f"cannot be read: {reason}", where=str(path), remedy="Mend its permissions") from None
    try:
        config = parse_json(data, where=str(path), max_size=_MAX_CONFIG_SIZE)
    except InvalidDocumentError as error:
        # The message quotes a word of the file at most, and could quote a secret: only the place is handed on.
        place = f" (line {error.line}, column {error.column})" if error.line else ""
        raise CredentialError(f"is not a JSON document{place}", where=str(path), remedy=_REMEDY) from None
    return _object(config, "the file", path)


def _object(value: JsonValue, what: str, path: Path) -> JsonObject:
    """Return an object; null counts as an empty one."""
    if value is None:
        return JsonObject(())
    if not isinstance(value, JsonObject):
        raise CredentialError(f"{what} is not a JSON object", where=str(path), remedy=_REMEDY)
    return value


def _text(value: JsonValue, what: str, path: Path) -> str:
    """Return a string; null counts as the empty one."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CredentialError(f"{what} is not a string", where=str(path), remedy=_REMEDY)
    return value


def _helpers(value: JsonValue, path: Path) -> dict[str, str]:
    return {
        server: _text(name, "a value in credHelpers", path)
        for server, name in _object(value, "credHelpers", path).items()
    }


def _host_of(address: str) -> str:
    """Return the host of an address filed in the old manner, as a URL."""
    return address.removeprefix("http://").removeprefix("https://").partition("/")[0]


def _from_entry(entry: JsonObject, server: str, path: Path) -> Credential:
    """Read one entry of `auths`."""

    def text(name: str) -> str:
        return _text(entry.field(name), f"{name} in an entry of auths", path)

    username, password = text("username"), text("password")
    auth = text("auth")
    if auth:
        username, password = _decode_auth(auth, server, path)
    return Credential(username, password, text("identitytoken"), text("registrytoken"))


def _decode_auth(auth: str, server: str, path: Path) -> tuple[str, str]:
    """Read the base64 of `username:password`."""
    compact = auth.replace("\r", "").replace("\n", "")
    try:
        decoded = base64.b64decode(compact, validate=True) if len(compact) % 4 == 0 else None
    except (binascii.Error, ValueError):
        decoded = None
    username, colon, password = (decoded or b"").decode("utf-8", "surrogateescape").partition(":")
    if not colon:
        raise CredentialError(
            f"the auth entry for {server} is not the base64 of username:password", where=str(path), remedy=_REMEDY
        )
    return username, password
