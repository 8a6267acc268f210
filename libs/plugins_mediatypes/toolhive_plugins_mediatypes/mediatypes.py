"""A plugin's metadata, as it is in labels and annotations.

Three of the seven values are JSON (docs/artifact-format.md, "The config").
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen

from toolhive_artifact.errors import InvalidDocumentError
from toolhive_plugins_mediatypes.annotations import (
    ANNOTATION_PLUGIN_COMPONENTS,
    ANNOTATION_PLUGIN_REQUIRES,
    LABEL_PLUGIN_COMPONENTS,
    LABEL_PLUGIN_DESCRIPTION,
    LABEL_PLUGIN_FILES,
    LABEL_PLUGIN_LICENSE,
    LABEL_PLUGIN_NAME,
    LABEL_PLUGIN_REQUIRES,
    LABEL_PLUGIN_VERSION,
)

if TYPE_CHECKING:
    from toolhive_artifact import ImageConfig, JsonValue


class ComponentInventory(dict[str, int]):
    """The number of components of each type: `{"commands": 2, "hooks": 1}`.

    The types are those of `plugin.json`: commands, agents, skills, hooks, mcpServers, lspServers.
    """

    __slots__ = ()


def _texts(given: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(given)


def _inventory(given: Mapping[str, int] | None) -> ComponentInventory | None:
    return None if given is None else ComponentInventory(given)


@frozen
class PluginConfig:
    """A plugin's metadata, as it is in the labels."""

    name: str
    """The name; never empty in a config that was read."""

    description: str = ""
    """The author's description."""

    version: str = ""
    """The author's version, in any format."""

    license: str = ""
    """The license, usually an SPDX expression."""

    files: tuple[str, ...] | None = field(default=None, converter=_texts)
    """The paths in the layer, sorted by their bytes; None if they are not listed."""

    components: ComponentInventory | None = field(default=None, converter=_inventory, hash=False)
    """The number of components of each type; None if it is not stated."""

    requires: tuple[str, ...] | None = field(default=None, converter=_texts)
    """What the plugin requires: references, or versions of tools; None if it is not stated."""


def plugin_config_from_image_config(image_config: "bytes | ImageConfig") -> PluginConfig:
    """Read a plugin's metadata from the labels of an image config.

    Args:
        image_config: the config blob, or the parsed document.

    Raises:
        InvalidDocumentError: the config is malformed, has no labels or no name, or one of its three JSON labels is
            malformed.
        SizeLimitError: the blob is larger than 1 MiB.
    """
    if isinstance(image_config, bytes):
        from toolhive_artifact import parse_image_config

        image_config = parse_image_config(image_config, where="image config")
    labels = image_config.config.labels
    if labels is None:
        raise InvalidDocumentError("there are no labels, so this is not the config of a plugin", where="image config")
    name = labels.get(LABEL_PLUGIN_NAME, "")
    if not name:
        raise InvalidDocumentError(f"the label {LABEL_PLUGIN_NAME} is missing or empty", where="image config")
    return PluginConfig(
        name=name,
        description=labels.get(LABEL_PLUGIN_DESCRIPTION, ""),
        version=labels.get(LABEL_PLUGIN_VERSION, ""),
        license=labels.get(LABEL_PLUGIN_LICENSE, ""),
        files=_text_list(labels, LABEL_PLUGIN_FILES),
        components=_counts(labels, LABEL_PLUGIN_COMPONENTS),
        requires=_text_list(labels, LABEL_PLUGIN_REQUIRES),
    )


def plugin_metadata(config: PluginConfig) -> dict[str, str]:
    """Return the seven labels of a config, which are also the seven annotations."""
    from toolhive_artifact.json_writer import encode_json, sorted_by_key

    components = None if config.components is None else sorted_by_key(config.components)
    return {
        LABEL_PLUGIN_NAME: config.name,
        LABEL_PLUGIN_DESCRIPTION: config.description,
        LABEL_PLUGIN_VERSION: config.version,
        LABEL_PLUGIN_LICENSE: config.license,
        LABEL_PLUGIN_FILES: encode_json(config.files).decode("utf-8"),
        LABEL_PLUGIN_COMPONENTS: encode_json(components).decode("utf-8"),
        LABEL_PLUGIN_REQUIRES: encode_json(config.requires).decode("utf-8"),
    }


def parse_components_annotation(annotations: Mapping[str, str] | None) -> ComponentInventory | None:
    """Read the component inventory from annotations; None if it is missing or malformed."""
    try:
        return _counts(annotations or {}, ANNOTATION_PLUGIN_COMPONENTS)
    except InvalidDocumentError:
        return None


def parse_requires_annotation(annotations: Mapping[str, str] | None) -> tuple[str, ...] | None:
    """Read what the plugin requires from annotations; None if it is missing or malformed."""
    try:
        return _text_list(annotations or {}, ANNOTATION_PLUGIN_REQUIRES)
    except InvalidDocumentError:
        return None


def _text_list(metadata: Mapping[str, str], key: str) -> tuple[str, ...] | None:
    """Read a JSON array of strings. As in Go, null is None, and an element that is null is the empty string."""
    value = _json(metadata, key)
    if value is None:
        return None
    if not isinstance(value, tuple):
        raise InvalidDocumentError("must be an array of strings", where=key)
    texts: list[str] = []
    for item in value:
        if item is not None and not isinstance(item, str):
            raise InvalidDocumentError("must contain only strings", where=key)
        texts.append(item or "")
    return tuple(texts)


def _counts(metadata: Mapping[str, str], key: str) -> ComponentInventory | None:
    """Read a JSON object of integers. As in Go, null is None, and a value that is null is 0."""
    from toolhive_artifact import JsonNumber, JsonObject

    value = _json(metadata, key)
    if value is None:
        return None
    if not isinstance(value, JsonObject):
        raise InvalidDocumentError("must be an object of integers", where=key)
    counts = ComponentInventory()
    for name, item in value.pairs:
        count = item.int64 if isinstance(item, JsonNumber) else 0 if item is None else None
        if count is None:
            raise InvalidDocumentError("must contain only 64-bit integers", where=key)
        counts[name] = count
    return counts


def _json(metadata: Mapping[str, str], key: str) -> "JsonValue":
    """Parse the JSON under `key`; None if it is missing or empty."""
    text = metadata.get(key, "")
    if not text:
        return None
    from toolhive_artifact import parse_json

    return parse_json(text.encode("utf-8", "surrogatepass"), where=key)
