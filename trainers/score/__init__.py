"""Scores of predictors on pictures with truth, one row a picture."""

__all__: list[str] = []
