"""The artifact type of plugins and their metadata: labels, annotations, `PluginConfig`.

Names load on first use, so that a program that only needs the names of annotations does not import attrs.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins_mediatypes.annotations import ANNOTATION_PLUGIN_ADAPTED as ANNOTATION_PLUGIN_ADAPTED
    from toolhive_plugins_mediatypes.annotations import ANNOTATION_PLUGIN_COMPONENTS as ANNOTATION_PLUGIN_COMPONENTS
    from toolhive_plugins_mediatypes.annotations import ANNOTATION_PLUGIN_DESCRIPTION as ANNOTATION_PLUGIN_DESCRIPTION
    from toolhive_plugins_mediatypes.annotations import ANNOTATION_PLUGIN_FILES as ANNOTATION_PLUGIN_FILES
    from toolhive_plugins_mediatypes.annotations import ANNOTATION_PLUGIN_LICENSE as ANNOTATION_PLUGIN_LICENSE
    from toolhive_plugins_mediatypes.annotations import ANNOTATION_PLUGIN_MANIFEST as ANNOTATION_PLUGIN_MANIFEST
    from toolhive_plugins_mediatypes.annotations import ANNOTATION_PLUGIN_NAME as ANNOTATION_PLUGIN_NAME
    from toolhive_plugins_mediatypes.annotations import ANNOTATION_PLUGIN_REQUIRES as ANNOTATION_PLUGIN_REQUIRES
    from toolhive_plugins_mediatypes.annotations import ANNOTATION_PLUGIN_VERSION as ANNOTATION_PLUGIN_VERSION
    from toolhive_plugins_mediatypes.annotations import ARTIFACT_TYPE_PLUGIN as ARTIFACT_TYPE_PLUGIN
    from toolhive_plugins_mediatypes.annotations import LABEL_PLUGIN_COMPONENTS as LABEL_PLUGIN_COMPONENTS
    from toolhive_plugins_mediatypes.annotations import LABEL_PLUGIN_DESCRIPTION as LABEL_PLUGIN_DESCRIPTION
    from toolhive_plugins_mediatypes.annotations import LABEL_PLUGIN_FILES as LABEL_PLUGIN_FILES
    from toolhive_plugins_mediatypes.annotations import LABEL_PLUGIN_LICENSE as LABEL_PLUGIN_LICENSE
    from toolhive_plugins_mediatypes.annotations import LABEL_PLUGIN_NAME as LABEL_PLUGIN_NAME
    from toolhive_plugins_mediatypes.annotations import LABEL_PLUGIN_REQUIRES as LABEL_PLUGIN_REQUIRES
    from toolhive_plugins_mediatypes.annotations import LABEL_PLUGIN_VERSION as LABEL_PLUGIN_VERSION
    from toolhive_plugins_mediatypes.mediatypes import ComponentInventory as ComponentInventory
    from toolhive_plugins_mediatypes.mediatypes import PluginConfig as PluginConfig
    from toolhive_plugins_mediatypes.mediatypes import parse_components_annotation as parse_components_annotation
    from toolhive_plugins_mediatypes.mediatypes import parse_requires_annotation as parse_requires_annotation
    from toolhive_plugins_mediatypes.mediatypes import (
        plugin_config_from_image_config as plugin_config_from_image_config,
    )
    from toolhive_plugins_mediatypes.mediatypes import plugin_metadata as plugin_metadata
else:
    from toolhive_artifact import lazy_exports

    __getattr__, __dir__ = lazy_exports(__name__)
