"""Render the starter pack's cutouts: 45 firearms and 21 harmless things, three orientations each.

    blender --background --python foregrounds/render.py -- --seed 7 --output foregrounds [--only pistol-03]

Every model is built from its family, the seed and its number, so any picture can be rendered
again alone. The catalog is written anew from the files that lie in the folder; for the grips of firearms
their models are built again and turned as they were, which takes seconds, as nothing is rendered.
"""

import argparse
import csv
import hashlib
import math
import struct
import sys
from pathlib import Path

import bpy
from mathutils import Euler, Vector

sys.path.insert(0, str(Path(__file__).parent))
import firearms
import lookalikes
from shapes import new_random

FAMILIES = {"pistol": 14, "revolver": 8, "shotgun": 7, "rifle": 9, "submachine_gun": 7}
CATEGORIES = {"pistol": "handgun"}
LOOKALIKES = (
    "phone drill umbrella torch stapler bottle hairdryer wallet remote spray_bottle hammer glue_gun camera pen mug "
    "banana scissors controller wrench keys book"
).split()
ORIENTATIONS = {"a": (0, 6, 4), "b": (-32, 10, -8), "c": (34, -9, 9)}
CANVAS, FILLED, MARGIN = 440, 400, 4
STEPS = 64  # levels a channel is rounded to: half the bytes of a PNG, no difference to see
COLUMNS = ("id", "file", "category", "group", "role", "licence", "author", "source", "sha256", "length_m", "grip")
LENGTHS = {  # metres, of the long side seen from the side
    "handgun": 0.19, "revolver": 0.24, "submachine_gun": 0.55, "rifle": 0.95, "shotgun": 1.05,
    "phone": 0.15, "drill": 0.24, "umbrella": 0.85, "torch": 0.22, "stapler": 0.15, "bottle": 0.24, "hairdryer": 0.25,
    "wallet": 0.11, "remote": 0.18, "spray-bottle": 0.27, "hammer": 0.33, "glue-gun": 0.17, "camera": 0.13, "pen": 0.14,
    "mug": 0.12, "banana": 0.19, "scissors": 0.2, "controller": 0.16, "wrench": 0.25, "keys": 0.1, "book": 0.23,
}


def main():
    """Render what the command line asks for, then write the catalog."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else [])
    for name, build in models():
        if name.startswith(arguments.only):
            render_model(name, build, arguments)
    write_catalog(arguments)


def models():
    """Yield (name, builder) of every model."""
    for family, count in FAMILIES.items():
        for number in range(count):
            yield f"{family.replace('_', '-')}-{number:02d}", getattr(firearms, family)
    for thing in LOOKALIKES:
        yield thing.replace("_", "-"), getattr(lookalikes, thing)


def render_model(name, build, arguments):
    """Render the three orientations of one model, unless they lie there already."""
    files = {key: arguments.output / f"{name}-{key}.png" for key in ORIENTATIONS}
    if all(file.exists() for file in files.values()) and not arguments.only:
        return
    empty_scene()
    build(new_random(arguments.seed, name, "model"))
    root = gather()
    for key in ORIENTATIONS:
        rng = new_random(arguments.seed, name, key)
        turn(root, key, rng)
        light(rng)
        aim()
        bpy.context.scene.render.filepath = str(files[key].resolve())
        bpy.ops.render.render(write_still=True)
        trim(files[key])


def turn(root, key, rng):
    """Turn a model into one of the orientations, a little off."""
    yaw, roll, pitch = ORIENTATIONS[key]
    root.rotation_euler = Euler([math.radians(angle + rng.uniform(-6, 6)) for angle in (roll, pitch, yaw)])


def grips(name, build, arguments):
    """Return where the grip of a firearm lies in each of its pictures: "x,y", shares of width and height.

    A picture is trimmed around the model, so both have one middle.
    """
    empty_scene()
    x, z = build(new_random(arguments.seed, name, "model"))
    bpy.context.view_layer.update()
    low, high = model_bounds()
    root = gather()
    grip = bpy.data.objects.new("grip", None)
    bpy.context.collection.objects.link(grip)
    grip.location, grip.parent = Vector((x, 0, z)) - (low + high) / 2, root
    found = {}
    for key in ORIENTATIONS:
        turn(root, key, new_random(arguments.seed, name, key))
        aim()
        low, high = model_bounds()
        away = (grip.matrix_world.translation - (low + high) / 2) * FILLED / max(high.x - low.x, high.z - low.z)
        width, height = size_of(arguments.output / f"{name}-{key}.png")
        found[key] = f"{0.5 + away.x / width:.3f},{0.5 - away.z / height:.3f}"
    return found


def size_of(file):
    """Return width and height, which stand at the head of a PNG."""
    return struct.unpack(">II", file.read_bytes()[16:24])


def empty_scene():
    """Start from nothing, with Cycles on the CPU and a transparent film."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.device = "CYCLES", "CPU"
    scene.cycles.samples, scene.cycles.use_denoising, scene.cycles.max_bounces = 48, False, 3
    scene.cycles.sample_clamp_indirect = 2.0
    scene.render.film_transparent = True
    scene.render.resolution_x = scene.render.resolution_y = CANVAS
    scene.render.image_settings.file_format, scene.render.image_settings.color_mode = "PNG", "RGBA"
    scene.view_settings.view_transform = "Standard"
    scene.world = bpy.data.worlds.new("world")
    scene.world.use_nodes = True


