"""Docker's configuration file, as far as it holds credentials (docker/cli, "docker login").

Sources: the file's `auths`, `credHelpers` and `credsStore`, read with the leniencies of toolhive-core's resolver, which the vectors in
tests/parity/credentials.jsonl pin down.
"""

import base64
import binascii
import codecs
import os
import stat
from pathlib import Path
from typing import Final

from attrs import field, frozen

from toolhive_artifact import InvalidDocumentError, JsonObject, shown
from toolhive_plugins_interfaces import CredentialError
from toolhive_plugins_registry.converter import JSON_NAME, InvalidFieldError, from_json, read_json
from toolhive_plugins_registry.references import DOCKER_HUB_HOST, DOCKER_HUB_NAMES

DOCKER_HUB_KEY: Final = "https://index.docker.io/v1/"
"""Docker Hub's entry in every Docker configuration and helper; it is older than the registry protocol in use."""

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

    def entry(self, host: str, repository: str, path: Path) -> AuthEntry | None:
        """Return the entry for a repository: that of its longest namespace, else the host's; None where there is none.

        Args:
            host: as it is connected to.
            repository: its path, or a namespace; "" for the host as a whole.
            path: the file, for errors.

        Raises:
            CredentialError: it is malformed.
        """
        key = self._key(host, self.namespace(host, repository))
        if key is None:
            return None
        failure: InvalidFieldError | None = None
        try:
            return from_json(self.auths[key], AuthEntry, where=str(path))
        except InvalidFieldError as error:
            failure = error
        raise _malformed(failure, path, f"the entry of auths for {shown(key)}: ")

    def namespace(self, host: str, repository: str) -> str:
        """Return the longest namespace of a repository that has an entry of its own, "" if none has."""
        parts = repository.split("/") if repository else []
        for length in range(len(parts), 0, -1):
            namespace = "/".join(parts[:length])
            if self._key(host, namespace) is not None:
                return namespace
        return ""

    def _key(self, host: str, namespace: str) -> str | None:
        """Return the key for exactly that namespace: as Docker writes it, else the first one that means the same."""
        exact = f"{host}/{namespace}" if namespace else DOCKER_HUB_KEY if host == DOCKER_HUB_HOST else host
        if exact in self.auths:
            return exact
        return next((key for key in self.auths if is_for(key, host, namespace)), None)


def read_docker_config(path: Path) -> DockerConfig:
    """Read the configuration at `path`; a file that does not exist or is empty says nothing.

    Raises:
        CredentialError: it cannot be read or is malformed. The error names the place, and quotes nothing of the file.
    """
    data = read_config_bytes(path)
    return _parse(data, path) if data.strip(b" \t\r\n") else DockerConfig()


def read_config_bytes(path: Path) -> bytes:
    """Return the file's bytes, one more than the limit at most; none if it does not exist. What is not a file is not opened.

    Raises:
        CredentialError: it cannot be read.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode):
            with open(path, "rb", opener=_open_at_once) as file:
                return file.read(_MAX_SIZE + 1)
        reason = "is a directory" if stat.S_ISDIR(mode) else "not a regular file"
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path is not usable"
    remedy = "Correct its permissions" if "ermission" in reason else "Put a file in its place, or name another"
    raise CredentialError(f"cannot be read: {reason}", where=shown(path), remedy=remedy)


def _open_at_once(path: str, flags: int) -> int:
    """Open a file without waiting, should a FIFO have taken its place meanwhile."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def is_for(key: str, host: str, namespace: str = "") -> bool:
    """Tell whether a key of `auths` is for exactly that namespace of a host; all names of Docker Hub are its host's.

    A URL, as Docker has written it, is for its whole host, and so are `host/v1/` and `host/v2/`; `host/team` is for what is
    below `team` (containers-auth.json(5)).
    """
    bare = key.removeprefix("http://").removeprefix("https://")
    named, _, path = bare.partition("/")
    path = path.strip("/")
    if bare != key or path in ("v1", "v2"):
        path = ""
    return path == namespace and (named == host or (host == DOCKER_HUB_HOST and named in DOCKER_HUB_NAMES))


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


def _parse(data: bytes, path: Path) -> DockerConfig:
    if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise CredentialError(
            "begins with a byte order mark, which JSON cannot have",
            where=shown(path),
            remedy="Save it as UTF-8 without one",
        )
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
