"""Shapes and finishes from which every model is put together. Side view: x to the muzzle, z up; 1 unit = 10 cm."""

import math
import random

import bpy

FINISHES = {
    "blued": ((0.022, 0.025, 0.032), 0.85, 0.32),
    "stainless": ((0.50, 0.50, 0.49), 0.95, 0.30),
    "parkerized": ((0.060, 0.064, 0.060), 0.5, 0.55),
    "polymer": ((0.018, 0.018, 0.019), 0.0, 0.50),
    "tan": ((0.30, 0.21, 0.12), 0.0, 0.55),
    "olive": ((0.085, 0.095, 0.05), 0.0, 0.55),
    "walnut": ((0.15, 0.055, 0.020), 0.0, 0.38),
    "beech": ((0.34, 0.17, 0.07), 0.0, 0.42),
    "dark": ((0.004, 0.004, 0.004), 0.0, 0.8),
    "brass": ((0.55, 0.36, 0.10), 0.95, 0.35),
}


def finish(name, rng):
    """Return the material `name`, with a tint and a grain of its own; wood has rings."""
    colour, metallic, roughness = FINISHES[name] if name in FINISHES else (name, 0.0, 0.45)
    material = bpy.data.materials.new(str(name))
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    shader = nodes["Principled BSDF"]
    tint = [min(1.0, channel * rng.uniform(0.8, 1.25)) for channel in colour]
    shader.inputs["Metallic"].default_value = metallic
    shader.inputs["Roughness"].default_value = min(0.9, roughness * rng.uniform(0.85, 1.2))
    coordinates, noise, ramp = (nodes.new(f"ShaderNode{kind}") for kind in ("TexCoord", "TexNoise", "ValToRGB"))
    mapping, bump = nodes.new("ShaderNodeMapping"), nodes.new("ShaderNodeBump")
    wood = name in ("walnut", "beech")
    mapping.inputs["Scale"].default_value = (1.2, 9.0, 9.0) if wood else (14.0, 14.0, 14.0)
    noise.inputs["Scale"].default_value = 2.5
    noise.inputs["Detail"].default_value = 6.0
    spread = 0.45 if wood else 0.18
    ramp.color_ramp.elements[0].color = (*[channel * (1 - spread) for channel in tint], 1)
    ramp.color_ramp.elements[1].color = (*[min(1.0, channel * (1 + spread)) for channel in tint], 1)
    bump.inputs["Strength"].default_value = 0.05 if metallic > 0.6 else 0.15
    bump.inputs["Distance"].default_value = 0.02
    links.new(coordinates.outputs["Object"], mapping.inputs["Vector"])
    links.new(mapping.outputs["Vector"], noise.inputs["Vector"])
    links.new(noise.outputs["Fac"], ramp.inputs["Fac"])
    links.new(noise.outputs["Fac"], bump.inputs["Height"])
    links.new(ramp.outputs["Color"], shader.inputs["Base Color"])
    links.new(bump.outputs["Normal"], shader.inputs["Normal"])
    return material


def rounded(points, times=2):
    """Cut the corners of a closed outline (Chaikin 1974)."""
    for _ in range(times):
        pairs = zip(points, [*points[1:], points[0]])
        points = [
            (ax + (bx - ax) * share, ay + (by - ay) * share) for (ax, ay), (bx, by) in pairs for share in (0.25, 0.75)
        ]
    return points


def plate(outline, thickness, material, *, holes=(), bevel=0.03, y=0.0):
    """Extrude an outline (x, z) to `thickness`, edges rounded by `bevel`; holes are true holes."""
    curve = bpy.data.curves.new("plate", "CURVE")
    curve.dimensions, curve.fill_mode = "2D", "BOTH"
    curve.extrude, curve.bevel_depth, curve.bevel_resolution = max(0.001, thickness / 2 - bevel), bevel, 2
    curve.offset = -bevel
    for loop in (outline, *holes):
        spline = curve.splines.new("POLY")
        spline.points.add(len(loop) - 1)
        for point, (x, z) in zip(spline.points, loop):
            point.co = (x, z, 0.0, 1.0)
        spline.use_cyclic_u = True
    return _place(bpy.data.objects.new("plate", curve), material, (0.0, y, 0.0), (math.pi / 2, 0.0, 0.0))


