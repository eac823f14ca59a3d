"""Surfaces, solids and lamps from which every scene is put together. Metres; z up; the camera looks along +y."""

import math
import random

import bpy
from mathutils import Vector


def new_random(*name):
    """Return the generator called `name`."""
    return random.Random("/".join(map(str, name)))


def paint(colour, *, roughness=0.6, metallic=0.0, spread=0.15, scale=6.0):
    """A colour with blotches: plaster, carpet, metal, cloth."""
    material, nodes, links, shader = _material(roughness, metallic)
    noise, ramp = nodes.new("ShaderNodeTexNoise"), nodes.new("ShaderNodeValToRGB")
    noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = scale, 8.0
    ramp.color_ramp.elements[0].position, ramp.color_ramp.elements[1].position = 0.3, 0.7
    ramp.color_ramp.elements[0].color = (*[value * (1 - spread) for value in colour], 1)
    ramp.color_ramp.elements[1].color = (*[min(1, value * (1 + spread)) for value in colour], 1)
    links.new(_coordinates(nodes), noise.inputs["Vector"])
    links.new(noise.outputs["Fac"], ramp.inputs["Fac"])
    links.new(ramp.outputs["Color"], shader.inputs["Base Color"])
    return material


def bricks(colour, mortar, *, size=0.6, gap=0.012, roughness=0.6, offset=0.5, ratio=0.5, upright=False):
    """Courses: brick walls, floor tiles (offset 0, ratio 1), boards (ratio 0.15)."""
    material, nodes, links, shader = _material(roughness, 0.0)
    brick, bump = nodes.new("ShaderNodeTexBrick"), nodes.new("ShaderNodeBump")
    brick.offset = offset
    values = {"Scale": 1.0, "Brick Width": size, "Row Height": size * ratio, "Mortar Size": gap, "Bias": 0.0}
    for name, value in values.items():
        brick.inputs[name].default_value = value
    brick.inputs["Color1"].default_value = (*[value * 0.85 for value in colour], 1)
    brick.inputs["Color2"].default_value = (*[min(1, value * 1.12) for value in colour], 1)
    brick.inputs["Mortar"].default_value = (*mortar, 1)
    vector = _coordinates(nodes)
    if upright:  # brick courses lie in the texture's xy plane; walls stand in xz and yz
        split, join, add = (nodes.new(f"ShaderNode{kind}") for kind in ("SeparateXYZ", "CombineXYZ", "Math"))
        links.new(vector, split.inputs[0])
        links.new(split.outputs[0], add.inputs[0])
        links.new(split.outputs[1], add.inputs[1])
        links.new(add.outputs[0], join.inputs[0])
        links.new(split.outputs[2], join.inputs[1])
        vector = join.outputs[0]
    links.new(vector, brick.inputs["Vector"])
    bump.inputs["Strength"].default_value, bump.inputs["Distance"].default_value = 0.4, 0.01
    links.new(brick.outputs["Fac"], bump.inputs["Height"])
    links.new(bump.outputs["Normal"], shader.inputs["Normal"])
    links.new(brick.outputs["Color"], shader.inputs["Base Color"])
    return material


def glass(colour=(0.02, 0.025, 0.03)):
    """A dark pane that mirrors: windows, screens; cheap to trace."""
    material, _, _, shader = _material(0.06, 0.0)
    shader.inputs["Base Color"].default_value = (*colour, 1)
    shader.inputs["Specular"].default_value = 0.8
    return material


def glow(colour, strength):
    """A surface that shines: lamps, lit windows, signs, monitors."""
    material = bpy.data.materials.new("glow")
    material.use_nodes = True
    nodes = material.node_tree.nodes
    nodes.clear()
    emission, output = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeOutputMaterial")
    emission.inputs["Color"].default_value, emission.inputs["Strength"].default_value = (*colour, 1), strength
    material.node_tree.links.new(emission.outputs[0], output.inputs[0])
    material.cycles.sample_as_light = False  # lamps give the light; a panel is only seen
    return material


