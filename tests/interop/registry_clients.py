"""oras, crane, regctl and skopeo behind one interface: what each of them can do with an artifact in a registry, over plain HTTP."""

import hashlib
import json
import shlex
from pathlib import Path
from typing import Protocol

from programs import run


class RegistryClient(Protocol):
    """A command-line client. `ref` and `to` are `host/repository:tag`."""

    @property
    def name(self) -> str: ...

    def digest(self, ref: str) -> str:
        """Return the digest of what a tag names."""

    def artifact_type(self, ref: str) -> str:
        """Return the artifact type that it shows."""

    def tags(self, repository: str) -> list[str]:
        """Return the tags of a repository."""

    def copy(self, ref: str, to: str) -> None:
        """Copy from registry to registry, with all platforms."""


class LayoutClient(RegistryClient, Protocol):
    """A client that reads and writes OCI layouts with tags, as our stores are."""

    def push(self, layout: Path, tag: str, to: str) -> None:
        """Copy from an OCI layout to a registry."""

    def pull(self, ref: str, layout: Path, tag: str) -> None:
        """Copy from a registry to an OCI layout."""


class Oras:
    name = "oras"

    def digest(self, ref: str) -> str:
        return _said(f"oras resolve --plain-http {ref}")

    def artifact_type(self, ref: str) -> str:
        shown = _said(f"oras manifest fetch --plain-http --format json {ref}")
        return str(json.loads(shown)["content"]["artifactType"])

    def tags(self, repository: str) -> list[str]:
        return _said(f"oras repo tags --plain-http {repository}").split()

    def copy(self, ref: str, to: str) -> None:
        _said(f"oras cp --no-tty --from-plain-http --to-plain-http {ref} {to}")

    def push(self, layout: Path, tag: str, to: str) -> None:
        _said(f"oras cp --no-tty --from-oci-layout-path {layout} --to-plain-http {tag} {to}")

    def pull(self, ref: str, layout: Path, tag: str) -> None:
        _said(f"oras cp --no-tty --from-plain-http --to-oci-layout {ref} {layout}:{tag}")


class Crane:
    """crane, which speaks plain HTTP to a loopback address by itself, and knows no tags in a layout."""

    name = "crane"

    def digest(self, ref: str) -> str:
        return _said(f"crane digest {ref}")

    def artifact_type(self, ref: str) -> str:
        return str(json.loads(_said(f"crane manifest {ref}"))["artifactType"])

    def tags(self, repository: str) -> list[str]:
        return _said(f"crane ls {repository}").split()

    def copy(self, ref: str, to: str) -> None:
        _said(f"crane copy {ref} {to}")

    def validate(self, ref: str) -> str:
        """Check every manifest, config and layer of what a tag names; return what it said."""
        return _said(f"crane validate --remote {ref}")


class Regctl:
    name = "regctl"

    def digest(self, ref: str) -> str:
        return _regctl(f"manifest head {ref}", ref)

    def artifact_type(self, ref: str) -> str:
        return _regctl(f"manifest get --format '{{{{.ArtifactType}}}}' {ref}", ref)

    def tags(self, repository: str) -> list[str]:
        return _regctl(f"tag ls {repository}", repository).split()

    def copy(self, ref: str, to: str) -> None:
        _regctl(f"image copy {ref} {to}", ref, to)

    def push(self, layout: Path, tag: str, to: str) -> None:
        _regctl(f"image copy ocidir://{layout}:{tag} {to}", to)

    def pull(self, ref: str, layout: Path, tag: str) -> None:
        _regctl(f"image copy {ref} ocidir://{layout}:{tag}", ref)


class Skopeo:
    """skopeo, which has to be told not to write an index anew: Debian's 1.9 drops the artifact types on the way."""

    name = "skopeo"

    def digest(self, ref: str) -> str:
        raw = _raw(f"skopeo inspect --raw --tls-verify=false docker://{ref}")
        return "sha256:" + hashlib.sha256(raw.encode()).hexdigest()

    def artifact_type(self, ref: str) -> str:
        return str(json.loads(_raw(f"skopeo inspect --raw --tls-verify=false docker://{ref}"))["artifactType"])

    def tags(self, repository: str) -> list[str]:
        return list(json.loads(_raw(f"skopeo list-tags --tls-verify=false docker://{repository}"))["Tags"])

    def copy(self, ref: str, to: str) -> None:
        self._copy(f"--src-tls-verify=false --dest-tls-verify=false docker://{ref} docker://{to}")

    def push(self, layout: Path, tag: str, to: str) -> None:
        self._copy(f"--dest-tls-verify=false oci:{layout}:{tag} docker://{to}")

    def pull(self, ref: str, layout: Path, tag: str) -> None:
        self._copy(f"--src-tls-verify=false docker://{ref} oci:{layout}:{tag}")

    def _copy(self, arguments: str) -> None:
        _raw(f"skopeo copy --all --preserve-digests {arguments}")


def _raw(command: str) -> str:
    return run(*shlex.split(command))


def _said(command: str) -> str:
    return _raw(command).strip()


def _regctl(command: str, *refs: str) -> str:
    """Run regctl, which has to be told of each registry without TLS."""
    hosts = dict.fromkeys(ref.partition("/")[0] for ref in refs)
    return _said("regctl " + " ".join(f"--host reg={host},tls=disabled" for host in hosts) + " " + command)


CLIENTS: tuple[RegistryClient, ...] = (Oras(), Crane(), Regctl(), Skopeo())

LAYOUT_CLIENTS: tuple[LayoutClient, ...] = (Oras(), Regctl(), Skopeo())
