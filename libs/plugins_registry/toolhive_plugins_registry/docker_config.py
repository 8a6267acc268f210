"""Docker's configuration file, as far as it holds credentials (docker/cli, "docker login").

Sources: the file's `auths`, `credHelpers` and `credsStore`, read with the leniencies of toolhive-core's resolver, which the vectors in
tests/parity/credentials.jsonl pin down.
"""

import base64
import binascii
import os
from pathlib import Path
from typing import Final

from attrs import field, frozen

from toolhive_artifact import InvalidDocumentError, JsonObject
from toolhive_plugins_interfaces import CredentialError
from toolhive_plugins_registry.converter import JSON_NAME, InvalidFieldError, from_json, read_json

_MAX_SIZE: Final = 4 * 1024 * 1024
_REMEDY: Final = "Correct the file, or log in to the registry again"


@frozen
class AuthEntry:
    """One entry of `auths`; no value is ever printed."""

    auth: str = field(default="", repr=False)
    """The base64 of `username:password`."""

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False, metadata={JSON_NAME: "identitytoken"})
    registry_token: str = field(default="", repr=False, metadata={JSON_NAME: "registrytoken"})


@frozen
class DockerConfig:
    """What the file says about credentials."""

    auths: JsonObject = field(factory=lambda: JsonObject(()), repr=False)
    """By registry; an entry is read when it is asked for, so that a malformed one harms no other."""

    helpers: dict[str, str] = field(factory=dict, metadata={JSON_NAME: "credHelpers"})
    """The names of credential helpers, by registry."""

    store: str = field(default="", metadata={JSON_NAME: "credsStore"})
    """The name of the credential helper for all other registries."""

    def entry(self, server: str, path: Path) -> AuthEntry | None:
        """Return the entry under `server`, else the first one under a URL of that host; None where there is none.

        Raises:
            CredentialError: it is malformed.
        """
        key: str | None = server if server in self.auths else None
        if key is None:
            key = next((name for name in self.auths if _host_of(name) == server), None)
        if key is None:
            return None
        failure: InvalidFieldError | None = None
        try:
            return from_json(self.auths[key], AuthEntry, where=str(path))
        except InvalidFieldError as error:
            failure = error
        raise _malformed(failure, path, f"the entry of auths for {server}: ")


def read_docker_config(path: Path) -> DockerConfig:
    """Read the configuration at `path`; a file that does not exist is an empty one.

    Raises:
        CredentialError: it cannot be read or is malformed. The error names the place, and quotes nothing of the file.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_SIZE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return DockerConfig()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path is not usable"
    else:
        return _parse(data, path)
    raise CredentialError(f"cannot be read: {reason}", where=str(path), remedy="Correct its permissions")


def decode_auth(auth: str, server: str, path: Path) -> tuple[str, str]:
    """Return the user name and password in the base64 of `username:password`.

    Raises:
        CredentialError: it is something else.
    """
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


def default_config_path() -> Path:
    """Return `config.json` in `$DOCKER_CONFIG`, else in `~/.docker`.

    Raises:
        CredentialError: there is no home directory.
    """
    folder = os.environ.get("DOCKER_CONFIG")
    if folder:
        return Path(folder, "config.json")
    try:
        return Path.home() / ".docker" / "config.json"
    except RuntimeError:
        raise CredentialError(
            "there is no home directory to look for Docker's credentials in", remedy="Set HOME or DOCKER_CONFIG"
        ) from None


def _parse(data: bytes, path: Path) -> DockerConfig:
    failure: InvalidDocumentError
    try:
        return read_json(data, DockerConfig, where=str(path), max_size=_MAX_SIZE)
    except InvalidDocumentError as error:
        failure = error
    raise _malformed(failure, path)


def _malformed(failure: InvalidDocumentError, path: Path, prefix: str = "") -> CredentialError:
    """Return the error for a malformed file. A JSON error may quote a word of it, a secret say, so only its place is kept."""
    place = f" (line {failure.line}, column {failure.column})" if failure.line else ""
    problem = failure.problem if isinstance(failure, InvalidFieldError) else "is not a JSON document"
    return CredentialError(f"{prefix}{problem}{place}", where=str(path), remedy=_REMEDY)


def _host_of(address: str) -> str:
    """Return the host of an address that is filed as a URL, as older versions of Docker did."""
    return address.removeprefix("http://").removeprefix("https://").partition("/")[0]
