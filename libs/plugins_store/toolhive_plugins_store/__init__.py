"""The local store of plugin artifacts: an OCI image layout, shared with `thv` and other OCI tools.

Names are loaded on first use, so that a program that only reads does not load what writes and repairs.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins_store.blobs import BlobReader as BlobReader
    from toolhive_plugins_store.check import Problem as Problem
    from toolhive_plugins_store.errors import CorruptBlobError as CorruptBlobError
    from toolhive_plugins_store.errors import CorruptStoreError as CorruptStoreError
    from toolhive_plugins_store.errors import InvalidTagError as InvalidTagError
    from toolhive_plugins_store.errors import StoreError as StoreError
    from toolhive_plugins_store.errors import StoreIOError as StoreIOError
    from toolhive_plugins_store.errors import StoreLockError as StoreLockError
    from toolhive_plugins_store.errors import StoreNotFoundError as StoreNotFoundError
    from toolhive_plugins_store.gc import GcReport as GcReport
    from toolhive_plugins_store.index_entry import LOCAL_BUILD_ANNOTATION as LOCAL_BUILD_ANNOTATION
    from toolhive_plugins_store.index_entry import Tag as Tag
    from toolhive_plugins_store.locking import StoreLock as StoreLock
    from toolhive_plugins_store.notices import Notice as Notice
    from toolhive_plugins_store.notices import NoticeKind as NoticeKind
    from toolhive_plugins_store.paths import default_store_root as default_store_root
    from toolhive_plugins_store.paths import store_root as store_root
    from toolhive_plugins_store.staging import StoredBlob as StoredBlob
    from toolhive_plugins_store.store import Store as Store
    from toolhive_plugins_store.thv_server import RunningServer as RunningServer
    from toolhive_plugins_store.thv_server import running_server as running_server
    from toolhive_plugins_store.transaction import Transaction as Transaction
else:
    from toolhive_artifact import lazy_exports

    __getattr__, __dir__ = lazy_exports(__name__)
