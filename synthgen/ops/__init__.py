"""Ops: each a recipe (ranges), a draw (frozen numbers) and an apply (pure kernel)."""

__all__: list[str] = []
