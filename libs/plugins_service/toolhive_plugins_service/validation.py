"""Everything that is wrong with a plugin directory, at once."""

import re
from collections.abc import Mapping
from typing import Final

from toolhive_plugins import (
    MANIFEST_PATH,
    MAX_FILES,
    MAX_TOTAL_SIZE,
    ComponentProblem,
    InvalidArchiveError,
    InvalidDocumentError,
    JsonObject,
    PluginError,
    PluginManifest,
    ToolhiveError,
    check_entry_path,
    component_inventory,
    discover_components,
    parse_json,
    parse_plugin_manifest,
    shown,
)
from toolhive_plugins_service.component_rules import ComponentRules
from toolhive_plugins_service.diagnostics import Findings, ValidationReport
from toolhive_plugins_service.manifest_rules import ManifestRules
from toolhive_plugins_service.plugin_files import MANIFEST_LIMIT
from toolhive_plugins_service.trees import DirectoryTree


def validate(directory: str) -> ValidationReport:
    """Find what is wrong; see `Service.validate`."""
    findings = Findings()
    with DirectoryTree(directory) as tree:
        manifest = _check_manifest(tree, findings)
        if MANIFEST_PATH in tree.files:  # else it is some other directory, and nobody wants to hear what is in it
            _check_files(tree, findings)
        components: Mapping[str, int] = {}
        if manifest is not None:
            ManifestRules(manifest.document, tree.paths, tree.left_out, findings).check()
            found = discover_components(tree, manifest)
            for problem in found.problems:
                _take(problem, findings)
            ComponentRules(tree, found, findings).check()
            components = component_inventory(tree, manifest).inventory or {}
    return ValidationReport(
        directory=directory,
        name="" if manifest is None else manifest.name,
        version="" if manifest is None else manifest.version,
        components=components,
        problems=findings.sorted(),
    )


def _check_files(tree: DirectoryTree, findings: Findings) -> None:
    """Check what keeps a directory from being packaged: links, odd files, odd paths, too many files, too large ones."""
    for item in tree.irregular:
        remedy = "Put a copy of the file in its place" if "link" in item.what else "Remove it"
        findings.error("irregular-file", f"is {item.what}", item.path, remedy=remedy)
    for path in tree.paths:
        _check_path(path, findings)
    folded: dict[str, str] = {}
    for path in tree.paths:
        other = folded.setdefault(path.casefold(), path)
        if other != path:
            findings.warning(
                "case",
                f"differs from {shown(other)!r} in case only",
                path,
                remedy="On macOS and Windows they are one file",
            )
    files = {path: file for path, file in tree.files.items() if path != MANIFEST_PATH}
    if len(files) > MAX_FILES:
        findings.error("too-many-files", f"there are {len(files)} files, and there may be {MAX_FILES}", ".")
    total = sum(file.size for file in files.values())
    if total > MAX_TOTAL_SIZE:
        largest = max(files.values(), key=lambda file: file.size)
        remedy = f"The largest is {shown(largest.path)}, {largest.size} bytes"
        findings.error("too-large", f"the files have {total} bytes, and may have {MAX_TOTAL_SIZE}", ".", remedy=remedy)


def _check_path(path: str, findings: Findings) -> None:
    try:
        check_entry_path(path)
    except InvalidArchiveError as error:
        findings.error("path", error.problem, path, remedy="Rename the file")


def _check_manifest(tree: DirectoryTree, findings: Findings) -> PluginManifest | None:
    """Check that there is a manifest that can be read; return it, or as much of it as there is."""
    if MANIFEST_PATH not in tree.files:
        remedy = 'Write {"name": "my-plugin"} to it; is this the plugin\'s own directory'
        findings.error("manifest-missing", f"there is no {MANIFEST_PATH}", ".", remedy=remedy)
        return None
    if tree.files[MANIFEST_PATH].size > MANIFEST_LIMIT:
        findings.error("manifest-size", f"has more than {MANIFEST_LIMIT} bytes", MANIFEST_PATH)
        return None
    data = tree.read(MANIFEST_PATH, MANIFEST_LIMIT)
    try:
        return parse_plugin_manifest(data)
    except PluginError as error:
        cause = error.__cause__
    if not isinstance(cause, InvalidDocumentError):
        findings.error("manifest", str(cause), MANIFEST_PATH)
        return None
    try:
        document = parse_json(data, where=MANIFEST_PATH, max_size=MANIFEST_LIMIT)
    except ToolhiveError:
        findings.error("json", cause.problem, MANIFEST_PATH, (cause.line, cause.column), cause.remedy)
        return None
    if not isinstance(document, JsonObject):
        findings.error("manifest", cause.problem, MANIFEST_PATH, (1, 1), cause.remedy)
        return None
    # It is JSON, but a field is missing or of a wrong type: the rules will say which, and all else can be checked as well.
    return PluginManifest(name="", description="", version="", license="", requires=None, document=document)


def _take(problem: ComponentProblem, findings: Findings) -> None:
    """Report what the component readers found, unless the manifest's own rules report the same place."""
    if problem.path == MANIFEST_PATH and _IS_PATH_PROBLEM.search(problem.problem):
        return
    findings.error("component", problem.problem, problem.path, (problem.line, problem.column))


_IS_PATH_PROBLEM: Final = re.compile(r"leads out of the plugin|nothing that is packaged stands|must be a path")
