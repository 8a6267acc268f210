"""Finds everything that is wrong with a plugin, at once."""

import os
from collections.abc import Iterable, Mapping

from attrs import frozen

from toolhive_artifact import JsonObject, parse_json
from toolhive_artifact.errors import ToolhiveError, shown
from toolhive_plugins_content.component_rules import ComponentRules
from toolhive_plugins_content.discovery import discover_components
from toolhive_plugins_content.errors import ChangedFileError
from toolhive_plugins_content.findings import Findings
from toolhive_plugins_content.inventory import component_inventory
from toolhive_plugins_content.manifest_rules import ManifestRules
from toolhive_plugins_content.plugin import PluginTree
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH, MAX_PLUGIN_MANIFEST_SIZE, PluginManifest
from toolhive_plugins_content.publication_rules import PublicationRules
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.verdicts.verdict import Client, client_diagnostics
from toolhive_plugins_content.verdicts.verdicts import client_verdicts, layer_verdicts
from toolhive_plugins_interfaces.diagnostics import Diagnostic, Severity
from toolhive_plugins_interfaces.errors import InvalidPluginFileError, InvalidPluginManifestError, PluginError


@frozen
class ValidationReport:
    """Everything that is wrong with a directory, sorted by file and line."""

    directory: str
    name: str
    """The plugin's name; empty if the manifest cannot be read."""
    version: str
    components: Mapping[str, int]
    """The number of components by type."""
    problems: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The problems that are errors."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The problems that are warnings."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.WARNING)


def check_plugin(plugin: PluginTree) -> None:
    """Check a plugin against all rules, and add what is wrong to its findings.

    Raises:
        PluginError: a file changed, or cannot be read, and the findings end at the first fault.
    """
    _check(plugin)
    for diagnostic in client_diagnostics(client_verdicts(plugin, folder=plugin.folder), packaging=True):
        plugin.findings.add(diagnostic)


def judge_layer_size(plugin: PluginTree, size: int) -> None:
    """Add to the findings of a plugin that is packaged if a client would not take a layer of `size` bytes."""
    for diagnostic in client_diagnostics(layer_verdicts(size), packaging=True):
        plugin.findings.add(diagnostic)


def judge_manifests(plugin: PluginTree) -> None:
    """Add to the findings of a plugin what its manifests say differently, where it has several.

    Raises:
        InvalidPluginManifestError: they name it differently, and the findings end at the first fault.
    """
    if _has_open_format(plugin):
        from toolhive_plugins_content.several_manifests import check_manifests_agree

        check_manifests_agree(plugin)


def _has_open_format(plugin: PluginTree) -> bool:
    if "plugin.json" not in plugin.files:  # As of most plugins: nothing more is loaded.
        return False
    from toolhive_plugins_content.several_manifests import claims_open_format

    return claims_open_format(plugin)


def _open_name(plugin: PluginTree) -> tuple[str, str]:
    if not _has_open_format(plugin):
        return "", ""
    from toolhive_plugins_content.several_manifests import open_name

    return open_name(plugin)


def report_on(
    plugin: PluginTree,
    directory: str,
    clients: Iterable[Client] | None = None,
    *,
    layer_size: int | None = None,
) -> ValidationReport:
    """Check a plugin, and return everything that is wrong with it.

    Errors are what keeps it from being packaged, and what every one of the clients refuses it for. A plugin that `judge_surface_size`
    has refused is not looked into any further than its manifest.

    Args:
        plugin: the plugin, opened with Findings that collect.
        directory: its name in the report.
        clients: the clients that it is for; None for all, see `client_verdicts`.
        layer_size: size in bytes of the layer that packaging would make, if it is known.
    """
    manifest = _check(plugin)
    is_too_large = plugin.findings.has_fault(Rule.SURFACE_SIZE)
    components = {} if is_too_large else _counts(plugin, manifest)
    judge_manifests(plugin)
    is_plugin = MANIFEST_PATH in plugin.files or _has_open_format(plugin)  # Else it is some other directory.
    if is_plugin and not is_too_large:
        for diagnostic in client_diagnostics(
            client_verdicts(plugin, clients, folder=plugin.folder, layer_size=layer_size)
        ):
            plugin.findings.add(diagnostic, is_fault=diagnostic.severity is Severity.ERROR)
    name, version = _open_name(plugin) if manifest is None else (manifest.name, manifest.version)
    return ValidationReport(
        directory=directory,
        name=name,
        version=version,
        components=components,
        problems=plugin.findings.sorted(),
    )


