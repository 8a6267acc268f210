"""Everything that is wrong with a plugin directory, at once."""

from collections.abc import Iterable
from pathlib import Path

from toolhive_plugins import (
    Client,
    Findings,
    ValidationReport,
    check_metadata_size,
    judge_surface_size,
    large_layer_size,
    open_plugin_directory,
    report_on,
)


def validate(directory: str, clients: Iterable[Client] = tuple(Client)) -> ValidationReport:
    """Find what is wrong; see `Service.validate`."""
    with open_plugin_directory(str(Path(directory).absolute()), findings=Findings()) as plugin:
        check_metadata_size(plugin)
        judge_surface_size(plugin)
        return report_on(plugin, directory, clients, layer_size=large_layer_size(plugin))
