"""Take the grain out of a path-traced picture without touching its texture.

The light that falls on a surface is noisy and smooth; the colour of the surface is exact and sharp.
Cycles hands out both, so only the light is filtered: a joint bilateral filter (Petschnigg et al.,
SIGGRAPH 2004, eq. 3) whose edges come from the noise-free normals and depth.
"""

import bpy

PASSES = ("diffuse_direct", "diffuse_indirect", "diffuse_color", "glossy_direct", "glossy_indirect", "glossy_color",
          "emit", "environment", "normal", "z")
DEPTH_STEP = 4.0  # metres that part two pixels as much as normals at right angles do


def smooth_light(scene):
    """Make the compositor put the picture together from its passes, with the light smoothed."""
    for name in PASSES:
        setattr(scene.view_layers[0], f"use_pass_{name}", True)
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    layers = tree.nodes.new("CompositorNodeRLayers").outputs
    step = tree.nodes.new("CompositorNodeMath")
    step.operation = "DIVIDE"
    step.inputs[1].default_value = DEPTH_STEP
    tree.links.new(layers["Depth"], step.inputs[0])
    guide = _mix(tree, "ADD", layers["Normal"], step.outputs[0])
    diffuse = _light(tree, guide, layers["DiffDir"], layers["DiffInd"], radius=9)
    glossy = _light(tree, guide, layers["GlossDir"], layers["GlossInd"], radius=4)
    picture = _mix(tree, "MULTIPLY", diffuse, layers["DiffCol"])
    picture = _mix(tree, "ADD", picture, _mix(tree, "MULTIPLY", glossy, layers["GlossCol"]))
    picture = _mix(tree, "ADD", _mix(tree, "ADD", picture, layers["Emit"]), layers["Env"])
    tree.links.new(picture, tree.nodes.new("CompositorNodeComposite").inputs["Image"])


def _light(tree, guide, direct, indirect, *, radius):
    blur = tree.nodes.new("CompositorNodeBilateralblur")
    blur.iterations, blur.sigma_color, blur.sigma_space = 1, 0.15, radius
    tree.links.new(_mix(tree, "ADD", direct, indirect), blur.inputs["Image"])
    tree.links.new(guide, blur.inputs["Determinator"])
    return blur.outputs["Image"]


def _mix(tree, how, first, second):
    node = tree.nodes.new("CompositorNodeMixRGB")
    node.blend_type = how
    tree.links.new(first, node.inputs[1])
    tree.links.new(second, node.inputs[2])
    return node.outputs["Image"]
