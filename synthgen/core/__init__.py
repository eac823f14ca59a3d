"""The ground floor: values, errors, geometry, seeding, files. Imports nothing of synthgen above it."""

__all__: list[str] = []
