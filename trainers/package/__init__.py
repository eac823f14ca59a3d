"""What leaves the house: ONNX, figures, a model card."""

__all__: list[str] = []
