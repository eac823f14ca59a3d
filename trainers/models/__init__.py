"""Networks by name, one family a file, all in `registry.NETWORKS`."""

__all__: list[str] = []
