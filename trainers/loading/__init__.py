"""Loading: sources in, batches of arrays out."""

__all__: list[str] = []
