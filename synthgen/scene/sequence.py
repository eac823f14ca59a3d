"""Sequences: frames of one scene, in which objects and camera move. Each frame is planned without the others (law 1).

The plan draws one scene for a sequence, as it does for a picture. Every object then has a moment at which it is as that
scene has it, and a path that leads there and away. What is above what, every blend, light, shadow and the camera's
settings hold for the whole sequence; only the sensor's noise is another one in each frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from synthgen.core.seeding import Stage
from synthgen.core.types import Size
from synthgen.ops.camera.effect import Effect
from synthgen.ops.camera.recording import Timestamp
from synthgen.ops.camera.sensor import SensorNoise
from synthgen.ops.noise_fields import FIELD_SIDE
from synthgen.scene.backdrop import Backdrop, Ground, PlainGround
from synthgen.scene.motion import HANDS, Path, SequenceRecipe, Sway, Sweep
from synthgen.scene.placement import GRID, OUTWARDS
from synthgen.scene.pose import Pose
from synthgen.scene.scene import Scene
from synthgen.scene.tripod import CameraPath, draw_camera

__all__ = ["Mover", "Photo", "Shot", "draw_shot"]

BEYOND = 1.1  # of the way out of the frame that an object goes which crosses it
CAMERA = 0  # the item of Stage.MOTION that the camera draws from; objects draw from their place in the stack
Draw = Callable[[Stage, int], np.random.Generator]


@dataclass(frozen=True, slots=True)
class Mover:
    """What the motion of a placement depends on.

    Attributes:
        extent: (height, width) of its source.
        cut: Sides on which it is cut off, which stay at the frame's edge.
        below: Place in the stack of the target that it lies across; None for what moves by itself.
        holds: It holds that target, and goes where the target goes; otherwise it stays where it is in the scene.
    """

    extent: Size
    cut: str = ""
    below: int | None = None
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Photo:
    """The background of a sequence.

    Attributes:
        size: (height, width), pixels.
        clip: Ids of the backgrounds that are shown in turn, the scene's own among them; empty for that alone.
    """

    size: Size
    clip: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shot:
    """A sequence, drawn: any of its frames can be had alone.

    Attributes:
        scene: What was drawn for all frames; each object is like that at the key moment of its path.
        movers: What the motion of each of its placements depends on.
        paths: Of the placements that move by themselves.
        camera: None where it stands still.
        clip: Ids of the backgrounds that are shown in turn; empty for that of the scene alone.
        fps: Frames a second.
        rng: `rng(stage, item)` gives the sequence's own generators.
    """

    scene: Scene
    movers: tuple[Mover, ...]
    paths: Mapping[int, Path]
    camera: CameraPath | None
    clip: tuple[str, ...]
    fps: float
    rng: Draw

    def frame(self, number: int, *, index: int) -> Scene:
        """Return frame `number`, which is sample `index`."""
        seconds, scene = number / self.fps, self.scene
        poses = list[Pose]()
        for place, mover in enumerate(self.movers):
            poses.append(self._pose(place, mover, poses, seconds))
        return replace(
            scene,
            index=index,
            sequence_id=scene.scene_id,
            frame=number,
            backdrop=self._backdrop(number, seconds),
            placements=tuple(
                replace(placement, pose=pose, track=track)
                for track, (placement, pose) in enumerate(zip(scene.placements, poses, strict=True), 1)
            ),
            camera=tuple(_anew(effect, seconds, self.rng(Stage.NOISE, number)) for effect in scene.camera),
        )

    def _pose(self, place: int, mover: Mover, below: Sequence[Pose], seconds: float) -> Pose:
        """Return the pose of a placement above those that lie `below` it."""
        pose = self.scene.placements[place].pose
        path = self.paths[place if mover.below is None else mover.below]
        drift = (0.0, 0.0)  # of what the camera sees
        if self.camera is not None:
            (x0, y0), (x1, y1) = self.camera.at(path.key), self.camera.at(seconds)
            drift = (x0 - x1, y0 - y1)
        if mover.below is None:
            return _moved(pose, path, mover, seconds, drift)
        if mover.holds:
            return _carried(pose, self.scene.placements[mover.below].pose, below[mover.below])
        return replace(pose, center=_on_grid(pose.center[0] + drift[0], pose.center[1] + drift[1]))

    def _backdrop(self, number: int, seconds: float) -> Ground:
        """Return what of the ground is in a frame: of a clip, the picture whose turn it is."""
        ground = self.scene.backdrop if self.camera is None else self.camera.window(seconds)
        if len(self.clip) < 2 or isinstance(ground, PlainGround):
            return ground
        last = len(self.clip) - 1
        turn = (self.clip.index(ground.background_id) + number) % (2 * last)
        return replace(ground, background_id=self.clip[min(turn, 2 * last - turn)])


def draw_shot(scene: Scene, movers: Sequence[Mover], recipe: SequenceRecipe, photo: Photo | None, *, rng: Draw) -> Shot:
    """Draw how everything moves in the sequence that `scene` was drawn for; its placements are the `movers`."""
    camera = None
    if photo is not None and isinstance(scene.backdrop, Backdrop):  # above a plain ground it stands still
        camera = draw_camera(recipe.motion, scene.backdrop, photo.size, scene.size, rng=rng(Stage.MOTION, CAMERA))
    paths = {
        place: _draw_path(recipe, placement.pose, mover, scene.size, rng(Stage.MOTION, place + 1))
        for place, (placement, mover) in enumerate(zip(scene.placements, movers, strict=True))
        if mover.below is None
    }
    clip = () if photo is None else photo.clip
    return Shot(scene, tuple(movers), paths, camera, clip, recipe.fps, rng)


def _draw_path(recipe: SequenceRecipe, pose: Pose, mover: Mover, size: Size, rng: np.random.Generator) -> Path:
    motion, short = recipe.motion, min(size)
    key, last = int(rng.integers(recipe.frames)) / recipe.fps, (recipe.frames - 1) / recipe.fps
    speed = motion.speed.draw(rng) * short
    sways = [Sway.draw(HANDS, rng) for _ in range(4)]
    angle = float(rng.uniform(-math.pi, math.pi))
    crosses = rng.random() < motion.crossing and not mover.cut
    return Path(
        key=key,
        way=_crossing(pose, mover.extent, size, angle, speed, max(key, last - key))
        if crosses
        else (sways[0], sways[1]),
        speed=speed / math.sqrt(2),
        turn=sways[2],
        turning=motion.turn.draw(rng),
        growth=sways[3],
        growing=motion.growth.draw(rng),
    )


def _crossing(pose: Pose, extent: Size, size: Size, angle: float, speed: float, longest: float) -> Sweep:
    """Return a way through the frame along `angle` that is out of it after `longest` seconds or earlier."""
    radius = float(np.linalg.norm(pose.linear, 2)) * math.hypot(*extent) / 2
    along = (math.cos(angle), math.sin(angle))
    back = (-along[0], -along[1])
    reach = BEYOND * max(_way_out(pose.center, way, size, radius) for way in (along, back))
    return Sweep(reach * along[0], reach * along[1], max(speed / reach, math.pi / 2 / longest))


def _way_out(point: tuple[float, float], along: tuple[float, float], size: Size, radius: float) -> float:
    """Return how far from `point` a disc is beyond the frame."""
    ways = [
        ((limit + radius if step > 0 else -radius) - start) / step
        for start, step, limit in zip(point, along, (size[1], size[0]), strict=True)
        if abs(step) > 1e-9
    ]
    return max(1.0, min(ways))


def _moved(pose: Pose, path: Path, mover: Mover, seconds: float, drift: tuple[float, float]) -> Pose:
    """Return where an object is that moves by itself; one that is cut off slides along the frame's edge alone."""
    step = path.at(seconds)
    x, y = step.x + drift[0], step.y + drift[1]
    if mover.cut:
        sides = [np.abs(pose.linear @ OUTWARDS[side]).tolist() for side in mover.cut]
        x = 0.0 if any(across > down for across, down in sides) else x
        y = 0.0 if any(across <= down for across, down in sides) else y
        return replace(pose, center=_on_grid(pose.center[0] + x, pose.center[1] + y))
    return replace(
        pose,
        scale=max(round(pose.scale * step.factor, 6), 1e-6),
        rotation=round(pose.rotation + step.degrees, 3),
        center=_on_grid(pose.center[0] + x, pose.center[1] + y),
    )


def _carried(pose: Pose, before: Pose, now: Pose) -> Pose:
    """Return where something is that moves as if it were one with an object."""
    x, y = (now.linear @ np.linalg.inv(before.linear) @ np.subtract(pose.center, before.center)).tolist()
    return replace(
        pose,
        scale=max(round(pose.scale * now.scale / before.scale, 6), 1e-6),
        rotation=round(pose.rotation + now.rotation - before.rotation, 3),
        center=_on_grid(now.center[0] + x, now.center[1] + y),
    )


def _anew(effect: Effect, seconds: float, rng: np.random.Generator) -> Effect:
    """Return an effect as it is in this frame: noise is drawn anew, and a clock goes on."""
    if isinstance(effect, SensorNoise):
        x, y = (int(value) for value in rng.integers(FIELD_SIDE, size=2))
        return replace(effect, x=x, y=y)
    return effect.later(seconds) if isinstance(effect, Timestamp) else effect


def _on_grid(x: float, y: float) -> tuple[float, float]:
    return round(x * GRID) / GRID, round(y * GRID) / GRID
