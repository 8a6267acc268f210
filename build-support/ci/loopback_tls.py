"""A certificate authority for one check, and a certificate of it for `localhost`; made by openssl."""

from pathlib import Path
from typing import NamedTuple

from machine import run


class Certificates(NamedTuple):
    """PEM files."""

    authority: Path
    """What a client is to trust."""

    server: Path
    """A server's private key, and its certificate."""


def make_certificates(folder: Path) -> Certificates:
    """Make both; they are valid for two days.

    Raises:
        CheckError: openssl is absent or failed.
    """
    folder.mkdir(parents=True)
    authority, authority_key = folder / "authority.pem", folder / "authority-key.pem"
    request, key, certificate = folder / "request.pem", folder / "key.pem", folder / "certificate.pem"
    extensions = folder / "extensions"
    extensions.write_text("subjectAltName = DNS:localhost\nbasicConstraints = CA:FALSE\n", encoding="ascii")
    new = ("openssl", "req", "-newkey", "rsa:2048", "-nodes")
    run(*new, "-x509", "-days", "2", "-subj", "/CN=check", "-keyout", authority_key, "-out", authority)
    run(*new, "-subj", "/CN=localhost", "-keyout", key, "-out", request)
    signing = ("-CA", authority, "-CAkey", authority_key, "-CAcreateserial", "-days", "2", "-extfile", extensions)
    run("openssl", "x509", "-req", "-in", request, *signing, "-out", certificate)
    server = folder / "server.pem"
    server.write_bytes(key.read_bytes() + certificate.read_bytes())
    return Certificates(authority, server)
