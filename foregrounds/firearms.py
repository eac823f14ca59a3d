"""Five families of firearm exteriors; each builder draws its proportions and finishes from `rng`.

A builder returns where a hand holds its model: (x, z) of the middle of the grip.
"""

from math import cos, pi, sin

from shapes import block, finish, guard, muzzle, pick, pin, plate, ridges, rod, rounded, tube


def pistol(rng):
    """A self-loading pistol."""
    length, height = rng.uniform(1.55, 2.1), rng.uniform(0.26, 0.32)
    metal = pick(rng, "blued", "stainless", "parkerized", "polymer")
    body = pick(rng, "polymer", "blued", "stainless", "tan", "olive")
    dark, lean, drop = finish("dark", rng), rng.uniform(0.18, 0.38), rng.uniform(0.95, 1.2)
    nose = rng.uniform(0.0, 0.16)
    plate([(0, 0), (length, 0), (length, height - nose), (length - nose, height), (0.05, height), (0, height - 0.06)],
          0.26, metal, bevel=0.035)
    ridges(0.10, 0.42, 0.04, height - 0.04, rng.randint(5, 9), 0.275, dark, slant=rng.choice([0, 0.05]))
    plate([(length * 0.46, 0.13), (length * 0.66, 0.13), (length * 0.66, height - 0.03), (length * 0.46, height - 0.03)],
          0.268, dark, bevel=0.003)
    frame_end = length * rng.uniform(0.82, 0.96)
    grip = [(-0.06, 0.0), (frame_end, 0.0), (frame_end, -0.15), (0.72, -0.17), (0.52, -0.24),
            (0.48 - lean, -drop), (-0.02 - lean, -drop - 0.04), (-0.08 - lean * 0.6, -0.62), (0.0, -0.22), (-0.14, -0.06)]
    plate(rounded(grip, 1), 0.25, body, bevel=0.05)
    panel = pick(rng, "walnut", "polymer", "beech", "olive")
    plate(rounded([(0.03, -0.26), (0.42, -0.28), (0.40 - lean * 0.85, -drop + 0.12), (0.04 - lean * 0.85, -drop + 0.08)], 1),
          0.30, panel, bevel=0.03)
    for x, z in ((0.21, -0.38), (0.22 - lean * 0.8, -drop + 0.22)):
        pin(x, z, 0.03, 0.31, metal)
    block(-0.02 - lean, 0.50 - lean, -drop - 0.08, -drop + 0.03, 0.24, dark)
    guard(0.56, 1.04, -0.48, -0.14, 0.035, body)
    tip = length + rng.uniform(0.01, 0.09)
    rod(length - 0.02, tip, height * 0.45, 0.075, metal)
    muzzle(tip, height * 0.45, 0.045, dark)
    block(0.04, 0.14, height, height + 0.06, 0.14, dark, bevel=0.01)
    block(length - 0.14, length - 0.06, height, height + 0.05, 0.04, dark, bevel=0.008)
    if rng.random() < 0.5:
        plate(rounded([(-0.14, 0.02), (0.0, 0.02), (-0.04, 0.2), (-0.12, 0.24), (-0.18, 0.16)]), 0.08, metal, bevel=0.01)
    if rng.random() < 0.3:
        ridges(length * 0.72, frame_end, -0.19, -0.15, 5, 0.2, dark)
    return 0.24 - lean * 0.5, -0.62


