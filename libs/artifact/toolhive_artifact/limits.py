"""Limits on what is read from outside. Most are those of toolhive-core (docs/toolhive-core.md)."""

from typing import Final

MIB: Final = 1024 * 1024

MAX_MANIFEST_SIZE: Final = 1 * MIB
"""The size in bytes of a manifest, an index or an image config."""

MAX_BLOB_SIZE: Final = 100 * MIB
"""The size in bytes of any other blob, as stored (compressed)."""

MAX_DECOMPRESSED_SIZE: Final = 100 * MIB
"""The decompressed size in bytes of a gzip stream, over all its members."""

MAX_GZIP_MEMBERS: Final = 10_000
"""Members of a gzip stream. Common compressors write one, and none more than one for each 32 KiB."""

MAX_TAR_FILE_SIZE: Final = 100 * MIB
"""The size in bytes of one file in a tar archive, and of all its files together."""

MAX_TAR_FILES: Final = 1_001
"""Files in a tar archive: 1,000 of a plugin, and its manifest."""

MAX_TAR_ENTRIES: Final = 10 * MAX_TAR_FILES
"""Entries in a tar archive, directories included."""

MAX_TAR_PATH_LENGTH: Final = 4096
"""The length in bytes (UTF-8) of a path in a tar archive."""

MAX_TAR_EXTENSION_SIZE: Final = 1 * MIB
"""The size in bytes of an extension header (PAX records, a GNU long name) in a tar archive; Go's limit."""

MAX_INDEX_MANIFESTS: Final = 32
"""Manifests in an index."""

MAX_MANIFEST_LAYERS: Final = 64
"""Layers in a manifest."""

MAX_JSON_DEPTH: Final = 10_000
"""The nesting of arrays and objects in a JSON document; Go's limit."""

MAX_FIELD_REPEATS: Final = 16
"""Occurrences of one field in an object, where duplicates are allowed. Merging each costs as much as all before it."""
