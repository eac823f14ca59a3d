"""Readers of annotated pictures, one format a file."""

__all__: list[str] = []
