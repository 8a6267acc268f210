"""A whole Sigstore on this machine: certificates and their log, the log of signatures, a clock, and an issuer of identities.

The real programs, each on a free port of the loopback interface, with keys made for the run. `cosign` writes the trusted root and the
signing config.
"""

import base64
import json
import os
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from programs import required, run

PROGRAMS = ("fulcio", "tesseract-posix", "rekor-posix", "timestamp-server", "cosign")
_PASSWORD = "of the authority"
_START_SECONDS = 60
_SINCE = "2024-01-01T00:00:00Z"


def _number(value: int) -> str:
    return _encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@frozen
class Issuer:
    """An OIDC issuer that believes everybody."""

    url: str
    _key: rsa.RSAPrivateKey = field(factory=lambda: rsa.generate_private_key(65537, 2048), repr=False)

    def token(self, email: str, **changes: object) -> str:
        """Return an identity token, as a browser or a build service would get it."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": "sigstore", "sub": email, "email": email, "email_verified": True}
        times = {"iat": now, "nbf": now - 5, "exp": now + 600}
        head = _encoded(json.dumps({"alg": "RS256", "kid": "k", "typ": "JWT"}).encode())
        body = _encoded(json.dumps({**claims, **times, **changes}).encode())
        signature = self._key.sign(f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{head}.{body}.{_encoded(signature)}"

    def document(self, path: str) -> dict[str, Any] | None:
        """Return what the issuer publishes under a path."""
        public = self._key.public_key().public_numbers()
        key = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "k", "n": _number(public.n), "e": _number(public.e)}
        documents: dict[str, dict[str, Any]] = {
            "/keys": {"keys": [key]},
            "/.well-known/openid-configuration": {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
                "authorization_endpoint": f"{self.url}/auth",
                "token_endpoint": f"{self.url}/token",
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            },
        }
        return documents.get(path)


@frozen
class Sigstore:
    """Where everything is."""

    issuer: Issuer
    trusted_root: Path
    signing_config: Path
    clock: str
    """The address of the timestamp authority."""

    def authority(self) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        """Return the certificate and the key of the certificate authority, for certificates that it would never give."""
        folder = self.trusted_root.parent
        key = load_pem_private_key((folder / "ca.key").read_bytes(), _PASSWORD.encode())
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes()), key

    def token_file(self, email: str, folder: Path) -> Path:
        """Write an identity token to a file."""
        path = folder / f"{email}.token"
        path.write_text(self.issuer.token(email))
        return path


@contextmanager
def running_sigstore(folder: Path) -> Iterator[Sigstore]:
    """Run all of it within the block."""
    programs = {name: required(name) for name in PROGRAMS}
    folder.mkdir(parents=True, exist_ok=True)
    names = ("issuer", "fulcio", "fulcio-grpc", "fulcio-metrics", "ct", "rekor", "rekor-grpc", "rekor-metrics", "tsa")
    ports = dict(zip(names, _free_ports(len(names)), strict=True))
    url = {name: f"http://localhost:{port}" for name, port in ports.items()}
    issuer = Issuer(url["issuer"])
    _write_keys(folder)
    oidc = {"OIDCIssuers": {issuer.url: {"IssuerURL": issuer.url, "ClientID": "sigstore", "Type": "email"}}}
    (folder / "fulcio.json").write_text(json.dumps(oidc))
    with ExitStack() as stack:
        stack.enter_context(_serving(issuer, ports["issuer"]))
        commands = (
            (
                f"tesseract-posix -http_endpoint localhost:{ports['ct']} -private_key ct.key -origin ct.test "
                "-roots_pem_file ca.pem -storage_dir ct"
            ),
            (
                f"rekor-posix serve --storage-dir rekor --signer-filepath rekor.key --hostname localhost --http-port {ports['rekor']} "
                f"--grpc-port {ports['rekor-grpc']} --http-metrics-port {ports['rekor-metrics']} --checkpoint-interval 500ms"
            ),
            (
                "timestamp-server serve --timestamp-signer memory --disable-ntp-monitoring --host 127.0.0.1 "
                f"--port {ports['tsa']}"
            ),
            (
                f"fulcio serve --ca fileca --fileca-cert ca.pem --fileca-key ca.key --ct-log-url {url['ct']} "
                "--ct-log-public-key-path ct.pub --ct-log-origin ct.test --config-path fulcio.json --host 127.0.0.1 "
                f"--port {ports['fulcio']} --grpc-port {ports['fulcio-grpc']} --metrics-port {ports['fulcio-metrics']} "
                f"--legacy-unix-domain-socket @fulcio-{ports['fulcio']}"
            ),
        )
        for command in commands:
            name, *arguments = command.split()
            if name == "fulcio":
                arguments += ["--fileca-key-passwd", _PASSWORD]
            stack.enter_context(_process([programs[name], *arguments], folder, name))
        chain = _answer(f"{url['tsa']}/api/v1/timestamp/certchain", folder / "timestamp-server.log")
        (folder / "tsa.pem").write_bytes(chain)
        _answer(f"{url['fulcio']}/api/v2/configuration", folder / "fulcio.log")
        clock = f"{url['tsa']}/api/v1/timestamp"
        sigstore = Sigstore(issuer, folder / "trusted-root.json", folder / "signing-config.json", clock)
        _describe(sigstore, url, folder)
        yield sigstore


def _describe(sigstore: Sigstore, url: dict[str, str], folder: Path) -> None:
    """Write the trusted root and the signing config."""
    run(
        *("cosign", "trusted-root", "create", "--out", str(sigstore.trusted_root)),
        *("--fulcio", f"url={url['fulcio']},certificate-chain={folder}/ca.pem"),
        *("--rekor", f"url={url['rekor']},public-key={folder}/rekor.pub,start-time={_SINCE},origin=localhost"),
        *("--ctfe", f"url={url['ct']},public-key={folder}/ct.pub,start-time={_SINCE}"),
        *("--tsa", f"url={url['tsa']}/api/v1/timestamp,certificate-chain={folder}/tsa.pem"),
    )
    rest = f"start-time={_SINCE},operator=test"
    run(
        *("cosign", "signing-config", "create", "--out", str(sigstore.signing_config)),
        *("--fulcio", f"url={url['fulcio']},api-version=1,{rest}"),
        *("--rekor", f"url={url['rekor']},api-version=2,{rest}", "--rekor-config", "ANY"),
        *("--oidc-provider", f"url={url['issuer']},api-version=1,{rest}"),
        *("--tsa", f"url={url['tsa']}/api/v1/timestamp,api-version=1,{rest}", "--tsa-config", "ANY"),
    )


def _write_keys(folder: Path) -> None:
    """Write the keys of the authority and of both logs."""
    authority, ct, rekor = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
        ed25519.Ed25519PrivateKey.generate(),
    )
    name = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "test"), x509.NameAttribute(NameOID.COMMON_NAME, "root")]
    )
    now = datetime.now(UTC)
    usage = {name: name in ("key_cert_sign", "crl_sign") for name in _USAGES}
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(authority.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority.public_key()), critical=False)
        .sign(authority, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    sealed = BestAvailableEncryption(_PASSWORD.encode())
    (folder / "ca.key").write_bytes(authority.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealed))
    # The certificate log reads SEC 1.
    (folder / "ct.key").write_bytes(ct.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    (folder / "rekor.key").write_bytes(rekor.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "ct.pub").write_bytes(ct.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (folder / "rekor.pub").write_bytes(rekor.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (folder / "rekor").mkdir()


_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@contextmanager
def _process(command: list[str], folder: Path, name: str) -> Iterator[None]:
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env={"PATH": os.environ.get("PATH", "")}
        )
        try:
            yield
        finally:
            process.kill()
            process.wait()


@contextmanager
def _serving(issuer: Issuer, port: int) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = issuer.document(self.path)
            body = json.dumps(document).encode()
            self.send_response(404 if document is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield
        server.shutdown()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _answer(url: str, log: Path) -> bytes:
    """Return what a service answers, once it does."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                data: bytes = response.read()
                return data
        except (OSError, urllib.error.URLError):
            if time.monotonic() > deadline:
                pytest.fail(f"{url} does not answer: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
