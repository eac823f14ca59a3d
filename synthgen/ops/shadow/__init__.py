"""Shadows: what a cutout takes away from the light below it. All in `registry.SHADOWS`."""

__all__: list[str] = []
