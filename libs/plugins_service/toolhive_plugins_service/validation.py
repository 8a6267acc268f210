"""Everything that is wrong with a plugin directory, at once."""

from pathlib import Path

from toolhive_plugins import (
    Findings,
    ValidationReport,
    check_metadata_size,
    judge_surface_size,
    open_plugin_directory,
    report_on,
)


def validate(directory: str) -> ValidationReport:
    """Find what is wrong; see `Service.validate`."""
    with open_plugin_directory(str(Path(directory).absolute()), findings=Findings()) as plugin:
        check_metadata_size(plugin)
        judge_surface_size(plugin)
        return report_on(plugin, directory)