def revolver(rng):
    """A revolver with a swing-out cylinder."""
    barrel, drop = rng.uniform(0.55, 1.6), rng.uniform(0.85, 1.1)
    metal, grip = pick(rng, "blued", "stainless", "parkerized"), pick(rng, "walnut", "beech", "polymer")
    dark = finish("dark", rng)
    frame = [(-0.10, 0.24), (0.72, 0.26), (0.72, -0.20), (0.5, -0.26), (0.12, -0.24), (0.02, -0.44), (-0.2, -0.36), (-0.22, 0.0)]
    window = [(0.16, 0.14), (0.58, 0.14), (0.58, -0.14), (0.16, -0.14)]
    plate(rounded(frame, 1), 0.20, metal, holes=[window], bevel=0.04)
    rod(0.15, 0.59, 0.0, 0.205, metal, bevel=0.02)
    for turn in range(6):
        angle = turn * pi / 3 + 0.5
        rod(0.32, 0.60, 0.19 * sin(angle), 0.045, dark, y=0.19 * cos(angle), bevel=0.01)
    rod(0.66, 0.72 + barrel, 0.14, 0.085, metal, end=0.075)
    muzzle(0.725 + barrel, 0.14, 0.045, dark)
    if rng.random() < 0.7:
        plate([(0.70, 0.08), (0.70 + barrel * rng.uniform(0.5, 1.0), 0.06), (0.70 + barrel * 0.5, -0.04), (0.70, -0.05)],
              0.11, metal, bevel=0.03)
    plate([(0.60, 0.22), (0.72 + barrel, 0.21), (0.72 + barrel, 0.25), (0.60, 0.27)], 0.06, metal, bevel=0.01)
    sight = 0.72 + barrel
    plate([(sight - 0.2, 0.24), (sight - 0.02, 0.24), (sight - 0.04, 0.34)], 0.03, dark, bevel=0.004)
    guard(0.08, 0.52, -0.52, -0.22, 0.032, metal)
    curve = rng.uniform(0.2, 0.42)
    plate(rounded([(-0.02, -0.18), (-0.24, -0.06), (-0.3, -0.3), (-0.36 - curve, -drop), (-0.10 - curve, -drop - 0.12),
                   (0.14 - curve, -drop + 0.02), (0.0, -0.5), (0.06, -0.3)]), 0.27, grip, bevel=0.08)
    pin(-0.15 - curve * 0.4, -0.55, 0.035, 0.285, metal)
    plate(rounded([(-0.16, 0.1), (-0.06, 0.16), (-0.16, 0.36), (-0.32, 0.38), (-0.22, 0.28)]), 0.09, metal, bevel=0.015)
    return -0.15 - curve * 0.4, -0.55


def shotgun(rng):
    """A pump-action or double-barrelled shotgun."""
    barrel, metal = rng.uniform(3.2, 5.0), pick(rng, "blued", "parkerized", "stainless")
    wood, dark, double = pick(rng, "walnut", "beech", "polymer", "olive"), finish("dark", rng), rng.random() < 0.35
    plate(rounded([(-0.7, 0.2), (0.55, 0.24), (0.55, -0.2), (-0.4, -0.26), (-0.75, -0.05)], 1), 0.3, metal, bevel=0.05)
    if double:
        for y in (-0.12, 0.12):
            rod(0.5, 0.5 + barrel, 0.1, 0.115, metal, y=y, end=0.1)
            rod(0.48 + barrel, 0.504 + barrel, 0.1, 0.08, dark, y=y, bevel=0)
        plate(rounded([(0.55, 0.0), (1.8, 0.0), (1.75, -0.14), (0.55, -0.24)], 1), 0.36, wood, bevel=0.07)
    else:
        rod(0.5, 0.5 + barrel, 0.12, 0.105, metal)
        muzzle(0.5 + barrel, 0.12, 0.075, dark)
        tail = 0.5 + barrel * rng.uniform(0.6, 0.85)
        rod(0.5, tail, -0.10, 0.095, metal)
        rod(tail, tail + 0.08, -0.10, 0.11, dark)
        start = rng.uniform(0.9, 1.3)
        rod(start, start + rng.uniform(0.9, 1.2), -0.10, 0.17, wood, bevel=0.04)
        for number in range(6):
            pin(start + 0.14 + number * 0.13, -0.10, 0.03, 0.345, dark)
        plate([(-0.2, 0.06), (0.35, 0.06), (0.35, 0.17), (-0.2, 0.17)], 0.31, dark, bevel=0.004)
    rod(0.46 + barrel, 0.5 + barrel, 0.24, 0.025, pick(rng, "brass"))
    guard(-0.42, 0.12, -0.56, -0.2, 0.035, metal)
    _stock(rng, wood, dark, start=-0.5)
    return -0.85, -0.22


