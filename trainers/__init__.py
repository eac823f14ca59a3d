"""Trainers: shards in, segmentation networks and their scores out. Imports synthgen; never the other way."""

__all__: list[str] = []
