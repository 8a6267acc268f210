"""The artifact type of plugins, and the names of their labels and annotations.

The labels of an image config and the annotations of manifests and indexes have the same seven keys. They are not in
`mediatypes`, which imports attrs: `thv-plugin builds` needs only the names.
"""

from typing import Final

ARTIFACT_TYPE_PLUGIN: Final = "dev.toolhive.plugins.v1"
"""The artifact type of a plugin's index and manifests."""

ANNOTATION_PLUGIN_NAME: Final = "dev.toolhive.plugins.name"
ANNOTATION_PLUGIN_DESCRIPTION: Final = "dev.toolhive.plugins.description"
ANNOTATION_PLUGIN_VERSION: Final = "dev.toolhive.plugins.version"
ANNOTATION_PLUGIN_LICENSE: Final = "dev.toolhive.plugins.license"
ANNOTATION_PLUGIN_FILES: Final = "dev.toolhive.plugins.files"
ANNOTATION_PLUGIN_COMPONENTS: Final = "dev.toolhive.plugins.components"
ANNOTATION_PLUGIN_REQUIRES: Final = "dev.toolhive.plugins.requires"

ANNOTATION_PLUGIN_MANIFEST: Final = "dev.toolhive.plugins.manifest"
"""Where `plugin.json` comes from, if the plugin's source has no such file, or another one. An annotation only."""

ANNOTATION_PLUGIN_ADAPTED: Final = "dev.toolhive.plugins.adapted"
"""The formats whose manifests were made from another one's, separated by commas. An annotation only."""

LABEL_PLUGIN_NAME: Final = ANNOTATION_PLUGIN_NAME
LABEL_PLUGIN_DESCRIPTION: Final = ANNOTATION_PLUGIN_DESCRIPTION
LABEL_PLUGIN_VERSION: Final = ANNOTATION_PLUGIN_VERSION
LABEL_PLUGIN_LICENSE: Final = ANNOTATION_PLUGIN_LICENSE
LABEL_PLUGIN_FILES: Final = ANNOTATION_PLUGIN_FILES
LABEL_PLUGIN_COMPONENTS: Final = ANNOTATION_PLUGIN_COMPONENTS
LABEL_PLUGIN_REQUIRES: Final = ANNOTATION_PLUGIN_REQUIRES
