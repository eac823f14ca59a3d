"""Drawings and tables of what was predicted and scored."""

__all__: list[str] = []
