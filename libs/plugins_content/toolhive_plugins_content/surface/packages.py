"""Packages that a client installs for a plugin: a `package.json` at the root with a lock file beside it, and what steers npm."""

import re
from collections import Counter
from typing import Final

from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.surface.collector import Collector, folded_path
from toolhive_plugins_content.surface.parts import Part, PartKind
from toolhive_plugins_content.surface.values import words

LOCK_FILES: Final = ("package-lock.json", "npm-shrinkwrap.json", "bun.lock", "bun.lockb")
"""The lock files that make a client install what `package.json` names."""

STEERING_FILES: Final = (".npmrc", ".yarnrc", ".yarnrc.yml", "bunfig.toml", ".pnpmfile.cjs", "pnpm-workspace.yaml")
"""Files that decide where packages come from, and may name programs that are run for it."""

PACKAGE_FILES: Final = frozenset(
    (
        *LOCK_FILES,
        *STEERING_FILES,
        *(
            "package.json",
            "yarn.lock",
            "pnpm-lock.yaml",
            "deno.json",
            "deno.jsonc",
            "deno.lock",
            "pyproject.toml",
            "poetry.lock",
        ),
        *(
            "uv.lock",
            "requirements.txt",
            "pipfile",
            "pipfile.lock",
            "setup.cfg",
            "cargo.toml",
            "cargo.lock",
            "go.mod",
            "go.sum",
        ),
        *("gemfile", "gemfile.lock", "composer.json", "composer.lock", "pom.xml", "build.gradle", "build.gradle.kts"),
    )
)
"""Folded names of files that say which packages a program is run with."""


_INERT: Final = words(
    "name version description author contributors license repository keywords homepage bugs private funding type main "
    "module exports types files engines "
)
"""Keys of `package.json` that neither install nor run anything."""

_origin = re.compile(r"[a-z+]+://[^/]*|[a-z]+:").match
_sources = re.compile(
    r""""resolved"\s*:\s*"([^"]+)"|"(?:@?[^"@]+@)?((?:[a-z]+\+)?(?:https?|ssh|git|file)://[^"]+|(?:github|file):[^"]+)"(?=\s*[,\]])"""
).finditer
"""Where a lock file has a package come from: npm's `resolved`, and addresses in bun's lists."""


def read_packages(collector: Collector) -> None:
    """Take the packages that the plugin's own root names, and the files that steer their installation."""
    locks = [path for name in LOCK_FILES for path in collector.spelled(name)]
    for path in collector.spelled("package.json"):
        document = collector.json(path)
        if not isinstance(document, JsonObject):
            continue
        pairs: list[tuple[str, JsonValue]] = [(key, item) for key, item in document.pairs if key not in _INERT]
        if not locks and not pairs:
            continue
        for lock in locks:
            pairs.append((f"lock {lock}", str(collector.tree.digest(lock))))
            if fetched := _fetched(collector, lock):
                pairs.append((f"{lock} fetches", fetched))
        what = f"installed by the client, as {', '.join(locks)} locks them" if locks else "not installed: no lock file"
        collector.add(Part(kind=PartKind.PACKAGES, name=path, path=path, content=JsonObject(tuple(pairs)), what=what))
    for name in STEERING_FILES:
        for path in collector.spelled(name):
            lines = tuple(line for line in collector.text(path).split("\n") if line)
            collector.add(
                Part(kind=PartKind.PACKAGES, name=path, path=path, content=lines, what="steers package managers")
            )
    for path in locks:
        collector.read_paths.add(path)


def _fetched(collector: Collector, lock: str) -> tuple[str, ...]:
    """Return where a lock file has packages come from: every address, but that most of them share once, by its beginning."""
    addresses = dict.fromkeys(match[1] or match[2] for match in _sources(collector.text(lock)))
    origins = {address: match[0] if (match := _origin(address)) else address for address in addresses}
    counts = Counter(origins.values())
    if len(addresses) <= 1 or not counts:
        return tuple(addresses)
    common, count = counts.most_common(1)[0]
    others = (address for address, origin in origins.items() if origin != common)
    return (f"{common} ({count} packages)", *others)


def is_package_file(path: str) -> bool:
    """Tell whether a file, anywhere, says which packages a program is run with."""
    return folded_path(path.rpartition("/")[2]) in PACKAGE_FILES
