"""What became of a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Outcome"]

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Job, Result]):
    """What became of a job.

    Attributes:
        job: The job.
        result: What the task returned; None if it failed.
        error: What the task raised, or an `EngineError` if its process died; None if it went well.
    """

    job: Job
    result: Result | None = None
    error: Exception | None = None

    def value(self) -> Result:
        """Return the result, or raise the error."""
        if self.error is not None:
            raise self.error
        return self.result  # type: ignore[return-value]  # None only where the task returns None
