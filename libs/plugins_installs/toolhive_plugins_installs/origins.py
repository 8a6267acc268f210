"""Where a plugin came from, whatever version it was."""

from toolhive_plugins import parse_reference
from toolhive_plugins_installs.git_targets import is_git_target, parse_git_target


def origin_of(reference: str) -> str:
    """Return a reference or git address without its tag, digest or commit; empty for a build of this machine."""
    if "/" not in reference:
        return ""
    if is_git_target(reference):
        target = parse_git_target(reference)
        return f"{target.repository}#{target.subdir}"
    parsed = parse_reference(reference)
    return f"{parsed.registry}/{parsed.repository}"
