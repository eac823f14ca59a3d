"""The local store and fsspec's memory meet one suite; a dataset lies in either."""

from uuid import uuid4

import pytest

from store_suite import StoreSuite
from synthgen.core.errors import OutputError
from synthgen.storage import LocalStore, as_store
from synthgen.storage.filesystem import FileSystemStore


class TestLocalStore(StoreSuite):
    @pytest.fixture
    def store(self, tmp_path):
        return LocalStore(tmp_path / "data")

    def test_a_mapped_file_is_the_file_itself(self, store):
        store.put("a", b"")
        assert store.local("a") == store.root / "a"

    def test_a_folder_that_cannot_be_made_is_named(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(OutputError, match="not a writable directory"):
            LocalStore(tmp_path / "file" / "data").put("a", b"")


class TestMemoryStore(StoreSuite):
    @pytest.fixture
    def store(self, tmp_path):
        return FileSystemStore(f"memory://{uuid4().hex}", tmp_path / "cache")


def test_a_path_means_the_store_in_that_folder(tmp_path):
    store = as_store(tmp_path)
    assert store == LocalStore(tmp_path) and as_store(store) is store
