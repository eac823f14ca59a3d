"""Learning: the loop, its optimiser and its checkpoints. Nothing of masks."""

__all__: list[str] = []
