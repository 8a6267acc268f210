"""Files that hold logins: where they are, in which order they count, and how a login is written to one and removed again.

Sources: docker/cli ("docker login"), and for the files of podman and skopeo containers-auth.json(5).
"""

import base64
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from toolhive_artifact import shown
from toolhive_plugins_interfaces import CredentialError
from toolhive_plugins_registry import json_edits
from toolhive_plugins_registry.docker_config import is_for, read_config_bytes, read_docker_config

if TYPE_CHECKING:
    from toolhive_plugins_registry.credentials import Credential

_AUTHS = "auths"


def login_files() -> tuple[Path, ...]:
    """Return the files in the order in which they are looked at; logins are written to the first.

    They are `REGISTRY_AUTH_FILE`, if it is set; Docker's, `config.json` in `$DOCKER_CONFIG`, else in `~/.docker`; and podman's,
    `containers/auth.json` in `$XDG_RUNTIME_DIR` and in `$XDG_CONFIG_HOME`, by default `~/.config`.

    Raises:
        CredentialError: there is no home directory.
    """
    environ = os.environ
    named = environ.get("REGISTRY_AUTH_FILE", "")
    docker, runtime = environ.get("DOCKER_CONFIG", ""), environ.get("XDG_RUNTIME_DIR", "")
    files = [Path(named)] if named else []
    files.append(Path(docker, "config.json") if docker else _home() / ".docker" / "config.json")
    if runtime:
        files.append(Path(runtime, "containers", "auth.json"))
    with contextlib.suppress(CredentialError):
        files.append(Path(environ.get("XDG_CONFIG_HOME") or _home() / ".config", "containers", "auth.json"))
    return tuple(dict.fromkeys(files))


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        raise CredentialError(
            "there is no home directory to look for Docker's credentials in", remedy="Set HOME or DOCKER_CONFIG"
        ) from None


def keys_of(text: str, host: str) -> list[str]:
    """Return the keys of `auths` under which a file holds logins for all of `host`."""
    return [key for key in json_edits.names_in(text, _AUTHS) if key == host or is_for(key, host)]


def write_login(path: Path, key: str, host: str, credential: "Credential") -> None:
    """Write a login to `auths` of the file, in place of the one that it holds for that host.

    Raises:
        CredentialError: the file is malformed, or cannot be read or written; it is then as it was.
    """
    text = _read(path)
    pair = f"{credential.username}:{credential.password}".encode("utf-8", "surrogateescape")
    auth = base64.b64encode(pair).decode("ascii")
    for other in keys_of(text, host):
        if other != key:
            text = json_edits.remove(text, _AUTHS, other)
    _replace(path, json_edits.put(text, _AUTHS, key, {"auth": auth}))


def remove_login(path: Path, host: str) -> bool:
    """Remove the logins for all of `host` from `auths` of the file; return whether there was one.

    Raises:
        CredentialError: as `write_login`.
    """
    before = text = _read(path)
    for key in keys_of(text, host):
        text = json_edits.remove(text, _AUTHS, key)
    if text != before:
        _replace(path, text)
    return text != before


def _read(path: Path) -> str:
    """Return the file's text, which is known to be a valid configuration."""
    read_docker_config(path)
    data = read_config_bytes(path)
    return data.decode("utf-8", "surrogateescape") if data.strip() else "{}\n"


def _replace(path: Path, text: str) -> None:
    """Replace the file in one step, readable by its owner only. Where links lead to it, they stay."""
    import tempfile  # here, as looking a login up does not need it

    target = Path(os.path.realpath(path))
    failure = ""
    temporary = ""
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # mode 0600
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)  # noqa: PTH105 - beside the other calls of os
        return
    except OSError as error:
        failure = error.strerror or "the path is not usable"
    finally:
        if failure and temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108
    raise CredentialError(
        f"cannot be written: {failure}", where=shown(target), remedy="Correct the permissions of its folder"
    )
