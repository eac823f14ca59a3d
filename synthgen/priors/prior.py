"""`find_prior`: a COCO file of real boxes in, the part of a recipe that draws such boxes out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from synthgen.core.types import RGB
from synthgen.priors.boxes import Boxes
from synthgen.priors.fit import Fit, fit
from synthgen.priors.fragment import fragment, recipe_values
from synthgen.priors.picture import draw_priors
from synthgen.priors.planned import planned
from synthgen.priors.survey import Survey, survey

__all__ = ["Prior", "find_prior"]


@dataclass(frozen=True)
class Prior:
    """What was measured, what follows, and what a recipe with these values draws.

    Attributes:
        source: Name of the file.
        found: What was measured.
        fitted: The numbers of the recipe.
    """

    source: str
    found: Survey
    fitted: Fit

    @cached_property
    def drawn(self) -> Boxes:
        """What is seen in planned scenes of the recipe."""
        return planned(recipe_values(self.found, self.fitted), self.fitted.shapes, self.found.boxes.aspect)

    @property
    def text(self) -> str:
        """The part of the recipe, YAML."""
        return fragment(self.found, self.fitted, float(self.drawn.cut.mean()), self.source)

    def draw(self) -> RGB:
        """Draw both distributions."""
        return draw_priors(self.found.boxes, self.drawn, self.source)


def find_prior(path: Path, aspect: float = 1.0) -> Prior:
    """Measure the boxes of a COCO file and fit a recipe to them.

    Args:
        path: The file; the pictures that it names are not opened.
        aspect: Width over height of the frames to generate, into which pictures are squeezed.

    Raises:
        DatasetError: The file cannot be read, is no COCO JSON, or has no box; or a box covers nothing.
    """
    found = survey(path, aspect)
    return Prior(path.name, found, fit(found))