def rifle(rng):
    """A bolt-action rifle, or a self-loading one with a magazine."""
    return _hunting_rifle(rng) if rng.random() < 0.45 else _carbine(rng)


def submachine_gun(rng):
    """A compact automatic: tube or box receiver, long magazine, short barrel."""
    metal, body, dark = pick(rng, "blued", "parkerized", "polymer"), pick(rng, "polymer", "parkerized", "olive"), finish("dark", rng)
    length, boxy = rng.uniform(2.2, 2.9), rng.random() < 0.5
    if boxy:
        block(0, length, -0.2, 0.26, 0.34, metal, bevel=0.05)
        ridges(0.3, length - 0.2, -0.16, -0.04, rng.randint(6, 12), 0.36, dark)
    else:
        rod(0, length, 0.06, 0.2, metal)
        block(0.1, length * 0.7, -0.24, 0.0, 0.26, body, bevel=0.04)
        rod(length * 0.55, length, 0.06, 0.24, body, bevel=0.04)
    tip = length + rng.uniform(0.35, 0.9)
    rod(length - 0.02, tip, 0.06, 0.075, metal)
    muzzle(tip, 0.06, 0.045, dark)
    place, long, lean = rng.choice([0.62, length * 0.62]), rng.uniform(1.0, 1.5), rng.uniform(-0.05, 0.3)
    plate(rounded([(place, -0.2), (place + 0.36, -0.2), (place + 0.38 + lean * 0.4, -0.2 - long * 0.6),
                   (place + 0.34 + lean, -0.2 - long), (place + lean, -0.16 - long), (place + 0.02 + lean * 0.4, -0.2 - long * 0.6)], 1),
          0.17, metal, bevel=0.03)
    if place > 0.8:
        guard(0.62, 1.06, -0.56, -0.2, 0.035, body)
    else:
        guard(1.0, 1.4, -0.54, -0.2, 0.035, body)
    plate(rounded([(0.28, -0.18), (0.64, -0.18), (0.46, -0.95), (0.10, -0.95)], 1), 0.24, body, bevel=0.06)
    for x in (0.25, length - 0.2):
        plate([(x, 0.24), (x + 0.14, 0.24), (x + 0.10, 0.42), (x + 0.04, 0.42)], 0.06, dark, bevel=0.01)
    if rng.random() < 0.6:
        tube([(0.05, 0.12), (-0.9, 0.14), (-1.25, 0.1), (-1.3, -0.35), (-1.15, -0.45)], 0.045, metal)
        tube([(0.05, -0.1), (-0.8, -0.2), (-1.2, -0.38)], 0.04, metal)
    else:
        _stock(rng, body, dark, start=0.05, long=1.5)
    return 0.37, -0.58


def _hunting_rifle(rng):
    wood, metal, dark = pick(rng, "walnut", "beech", "polymer", "olive"), pick(rng, "blued", "stainless"), finish("dark", rng)
    barrel = rng.uniform(3.4, 4.4)
    fore = barrel * rng.uniform(0.45, 0.8)
    plate(rounded([(-0.7, 0.0), (fore, 0.05), (fore + 0.1, -0.06), (fore - 0.05, -0.16), (0.3, -0.3), (-0.5, -0.3)], 1),
          0.3, wood, bevel=0.08)
    rod(-0.6, 0.7, 0.12, 0.12, metal)
    rod(0.6, 0.7 + barrel, 0.13, 0.09, metal, end=0.06)
    muzzle(0.7 + barrel, 0.13, 0.035, dark)
    tube([(-0.42, 0.1), (-0.45, 0.0), (-0.5, -0.18)], 0.035, metal)
    pin(-0.5, -0.2, 0.07, 0.14, metal)
    guard(-0.35, 0.15, -0.58, -0.28, 0.03, metal)
    _stock(rng, wood, dark, start=-0.5)
    if rng.random() < 0.6:
        rod(-0.6, 1.1, 0.45, 0.10, dark)
        rod(1.0, 1.4, 0.45, 0.10, dark, end=0.17)
        rod(-0.9, -0.55, 0.45, 0.15, dark, end=0.11)
        pin(0.2, 0.45, 0.08, 0.32, dark)
        for x in (-0.25, 0.7):
            block(x, x + 0.12, 0.18, 0.42, 0.1, dark)
    return -0.85, -0.22


