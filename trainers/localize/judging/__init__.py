"""Localizers judged: the grid of what can be done to their maps, and how well they do where it was not chosen."""

__all__: list[str] = []
