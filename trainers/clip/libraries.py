"""The libraries that CLIPs come from: imported when one is asked for, and their failures told in a line."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from synthgen.core.errors import SynthgenError, TrainingError

__all__ = ["failures_explained", "library"]


def library(name: str) -> Any:
    """Import a library of the extra `clip`.

    Raises:
        TrainingError: It is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise TrainingError(
            f"CLIP needs {name}, which cannot be imported ({error}); pip install 'synthgen[clip]'"
        ) from error


@contextmanager
def failures_explained(title: str) -> Iterator[None]:
    """Turn whatever a library raises while it loads a model into one line; what it logs meanwhile says no more.

    It leaves no handler of logs behind either: open_clip's would print what other libraries say.

    Raises:
        TrainingError: The model is missing, half downloaded or damaged.
    """
    before, handlers = logging.root.manager.disable, logging.root.handlers[:]
    logging.disable(logging.ERROR)
    try:
        yield
    except SynthgenError:
        raise
    except Exception as error:  # each of several libraries raises its own
        reason = " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__
        raise TrainingError(f"{title}: cannot be loaded: {reason}; fetch it again, or give another one") from error
    finally:
        logging.disable(before)
        logging.root.handlers[:] = handlers
