"""Scenes under a roof: corridor, shop, counter, office, lobby."""

from surfaces import ball, box, bricks, column, glass, glow, lamp, look, paint, sky, sun

WALLS = [(0.72, 0.70, 0.64), (0.55, 0.62, 0.66), (0.70, 0.62, 0.48), (0.62, 0.66, 0.56), (0.78, 0.76, 0.74), (0.42, 0.46, 0.50)]
GOODS = [(0.6, 0.05, 0.05), (0.05, 0.15, 0.5), (0.7, 0.5, 0.05), (0.08, 0.35, 0.12), (0.75, 0.75, 0.72), (0.55, 0.2, 0.4),
         (0.1, 0.4, 0.45), (0.65, 0.3, 0.05), (0.06, 0.06, 0.07)]


LAMPS = 3  # lights in a ceiling: few and large ones are traced with little noise


def corridor(rng):
    """A corridor with doors, seen from the ceiling or from eye height."""
    width, depth, height = rng.uniform(2.0, 3.4), rng.uniform(10, 18), rng.uniform(2.5, 3.1)
    mood = _shell(rng, width, depth, height)
    wood, steel = _wood(rng), paint((0.4, 0.4, 0.42), metallic=0.8, roughness=0.35)
    for side in (-1, 1):
        x, y = side * width / 2, rng.uniform(1.5, 3)
        while y < depth - 1.5:
            box(*sorted((x, x - side * 0.05)), y, y + 0.95, 0, 2.1, wood)
            box(*sorted((x, x - side * 0.07)), y - 0.08, y, 0, 2.2, steel)
            box(*sorted((x, x - side * 0.07)), y + 0.95, y + 1.03, 0, 2.2, steel)
            box(*sorted((x - side * 0.05, x - side * 0.12)), y + 0.8, y + 0.84, 0.95, 1.05, steel)
            if rng.random() < 0.6:
                box(*sorted((x, x - side * 0.03)), y + 1.4, y + 2.1, 1.3, 1.8, paint(rng.choice(GOODS), scale=14, spread=0.6))
            y += rng.uniform(2.4, 4)
        box(*sorted((x, x - side * 0.02)), 0, depth, 0, 0.12, wood)
        if rng.random() < 0.5:
            box(*sorted((x, x - side * 0.45)), depth * 0.35, depth * 0.35 + 1.4, 0.42, 0.47, wood)
    box(-width * 0.3, width * 0.3, depth - 0.06, depth - 0.02, 0, 2.2, glass() if mood == "night" else glow((0.8, 0.9, 1.0), 1.6))
    _ceiling_lamps(rng, mood, width, depth, height, rows=1)
    _overlook(rng, width, depth, height)


def shop(rng):
    """Aisles of shelves filled with goods."""
    width, depth, height = rng.uniform(6, 9), rng.uniform(9, 13), rng.uniform(2.9, 3.6)
    mood = _shell(rng, width, depth, height)
    shelf = paint(rng.choice([(0.6, 0.6, 0.6), (0.3, 0.2, 0.12), (0.15, 0.16, 0.18)]))
    for x in (-width / 2 + 0.3, -width * 0.17, width * 0.17, width / 2 - 0.3):
        _shelf(rng, x, rng.uniform(1.2, 2.4), depth - rng.uniform(1, 2.5), shelf, tall=rng.uniform(1.5, 2.0))
    for x in range(4):
        _goods(rng, -width / 2 + 0.6 + x * width / 4, depth - 0.4, width / 5, 0.0, 1.4)
    box(-width * 0.1, width * 0.1, depth * 0.5, depth * 0.5 + 0.04, height - 0.8, height - 0.45, glow(rng.choice(GOODS), 0.8))
    _ceiling_lamps(rng, mood, width, depth, height, rows=2)
    _overlook(rng, width, depth, height)


