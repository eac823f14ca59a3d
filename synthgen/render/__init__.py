"""Rendering: a scene and the library in, a sample out. Draws no random number of its own."""

__all__: list[str] = []
