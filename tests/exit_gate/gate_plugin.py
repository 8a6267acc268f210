"""One plugin with everything in it, always the same bytes: what the exit gate packages."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

EPOCH = 1_767_225_600
"""2026-01-01T00:00:00Z, in seconds."""


def _words(seed: str, size: int) -> bytes:
    """Return text that compresses as prose does, made from a seed."""
    syllables = ("ka", "to", "mi", "ra", "so", "ne", "lu", "vi", "de", "po", "sha", "ti", "gu", "ba", "ro", "le")
    text = bytearray()
    for block in _blocks(seed):
        text += "".join(syllables[byte & 15] + (" " if byte & 16 else "") for byte in block).encode() + b"\n"
        if len(text) >= size:
            return bytes(text[:size])
    raise AssertionError


def _noise(seed: str, size: int) -> bytes:
    """Return bytes that do not compress, made from a seed."""
    noise = bytearray()
    for block in _blocks(seed):
        noise += block
        if len(noise) >= size:
            return bytes(noise[:size])
    raise AssertionError


def _blocks(seed: str) -> Iterator[bytes]:
    block = seed.encode()
    while True:
        block = hashlib.sha256(block).digest()
        yield block


MANIFEST = {
    "name": "gate-plugin",
    "description": 'Everything <at once> & "quoted", with \u00e9, \u2028 and \U0001f50c',
    "version": "1.2.3",
    "license": "Apache-2.0",
    "commands": "./commands",
    "dependencies": {"node": ">=18", "other": "*"},
    "requires": ["zeta", "alpha"],
}

FILES: dict[str, tuple[bytes, int]] = {
    ".claude-plugin/plugin.json": (json.dumps(MANIFEST, indent=2).encode(), 0o644),
    ".lsp.json": (b'{"gopls": {"command": "gopls", "args": ["serve"], "extensionToLanguage": {".go": "go"}}}', 0o644),
    ".mcp.json": (b'{"mcpServers": {"files": {"command": "npx", "args": ["server"]}}}', 0o644),
    "README.md": (b"# Gate plugin\n", 0o644),
    "agents/reviewer.md": (b"---\nname: reviewer\ndescription: Reviews\n---\nReview.\n", 0o644),
    "assets/" + "deep/" * 20 + "a-file-with-a-long-name-that-no-plain-tar-header-holds.txt": (b"deep\n", 0o644),
    "assets/noise.bin": (_noise("noise", 300_000), 0o644),
    "assets/words.txt": (_words("words", 5_000_000), 0o644),
    "assets/\u00fcml\u00e4ut.txt": (b"not ASCII\n", 0o644),
    "commands/deploy.md": (b"---\ndescription: Deploys\n---\nDeploy.\n", 0o644),
    "commands/nested/rollback.md": (b"---\ndescription: Rolls back\n---\nRoll back.\n", 0o644),
    "empty": (b"", 0o644),
    "hooks/hooks.json": (
        b'{"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "${CLAUDE_PLUGIN_ROOT}/scripts/start.sh"}]}]}}',
        0o644,
    ),
    "scripts/start.sh": (b"#!/bin/sh\necho started\n", 0o755),
    "skills/greet/SKILL.md": (b"---\nname: greet\ndescription: Greets\n---\nGreet.\n", 0o644),
}
"""Path -> content and mode; more than one chunk of the compressor's in all."""


def write_plugin(folder: Path, *, backwards: bool = False) -> Path:
    """Write the plugin's files into `folder`, in one order or the other, and return it."""
    for path, (content, mode) in sorted(FILES.items(), reverse=backwards):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(mode)
    return folder
