"""A plugin in a real registry, and cosign."""

import os
import re
import subprocess
from pathlib import Path

from attrs import frozen
from plugin_folders import MANIFEST, write_files
from programs import required
from real_registry import RealRegistry

from toolhive_plugins import Digest, Packager, Registry, Store, default_package_options

PASSWORD = "correct horse"
NO_LOG = ("--use-signing-config=false", "--tlog-upload=false")


@frozen
class Published:
    """The plugin."""

    client: Registry
    repository: str
    digest: Digest
    folder: Path

    @property
    def ref(self) -> str:
        return f"{self.repository}@{self.digest}"

    def cosign(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run cosign in the folder, about the plugin in the registry if it signs or verifies."""
        about = ["--allow-http-registry", self.ref] if arguments[0] in ("sign", "verify", "attest") else []
        about += ["-y"] if arguments[0] in ("sign", "attest") else []
        return subprocess.run(
            [required("cosign"), *arguments, *about],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "COSIGN_PASSWORD": PASSWORD},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def cosign_takes(self, *arguments: str) -> bool:
        """Tell whether cosign verifies the plugin."""
        done = self.cosign("verify", *arguments)
        print(done.stderr)
        return done.returncode == 0

    def cosign_signs(self, *arguments: str) -> None:
        """Sign the plugin with cosign."""
        done = self.cosign("sign", *arguments)
        assert done.returncode == 0, done.stderr


def publish(registry: RealRegistry, client: Registry, folder: Path) -> Published:
    """Build a plugin and push it to a repository that no other test has."""
    name = re.sub("[^a-z0-9]+", "-", folder.name.lower()).strip("-")
    files = {MANIFEST: {"name": "tiny", "version": "1.0.0", "description": "Tiny"}, "commands/go.md": "Go.\n"}
    source = write_files(folder / "source" / "tiny", files)
    store = Store(folder / "store")
    digest = Packager(store).package(str(source), default_package_options()).index_digest
    repository = f"{registry.host}/{name}/tiny"
    client.push(store, digest, f"{repository}:1.0.0")
    return Published(client, repository, digest, folder)
