"""What the heads of a vision transformer of CLIP give to a picture's embedding, and which texts say it."""

__all__: list[str] = []