def counter(rng):
    """A till or reception desk seen from behind or from the customer's side."""
    width, depth, height = rng.uniform(4, 6), rng.uniform(4.5, 7), rng.uniform(2.6, 3.1)
    mood = _shell(rng, width, depth, height)
    top, front = _wood(rng), paint(rng.choice([*WALLS, *GOODS]), roughness=0.5)
    y = depth * rng.uniform(0.4, 0.55)
    box(-width * 0.38, width * 0.38, y, y + 0.6, 0, 1.0, front)
    box(-width * 0.4, width * 0.4, y - 0.06, y + 0.66, 1.0, 1.05, top, bevel=0.01)
    till = rng.uniform(-0.8, 0.8)
    _monitor(rng, till, y + 0.3, 1.05, mood)
    box(till + 0.35, till + 0.75, y + 0.15, y + 0.45, 1.05, 1.16, paint((0.05, 0.05, 0.055)), bevel=0.02)
    for _ in range(rng.randint(4, 9)):
        x = rng.uniform(-width * 0.36, width * 0.36)
        if abs(x - till - 0.2) > 0.7:
            _thing(rng, x, y + rng.uniform(0.1, 0.5), 1.05)
    shelf = _wood(rng)
    for level in range(4):
        z = 0.5 + level * 0.5
        box(-width * 0.45, width * 0.45, depth - 0.35, depth - 0.02, z, z + 0.03, shelf)
        _goods(rng, -width * 0.42, depth - 0.3, width * 0.84, z + 0.03, 0.34, rows=1)
    for x in (-width * 0.25, width * 0.25):
        column(x, y - 0.9, 0.62, 0.68, 0.2, paint((0.3, 0.05, 0.04)))
        column(x, y - 0.9, 0.0, 0.62, 0.03, paint((0.5, 0.5, 0.5), metallic=0.9, roughness=0.3))
    _ceiling_lamps(rng, mood, width, depth, height, rows=1)
    look((rng.uniform(-1.2, 1.2), 0.3, rng.uniform(1.4, height - 0.3)), (rng.uniform(-0.4, 0.4), y + 0.6, 0.95), view=rng.uniform(60, 80))


def office(rng):
    """Desks, monitors, chairs, shelves, and a window wall."""
    width, depth, height = rng.uniform(6, 9), rng.uniform(7, 10), rng.uniform(2.6, 3.0)
    mood = _shell(rng, width, depth, height, windows=True)
    top, steel = _wood(rng), paint((0.25, 0.25, 0.26), metallic=0.6, roughness=0.4)
    cloth = paint(rng.choice([(0.04, 0.05, 0.07), (0.08, 0.12, 0.3), (0.25, 0.05, 0.04), (0.1, 0.1, 0.1)]), roughness=0.9)
    for row in range(rng.randint(2, 3)):
        for place in range(rng.randint(2, 3)):
            x, y = -width * 0.36 + place * width * 0.34, 2.0 + row * 2.3 + rng.uniform(-0.2, 0.2)
            box(x, x + 1.6, y, y + 0.8, 0.70, 0.74, top)
            for dx in (0.04, 1.52):
                for dy in (0.04, 0.72):
                    box(x + dx, x + dx + 0.05, y + dy, y + dy + 0.05, 0, 0.70, steel)
            _monitor(rng, x + 0.8, y + 0.55, 0.74, mood)
            box(x + 0.5, x + 1.0, y + 0.12, y + 0.28, 0.74, 0.76, paint((0.03, 0.03, 0.03)))
            for _ in range(rng.randint(1, 3)):
                _thing(rng, x + rng.choice([0.2, 1.4]), y + rng.uniform(0.15, 0.6), 0.74, small=True)
            _chair(rng, x + 0.8 + rng.uniform(-0.3, 0.3), y - 0.35, cloth, steel)
    _shelf(rng, width / 2 - 0.25, 1.5, depth - 1, top, tall=1.9)
    _ceiling_lamps(rng, mood, width, depth, height, rows=2)
    _overlook(rng, width, depth, height)


def lobby(rng):
    """A lobby with columns, sofas, plants and a desk."""
    width, depth, height = rng.uniform(8, 12), rng.uniform(10, 15), rng.uniform(3.6, 5)
    mood = _shell(rng, width, depth, height, windows=rng.random() < 0.7)
    stone, leaf = paint((0.6, 0.57, 0.52), roughness=0.3, scale=3, spread=0.3), paint((0.05, 0.16, 0.04), spread=0.5, scale=20)
    for x in (-width * 0.3, width * 0.3):
        for y in (depth * 0.3, depth * 0.7):
            column(x, y, 0, height, 0.25, stone)
    cloth = paint(rng.choice(GOODS), roughness=0.9, scale=30)
    for _ in range(rng.randint(2, 4)):
        x, y = rng.choice([-1, 1]) * rng.uniform(1.2, width * 0.38), rng.uniform(2.5, depth * 0.75)
        box(x - 0.9, x + 0.9, y, y + 0.8, 0.12, 0.42, cloth, bevel=0.06)
        box(x - 0.9, x + 0.9, y + 0.65, y + 0.88, 0.3, 0.85, cloth, bevel=0.06)
        box(x - 0.5, x + 0.5, y - 0.9, y - 0.4, 0.38, 0.42, _wood(rng))
    for x in (-width * 0.42, width * 0.42):
        y = rng.uniform(2, depth - 2)
        column(x, y, 0, 0.5, 0.2, paint((0.45, 0.2, 0.1)), top=0.27)
        for _ in range(3):
            ball(x + rng.uniform(-0.2, 0.2), y + rng.uniform(-0.2, 0.2), rng.uniform(0.8, 1.4), 0.35, leaf)
    desk = paint(rng.choice(WALLS), roughness=0.3)
    box(-1.6, 1.6, depth - 2.2, depth - 1.6, 0, 1.1, desk)
    box(-1.7, 1.7, depth - 2.3, depth - 1.6, 1.1, 1.15, _wood(rng))
    _monitor(rng, 0.5, depth - 1.9, 1.15, mood)
    _ceiling_lamps(rng, mood, width, depth, height, rows=2)
    _overlook(rng, width, depth, height)


