"""Predictors whose every answer is known: what is bright is found."""

import numpy as np

from synthgen.core.picture import Boxes

SIZE = (32, 48)


def frame_with(*boxes, size=(64, 96)):
    """Draw white boxes (x0, y0, x1, y1) on black: RGB uint8."""
    image = np.zeros((*size, 3), np.uint8)
    for x0, y0, x1, y1 in boxes:
        image[y0:y1, x0:x1] = 255
    return image


class BrightPixels:
    """Finds bright pixels; remembers the shapes that it was given."""

    title = "bright"

    def __init__(self, size=SIZE):
        self.size, self.seen = size, []

    def probabilities(self, images):
        self.seen.append(images.shape)
        return images[:, None, :, :, 0].astype(np.float32) / 255


class BrightBoxes:
    """Finds the box around what is bright."""

    title = "bright boxes"

    def boxes(self, images):
        return [self._box(image[:, :, 0] > 127) for image in images]

    @staticmethod
    def _box(bright):
        rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
        if not len(rows):
            return Boxes.of([], [], [])
        return Boxes.of([[columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]], ["box"], [0.9])


class BrightLabels:
    """Gives label 1 to pictures with a bright pixel."""

    title, size = "bright labels", SIZE

    def labels(self, images):
        return images.max(axis=(1, 2, 3)).astype(np.float32)[:, None] / 255


class BrightPlaces(BrightLabels):
    """Looks at what is bright."""

    def labels_and_maps(self, images):
        return self.labels(images), images[..., 0].astype(np.float32) / 255


class BrightPrompts(BrightLabels):
    """Looks for two things, one half as likely as the other."""

    prompts = ("lamp", "sun")

    def by_prompt(self, images):
        return self.labels(images) * np.float32([0.5, 1])
