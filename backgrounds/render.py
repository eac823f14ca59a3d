"""Render the starter pack's backgrounds: 45 scenes, 960×720, none with people.

    blender --background --python backgrounds/render.py -- --seed 7 --output backgrounds [--only office-02]

Every scene is built from its kind, the seed and its number, so any picture can be rendered
again alone. The catalog is written anew from the files that lie in the folder.
"""

import argparse
import csv
import hashlib
import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import rooms
import streets
from smooth import smooth_light
from surfaces import new_random

KINDS = {
    "corridor": (rooms.corridor, 7),
    "shop": (rooms.shop, 6),
    "counter": (rooms.counter, 6),
    "office": (rooms.office, 7),
    "lobby": (rooms.lobby, 5),
    "street": (streets.street, 8),
    "car_park": (streets.car_park, 6),
}
SAMPLES = 28
COLUMNS = ("id", "file", "category", "group", "role", "licence", "author", "source", "sha256")


def main():
    """Render what the command line asks for, then write the catalog."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    parser.add_argument("--only", default="")
    parser.add_argument("--scale", type=int, default=100, help="percent of the full size, for a quick look")
    arguments = parser.parse_args(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else [])
    for name, kind, build in scenes():
        file = arguments.output / f"{name}.jpg"
        if name.startswith(arguments.only) and (arguments.only or not file.exists()):
            empty_scene(arguments.scale)
            build(new_random(arguments.seed, name))
            bpy.context.scene.render.filepath = str(file.resolve())
            bpy.ops.render.render(write_still=True)
    write_catalog(arguments)


def scenes():
    """Yield (name, kind, builder) of every scene, the kinds taking turns."""
    for number in range(max(count for _, count in KINDS.values())):
        for kind, (build, count) in KINDS.items():
            if number < count:
                yield f"{kind.replace('_', '-')}-{number:02d}", kind, build


def empty_scene(scale):
    """Start from nothing, with Cycles on the CPU."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.device = "CYCLES", "CPU"
    scene.cycles.samples, scene.cycles.max_bounces = SAMPLES, 4
    scene.cycles.use_denoising = False  # not every build of Blender has a denoiser
    smooth_light(scene)
    scene.cycles.sample_clamp_indirect = 1.0
    scene.cycles.use_fast_gi, scene.cycles.fast_gi_method, scene.cycles.ao_bounces_render = True, "REPLACE", 1
    scene.cycles.use_adaptive_sampling = True
    scene.cycles.caustics_reflective = scene.cycles.caustics_refractive = False
    scene.render.resolution_x, scene.render.resolution_y = 960, 720
    scene.render.resolution_percentage = scale
    scene.render.image_settings.file_format, scene.render.image_settings.quality = "JPEG", 88
    scene.view_settings.view_transform = "Filmic"
    scene.view_settings.look = "Medium High Contrast"
    scene.world = bpy.data.worlds.new("world")
    scene.world.use_nodes = True
    scene.world.light_settings.distance = 4.0  # metres within which corners darken


def write_catalog(arguments):
    """Write catalog.csv for the files that are there."""
    with (arguments.output / "catalog.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(COLUMNS)
        for name, kind, _ in sorted(scenes(), key=lambda scene: scene[0]):
            file = arguments.output / f"{name}.jpg"
            if file.exists():
                sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
                source = f"backgrounds/render.py --seed {arguments.seed}"
                table.writerow([name, file.name, kind, name, "background", "CC0-1.0", "synthgen contributors", source, sha256])


main()
