"""Harmonisers: a cutout takes on the light of its surroundings. All in `registry.HARMONIZERS`."""

__all__: list[str] = []
