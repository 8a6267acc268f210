"""Joins a build to the team's cache; see docs/shared-cache.md and pants.shared-cache.toml."""
