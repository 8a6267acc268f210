"""The local store of plugin artifacts: an OCI image layout, shared with `thv` and every other OCI tool."""

from toolhive_plugins_store.blobs import BlobReader
from toolhive_plugins_store.checking import Problem
from toolhive_plugins_store.errors import (
    CorruptBlobError,
    CorruptStoreError,
    InvalidTagError,
    StoreError,
    StoreIOError,
    StoreLockError,
    StoreNotFoundError,
)
from toolhive_plugins_store.index_file import LOCAL_BUILD_ANNOTATION
from toolhive_plugins_store.paths import default_store_root, store_root
from toolhive_plugins_store.store import Store, TagEntry
from toolhive_plugins_store.sweeping import GcReport
from toolhive_plugins_store.transaction import StoredBlob, Transaction

__all__ = [
    "LOCAL_BUILD_ANNOTATION",
    "BlobReader",
    "CorruptBlobError",
    "CorruptStoreError",
    "GcReport",
    "InvalidTagError",
    "Problem",
    "Store",
    "StoreError",
    "StoreIOError",
    "StoreLockError",
    "StoreNotFoundError",
    "StoredBlob",
    "TagEntry",
    "Transaction",
    "default_store_root",
    "store_root",
]
