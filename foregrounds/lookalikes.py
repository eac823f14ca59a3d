"""Harmless things that a detector may take for a firearm."""

from shapes import block, finish, pin, plate, ridges, rod, rounded, tube


def _paint(rng, *colours):
    return finish(rng.choice(colours), rng)


RED, BLUE, GREEN, YELLOW, BLACK, WHITE, GREY, ORANGE = (
    (0.45, 0.03, 0.03), (0.03, 0.10, 0.40), (0.04, 0.22, 0.08), (0.65, 0.45, 0.03), (0.015, 0.015, 0.016),
    (0.75, 0.75, 0.72), (0.20, 0.20, 0.21), (0.65, 0.20, 0.02),
)


def phone(rng):
    """A phone."""
    plate([(0, 0), (1.5, 0), (1.5, 0.74), (0, 0.74)], 0.09, _paint(rng, BLACK, GREY, WHITE), bevel=0.04)
    plate([(0.08, 0.05), (1.42, 0.05), (1.42, 0.69), (0.08, 0.69)], 0.095, finish("dark", rng), bevel=0.004)


def drill(rng):
    """A cordless drill."""
    body, dark = _paint(rng, YELLOW, GREEN, BLUE, RED), finish("dark", rng)
    rod(-0.3, 1.0, 0.1, 0.32, body, bevel=0.08)
    rod(1.0, 1.4, 0.1, 0.24, dark, end=0.12)
    rod(1.4, 2.0, 0.1, 0.04, finish("stainless", rng))
    plate(rounded([(0.0, -0.1), (0.5, -0.1), (0.36, -1.1), (-0.1, -1.1)], 1), 0.34, body, bevel=0.08)
    block(-0.3, 0.7, -1.5, -1.08, 0.6, dark, bevel=0.06)
    block(0.46, 0.6, -0.5, -0.25, 0.14, dark)


def umbrella(rng):
    """A folded umbrella with a hook."""
    cloth = _paint(rng, BLACK, BLUE, RED, GREEN)
    rod(0.0, 5.0, 0, 0.24, cloth, end=0.07)
    rod(5.0, 5.5, 0, 0.035, finish("stainless", rng))
    tube([(0.0, 0), (-0.9, 0), (-1.5, 0), (-1.7, -0.35), (-1.4, -0.7), (-1.1, -0.5)], 0.09, finish("walnut", rng))
    rod(0.5, 0.62, 0, 0.235, finish("dark", rng))


def torch(rng):
    """A torch."""
    metal = finish(rng.choice(["blued", "stainless", "polymer"]), rng)
    rod(0, 1.7, 0, 0.17, metal)
    ridges(0.3, 1.3, -0.1, 0.1, 9, 0.35, finish("dark", rng))
    rod(1.7, 1.95, 0, 0.17, metal, end=0.3)
    rod(1.95, 2.3, 0, 0.3, metal)
    rod(2.29, 2.305, 0, 0.25, _paint(rng, WHITE))


def stapler(rng):
    """A stapler, half open."""
    paint, dark = _paint(rng, BLACK, RED, BLUE), finish("dark", rng)
    plate(rounded([(0, 0), (2.2, 0), (2.2, 0.1), (0, 0.14)], 1), 0.4, dark, bevel=0.04)
    plate(rounded([(0.0, 0.1), (0.3, 0.2), (2.1, 0.6), (2.15, 0.85), (1.2, 0.8), (0.1, 0.45)]), 0.36, paint, bevel=0.08)
    plate([(0.3, 0.2), (2.05, 0.5), (2.05, 0.6), (0.3, 0.35)], 0.24, finish("stainless", rng), bevel=0.01)


def bottle(rng):
    """A bottle, lying."""
    glass = _paint(rng, (0.02, 0.10, 0.03), (0.16, 0.06, 0.01), BLUE)
    rod(0, 1.9, 0, 0.42, glass, bevel=0.06)
    rod(1.9, 2.4, 0, 0.42, glass, end=0.16)
    rod(2.4, 3.0, 0, 0.16, glass, end=0.15)
    rod(3.0, 3.12, 0, 0.18, finish("brass", rng))
    rod(0.4, 1.5, 0, 0.424, _paint(rng, WHITE, YELLOW, RED))


