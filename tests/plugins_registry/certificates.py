"""A certificate authority of the tests' own, made with the openssl command."""

import ssl
import subprocess
from pathlib import Path

from attrs import define

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


@define
class Authority:
    """A certificate authority of the test's own."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    @classmethod
    def make(cls, folder: Path) -> "Authority":
        """Make an authority with its files in `folder`; the extensions are those that Python 3.13 insists on."""
        openssl(
            *("req", "-x509", *_NEW_KEY, "-days", "2", "-subj", "/CN=Test authority"),
            *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
            *("-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.pem")),
        )
        return cls(folder)

    def certificate(self, *names: str) -> Path:
        """A certificate for these names, signed by the authority, with its key, in one file."""
        base = self.folder / "-".join(names)
        alternatives = ",".join(f"IP:{name}" if name[0].isdigit() else f"DNS:{name}" for name in names)
        Path(f"{base}.ext").write_text(f"subjectAltName={alternatives}\nauthorityKeyIdentifier=keyid\n")
        openssl(
            *("req", *_NEW_KEY, "-subj", "/CN=test"),
            *("-keyout", f"{base}.key", "-out", f"{base}.csr"),
        )
        openssl(
            *("x509", "-req", "-in", f"{base}.csr", "-CA", str(self.ca_file), "-CAkey", str(self.folder / "ca.key")),
            *("-CAcreateserial", "-days", "2", "-extfile", f"{base}.ext", "-out", f"{base}.crt"),
        )
        together = Path(f"{base}.pem")
        together.write_text(Path(f"{base}.crt").read_text() + Path(f"{base}.key").read_text())
        return together


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def context(certificate: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made
