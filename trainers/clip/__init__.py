"""CLIP: frozen towers behind one protocol, whatever library they come from, and their features on disk."""

__all__: list[str] = []