def hairdryer(rng):
    """A hairdryer."""
    paint, dark = _paint(rng, BLACK, WHITE, RED, GREY), finish("dark", rng)
    rod(-0.4, 0.9, 0.2, 0.5, paint, end=0.36, bevel=0.1)
    rod(0.9, 1.6, 0.2, 0.34, dark, end=0.28)
    rod(-0.44, -0.38, 0.2, 0.4, dark)
    plate(rounded([(0.0, 0.0), (0.45, 0.0), (0.3, -1.5), (-0.1, -1.5)], 1), 0.34, paint, bevel=0.12)
    block(0.28, 0.42, -0.8, -0.4, 0.12, dark)


def wallet(rng):
    """A wallet."""
    leather = _paint(rng, (0.10, 0.04, 0.015), BLACK, (0.25, 0.10, 0.03))
    plate(rounded([(0, 0), (1.2, 0), (1.2, 0.95), (0, 0.95)], 1), 0.16, leather, bevel=0.06)
    plate([(0.1, 0.5), (1.1, 0.5), (1.1, 0.53), (0.1, 0.53)], 0.17, finish("dark", rng), bevel=0.004)


def remote(rng):
    """A remote control."""
    plate(rounded([(0, 0), (1.9, 0), (1.9, 0.5), (0, 0.5)], 1), 0.2, _paint(rng, BLACK, GREY), bevel=0.06)
    for column in range(6):
        for row in range(3):
            pin(0.25 + column * 0.24, 0.13 + row * 0.12, 0.045, 0.23, _paint(rng, WHITE, GREY, RED, BLUE))


def spray_bottle(rng):
    """A trigger spray bottle."""
    paint, head = _paint(rng, BLUE, GREEN, WHITE, ORANGE), _paint(rng, WHITE, RED, BLACK)
    plate(rounded([(-0.4, -2.2), (0.5, -2.2), (0.5, -0.9), (0.16, -0.4), (-0.06, -0.4), (-0.4, -0.9)], 1), 0.6, paint, bevel=0.15)
    plate(rounded([(-0.5, 0.0), (0.9, 0.02), (0.9, 0.24), (-0.3, 0.34)], 1), 0.26, head, bevel=0.06)
    block(-0.1, 0.2, -0.45, 0.02, 0.3, head)
    tube([(0.4, 0.05), (0.5, -0.25), (0.42, -0.6)], 0.06, head)
    rod(0.88, 1.02, 0.13, 0.08, finish("dark", rng))


def hammer(rng):
    """A hammer."""
    steel = finish(rng.choice(["blued", "stainless"]), rng)
    plate(rounded([(0, -0.12), (3.0, -0.09), (3.0, 0.09), (0, 0.13)], 1), 0.2, finish(rng.choice(["beech", "walnut"]), rng), bevel=0.07)
    plate(rounded([(2.85, -0.5), (3.2, -0.5), (3.18, 0.2), (3.1, 0.75), (2.98, 0.75), (2.9, 0.2)], 1), 0.28, steel, bevel=0.05)


def glue_gun(rng):
    """A glue gun."""
    paint, dark = _paint(rng, BLUE, RED, GREEN), finish("dark", rng)
    plate(rounded([(-0.4, 0.25), (1.0, 0.25), (1.1, -0.05), (0.4, -0.15), (0.2, -1.1), (-0.25, -1.1), (-0.2, -0.1), (-0.45, 0.0)], 1),
          0.3, paint, bevel=0.07)
    rod(1.0, 1.35, 0.1, 0.14, dark, end=0.05)
    rod(-1.1, -0.4, 0.1, 0.06, _paint(rng, WHITE))
    tube([(0.45, -0.15), (0.42, -0.4), (0.3, -0.55)], 0.06, dark)


def camera(rng):
    """A camera."""
    body = _paint(rng, BLACK, GREY)
    block(0, 1.5, 0, 0.95, 0.5, body, bevel=0.06)
    block(0.5, 1.0, 0.9, 1.2, 0.4, body, bevel=0.08)
    pin(0.75, 0.45, 0.4, 1.1, finish("polymer", rng))
    pin(0.75, 0.45, 0.3, 1.12, finish("dark", rng))
    pin(1.3, 0.78, 0.06, 0.54, _paint(rng, RED, WHITE))


def pen(rng):
    """A pen."""
    paint = _paint(rng, BLUE, BLACK, RED)
    rod(0, 1.2, 0, 0.06, paint)
    rod(1.2, 1.4, 0, 0.06, finish("stainless", rng), end=0.012)
    plate([(0.02, 0.07), (0.5, 0.07), (0.5, 0.1), (0.02, 0.1)], 0.05, finish("stainless", rng), bevel=0.005)


