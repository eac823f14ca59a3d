"""The camera: what optics, shutter, sensor, processing and codec do to a picture, in that order."""

__all__: list[str] = []
