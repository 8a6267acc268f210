"""The local store of plugin artifacts: an OCI image layout, shared with `thv` and every other OCI tool.

Names are loaded on first use, so that a program which only reads does not load what writes, sweeps and repairs.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    from toolhive_plugins_store.store import Store
    from toolhive_plugins_store.sweeping import GcReport
    from toolhive_plugins_store.tag_entry import TagEntry
    from toolhive_plugins_store.transaction import StoredBlob, Transaction

_MODULES = {
    "blobs": "BlobReader",
    "checking": "Problem",
    "errors": "CorruptBlobError CorruptStoreError InvalidTagError StoreError StoreIOError StoreLockError StoreNotFoundError",
    "index_file": "LOCAL_BUILD_ANNOTATION",
    "paths": "default_store_root store_root",
    "store": "Store",
    "sweeping": "GcReport",
    "tag_entry": "TagEntry",
    "transaction": "StoredBlob Transaction",
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
