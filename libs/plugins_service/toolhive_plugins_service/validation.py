"""Everything that is wrong with a plugin directory, at once."""

from collections.abc import Iterable

from toolhive_plugins import (
    Client,
    ValidationReport,
    check_metadata_size,
    judge_surface_size,
    large_layer_size,
    report_on,
)
from toolhive_plugins_service.opening import open_candidate
from toolhive_plugins_service.targets import DirectoryTarget, at_commit


def validate(directory: str, clients: Iterable[Client] | None = None, revision: str | None = None) -> ValidationReport:
    """Find what is wrong; see `Service.validate`."""
    with open_candidate(at_commit(DirectoryTarget(directory), revision)) as plugin:
        if judge_surface_size(plugin):
            check_metadata_size(plugin)
        return report_on(plugin, directory, clients, layer_size=large_layer_size(plugin))
