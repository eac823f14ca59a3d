"""Where networks of given regions have them from: selective search, by picture, kept on disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from synthgen.core.files import cache_folder
from synthgen.core.types import RGB
from trainers.config.detection import DetectionConfig
from trainers.loading.targets import Boxed, BoxTargets
from trainers.proposals.store import ProposalStore

__all__ = ["Proposed", "store_of"]


def store_of(config: DetectionConfig) -> ProposalStore:
    """Return the proposals of a training and of its model."""
    return ProposalStore(Path(config.proposals) if config.proposals else cache_folder("proposals"))


@dataclass(frozen=True, slots=True)
class Proposed(Boxed):
    """Collates boxes and proposals into `BoxTargets`; a `trainers.loading.targets.SeesPictures`.

    Attributes:
        store: Of the proposals.
    """

    store: ProposalStore = field(kw_only=True)

    def see(self, targets: BoxTargets, place: int, image: RGB) -> None:
        """Keep the proposals of a picture."""
        targets.regions[place] = self.store.of(image)
