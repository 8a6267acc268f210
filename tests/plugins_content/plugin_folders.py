"""Makes plugin directories for the tests."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = ".claude-plugin/plugin.json"

Content = str | bytes | dict[str, Any] | list[Any]


def make_plugin(root: Path, files: Mapping[str, Content] | None = None, **manifest: object) -> Path:
    """Write a plugin: its manifest, and `files`, by path; an object or a list becomes JSON. Return `root`."""
    write(root, MANIFEST, {"name": "demo", **manifest})
    for path, content in (files or {}).items():
        write(root, path, content)
    return root


def write(root: Path, path: str, content: Content = "text\n", mode: int = 0o644) -> Path:
    """Write one file, and the folders that it lies in."""
    file = Path(os.fsdecode(os.fsencode(root / path)))
    file.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, dict | list):
        content = json.dumps(content)
    file.write_bytes(content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content)
    file.chmod(mode)
    return file
