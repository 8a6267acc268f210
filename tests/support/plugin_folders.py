"""Makes plugin directories for the tests of every folder."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

MANIFEST = ".claude-plugin/plugin.json"

Content = str | bytes | dict[str, Any] | list[Any]


def make_plugin(root: Path, files: Mapping[str, Content] | None = None, **manifest: object) -> Path:
    """Write a plugin: its manifest, named `demo` unless `name` says otherwise, and `files`, as `write_files` does. Return `root`."""
    return write_files(root, {MANIFEST: {"name": "demo", **manifest}, **(files or {})})


def write_files(root: Path, files: Mapping[str, object], *, executable: Iterable[str] = ()) -> Path:
    """Write files by path below `root`, and return it.

    Args:
        files: bytes or text; any other value becomes JSON.
        executable: the paths that get mode 0755 instead of 0644.
    """
    modes = dict.fromkeys(executable, 0o755)
    for path, content in files.items():
        write(root, path, content, modes.get(path, 0o644))
    return root


def write(root: Path, path: str, content: object = "text\n", mode: int = 0o644) -> Path:
    """Write one file, and the folders that it is in."""
    file = Path(os.fsdecode(os.fsencode(root / path)))
    file.parent.mkdir(parents=True, exist_ok=True)
    if not isinstance(content, bytes):
        text = content if isinstance(content, str) else json.dumps(content)
        content = text.encode("utf-8", "surrogateescape")
    file.write_bytes(content)
    file.chmod(mode)
    return file
