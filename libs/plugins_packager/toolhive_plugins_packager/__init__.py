"""Turns plugin directories into OCI artifacts, and reads those in a store."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins_packager.artifacts import Artifact as Artifact
    from toolhive_plugins_packager.artifacts import Variant as Variant
    from toolhive_plugins_packager.artifacts import load_artifact as load_artifact
    from toolhive_plugins_packager.artifacts import open_layer as open_layer
    from toolhive_plugins_packager.packager import Packager as Packager
    from toolhive_plugins_packager.packager import check_metadata_size as check_metadata_size
    from toolhive_plugins_packager.packager import large_layer_size as large_layer_size
else:
    from toolhive_artifact.exports import lazy_exports

    __getattr__, __dir__ = lazy_exports(__name__)
