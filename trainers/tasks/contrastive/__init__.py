"""Contrastive learning: which caption goes with which picture?"""

__all__: list[str] = []
