"""Detection: a box, and perhaps a mask, of each target."""

__all__: list[str] = []
