"""Packages that a client installs for a plugin: a `package.json` at the root with a lock file beside it, and what steers npm."""

from typing import Final

from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.surface.collector import Collector, folded_path
from toolhive_plugins_content.surface.parts import Part, PartKind

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


def read_packages(collector: Collector) -> None:
    """Take the packages that the plugin's own root names, and the files that steer their installation."""
    locks = [path for name in LOCK_FILES for path in collector.spelled(name)]
    for path in collector.spelled("package.json"):
        document = collector.json(path)
        if not isinstance(document, JsonObject):
            continue
        telling = (
            "dependencies",
            "optionalDependencies",
            "peerDependencies",
            "bundleDependencies",
            "overrides",
            "scripts",
        )
        pairs: list[tuple[str, JsonValue]] = [(key, item) for key, item in document.pairs if key in telling]
        if not locks and not pairs:
            continue
        pairs += [(f"lock {lock}", str(collector.tree.digest(lock))) for lock in locks]
        what = f"installed by the client, as {', '.join(locks)} locks them" if locks else "not installed: no lock file"
        collector.add(Part(kind=PartKind.PACKAGES, name=path, path=path, content=JsonObject(tuple(pairs)), what=what))
    for name in STEERING_FILES:
        for path in collector.spelled(name):
            text = collector.text(path)
            collector.add(
                Part(kind=PartKind.PACKAGES, name=path, path=path, content=text, what="steers package managers")
            )
    for path in locks:
        collector.read_paths.add(path)


def is_package_file(path: str) -> bool:
    """Tell whether a file, anywhere, says which packages a program is run with."""
    return folded_path(path.rpartition("/")[2]) in PACKAGE_FILES
