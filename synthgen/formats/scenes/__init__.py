"""Sources of backgrounds, one format a file."""

__all__: list[str] = []
