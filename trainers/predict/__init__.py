"""Prediction: a model and pictures in, pixels, boxes or labels out."""

__all__: list[str] = []
