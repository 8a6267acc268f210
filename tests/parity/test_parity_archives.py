"""Every archive that toolhive-core refused is refused; every other gives the same files, or is refused for a known reason."""

import base64
import gzip
import hashlib
import json
from pathlib import Path

import pytest

from toolhive_artifact import InvalidArchiveError, extract_tar

_VECTORS = [
    json.loads(line) for line in Path(__file__).with_name("archives.jsonl").read_text(encoding="utf-8").splitlines()
]

_REFUSED_BEYOND_TOOLHIVE_CORE = {
    "name-9": "does not name a file",  # .
    "name-10": "does not name a file",  # a/..
    "name-20": "is empty",
    "name-13": "contains a backslash",
    "name-15": "contains a backslash",
    "name-16": "contains a backslash",
    "dup-names": "duplicate path",
    "dup-after-clean": "duplicate path",
    "file-as-dir": "is below 'a', which is a file",
}
"""What toolhive-core lets pass: two readers, or a file system, could take each in two ways."""

_MASKED_MODE = {"setuid": 0o755}
"""Where toolhive-core hands on mode bits beyond 0777."""


def test_there_are_74_archive_vectors() -> None:
    assert len(_VECTORS) == 74


@pytest.mark.parametrize("vector", _VECTORS, ids=lambda vector: str(vector["name"]))
def test_archive_is_read_as_in_toolhive_core(vector: dict[str, object]) -> None:
    name, packed, want = vector["name"], vector["tar_gz_b64"], vector["want"]
    assert isinstance(name, str)
    assert isinstance(packed, str)
    assert isinstance(want, dict)
    archive = gzip.decompress(base64.b64decode(packed))
    if "error" in want:
        with pytest.raises(InvalidArchiveError):
            extract_tar(archive)
        return
    if name in _REFUSED_BEYOND_TOOLHIVE_CORE:
        with pytest.raises(InvalidArchiveError, match=_REFUSED_BEYOND_TOOLHIVE_CORE[name]):
            extract_tar(archive)
        return
    got = [
        {"mode": f.mode, "path": f.path, "sha256": hashlib.sha256(f.content).hexdigest(), "size": len(f.content)}
        for f in extract_tar(archive)
    ]
    assert got == [file | {"mode": _MASKED_MODE.get(name, file["mode"])} for file in want["files"]]
