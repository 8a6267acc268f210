"""Whose certificates are trusted, and which certificate we present: a TLS context for each registry.

The caller names authorities; else the variables `REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE`, `SSL_CERT_FILE` and `SSL_CERT_DIR` do, all of them
together; else the system's own store counts. `certs.d/HOST[:PORT]` adds to them for one registry, as docker and podman have it
(docker, "Verify repository client with certificates"; containers-certs.d(5)). Verification cannot be turned off.
"""

import os
import ssl
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from toolhive_plugins_interfaces import RegistryConnectionError
from toolhive_plugins_registry.errors import Hint
from toolhive_plugins_registry.urls import Url

_VARIABLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_DIRECTORIES: Final = "SSL_CERT_DIR"
_SYSTEM_FOLDERS: Final = ("/etc/containers/certs.d", "/etc/docker/certs.d")


class Trust:
    """Makes TLS contexts.

    Args:
        ca_file: a file of certificates in PEM, or a directory of them as OpenSSL names its files, to trust instead of all others.
        environment: where the variables above are looked up; by default the process's.
    """

    def __init__(
        self, ca_file: str | os.PathLike[str] | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self._ca_file = None if ca_file is None else Path(ca_file)
        self._environment = os.environ if environment is None else environment

    def context(self, url: Url) -> ssl.SSLContext:
        """Return a context for connections to the host of `url`.

        Raises:
            RegistryConnectionError: certificates that were asked for cannot be read.
        """
        where = url.shown
        context = self._authorities(where)
        folder = self._certs_d(url)
        if folder is not None:
            _add_folder(context, folder, where)
        return context

    def _authorities(self, where: str) -> ssl.SSLContext:
        if self._ca_file is not None:
            context = _empty_context()
            _add(context, self._ca_file, "", where)
            return context
        named = self._named()
        if not named:
            return _system_context()
        context = _empty_context()
        for path, variable in named.items():
            _add(context, path, variable, where)
        return context

    def _named(self) -> dict[Path, str]:
        """Return the files and directories that variables name, each with one that does.

        A list of directories may name some that are not there: the same list serves several systems.
        """
        files = {Path(path): variable for variable in _VARIABLES if (path := self._environment.get(variable))}
        listed = [Path(name) for name in self._environment.get(_DIRECTORIES, "").split(os.pathsep) if name]
        present = [path for path in listed if path.is_dir()] or listed
        return files | dict.fromkeys(present, _DIRECTORIES)

    def _certs_d(self, url: Url) -> Path | None:
        """Return the first folder of certificates for the host of `url`."""
        host = url.host.strip("[]")
        names = dict.fromkeys((url.authority, f"{url.host}:{url.port}", f"{host}:{url.port}"))
        for folder in self._folders():
            for name in names:
                found = folder / name
                try:
                    if found.is_dir():
                        return found
                except OSError:
                    continue
        return None

    def _folders(self) -> Iterator[Path]:
        home = self._environment.get("HOME") or self._environment.get("USERPROFILE")
        if home:
            yield Path(home, ".config", "containers", "certs.d")
        yield from map(Path, _SYSTEM_FOLDERS)


def _empty_context() -> ssl.SSLContext:
    """Return a context that verifies, and trusts nobody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A certificate that was named as trusted need not be a root; Go's clients hold it so, too.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _system_context() -> ssl.SSLContext:
    """Return a context that trusts whom the operating system trusts."""
    if sys.platform in ("darwin", "win32"):
        return _truststore_context()
    paths = ssl.get_default_verify_paths()
    if paths.cafile or (paths.capath and any(Path(paths.capath).iterdir())):
        context = _empty_context()
        context.set_default_verify_paths()
        return context
    # This Python's OpenSSL looks where this system keeps no certificates: truststore knows more places, and where there is
    # no store at all, as in the smallest of containers, Mozilla's list is what remains.
    context = _truststore_context()
    import certifi

    context.load_verify_locations(certifi.where())
    return context


def _truststore_context() -> ssl.SSLContext:
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _add(context: ssl.SSLContext, path: Path, variable: str, where: str) -> None:
    """Trust the certificates in a file or directory; `variable` names it, if it comes from the environment."""
    try:
        if path.is_dir():
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        problem = _reason(error)
    else:
        return
    raise RegistryConnectionError(
        f"the certificates to trust cannot be read from {path}: {problem}",
        where=where,
        remedy=f"Correct the path that {variable} gives" if variable else "Correct the path, or the file",
        hint=Hint.TRUST_CERTIFICATE,
    )


def _add_folder(context: ssl.SSLContext, folder: Path, where: str) -> None:
    """Trust the authorities in a folder of certs.d, and present its client certificate.

    Raises:
        RegistryConnectionError: a file cannot be read, or a certificate has no key.
    """
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        problem = _reason(error)
        raise RegistryConnectionError(f"{folder} cannot be read: {problem}", where=where) from None
    for name in names:
        path = folder / name
        if path.suffix == ".crt":
            _add(context, path, "", where)
        elif path.suffix == ".cert":
            _present(context, path, where)


def _present(context: ssl.SSLContext, certificate: Path, where: str) -> None:
    key = certificate.with_suffix(".key")
    if not key.exists():
        raise RegistryConnectionError(
            f"the client certificate {certificate} has no key", where=where, remedy=f"Put its key at {key}"
        )
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as error:
        problem = _reason(error)
    else:
        return
    raise RegistryConnectionError(f"the client certificate {certificate} cannot be used: {problem}", where=where)


def _no_password() -> str:
    """Answer OpenSSL's question for the password of a key, which it would otherwise put to the terminal."""
    raise ValueError("the key is encrypted, which is not supported")


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"not certificates in PEM ({error.reason or 'unknown error'})"
    return str(getattr(error, "strerror", None) or error)
