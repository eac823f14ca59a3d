"""The trainers' commands."""

__all__: list[str] = []
