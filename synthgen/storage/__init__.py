"""Where the bytes of a dataset lie: a small interface, a local folder, and any file system of fsspec.

`synthgen.storage.filesystem` is imported by those who need it, as it imports fsspec.
"""

from synthgen.storage.local import LocalStore, as_store
from synthgen.storage.store import Store

__all__ = ["LocalStore", "Store", "as_store"]
