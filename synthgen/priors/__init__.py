"""What real boxes say about a recipe: measured, fitted, written as YAML, and drawn beside what the recipe gives."""

__all__: list[str] = []
