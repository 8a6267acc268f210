"""What a new version of a plugin can do that the old one could not, in words."""

from toolhive_plugins import FileTree, code_changes, compare_surfaces, read_surface, shown


def can_do_more(old: FileTree, new: FileTree) -> tuple[str, ...]:
    """Return what the files of `new` can run, load or be granted and those of `old` cannot; empty where that is nothing.

    Raises:
        SurfaceLimitError: one has more in it than anybody could look through.
        ToolhiveError: a file cannot be read.
    """
    before, after = read_surface(old), read_surface(new)
    parts = [f"{change.kind.value} {shown(change.name)}" for change in compare_surfaces(before, after) if change.grew]
    files = [f"executable {shown(change.path)}" for change in code_changes(old, before, new, after) if change.grew]
    return tuple(dict.fromkeys(parts + files))
