"""Makes marketplaces for tests, and lets git fetch repositories of this machine as if they were far away."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SKILL = "---\nname: {name}\ndescription: d\n---\nDo it.\n"


def write_files(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder, and return it."""
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def plugin_files(name: str, version: str = "1.0.0", **manifest: Any) -> dict[str, str | bytes]:
    """Return the files of a plugin with one command."""
    fields = {"name": name, "description": f"What {name} does", **({"version": version} if version else {}), **manifest}
    return {".claude-plugin/plugin.json": json.dumps(fields), f"commands/{name}.md": f"Do {name}.\n"}


def write_plugin(root: Path, name: str, version: str = "1.0.0", **manifest: Any) -> Path:
    """Write a plugin to `plugins/NAME` of a marketplace, and return its folder."""
    return write_files(root / "plugins" / name, plugin_files(name, version, **manifest))


def write_marketplace(root: Path, entries: Sequence[Mapping[str, Any]], **fields: Any) -> Path:
    """Write a marketplace's file, and return its root."""
    document = {"name": "tools", "owner": {"name": "Ann"}, "plugins": list(entries), **fields}
    return write_files(root, {".claude-plugin/marketplace.json": json.dumps(document)})


def local(name: str, **fields: Any) -> dict[str, Any]:
    """Return the entry of a plugin that `write_plugin` wrote."""
    return {"name": name, "source": f"./plugins/{name}", **fields}


def three_plugins(root: Path) -> Path:
    """Write a marketplace of three plugins, and return its root."""
    for name in ("one", "two", "three"):
        write_plugin(root, name)
    return write_marketplace(root, [local(name, category="tests") for name in ("one", "two", "three")])


def serve_over_ssh(home: Path, repositories: Mapping[str, Path]) -> None:
    """Have git reach some repositories as `ssh://git@HOST/PATH`, by the user's own configuration and a program in ssh's place.

    Args:
        home: the user's home.
        repositories: folders of repositories, by what follows `ssh://`: `git@git.example.com/tools`.
    """
    folder = home / "served"
    for address, repository in repositories.items():
        host, _, path = address.partition("/")
        place = folder / host.rpartition("@")[2] / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            place.symlink_to(repository)
    program = home / "ssh-to-here"
    program.write_text(
        "#!/bin/sh\n"
        'case "$1" in -G) exit 1;; esac\n'
        'while [ "${1#-}" != "$1" ]; do case "$1" in -o|-p) shift;; esac; shift; done\n'
        f'cd "{folder}/${{1#*@}}" && eval "$(echo "$2" | sed "s#\'/#\'./#")"\n'
    )
    program.chmod(0o755)
    (home / ".gitconfig").write_text(
        f'[core]\n\tsshCommand = "{program}"\n[safe]\n\tdirectory = *\n'
        '[url "ssh://git@git.example.com/"]\n\tinsteadOf = https://git.example.com/\n'
        f"[user]\n\tname = Ann\n\temail = ann@example.com\n"
    )
    os.environ.pop("GIT_SSH", None)