def rod(x0, x1, z, radius, material, *, y=0.0, end=None, bevel=0.01):
    """A cylinder along x from x0 to x1; `end` is the radius at x1."""
    bpy.ops.mesh.primitive_cone_add(
        vertices=40, radius1=radius, radius2=radius if end is None else end, depth=x1 - x0, location=(0, 0, 0)
    )
    solid = bpy.context.object
    _soften(solid, min(bevel, radius / 3))
    return _place(solid, material, ((x0 + x1) / 2, y, z), (0.0, math.pi / 2, 0.0), linked=True)


def pin(x, z, radius, length, material):
    """A cylinder across the body: screws, pins, knobs, wheels."""
    bpy.ops.mesh.primitive_cylinder_add(vertices=32, radius=radius, depth=length, location=(0, 0, 0))
    solid = bpy.context.object
    _soften(solid, min(0.01, radius / 4))
    return _place(solid, material, (x, 0.0, z), (math.pi / 2, 0.0, 0.0), linked=True)


def block(x0, x1, z0, z1, width, material, *, y=0.0, bevel=0.02):
    """A box with rounded edges."""
    bpy.ops.mesh.primitive_cube_add(size=1.0)
    solid = bpy.context.object
    solid.scale = (x1 - x0, width, z1 - z0)
    bpy.ops.object.transform_apply(location=False, rotation=False, scale=True)
    _soften(solid, bevel)
    return _place(solid, material, ((x0 + x1) / 2, y, (z0 + z1) / 2), (0.0, 0.0, 0.0), linked=True)


def tube(points, radius, material):
    """A round bar along a path of (x, z): hooks, handles, guards, stocks of wire."""
    curve = bpy.data.curves.new("tube", "CURVE")
    curve.dimensions, curve.bevel_depth, curve.bevel_resolution = "3D", radius, 4
    curve.use_fill_caps = True
    spline = curve.splines.new("NURBS")
    spline.points.add(len(points) - 1)
    for point, (x, z) in zip(spline.points, points):
        point.co = (x, 0.0, z, 1.0)
    spline.use_endpoint_u, spline.order_u = True, 3
    return _place(bpy.data.objects.new("tube", curve), material, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))


def ridges(x0, x1, z0, z1, count, width, material, *, slant=0.0):
    """Thin upright bars on both faces: serrations, grip lines, vents."""
    step = (x1 - x0) / max(1, count)
    for number in range(count):
        left = x0 + number * step
        outline = [(left, z0), (left + step * 0.45, z0), (left + step * 0.45 + slant, z1), (left + slant, z1)]
        plate(outline, width, material, bevel=0.004)


def guard(x0, x1, z0, z1, radius, material):
    """A trigger guard: a bent bar, open inside."""
    middle = (x0 + x1) / 2
    tube([(x0, z1), (x0, z0 + 0.05), (middle, z0 - 0.04), (x1, z0 + 0.05), (x1, z1)], radius, material)
    tube([(middle - 0.02, z1), (middle + 0.05, z1 - 0.12), (middle, z0 + 0.12)], radius * 0.8, material)


def muzzle(x, z, radius, dark):
    """The dark mouth of a tube that ends at x."""
    rod(x - 0.02, x + 0.004, z, radius, dark, bevel=0.0)


def pick(rng, *names):
    """Return the finish chosen among `names`."""
    return finish(rng.choice(names), rng)


def new_random(*name):
    """Return the generator called `name`."""
    return random.Random("/".join(map(str, name)))


def _soften(solid, width):
    for polygon in solid.data.polygons:
        polygon.use_smooth = True
    solid.data.use_auto_smooth = True
    if width > 0:
        modifier = solid.modifiers.new("bevel", "BEVEL")
        modifier.width, modifier.segments, modifier.limit_method = width, 2, "ANGLE"


def _place(solid, material, location, rotation, *, linked=False):
    if not linked:
        bpy.context.collection.objects.link(solid)
    solid.data.materials.clear()
    solid.data.materials.append(material)
    solid.location, solid.rotation_euler = location, rotation
    return solid
