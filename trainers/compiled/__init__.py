"""Loops that numba compiles for the trainers, as `synthgen.compiled` does: each for the function that documents it."""

__all__: list[str] = []
