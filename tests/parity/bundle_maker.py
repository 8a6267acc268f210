"""Makes the plugin directory that a bundle of `bundles.jsonl` describes."""

import base64
import gzip
import os
from pathlib import Path
from typing import Any


def make_bundle(root: Path, bundle: dict[str, Any]) -> None:
    """Write the bundle's files, folders, links and fifos under `root`, which must not exist yet."""
    root.mkdir()
    for folder in bundle["dirs"]:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for file in bundle["files"]:
        path = root / file["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        content = base64.b64decode(file["b64"])
        path.write_bytes(gzip.decompress(content) if file.get("gz") else content)
        path.chmod(file["mode"])
    for link, target in bundle["symlinks"]:
        (root / link).parent.mkdir(parents=True, exist_ok=True)
        (root / link).symlink_to(target)
    for fifo in bundle["fifos"]:
        (root / fifo).parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(root / fifo)
