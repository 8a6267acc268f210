"""What `thv` does not install, though it can be packaged and pulled here."""

from toolhive_plugins import MAX_INSTALLED_FILES, MAX_INSTALLED_LAYER


def beyond_thv(files: int, layer_size: int) -> tuple[str, ...]:
    """Return what to warn of where a plugin is beyond the limits of `thv`.

    Args:
        files: how many it has, the manifest among them.
        layer_size: size in bytes of the compressed layer; 0 where there is none.
    """
    found: list[str] = []
    if files > MAX_INSTALLED_FILES:
        found.append(f"it has {files} files, and thv installs {MAX_INSTALLED_FILES} at most")
    if layer_size > MAX_INSTALLED_LAYER:
        found.append(f"its layer has {layer_size} bytes, and thv installs {MAX_INSTALLED_LAYER} at most")
    return tuple(found)
