"""Networks that find boxes, one family a file, all in `trainers.config.registry.DETECTORS`."""

__all__: list[str] = []
