"""The content digest of a plugin's files, as ToolHive's lock file has it: the same for a folder, a layer and a commit.

SHA-256 over, for each file in the order of the paths' bytes, its path with slashes, a NUL, the 32 bytes of the SHA-256 of its content, and
a newline. Modes and empty folders do not count.
"""

import hashlib

from toolhive_plugins import Digest, FileTree, path_bytes, shown
from toolhive_plugins_installs.errors import ContentDigestError


def content_digest(tree: FileTree) -> Digest:
    """Return the content digest of all files of a tree.

    Raises:
        ContentDigestError: a path holds a control character, or bytes that are not UTF-8.
        ToolhiveError: a file cannot be read.
    """
    return digest_of_files({path: tree.digest(path) for path in tree.files})


def digest_of_files(files: "dict[str, Digest]") -> Digest:
    """Return the content digest of files whose own digests are known, by path.

    Raises:
        ContentDigestError: as `content_digest`.
    """
    hasher = hashlib.sha256()
    for path in sorted(files, key=path_bytes):
        _check(path)
        hasher.update(path.encode() + b"\0" + bytes.fromhex(files[path].encoded) + b"\n")
    return Digest("sha256:" + hasher.hexdigest())


def _check(path: str) -> None:
    if any(_is_control(character) for character in path):
        raise ContentDigestError("the name of a file has a control character in it", where=shown(path))
    try:
        path.encode()
    except UnicodeEncodeError:
        raise ContentDigestError("the name of a file is not UTF-8", where=shown(path)) from None


def _is_control(character: str) -> bool:
    return ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0
