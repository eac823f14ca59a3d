"""The process of one job: `python -m synthgen.parallel.child ANSWER`, with the request on standard input."""

from __future__ import annotations

import os
import pickle
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from synthgen.core.errors import EngineError
from synthgen.core.freed_memory import keep_freed_memory
from synthgen.parallel.parcel import packed, unpacked

__all__ = ["main"]


def main() -> None:
    """Run the job; write its result, or what it raised, to the file ANSWER."""
    keep_freed_memory()
    requests = sys.stdin.buffer
    try:
        task, job, shared = pickle.load(requests)
        threading.Thread(target=_end_with_parent, args=(requests.fileno(),), daemon=True).start()
        answer: tuple[Any, Exception | None] = (task(job, **shared), None)
        data = packed(answer)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        error.add_note(traceback.format_exc())
        data = _pickled(error)
    Path(sys.argv[1]).write_bytes(data)


def _pickled(error: Exception) -> bytes:
    """Return the failure as bytes; an error that cannot be pickled becomes one that can."""
    try:
        data = packed((None, error))
        unpacked(data)
    except Exception:
        data = packed((None, EngineError(f"{type(error).__name__}: {error}")))
    return data


def _end_with_parent(descriptor: int) -> None:
    """Wait for the end of the input, which comes when the parent has died, and end as well."""
    while os.read(descriptor, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