def _shell(rng, width, depth, height, *, windows=False):
    """Floor, walls, ceiling and the light outside; return the mood: day, lamp or night."""
    mood = rng.choice(["day", "day", "lamp", "lamp", "night"])
    floor = rng.choice([
        lambda: bricks(rng.choice(WALLS), (0.2, 0.2, 0.2), size=rng.choice([0.3, 0.45, 0.6]), offset=0, ratio=1, roughness=0.25),
        lambda: bricks(rng.choice([(0.30, 0.16, 0.07), (0.42, 0.27, 0.14), (0.16, 0.09, 0.05)]), (0.05, 0.03, 0.02), size=1.2, ratio=0.11, gap=0.004, roughness=0.35),
        lambda: paint(rng.choice([(0.16, 0.18, 0.22), (0.25, 0.10, 0.08), (0.20, 0.22, 0.18)]), roughness=0.95, scale=40, spread=0.35),
        lambda: paint((0.42, 0.42, 0.40), roughness=0.35, scale=2.5),
    ])()
    wall = rng.choice([
        lambda: paint(rng.choice(WALLS), roughness=0.8, scale=1.2, spread=0.07),
        lambda: bricks(rng.choice([(0.36, 0.14, 0.09), (0.62, 0.60, 0.55)]), (0.45, 0.43, 0.40), size=0.24, ratio=0.33, upright=True),
        lambda: paint(rng.choice(WALLS), roughness=0.7, scale=3, spread=0.1),
    ])()
    box(-width / 2 - 1, width / 2 + 1, -1.5, depth + 1, -0.1, 0, floor)
    box(-width / 2 - 1, width / 2 + 1, -1.5, depth + 1, height, height + 0.1, paint((0.75, 0.75, 0.73), spread=0.04))
    box(width / 2, width / 2 + 0.1, -1.5, depth, 0, height, wall)
    box(-width / 2, width / 2, -1.5, -1.4, 0, height, wall)
    box(-width / 2, width / 2, depth, depth + 0.1, 0, height, wall)
    if windows:
        _window_wall(rng, width, depth, height, wall, mood)
    else:
        box(-width / 2 - 0.1, -width / 2, -1.5, depth, 0, height, wall)
    return mood


def _window_wall(rng, width, depth, height, wall, mood):
    """Piers with panes between; daylight or dark behind them."""
    x, step = -width / 2, 2.0
    pane = glass() if mood == "night" else glow((0.80, 0.90, 1.0), rng.uniform(1.2, 2.4))
    box(x - 0.1, x, -1.5, depth, 0, 0.8, wall)
    box(x - 0.1, x, -1.5, depth, height - 0.4, height, wall)
    box(x - 0.2, x - 0.15, -1.5, depth, 0.8, height - 0.4, pane)
    y = -1.5
    while y < depth:
        box(x - 0.12, x, y, y + 0.3, 0.8, height - 0.4, wall)
        if mood != "night":
            lamp(x + 0.05, y + 1.1, height * 0.55, rng.uniform(10, 18), size=1.4, colour=(0.85, 0.93, 1.0), target=(x + 3, y + 1.1, 0.5))
        y += step


def _ceiling_lamps(rng, mood, width, depth, height, *, rows):
    """Panels or round lamps; a few in a night scene, warm ones under lamp light."""
    colour = {"day": (1.0, 0.97, 0.92), "lamp": (1.0, 0.76, 0.48), "night": (0.75, 0.85, 1.0)}[mood]
    power = {"day": 1.0, "lamp": 0.85, "night": 0.55}[mood] * rng.uniform(0.8, 1.2)
    panel = glow(colour, 6 * power)
    y, number = 1.2, 0
    while y < depth - 0.5:
        for row in range(rows):
            x = (row + 0.5) / rows * width - width / 2
            if mood != "night" or (number + row) % 3 == 0:
                box(x - 0.3, x + 0.3, y - 0.3, y + 0.3, height - 0.03, height - 0.01, panel)
        y += 2.4
        number += 1
    for place in range(LAMPS):
        where = (place + 0.5) / LAMPS * depth
        lamp(0, where, height - 0.06, 5.0 * power * width * depth / LAMPS, size=min(width, depth / LAMPS) * 0.7, colour=colour)
    sky(colour, {"day": 0.55, "lamp": 0.4, "night": 0.15}[mood])
    if mood == "day":
        sun(rng, 0.5)


