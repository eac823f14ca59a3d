"""What a picture with one box found tells of average precision."""

from trainers.score.ranked import CELLS, RANGES
from trainers.score.result import Ranked

EVERY_CELL, EVERY_RANGE = 2 ** len(CELLS) - 1, 2 ** len(RANGES) - 1


def one_found(right, score=0.9, *, truth=1, category=""):
    """A box that is right, or wrong, at every IoU threshold and whatever its size, beside so many true ones."""
    sizes, wanted = (EVERY_RANGE,) * truth, (category,) * truth
    return {"box": Ranked((score,), (category,), (EVERY_CELL if right else 0,), (EVERY_CELL,), wanted, sizes)}
