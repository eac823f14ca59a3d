"""Tasks: what a trainer learns, one a file."""

__all__: list[str] = []