def _overlook(rng, width, depth, height):
    """Look along the room from a ceiling corner, or from eye height."""
    if rng.random() < 0.6:
        position = (rng.choice([-1, 1]) * width * 0.36, rng.uniform(-0.9, 0.2), height - 0.25)
        look(position, (-position[0] * 0.3, depth * rng.uniform(0.45, 0.6), 0.4), view=rng.uniform(70, 88))
    else:
        look((rng.uniform(-0.2, 0.2) * width, -1.0, rng.uniform(1.45, 1.75)), (rng.uniform(-0.1, 0.1) * width, depth * 0.7, 1.1), view=rng.uniform(60, 75))


def _wood(rng):
    colour = rng.choice([(0.32, 0.17, 0.07), (0.18, 0.08, 0.035), (0.50, 0.36, 0.20), (0.60, 0.58, 0.54)])
    return paint(colour, roughness=0.4, scale=9, spread=0.3)


def _shelf(rng, x, y0, y1, material, *, tall):
    """A double-sided shelf along y, with goods."""
    box(x - 0.03, x + 0.03, y0, y1, 0, tall, material)
    level = 0.1
    while level < tall - 0.1:
        box(x - 0.28, x + 0.28, y0, y1, level, level + 0.025, material)
        for side in (-0.17, 0.17):
            y = y0 + 0.05
            while y < y1 - 0.15:
                width, colour = rng.uniform(0.08, 0.22), paint(rng.choice(GOODS), scale=18, spread=0.35)
                for _ in range(rng.randint(1, 5)):
                    if y + width < y1:
                        box(x + side - 0.08, x + side + 0.08, y, y + width * 0.93, level + 0.025, level + rng.uniform(0.14, 0.32), colour)
                    y += width
                y += rng.uniform(0, 0.1)
        level += rng.uniform(0.38, 0.46)


def _goods(rng, x, y, width, z, height, *, rows=4):
    """Boxes and bottles in rows along x."""
    for row in range(rows):
        base, left = z + row * height / rows, x
        while left < x + width - 0.1:
            wide, tall = rng.uniform(0.07, 0.2), rng.uniform(0.5, 0.95) * height / rows
            colour = paint(rng.choice(GOODS), scale=18, spread=0.35)
            for _ in range(rng.randint(1, 4)):
                if left + wide > x + width:
                    break
                if rng.random() < 0.3:
                    column(left + wide / 2, y + 0.1, base, base + tall, wide * 0.42, colour, top=wide * 0.2)
                else:
                    box(left, left + wide * 0.92, y, y + 0.2, base, base + tall, colour)
                left += wide


def _thing(rng, x, y, z, *, small=False):
    """A mug, box, stack of paper or pen pot."""
    colour, size = paint(rng.choice(GOODS), scale=12), 0.6 if small else 1.0
    kind = rng.randint(0, 2)
    if kind == 0:
        column(x, y, z, z + 0.11, 0.042, colour)
    elif kind == 1:
        box(x - 0.1 * size, x + 0.1 * size, y - 0.14 * size, y + 0.14 * size, z, z + rng.uniform(0.01, 0.2) * size, colour, turn=rng.uniform(-40, 40))
    else:
        box(x - 0.105, x + 0.105, y - 0.15, y + 0.15, z, z + 0.012, paint((0.8, 0.8, 0.78), spread=0.03), turn=rng.uniform(-30, 30))


def _monitor(rng, x, y, z, mood):
    black = paint((0.02, 0.02, 0.02))
    box(x - 0.27, x + 0.27, y, y + 0.03, z + 0.12, z + 0.46, black)
    screen = glow(rng.choice([(0.25, 0.4, 0.7), (0.7, 0.75, 0.8), (0.2, 0.5, 0.4)]), 0.9) if rng.random() < 0.6 else glass()
    box(x - 0.255, x + 0.255, y - 0.004, y, z + 0.135, z + 0.445, screen)
    box(x - 0.03, x + 0.03, y + 0.01, y + 0.04, z, z + 0.14, black)
    box(x - 0.12, x + 0.12, y - 0.06, y + 0.1, z, z + 0.012, black)


def _chair(rng, x, y, cloth, steel):
    turn = rng.uniform(-60, 60)
    box(x - 0.24, x + 0.24, y - 0.24, y + 0.24, 0.44, 0.52, cloth, turn=turn, bevel=0.03)
    box(x - 0.22, x + 0.22, y - 0.30, y - 0.24, 0.55, 1.0, cloth, turn=turn * 0.2, bevel=0.03)
    column(x, y, 0.08, 0.44, 0.03, steel)
    for angle in (0, 72, 144, 216, 288):
        box(x - 0.28, x + 0.28, y - 0.02, y + 0.02, 0.04, 0.08, steel, turn=angle + turn)
