"""What holds between the frames of a sequence: they follow one another, and a track is one object throughout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Continuity"]


@dataclass
class Continuity:
    """Looks at the rows of a dataset in order; pictures that are no frames are passed over."""

    _name: str = ""
    _frame: int = -1
    _shown: dict[int, tuple[str, str]] = field(default_factory=dict)  # by track: category, cutout

    def see(self, row: Mapping[str, Any]) -> Iterator[str]:
        """Yield what is wrong with a row as the next frame of its sequence."""
        name, frame = row.get("sequence_id"), row.get("frame")
        if name is None or frame is None:
            return
        if name != self._name:
            self._name, self._frame, self._shown = name, -1, {}
        self._frame += 1
        if frame != self._frame:
            yield f"is frame {frame} of {name}, expected frame {self._frame}"
            self._frame = frame
        for track, instance in zip(row.get("tracks") or (), row["instances"], strict=False):
            shows = (instance["category"], instance["foreground_id"])
            if self._shown.setdefault(track, shows) != shows:
                yield f"track {track} is {' '.join(shows)}, and was {' '.join(self._shown[track])}"
