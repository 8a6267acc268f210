"""What we accept from outside, at most. Sources: REFERENCE.md, "Pull" and "Files taken"."""

from typing import Final

MIB: Final = 1024 * 1024

MAX_MANIFEST_SIZE: Final = 1 * MIB
"""Bytes of a manifest, an index or an image config."""

MAX_BLOB_SIZE: Final = 100 * MIB
"""Bytes of any other blob, as stored (compressed)."""

MAX_DECOMPRESSED_SIZE: Final = 100 * MIB
"""Bytes that a gzip stream may decompress to, over all its members."""

MAX_GZIP_MEMBERS: Final = 10_000
"""Members of a gzip stream; the usual compressors make one, and at most one for each 32 KiB."""

MAX_TAR_FILE_SIZE: Final = 100 * MIB
"""Bytes of one file in a tar archive, and of all of them together."""

MAX_TAR_FILES: Final = 1_001
"""Files in a tar archive: a plugin's 1,000 and its manifest."""

MAX_TAR_ENTRIES: Final = 10 * MAX_TAR_FILES
"""Entries in a tar archive, its directories included."""

MAX_TAR_PATH_LENGTH: Final = 4096
"""Bytes of an entry's path in a tar archive, in UTF-8."""

MAX_TAR_EXTENSION_SIZE: Final = 1 * MIB
"""Bytes of one extension header (PAX records, a GNU long name) in a tar archive, as the reference has it."""

MAX_INDEX_MANIFESTS: Final = 32
"""Manifests that an index may list."""

MAX_MANIFEST_LAYERS: Final = 64
"""Layers that a manifest may list."""

MAX_JSON_DEPTH: Final = 10_000
"""Nested arrays and objects in a JSON document, as the reference's decoder has it."""

MAX_FIELD_REPEATS: Final = 16
"""How often an object may have one field, where that is not refused anyway. Objects are merged, and each time costs their size."""
