"""Blends: how a cutout's edge meets the scene. One blend a file, all in `registry.BLENDS`."""

__all__: list[str] = []