def box(x0, x1, y0, y1, z0, z1, material, *, turn=0.0, bevel=0.0):
    """A box between the given corners, turned about its middle by `turn` degrees."""
    corners = [(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    size = (x1 - x0, y1 - y0, z1 - z0)
    mesh = bpy.data.meshes.new("box")
    mesh.from_pydata([tuple(c * s for c, s in zip(corner, size)) for corner in corners], [], faces)
    solid = bpy.data.objects.new("box", mesh)
    solid.location, solid.rotation_euler = ((x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2), (0, 0, math.radians(turn))
    solid.data.materials.append(material)
    bpy.context.collection.objects.link(solid)
    if bevel:
        modifier = solid.modifiers.new("bevel", "BEVEL")
        modifier.width, modifier.segments = bevel, 3
    return solid


def column(x, y, z0, z1, radius, material, *, top=None, lying=False):
    """A cylinder or cone, upright, or lying along x."""
    bpy.ops.mesh.primitive_cone_add(
        vertices=24, radius1=radius, radius2=radius if top is None else top, depth=z1 - z0, location=(x, y, (z0 + z1) / 2)
    )
    solid = bpy.context.object
    if lying:
        solid.rotation_euler = (0, math.pi / 2, 0)
    for polygon in solid.data.polygons:
        polygon.use_smooth = len(polygon.vertices) == 4
    solid.data.materials.append(material)
    return solid


def ball(x, y, z, radius, material):
    """A lumpy ball: bushes and tree crowns."""
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=3, radius=radius, location=(x, y, z))
    solid = bpy.context.object
    texture = bpy.data.textures.new("lumps", "CLOUDS")
    texture.noise_scale = radius * 0.35
    modifier = solid.modifiers.new("lumps", "DISPLACE")
    modifier.texture, modifier.strength = texture, radius * 0.7
    solid.data.materials.append(material)
    return solid


def lamp(x, y, z, power, *, size=0.6, colour=(1, 1, 1), target=None):
    """An area lamp that shines down, or at `target`."""
    data = bpy.data.lights.new("lamp", "AREA")
    data.energy, data.size, data.color = power, size, colour
    source = bpy.data.objects.new("lamp", data)
    source.location = (x, y, z)
    if target is not None:
        source.rotation_euler = (Vector(target) - Vector((x, y, z))).to_track_quat("-Z", "Y").to_euler()
    bpy.context.collection.objects.link(source)


def sun(rng, strength=3.0, *, low=25, high=65):
    """Daylight from a drawn height and side, in degrees."""
    data = bpy.data.lights.new("sun", "SUN")
    data.energy, data.angle, data.color = strength, math.radians(2), (1.0, 0.95, 0.86)
    source = bpy.data.objects.new("sun", data)
    source.rotation_euler = (math.radians(90 - rng.uniform(low, high)), 0, math.radians(rng.uniform(-70, 70)))
    bpy.context.collection.objects.link(source)


def sky(colour, strength):
    """Light from everywhere."""
    background = bpy.context.scene.world.node_tree.nodes["Background"]
    background.inputs[0].default_value, background.inputs[1].default_value = (*colour, 1), strength


def look(position, target, *, view=65.0):
    """Put the camera at `position`, looking at `target`, with a horizontal angle of `view` degrees."""
    scene = bpy.context.scene
    scene.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.camera.data.angle = math.radians(view)
    scene.camera.location = position
    scene.camera.rotation_euler = (Vector(target) - Vector(position)).to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(scene.camera)


def _material(roughness, metallic):
    material = bpy.data.materials.new("surface")
    material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Roughness"].default_value, shader.inputs["Metallic"].default_value = roughness, metallic
    return material, material.node_tree.nodes, material.node_tree.links, shader


def _coordinates(nodes):
    """World coordinates, so that patterns keep their size in metres on every solid."""
    return nodes.new("ShaderNodeNewGeometry").outputs["Position"]
