"""Sources of foregrounds, one format a file; each reads a folder or a file into offers."""

__all__: list[str] = []
