"""Whatever the directory holds, the layer holds its files, no hidden one, and nothing else."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from plugin_folders import MANIFEST, make_plugin, write

from toolhive_artifact import decompress_tar
from toolhive_plugins_interfaces import Compat, PackageOptions
from toolhive_plugins_packager import Packager
from toolhive_plugins_store import Store

_names = st.text(st.sampled_from("ab.é\udcff \n~\U0001f600"), min_size=1, max_size=4).filter(
    lambda name: name not in (".", "..")
)
_files = st.dictionaries(
    st.lists(_names, min_size=1, max_size=3).map("/".join),
    st.tuples(st.binary(max_size=700), st.sampled_from([0o644, 0o755, 0o600, 0o711])),
    max_size=6,
)


def _without_clashes(files: dict[str, tuple[bytes, int]]) -> dict[str, tuple[bytes, int]]:
    """Leave out files whose path is another one's folder."""
    return {path: file for path, file in files.items() if not any(other.startswith(path + "/") for other in files)}


@settings(max_examples=60, deadline=None)
@given(_files.map(_without_clashes), st.sampled_from(Compat))
def test_layer_holds_the_visible_files_and_the_result_lists_the_others(
    files: dict[str, tuple[bytes, int]], compat: Compat
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plugin = make_plugin(Path(folder) / "plugin")
        for path, (content, mode) in files.items():
            write(plugin, path, content, mode)
        store = Store(Path(folder) / "store")
        result = Packager(store).package(plugin, PackageOptions(compat=compat))
        layer = decompress_tar(store.get_blob(result.layer_digest))
    found = {file.path: (file.content, file.mode) for file in layer}
    found.pop(MANIFEST)
    visible = {path for path in files if not any(part.startswith(".") for part in path.split("/"))}
    assert found.keys() == visible
    for path in visible:
        content, mode = files[path]
        assert found[path] == (content, mode if compat is Compat.TOOLHIVE_CORE else 0o755 if mode & 0o100 else 0o644)
    for path in files.keys() - visible:
        assert any(path == out or (out.endswith("/") and path.startswith(out)) for out in result.left_out)
    assert [file.path for file in layer] == list(result.config.files or ())
