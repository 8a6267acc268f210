"""Turns plugin directories into OCI artifacts."""

from toolhive_plugins_packager.packager import Packager

__all__ = ["Packager"]
