"""What is stated of a plugin: how it was built, and what it could run. docs/signing.md describes both for other programs."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from attrs import field, frozen

from toolhive_plugins import Encodable, format_epoch

PREDICATE_PROVENANCE: Final = "https://slsa.dev/provenance/v1"
"""How it was built: https://slsa.dev/spec/v1.0/provenance."""

PREDICATE_SURFACE: Final = "https://toolhive.dev/plugins/surface/v1"
"""What it could run, load and grant: its executable surface."""

BUILD_TYPE: Final = "https://toolhive.dev/plugins/build/v1"
"""How this project builds: a directory, a profile, an epoch and platforms give one artifact, always the same."""

DEFAULT_BUILDER: Final = "https://toolhive.dev/plugins/builder/local"
"""Somebody's own machine."""


@frozen(kw_only=True)
class Build:
    """How an artifact was built, as somebody has seen by building it again."""

    profile: str
    """`none` or `toolhive-core`."""

    epoch: int
    """The time in the artifact, in seconds since 1970."""

    platforms: Sequence[str]
    version: str
    """Of what built it again."""

    source_url: str = ""
    """The address of the source code; empty if it is not told."""

    revision: str = ""
    """The commit that the directory was read from; empty for files as they were on disk."""

    builder: str = field(default=DEFAULT_BUILDER)
    """A URI for where it was built."""


def provenance(build: Build) -> dict[str, Encodable]:
    """Return the predicate that says how an artifact was built."""
    parameters: dict[str, Encodable] = {
        "profile": build.profile,
        "epoch": build.epoch,
        "platforms": list(build.platforms),
    }
    materials: list[Encodable] = []
    if build.source_url:
        parameters["source"] = build.source_url
    if build.revision:
        parameters["revision"] = build.revision
        material: dict[str, Encodable] = {"digest": {"gitCommit": build.revision}}
        if build.source_url:
            material["uri"] = f"git+{build.source_url}@{build.revision}"
        materials.append(material)
    return {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": parameters,
            "internalParameters": {},
            "resolvedDependencies": materials,
        },
        "runDetails": {
            "builder": {"id": build.builder, "version": {"toolhive-plugins": build.version}},
            "metadata": {"finishedOn": format_epoch(int(datetime.now(UTC).timestamp()))},
        },
    }


def surface_predicate(
    name: str, version: str, surface: Mapping[str, Encodable], others: Mapping[str, Mapping[str, Encodable]]
) -> dict[str, Encodable]:
    """Return the predicate that says what a plugin could run.

    Args:
        name, version: the plugin's own.
        surface: as reports of `thv-plugin inspect --format json` have it.
        others: by platform, the surfaces of platforms that have other files.
    """
    return {"name": name, "version": version, "surface": dict(surface), "otherPlatforms": dict(others)}
