"""What a training is told that stands on a frozen CLIP; a base of the configs of tasks that have such networks."""

from __future__ import annotations

from pydantic import Field

from synthgen.core.config import Model
from trainers.config.clip import ClipConfig

__all__ = ["OverClipConfig", "clip_of"]


class OverClipConfig(Model):
    """A frozen CLIP, and how often it looks at a picture.

    Attributes:
        clip: The CLIP of networks that stand on one; others leave it and `views` aside.
        views: Copies of each training picture, as `augment` makes them, that come again and again, one an epoch. The
            CLIP looks at each once, and what it saw is kept on disk. 0: new copies in each epoch, all of them looked
            at.
    """

    clip: ClipConfig | None = None
    views: int = Field(default=0, ge=0)


def clip_of(config: Model) -> ClipConfig | None:
    """Return the CLIP that a training stands on, or None where it stands on none."""
    return config.clip if isinstance(config, OverClipConfig) else None
