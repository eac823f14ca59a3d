"""A study: a grid of training runs on one dataset, with a table at the end."""

__all__: list[str] = []
