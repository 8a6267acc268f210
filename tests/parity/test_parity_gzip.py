"""Every gzip stream that toolhive-core was shown is taken or refused as it took or refused it."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from toolhive_artifact import GzipLimitError, InvalidGzipError, decompress, decompress_chunks

_VECTORS = [
    json.loads(line) for line in Path(__file__).with_name("gzip.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_there_are_20_gzip_vectors() -> None:
    assert len(_VECTORS) == 20


@pytest.mark.parametrize("vector", _VECTORS, ids=lambda vector: str(vector["name"]))
def test_stream_is_read_as_in_toolhive_core(vector: dict[str, object]) -> None:
    encoded, want = vector["b64"], vector["want"]
    assert isinstance(encoded, str)
    assert isinstance(want, dict)
    stream = base64.b64decode(encoded)
    if "error" in want:
        kind = GzipLimitError if "exceeds maximum size" in want["error"] else InvalidGzipError
        with pytest.raises(kind):
            decompress(stream)
        return
    digest, size = hashlib.sha256(), 0
    for piece in decompress_chunks(stream[start : start + 1000] for start in range(0, len(stream), 1000)):
        digest.update(piece)
        size += len(piece)
    assert {"sha256": digest.hexdigest(), "size": size} == want
