"""A certificate authority of the tests' own, made with the openssl command."""

import ssl
import subprocess
from pathlib import Path

from attrs import define


@define
class Authority:
    """A certificate authority of the test's own."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    def certificate(self, *names: str) -> Path:
        """A certificate for these names, signed by the authority, with its key, in one file."""
        base = self.folder / "-".join(names)
        alternatives = ",".join(f"IP:{name}" if name[0].isdigit() else f"DNS:{name}" for name in names)
        Path(f"{base}.ext").write_text(f"subjectAltName={alternatives}\n")
        openssl(
            *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=test"),
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
