"""The gap between synthetic pictures and photographs as numbers, without training a detector."""

__all__: list[str] = []
