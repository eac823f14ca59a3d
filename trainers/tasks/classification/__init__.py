"""Classification of whole pictures: does one show a target?"""

__all__: list[str] = []