def mug(rng):
    """A mug."""
    paint = _paint(rng, WHITE, RED, BLUE, YELLOW)
    solid = rod(0, 1.0, 0, 0.42, paint, bevel=0.04)
    solid.rotation_euler, solid.location = (0, 0, 0), (0, 0, 0.5)
    tube([(0.36, 0.85), (0.8, 0.85), (0.85, 0.5), (0.8, 0.15), (0.36, 0.15)], 0.07, paint)
    top = rod(0, 0.02, 0, 0.37, finish("dark", rng))
    top.rotation_euler, top.location = (0, 0, 0), (0, 0, 1.0)


def banana(rng):
    """A banana."""
    tube([(0, 0), (0.15, -0.3), (0.8, -0.65), (1.5, -0.6), (1.9, -0.15)], 0.2, _paint(rng, YELLOW, (0.55, 0.5, 0.04)))
    tube([(1.86, -0.2), (1.98, -0.02), (2.02, 0.14)], 0.08, finish("dark", rng))
    tube([(0.02, 0.0), (-0.03, 0.08)], 0.1, finish("dark", rng))


def scissors(rng):
    """Scissors."""
    steel, grip = finish("stainless", rng), _paint(rng, RED, BLACK, ORANGE)
    plate([(0, 0.0), (1.7, 0.22), (1.72, 0.26), (0, 0.2)], 0.04, steel, bevel=0.008)
    plate([(0, 0.2), (1.72, -0.1), (1.7, -0.06), (0, 0.02)], 0.06, steel, bevel=0.008)
    pin(0.45, 0.11, 0.06, 0.1, finish("dark", rng))
    for z in (0.42, -0.26):
        tube([(0.05, 0.1), (-0.3, z), (-0.9, z + 0.1 * (z > 0)), (-1.05, z * 0.6), (-0.6, z * 0.25), (0.05, 0.1)], 0.07, grip)


def controller(rng):
    """A game controller."""
    paint = _paint(rng, BLACK, WHITE, BLUE)
    plate(rounded([(0, -0.7), (0.25, 0.25), (0.6, 0.45), (1.4, 0.45), (1.75, 0.25), (2.0, -0.7), (1.75, -0.75), (1.35, -0.15),
                   (0.65, -0.15), (0.25, -0.75)]), 0.36, paint, bevel=0.12)
    for x in (0.72, 1.28):
        pin(x, 0.0, 0.12, 0.5, finish("dark", rng))
    for x, z in ((1.5, 0.3), (1.6, 0.2), (1.4, 0.2), (1.5, 0.1)):
        pin(x, z, 0.05, 0.4, _paint(rng, RED, GREEN, YELLOW, BLUE))


def wrench(rng):
    """A spanner."""
    steel = finish(rng.choice(["stainless", "blued"]), rng)
    plate([(0.2, -0.09), (2.4, -0.12), (2.4, 0.12), (0.2, 0.09)], 0.12, steel, bevel=0.03)
    plate(rounded([(2.2, -0.2), (2.6, -0.32), (3.0, -0.2), (2.75, -0.08), (2.75, 0.08), (3.0, 0.2), (2.6, 0.32), (2.2, 0.2)], 1), 0.16, steel, bevel=0.03)
    plate(rounded([(-0.2, 0), (0.0, -0.25), (0.3, -0.25), (0.45, 0), (0.3, 0.25), (0.0, 0.25)], 1), 0.16, steel,
          holes=[rounded([(-0.05, 0), (0.05, -0.12), (0.22, -0.12), (0.3, 0), (0.22, 0.12), (0.05, 0.12)], 1)], bevel=0.03)


def keys(rng):
    """Keys on a ring."""
    metal = finish(rng.choice(["brass", "stainless"]), rng)
    tube([(0, 0), (0.25, 0.28), (0.5, 0), (0.25, -0.28), (0, 0)], 0.03, finish("stainless", rng))
    for turn in (0.0, -0.55):
        plate([(0.4, turn * 0.2), (1.0, turn - 0.05), (1.4, turn * 1.5 - 0.06), (1.5, turn * 1.5 + 0.04), (1.3, turn * 1.4 + 0.1), (0.45, turn * 0.2 + 0.2)],
              0.06, metal, bevel=0.012)


def book(rng):
    """A book."""
    block(0, 1.4, 0, 2.0, 0.3, _paint(rng, RED, BLUE, GREEN, YELLOW), bevel=0.02)
    block(0.05, 1.43, 0.04, 1.96, 0.24, _paint(rng, WHITE), bevel=0.01)
