"""Pseudo-labels: masks of photographs that nobody annotated, by models that were trained elsewhere, or by a rule."""

__all__: list[str] = []
