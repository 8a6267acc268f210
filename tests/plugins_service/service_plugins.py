"""Plugins for the tests of the service, and a registry that is another store."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from plugin_folders import MANIFEST, write_files

from toolhive_plugins import Digest, Progress, RegistryNotFoundError, Store, parse_manifest

HOOKS = {
    "hooks": {
        "SessionStart": [{"hooks": [{"type": "command", "command": "${CLAUDE_PLUGIN_ROOT}/scripts/start.sh"}]}],
        "PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "echo checked"}]}],
    }
}
MCP = {
    "mcpServers": {
        "local": {"command": "npx", "args": ["-y", "some-server"], "env": {"API_KEY": "secret-value"}},
        "remote": {"type": "http", "url": "https://mcp.example.com/", "headers": {"Authorization": "Bearer ${TOKEN}"}},
    }
}
LSP = {"py": {"command": "pyls", "args": ["--stdio"], "extensionToLanguage": {".py": "python"}}}

COMPLETE: Mapping[str, object] = {
    MANIFEST: {
        "name": "complete",
        "version": "1.2.3",
        "description": "Has one of everything",
        "license": "MIT",
        "author": {"name": "Ann", "email": "ann@example.com"},
    },
    "commands/commit.md": "---\ndescription: Commit\nallowed-tools: Bash(git add:*), Read\n---\nState: !`git status`\n",
    "agents/helper.md": "---\nname: helper\ndescription: Helps\ntools: Read, Grep\n---\nHelp.\n",
    "skills/greet/SKILL.md": "---\nname: greet\ndescription: Greets\n---\nGreet.\n",
    "hooks/hooks.json": HOOKS,
    ".mcp.json": MCP,
    ".lsp.json": LSP,
    "scripts/start.sh": "#!/bin/bash\necho hello\n",
}
"""A plugin that has one of everything; `scripts/start.sh` is executable."""


def write_plugin(root: Path, files: Mapping[str, object], *, executable: Iterable[str] = ("scripts/start.sh",)) -> str:
    """Write a plugin below `root` and return its path."""
    return str(write_files(root, files, executable=executable))


def minimal(name: str = "tiny", **fields: object) -> dict[str, object]:
    """Return the files of a plugin that has a manifest and nothing else."""
    return {MANIFEST: {"name": name, "version": "1.0.0", "description": "Tiny", **fields}}


class StoreRegistry:
    """A registry client whose registries are one other store."""

    def __init__(self, remote: Store) -> None:
        self.remote = remote
        self.pulled: list[str] = []

    def push(self, store: Store, digest: Digest, ref: str, *, progress: Progress | None = None) -> None:
        """Copy an artifact to the remote store."""
        _copy(store, self.remote, digest)
        self.remote.tag(digest, ref)

    def pull(self, store: Store, ref: str, *, progress: Progress | None = None) -> Digest:
        """Copy an artifact from the remote store."""
        self.pulled.append(ref)
        if ref not in self.remote.list_tags():
            raise RegistryNotFoundError("no such manifest", where=ref)
        digest = self.remote.resolve(ref)
        _copy(self.remote, store, digest)
        store.tag(digest, ref)
        return digest


def _copy(source: Store, target: Store, digest: Digest) -> None:
    manifests = [entry.digest for entry in source.get_index(digest).manifests] if source.is_index(digest) else [digest]
    for manifest_digest in manifests:
        data = source.get_manifest(manifest_digest)
        manifest = parse_manifest(data)
        for descriptor in (manifest.config, *manifest.layers):
            target.put_blob(source.get_blob(descriptor.digest))
        target.put_manifest(data)
    if digest not in manifests:
        target.put_manifest(source.get_manifest(digest))
