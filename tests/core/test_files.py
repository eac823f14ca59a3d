"""Durability: a failed write leaves nothing behind (law 5)."""

import errno

import pytest

from synthgen.core.errors import OutputError
from synthgen.core.files import atomic_path, make_directory, write_atomic


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    target = tmp_path / "a.txt"
    write_atomic(target, b"old")
    with pytest.raises(OutputError, match="No space left on device"), atomic_path(target) as temporary:
        temporary.write_bytes(b"ne")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_unwritable_directory_is_named(tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(OutputError, match="not a writable directory"):
        make_directory(blocker / "below")