def gather():
    """Hang all parts on one empty at their common middle and return it."""
    bpy.context.view_layer.update()
    parts = list(bpy.context.scene.objects)
    low, high = bounds(parts)
    root = bpy.data.objects.new("root", None)
    bpy.context.collection.objects.link(root)
    root.location = (low + high) / 2
    bpy.context.view_layer.update()
    for part in parts:
        part.parent = root
        part.matrix_parent_inverse = root.matrix_world.inverted()
    root.location = (0, 0, 0)
    return root


def bounds(parts):
    """Return the corners of the tight box around `parts` in world coordinates."""
    graph = bpy.context.evaluated_depsgraph_get()
    solids = [part.evaluated_get(graph) for part in parts]
    corners = [solid.matrix_world @ vertex.co for solid in solids for vertex in solid.to_mesh().vertices]
    low = Vector([min(corner[axis] for corner in corners) for axis in range(3)])
    return low, Vector([max(corner[axis] for corner in corners) for axis in range(3)])


def light(rng):
    """Set a key, a fill and a rim light, of a mood drawn from `rng`."""
    for lamp in [thing for thing in bpy.context.scene.objects if thing.type == "LIGHT"]:
        bpy.data.objects.remove(lamp)
    side, warmth = rng.choice([-1, 1]), rng.uniform(0.85, 1.0)
    power = rng.uniform(0.75, 1.3)
    for location, energy, size in (
        ((3 * side, -6, 6), 900 * power, 4),
        ((-5 * side, -5, 1), 260 * power, 6),
        ((-2 * side, 5, 5), 500 * power, 3),
    ):
        data = bpy.data.lights.new("lamp", "AREA")
        data.energy, data.size, data.color = energy, size, (1.0, warmth, warmth**2)
        lamp = bpy.data.objects.new("lamp", data)
        lamp.location = location
        lamp.rotation_euler = (-Vector(location)).to_track_quat("-Z", "Y").to_euler()
        bpy.context.collection.objects.link(lamp)
    background = bpy.context.scene.world.node_tree.nodes["Background"]
    background.inputs[0].default_value = (0.75, 0.8, 0.9, 1)
    background.inputs[1].default_value = rng.uniform(0.35, 0.6)


def model_bounds():
    """Return the corners of the box around what is rendered."""
    return bounds([thing for thing in bpy.context.scene.objects if thing.type in ("MESH", "CURVE")])


def aim():
    """Look along +y, orthographic, so that the model's long side spans FILLED pixels."""
    scene = bpy.context.scene
    bpy.context.view_layer.update()
    low, high = model_bounds()
    if scene.camera is None:
        scene.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
        scene.collection.objects.link(scene.camera)
    scene.camera.data.type = "ORTHO"
    scene.camera.data.ortho_scale = max(high.x - low.x, high.z - low.z) * CANVAS / FILLED
    middle = (low + high) / 2
    scene.camera.location, scene.camera.rotation_euler = (middle.x, -30, middle.z), (math.pi / 2, 0, 0)


def trim(file):
    """Cut the picture to its alpha, MARGIN pixels around it, and pack it well."""
    picture = bpy.data.images.load(str(file.resolve()))
    width, height = picture.size
    pixels = picture.pixels[:]
    alpha = pixels[3::4]
    rows = [row for row in range(height) if max(alpha[row * width : (row + 1) * width]) > 0.02]
    columns = [column for column in range(width) if max(alpha[column::width]) > 0.02]
    bottom, top = max(0, rows[0] - MARGIN), min(height, rows[-1] + 1 + MARGIN)
    left, right = max(0, columns[0] - MARGIN), min(width, columns[-1] + 1 + MARGIN)
    cut = bpy.data.images.new("cut", right - left, top - bottom, alpha=True)
    cut.pixels = [
        round(value * (STEPS - 1)) / (STEPS - 1)
        for row in range(bottom, top)
        for value in pixels[4 * (row * width + left) : 4 * (row * width + right)]
    ]
    cut.filepath_raw, cut.file_format = str(file.resolve()), "PNG"
    cut.save()
    bpy.data.images.remove(picture)
    bpy.data.images.remove(cut)


def write_catalog(arguments):
    """Write catalog.csv for the files that are there."""
    firearm_names = {f"{family.replace('_', '-')}-{number:02d}": family for family, n in FAMILIES.items() for number in range(n)}
    with (arguments.output / "catalog.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(COLUMNS)
        for name, build in models():
            family = firearm_names.get(name)
            grip = grips(name, build, arguments) if family else {}
            category = CATEGORIES.get(family, family) if family else name
            for key in ORIENTATIONS:
                file = arguments.output / f"{name}-{key}.png"
                if file.exists():
                    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
                    role = "target" if family else "distractor"
                    source = f"foregrounds/render.py --seed {arguments.seed}"
                    length = round(LENGTHS[category] * math.cos(math.radians(ORIENTATIONS[key][0])), 3)  # foreshortened
                    identity = (f"{name}-{key}", file.name, category, name, role)
                    table.writerow([*identity, "CC0-1.0", "synthgen contributors", source, sha256, length, grip.get(key, "")])


main()
