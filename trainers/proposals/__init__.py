"""Regions that may hold an object, found without learning."""

__all__: list[str] = []
