"""Photographs as a worse camera would have taken them; what is annotated stays true, as nothing moves."""

from __future__ import annotations

from dataclasses import dataclass

from synthgen.core.picture import EncodedPicture, Samples
from synthgen.ops.camera.presets import Camera
from synthgen.ops.camera.severity import SEVERITIES, degraded

__all__ = ["SEVERITIES", "Camera", "DegradedSamples"]


@dataclass(frozen=True)
class DegradedSamples:
    """Pictures through a camera of `synthgen.ops.camera.severity`; the same ones for whoever asks.

    Attributes:
        samples: The pictures.
        camera: Its name.
        severity: One of `SEVERITIES`.
    """

    samples: Samples
    camera: Camera
    severity: int

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self.samples)

    def __getitem__(self, index: int, /) -> EncodedPicture:
        """Return picture `index`; it is degraded when its pixels are first asked for.

        Raises:
            IndexError: There is no such picture.
            DatasetError: It cannot be read.
        """
        picture = self.samples[index]
        return EncodedPicture(
            picture.name,
            picture.group,
            picture.size,
            None,
            lambda: degraded(picture.image, self.camera, self.severity, picture.name),
            lambda: picture.truth,
        )
