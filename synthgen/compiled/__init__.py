"""Loops over pixels that numba compiles: the few that array calls would walk through many times.

Each belongs to the function that calls it and is documented there. The compiled code is cached beside the
source, so only the first process after installation compiles, and it frees the interpreter's lock.
"""

__all__: list[str] = []
