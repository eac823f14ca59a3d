"""What a process frees it soon asks for again: the next picture, the next batch.

glibc gives large pieces back to the system at once, which hands them out again page by page, each cleared. That took
40 % of a renderer's time, half of Score-CAM's, and 3 to 15 % of a U-Net's training on a CPU.
"""

from __future__ import annotations

import ctypes
import platform

__all__ = ["KEEPING_FREED_MEMORY", "keep_freed_memory"]

KEPT, LARGEST = (1 << 31) - 1, 1 << 30  # bytes that are kept at most; bytes from which a piece is one of its own
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # names of `mallopt`, as malloc.h numbers them

KEEPING_FREED_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(KEPT), "MALLOC_MMAP_THRESHOLD_": str(LARGEST)}
"""The environment of a process that keeps what it frees; see mallopt(3)."""


def keep_freed_memory() -> None:
    """Let this process keep what it frees, up to 2 GiB. Other C libraries than glibc stay as they are."""
    if platform.libc_ver()[0] == "glibc":
        c_library = ctypes.CDLL(None)
        c_library.mallopt(TRIM_THRESHOLD, KEPT)
        c_library.mallopt(MMAP_THRESHOLD, LARGEST)
