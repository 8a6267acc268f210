"""What a plugin artifact says of itself: artifact type, labels, annotations, `PluginConfig`.

Names are loaded on first use, so that a program which needs the names of annotations does not load attrs.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins_mediatypes.annotations import (
        ANNOTATION_PLUGIN_COMPONENTS,
        ANNOTATION_PLUGIN_DESCRIPTION,
        ANNOTATION_PLUGIN_FILES,
        ANNOTATION_PLUGIN_LICENSE,
        ANNOTATION_PLUGIN_NAME,
        ANNOTATION_PLUGIN_REQUIRES,
        ANNOTATION_PLUGIN_VERSION,
        ARTIFACT_TYPE_PLUGIN,
        LABEL_PLUGIN_COMPONENTS,
        LABEL_PLUGIN_DESCRIPTION,
        LABEL_PLUGIN_FILES,
        LABEL_PLUGIN_LICENSE,
        LABEL_PLUGIN_NAME,
        LABEL_PLUGIN_REQUIRES,
        LABEL_PLUGIN_VERSION,
    )
    from toolhive_plugins_mediatypes.mediatypes import (
        ComponentInventory,
        PluginConfig,
        parse_components_annotation,
        parse_requires_annotation,
        plugin_config_from_image_config,
        plugin_metadata,
    )

_MODULES = {
    "annotations": """ANNOTATION_PLUGIN_COMPONENTS ANNOTATION_PLUGIN_DESCRIPTION ANNOTATION_PLUGIN_FILES
        ANNOTATION_PLUGIN_LICENSE ANNOTATION_PLUGIN_NAME ANNOTATION_PLUGIN_REQUIRES ANNOTATION_PLUGIN_VERSION
        ARTIFACT_TYPE_PLUGIN LABEL_PLUGIN_COMPONENTS LABEL_PLUGIN_DESCRIPTION LABEL_PLUGIN_FILES LABEL_PLUGIN_LICENSE
        LABEL_PLUGIN_NAME LABEL_PLUGIN_REQUIRES LABEL_PLUGIN_VERSION""",
    "mediatypes": """ComponentInventory PluginConfig parse_components_annotation parse_requires_annotation
        plugin_config_from_image_config plugin_metadata""",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


__all__ = [
    "ANNOTATION_PLUGIN_COMPONENTS",
    "ANNOTATION_PLUGIN_DESCRIPTION",
    "ANNOTATION_PLUGIN_FILES",
    "ANNOTATION_PLUGIN_LICENSE",
    "ANNOTATION_PLUGIN_NAME",
    "ANNOTATION_PLUGIN_REQUIRES",
    "ANNOTATION_PLUGIN_VERSION",
    "ARTIFACT_TYPE_PLUGIN",
    "LABEL_PLUGIN_COMPONENTS",
    "LABEL_PLUGIN_DESCRIPTION",
    "LABEL_PLUGIN_FILES",
    "LABEL_PLUGIN_LICENSE",
    "LABEL_PLUGIN_NAME",
    "LABEL_PLUGIN_REQUIRES",
    "LABEL_PLUGIN_VERSION",
    "ComponentInventory",
    "PluginConfig",
    "parse_components_annotation",
    "parse_requires_annotation",
    "plugin_config_from_image_config",
    "plugin_metadata",
]
