"""The `thv-plugin` command: build, look into, publish and fetch ToolHive plugins."""

from toolhive_plugins_cli.cli import main as main

__all__ = ["main"]
