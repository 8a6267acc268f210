"""Turns plugin directories into OCI artifacts."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins_packager.packager import Packager as Packager
    from toolhive_plugins_packager.packager import check_metadata_size as check_metadata_size
else:
    from toolhive_artifact.exports import lazy_exports

    __getattr__, __dir__ = lazy_exports(__name__)