def _carbine(rng):
    metal, body, dark = pick(rng, "parkerized", "blued"), pick(rng, "polymer", "tan", "olive", "walnut", "beech"), finish("dark", rng)
    hand = rng.uniform(1.1, 1.8)
    plate(rounded([(-0.6, 0.28), (0.9, 0.28), (0.9, -0.16), (0.6, -0.3), (-0.3, -0.3), (-0.6, -0.1)], 1), 0.28, metal, bevel=0.04)
    plate([(0.1, 0.08), (0.55, 0.08), (0.55, 0.2), (0.1, 0.2)], 0.29, dark, bevel=0.004)
    plate(rounded([(0.88, 0.26), (0.9 + hand, 0.2), (0.9 + hand, -0.06), (0.88, -0.14)], 1), 0.3, body, bevel=0.07)
    ridges(1.05, 0.8 + hand, 0.02, 0.1, rng.randint(4, 8), 0.305, dark)
    tip = 0.9 + hand + rng.uniform(0.8, 1.5)
    rod(0.9 + hand - 0.05, tip, 0.08, 0.06, metal)
    rod(tip - 0.28, tip, 0.08, 0.085, dark)
    muzzle(tip, 0.08, 0.045, metal)
    post = 0.95 + hand
    plate([(post, 0.1), (post + 0.24, 0.1), (post + 0.16, 0.48), (post + 0.08, 0.48)], 0.06, metal, bevel=0.012)
    bend, long = rng.uniform(0.0, 0.55), rng.uniform(0.9, 1.3)
    plate(rounded([(0.28, -0.26), (0.72, -0.26), (0.78 + bend * 0.35, -0.26 - long * 0.55), (0.84 + bend, -0.26 - long),
                   (0.44 + bend, -0.34 - long), (0.34 + bend * 0.3, -0.26 - long * 0.55)], 1), 0.17, metal, bevel=0.03)
    plate(rounded([(-0.5, -0.24), (-0.12, -0.24), (-0.36, -0.95), (-0.72, -0.92)], 1), 0.24, body, bevel=0.06)
    guard(-0.16, 0.26, -0.54, -0.28, 0.03, metal)
    if rng.random() < 0.5:
        plate([(-0.4, 0.26), (0.5, 0.26), (0.4, 0.52), (-0.3, 0.52)], 0.1, metal,
              holes=[[(-0.2, 0.32), (0.3, 0.32), (0.24, 0.44), (-0.16, 0.44)]], bevel=0.02)
    else:
        block(-0.5, 0.85, 0.28, 0.34, 0.16, dark)
        if rng.random() < 0.6:
            rod(-0.2, 0.4, 0.52, 0.15, dark)
            block(0.0, 0.2, 0.32, 0.5, 0.12, dark)
    _stock(rng, body, dark, start=-0.55, long=rng.uniform(1.5, 2.0))
    return -0.43, -0.6


def _stock(rng, material, dark, *, start, long=None):
    """A shoulder stock that reaches back from `start`, with a butt pad."""
    long = long or rng.uniform(2.2, 2.7)
    drop, comb = rng.uniform(0.25, 0.5), rng.uniform(0.0, 0.12)
    back = start - long
    plate(rounded([(start + 0.1, 0.14), (start - 0.5, -0.02), (start - 0.8, 0.06 + comb), (back, -0.1 - drop * 0.3 + comb),
                   (back + 0.06, -0.75 - drop), (back + 0.3, -0.74 - drop), (start - 0.6, -0.4 - drop * 0.3), (start + 0.1, -0.26)], 2),
          0.27, material, bevel=0.09)
    plate(rounded([(back - 0.06, -0.1 - drop * 0.3 + comb), (back + 0.06, -0.12 - drop * 0.3 + comb),
                   (back + 0.12, -0.74 - drop), (back, -0.76 - drop)], 1), 0.26, dark, bevel=0.03)
