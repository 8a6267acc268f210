"""Turns plugin directories into OCI artifacts."""

from toolhive_plugins_packager.packager import Packager, check_metadata_size

__all__ = ["Packager", "check_metadata_size"]
