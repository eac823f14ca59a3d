"""What every store must do; a new one inherits these tests and says how it is made."""

import mmap
import pickle
from abc import ABC, abstractmethod

import pytest


class StoreSuite(ABC):
    """Inherit this, and make `store` an empty one."""

    @pytest.fixture
    @abstractmethod
    def store(self, tmp_path): ...

    def test_what_is_put_is_read(self, store):
        store.put("a.json", b"one")
        assert (store.read("a.json"), store.size("a.json"), store.has("a.json")) == (b"one", 3, True)

    def test_a_second_put_replaces_the_first(self, store):
        store.put("a.json", b"one")
        store.put("a.json", b"three")
        assert store.read("a.json") == b"three" and store.list() == ["a.json"]

    def test_files_are_listed_by_folder_and_name(self, store):
        for name in ("b", "a", ".entries/d", ".entries/c"):
            store.put(name, b"")
        assert store.list() == ["a", "b"]
        assert store.list(".entries") == [".entries/c", ".entries/d"]
        assert store.list("nowhere") == []

    def test_a_staged_file_is_visible_only_when_it_is_whole(self, store):
        with store.stage("a") as path:
            path.write_bytes(b"half")
            assert store.list() == [] and not store.has("a")
        assert store.read("a") == b"half"

    def test_a_stage_that_fails_changes_nothing(self, store):
        store.put("a", b"old")
        with pytest.raises(ZeroDivisionError), store.stage("a") as path:
            path.write_bytes(b"new")
            raise ZeroDivisionError
        assert store.read("a") == b"old" and store.list() == ["a"]

    @pytest.mark.parametrize("ask", ["size", "read", "local"])
    def test_a_missing_file_is_said_to_be_missing(self, store, ask):
        with pytest.raises(FileNotFoundError):
            getattr(store, ask)("a")
        assert not store.has("a")

    def test_a_deleted_file_is_gone_and_may_be_deleted_again(self, store):
        store.put("a", b"")
        store.delete("a")
        store.delete("a")
        assert store.list() == [] and not store.has("a")

    def test_a_file_can_be_mapped_into_memory(self, store):
        store.put(".entries/a", b"mapped")
        with store.local(".entries/a").open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            assert view[:] == b"mapped"

    def test_what_is_mapped_follows_what_is_put(self, store):
        store.put("a", b"old")
        store.local("a")
        store.put("a", b"newer")
        assert store.local("a").read_bytes() == b"newer"

    def test_a_pickled_store_is_the_same_store(self, store):
        store.put("a", b"one")
        copy = pickle.loads(pickle.dumps(store))
        assert copy == store and copy.read("a") == b"one"

    def test_its_place_is_told(self, store):
        assert store.place
