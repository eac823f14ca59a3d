"""What a training is told: the loop's fields, one model for each task. No torch in here."""

__all__: list[str] = []
