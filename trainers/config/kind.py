"""What a model gives, and so how it is scored."""

from __future__ import annotations

from typing import Literal

__all__ = ["Kind"]

Kind = Literal["pixels", "boxes", "labels"]
