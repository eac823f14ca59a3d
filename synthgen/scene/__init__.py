"""Scenes: the recipe, one draw of it, and the plan that draws. No pixel is touched here."""

__all__: list[str] = []
