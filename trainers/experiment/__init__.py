"""Experiments: what synthetic pictures are worth beside real ones, and which knob of a recipe matters."""

__all__: list[str] = []
