"""The commands of synthgen, one a file. They import what they need when they run, so that `--help` answers at once."""

__all__: list[str] = []
