"""The methods, one a file; `trainers.config.registry.LOCALIZERS` lists them."""

__all__: list[str] = []
