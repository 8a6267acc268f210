"""toolhive-core, ToolHive's Go library, called through the program in `go/`.

The program answers one JSON line for each, and keeps the stores that it opened until it ends, as a running thv does: it reads a store's
index.json when it opens the store, and writes it whole, from memory, at each change of its own.

    with running_toolhive_core() as core:
        core.open(root)  # reads index.json now; a second time: as after a restart of thv
        made = core.package(directory, root)
        core.tag(root, made.index_digest, "hello", local_build=True)
    # here the program has ended

`build-support/ci/go_programs.py` builds the program and says what to add to PATH.
"""

import base64
import json
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from attrs import frozen
from programs import required

from toolhive_artifact import Digest, FileEntry

PROGRAM = "toolhive-core-driver"

_CALL_SECONDS = 120


class ToolhiveCoreError(Exception):
    """toolhive-core returned an error.

    `kind` is the name of its sentinel error ("ErrInvalidPluginDir" and so on), or empty.
    """

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


@frozen
class Packaged:
    """What toolhive-core packaged, with the bytes of its documents in the order of the platforms."""

    index_digest: Digest
    manifest_digest: Digest
    config_digest: Digest
    layer_digest: Digest
    diff_id: Digest
    index: bytes
    manifests: tuple[bytes, ...]
    configs: tuple[bytes, ...]


class ToolhiveCore:
    """One process that uses toolhive-core. Calls from several threads take turns."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._turn = threading.Lock()

    def call(self, name: str, **arguments: Any) -> Any:
        """Make any call of the program, with bytes as base64.

        Raises:
            ToolhiveCoreError: the library returned an error.
        """
        answer = json.loads(self._exchange(json.dumps({"call": name, "with": arguments})))
        if "error" in answer:
            raise ToolhiveCoreError(answer["error"], answer.get("kind", ""))
        return answer["value"]

    def _exchange(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        too_long = threading.Timer(_CALL_SECONDS, self._process.kill)
        with self._turn:
            too_long.start()
            try:
                self._process.stdin.write(line + "\n")
                self._process.stdin.flush()
                answer = self._process.stdout.readline()
            finally:
                too_long.cancel()
        assert answer, f"{PROGRAM} ended in the middle of {line[:200]}"
        return answer

    def open(self, root: Path) -> None:
        """Open a store, reading its index.json; every other call opens the store only if it is not open yet."""
        self.call("open", root=str(root))

    def package(self, directory: Path, root: Path, *, epoch: int = 0, platforms: Sequence[str] = ()) -> Packaged:
        """Package a plugin directory into the store at `root`; no platforms means linux/amd64 and linux/arm64."""
        made = self.call(
            "package", directory=str(directory), root=str(root), epoch=epoch, platforms=[str(p) for p in platforms]
        )
        documents = made["documents"]
        return Packaged(
            index_digest=Digest(made["index_digest"]),
            manifest_digest=Digest(made["manifest_digest"]),
            config_digest=Digest(made["config_digest"]),
            layer_digest=Digest(made["layer_digest"]),
            diff_id=Digest(made["diff_id"]),
            index=base64.b64decode(documents["index"]),
            manifests=tuple(map(base64.b64decode, documents["manifests"])),
            configs=tuple(map(base64.b64decode, documents["configs"])),
        )

    def tag(self, root: Path, digest: str, tag: str, *, local_build: bool = False) -> None:
        """Tag a manifest or an index; `local_build` adds the mark with which thv lists its own builds."""
        self.call("tag", root=str(root), digest=digest, tag=tag, local_build=local_build)

    def resolve(self, root: Path, tag: str) -> Digest:
        return Digest(self.call("resolve", root=str(root), tag=tag))

    def tags(self, root: Path) -> list[str]:
        """Return the tags as the process has them in memory."""
        return cast("list[str]", self.call("tags", root=str(root)))

    def blob(self, root: Path, digest: str) -> bytes:
        return base64.b64decode(self.call("blob", root=str(root), digest=digest))

    def delete_tag(self, root: Path, tag: str) -> None:
        self.call("delete_tag", root=str(root), tag=tag)

    def delete_build(self, root: Path, tag: str) -> None:
        """Delete a tag, and the blobs of what it named if no other tag names that."""
        self.call("delete_build", root=str(root), tag=tag)

    def push(self, root: Path, digest: str, ref: str) -> None:
        """Push over plain HTTP."""
        self.call("push", root=str(root), digest=digest, ref=ref)

    def pull(self, root: Path, ref: str) -> Digest:
        """Pull over plain HTTP, tagging the artifact with the whole reference."""
        return Digest(self.call("pull", root=str(root), ref=ref))

    def create_tar(self, files: Sequence[FileEntry], *, epoch: int = 0) -> bytes:
        entries = [{"path": _text(_name_bytes(f.path)), "content": _text(f.content), "mode": f.mode} for f in files]
        return base64.b64decode(self.call("create_tar", files=entries, epoch=epoch))

    def extract_tar(self, data: bytes) -> list[FileEntry]:
        return [
            FileEntry(_name(f["path"]), base64.b64decode(f["content"] or ""), f["mode"])
            for f in self.call("extract_tar", data=_text(data))
        ]

    def compress(self, data: bytes) -> bytes:
        return base64.b64decode(self.call("compress", data=_text(data)))

    def decompress(self, data: bytes) -> bytes:
        return base64.b64decode(self.call("decompress", data=_text(data)) or "")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _name_bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _name(path: str) -> str:
    return base64.b64decode(path).decode("utf-8", "surrogateescape")


@contextmanager
def running_toolhive_core() -> Iterator[ToolhiveCore]:
    """Run the program within the block; it has ended, and its stores are closed, after it."""
    with subprocess.Popen(
        [required(PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            yield ToolhiveCore(process)
            assert process.stdin is not None
            process.stdin.close()
            process.wait(_CALL_SECONDS)
        finally:
            process.kill()
