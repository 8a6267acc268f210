"""Builds of plugins that are given a format which their source has not."""

from collections.abc import Iterable

from attrs import evolve

from toolhive_plugins import (
    ANNOTATION_PLUGIN_ADAPTED,
    Adapted,
    PackageOptions,
    Packager,
    PackageResult,
    PluginFormat,
    PluginManifestMissingError,
    PluginTree,
    Store,
    adapt,
    claims_open_format,
    open_plugin_commit,
    open_plugin_directory,
)
from toolhive_plugins_service.errors import Hint


def package_adapted(
    store: Store, directory: str, options: PackageOptions, formats: Iterable[PluginFormat]
) -> tuple[PackageResult, Adapted]:
    """Package a plugin with what its formats lack; the artifact's annotations name what was made.

    Args:
        store: where to.
        directory: an absolute path.
        options: how; the profile is the default one.
        formats: those that the plugin is to have.

    Raises:
        AdaptError: a format cannot say what the plugin is.
        PluginError: the plugin cannot be packaged.
    """

    def package(source: PluginTree) -> tuple[PackageResult, Adapted]:
        adapted = adapt(source, formats)
        annotations = dict(options.annotations)
        if adapted.formats:
            annotations[ANNOTATION_PLUGIN_ADAPTED] = ",".join(adapted.formats)
        adapted.plugin.manifest  # noqa: B018 - raises where there is still none
        result = Packager(store).package_tree(adapted.plugin, evolve(options, annotations=annotations))
        return result, adapted

    if options.commit:
        with open_plugin_commit(directory, options.commit, options.compat, needs_manifest=False) as committed:
            return package(committed)
    with open_plugin_directory(directory, options.compat, needs_manifest=False) as plugin:
        return package(plugin)


def adapted_formats(annotation: str) -> tuple[PluginFormat, ...]:
    """Return the formats that an artifact says were made for it; names that are none are left out."""
    known = {each.value: each for each in PluginFormat}
    return tuple(known[name] for name in annotation.split(",") if name in known)


def with_adapting_hint(error: PluginManifestMissingError, options: PackageOptions, directory: str) -> Exception:
    """Return the error that tells that a manifest can be made, where the plugin has another to make it from."""
    if options.commit:
        with open_plugin_commit(directory, options.commit, needs_manifest=False) as committed:
            has_open = claims_open_format(committed)
    else:
        with open_plugin_directory(directory, needs_manifest=False) as plugin:
            has_open = claims_open_format(plugin)
    if not has_open:
        return error
    remedy = "One can be made from its plugin.json"
    problem = f"{error.problem}, but the Agent Plugins format"
    return PluginManifestMissingError(problem, where=error.where, remedy=remedy, hint=Hint.ADAPT)
