"""Binary segmentation: losses, scores, the graph to export."""

__all__: list[str] = []