def _check(plugin: PluginTree) -> PluginManifest | None:
    """Check a plugin; return as much of its manifest as can be read."""
    findings = plugin.findings
    _check_case(plugin.paths, findings)
    manifest, fault = _read_manifest(plugin)
    if manifest is None:
        _check_without_manifest(plugin)
        return None
    ManifestRules(manifest.document, plugin.paths, plugin.left_out, findings).check()
    if fault is not None and not findings.condemn(MANIFEST_PATH, (Rule.NAME, Rule.NAME_MISSING, Rule.TYPE)):
        findings.refuse(Rule.MANIFEST, fault, MANIFEST_PATH)
    if findings.has_fault(Rule.SURFACE_SIZE):
        return manifest
    try:
        components = discover_components(plugin, manifest)
        for problem in components.problems:
            if not (
                problem.path == MANIFEST_PATH and findings.has_error_in(problem.path, (problem.line, problem.column))
            ):
                findings.add(problem)
        ComponentRules(plugin, components, findings).check()
        _check_files(plugin)
    except InvalidPluginFileError as error:
        _refuse_file(plugin, error)
    return manifest


def _check_files(plugin: PluginTree) -> None:
    PublicationRules(plugin, plugin.findings).check()
    if plugin.directory and _may_be_in_repository(plugin.directory):
        from toolhive_plugins_content.tracking import check_tracking  # lazily: it runs git

        check_tracking(plugin.directory, plugin.paths, plugin.findings)


def _check_without_manifest(plugin: PluginTree) -> None:
    """Check a plugin that has the Agent Plugins format only: it is built with a manifest that is made of its own."""
    if MANIFEST_PATH in plugin.files or not _has_open_format(plugin):
        return
    problem = f"there is no {MANIFEST_PATH}, without which Claude Code and ToolHive do not take the plugin"
    remedy = "It is packaged with one that is made from plugin.json, where that is asked for"
    plugin.findings.warning(Rule.MANIFEST_MISSING, problem, remedy=remedy)
    try:
        _check_files(plugin)
    except InvalidPluginFileError as error:
        _refuse_file(plugin, error)


def _counts(plugin: PluginTree, manifest: PluginManifest | None) -> Mapping[str, int]:
    if manifest is None:
        return _open_counts(plugin)
    try:
        return component_inventory(plugin, manifest).inventory or {}
    except InvalidPluginFileError as error:
        _refuse_file(plugin, error)
        return {}


def _open_counts(plugin: PluginTree) -> Mapping[str, int]:
    """Return the components of a plugin that has the Agent Plugins format only: those that it has once its manifest is made."""
    if MANIFEST_PATH in plugin.files or not _has_open_format(plugin):
        return {}
    from toolhive_plugins_content.adapting.adapt import PluginFormat, adapt  # lazily: most plugins have a manifest

    try:
        made = adapt(plugin, [PluginFormat.CLAUDE_CODE]).plugin
        return component_inventory(made, made.manifest).inventory or {}
    except ToolhiveError:
        return {}


def _refuse_file(plugin: PluginTree, error: InvalidPluginFileError) -> None:
    """Report a file that could be opened when it was listed, and now cannot be read."""
    rule = Rule.CHANGED_FILE if isinstance(error, ChangedFileError) else Rule.UNREADABLE_FILE
    plugin.findings.refuse(rule, error, error.where)


def _may_be_in_repository(directory: str) -> bool:
    """Tell whether git could find a repository: most directories that are packaged elsewhere are in none, and git is not run."""
    folder = os.path.realpath(directory)
    while not os.path.lexists(os.path.join(folder, ".git")):  # noqa: PTH118 - as text
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            return False
        folder = above
    return True


def _check_case(paths: Iterable[str], findings: Findings) -> None:
    folded: dict[str, str] = {}
    for path in paths:
        other = folded.setdefault(path.casefold(), path)
        if other != path:
            remedy = "Rename one: on macOS and Windows they are the same file"
            findings.warning(Rule.CASE, f"differs from {shown(other)!r} in case only", path, remedy=remedy)


def _read_manifest(plugin: PluginTree) -> tuple[PluginManifest | None, PluginError | None]:
    """Return as much of the manifest as can be read, and the error that packaging raises for it, if any."""
    try:
        return plugin.manifest, None
    except InvalidPluginManifestError as error:
        fault = error
    except PluginError:
        return None, None  # Reported when the plugin was opened.
    if MANIFEST_PATH not in plugin.files:
        return None, None
    data = plugin.read(MANIFEST_PATH, MAX_PLUGIN_MANIFEST_SIZE)
    try:
        document = parse_json(data, where=MANIFEST_PATH, max_size=MAX_PLUGIN_MANIFEST_SIZE)
    except ToolhiveError:
        plugin.findings.refuse(Rule.JSON, fault, MANIFEST_PATH)
        return None, None
    if not isinstance(document, JsonObject):
        plugin.findings.refuse(Rule.MANIFEST, fault, MANIFEST_PATH)
        return None, None
    # It is JSON, but a field is missing or has the wrong type: the rules report which, and everything else can be checked too.
    return PluginManifest(name="", description="", version="", license="", requires=None, document=document), fault
