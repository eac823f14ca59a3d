"""Scenes outdoors and below: street, car park."""

from surfaces import ball, box, bricks, column, glass, glow, lamp, look, paint, sky, sun

FACADES = [(0.42, 0.17, 0.11), (0.60, 0.52, 0.40), (0.66, 0.64, 0.60), (0.30, 0.32, 0.34), (0.55, 0.38, 0.24), (0.35, 0.42, 0.45)]
CARS = [(0.45, 0.02, 0.02), (0.02, 0.06, 0.25), (0.6, 0.6, 0.6), (0.02, 0.02, 0.022), (0.75, 0.75, 0.75), (0.05, 0.15, 0.09)]
AWNINGS = [(0.5, 0.05, 0.05), (0.04, 0.2, 0.1), (0.05, 0.1, 0.35), (0.6, 0.45, 0.05)]


def street(rng):
    """A street between facades, with pavements, cars, lamps and trees."""
    mood, half = rng.choice(["day", "day", "dusk", "night"]), rng.uniform(3.0, 4.5)
    length, side = 70, half + rng.uniform(2.0, 3.2)
    asphalt = paint((0.075, 0.075, 0.08), roughness=0.85 if mood != "night" else 0.35, scale=5, spread=0.35)
    slabs = bricks((0.34, 0.33, 0.31), (0.18, 0.18, 0.17), size=0.6, offset=0.5, ratio=1)
    white = paint((0.7, 0.7, 0.68), spread=0.2)
    box(-half, half, -6, length, -0.1, 0.0, asphalt)
    for direction in (-1, 1):
        box(*sorted((direction * half, direction * (side + 0.5))), -6, length, -0.1, 0.13, slabs)
        box(*sorted((direction * half, direction * (half + 0.15))), -6, length, -0.05, 0.14, paint((0.5, 0.5, 0.48)))
        _facades(rng, direction, side, length, mood)
        _lamps(rng, direction * (half + 0.5), length, mood)
    for number in range(20):
        box(-0.06, 0.06, number * 4.0, number * 4.0 + 2.0, 0.0, 0.004, white)
    if rng.random() < 0.5:
        for number in range(int(half * 2 / 0.9)):
            box(-half + 0.2 + number * 0.9, -half + 0.65 + number * 0.9, 8, 11, 0.0, 0.005, white)
    for _ in range(rng.randint(2, 6)):
        _car(rng, rng.choice([-1, 1]) * (half - 1.05), rng.uniform(6, 34), mood, along=True)
    if rng.random() < 0.6:
        leaf, bark = paint((0.06, 0.15, 0.035), spread=0.6, scale=12), paint((0.10, 0.07, 0.05))
        for y in range(rng.randint(5, 9), 45, 11):
            x = rng.choice([-1, 1]) * (half + 0.9)
            column(x, y, 0, 2.6, 0.12, bark, top=0.09)
            for _ in range(4):
                ball(x + rng.uniform(-0.6, 0.6), y + rng.uniform(-0.6, 0.6), rng.uniform(2.9, 4.2), rng.uniform(0.7, 1.1), leaf)
    _outdoor_light(rng, mood)
    x = rng.uniform(-1, 1) * side * 0.7
    height = rng.choice([rng.uniform(1.5, 1.8), rng.uniform(3.2, 5.0)])
    look((x, -4, height), (rng.uniform(-1.5, 1.5), 14, 1.2), view=rng.uniform(58, 75))


def car_park(rng):
    """An open or a covered car park."""
    return _garage(rng) if rng.random() < 0.5 else _lot(rng)


def _lot(rng):
    mood = rng.choice(["day", "dusk", "night"])
    box(-40, 40, -10, 70, -0.1, 0, paint((0.10, 0.10, 0.105), roughness=0.8, scale=3, spread=0.35))
    white = paint((0.68, 0.68, 0.66), spread=0.2)
    for row, y in enumerate((5, 15, 25)):
        for place in range(-7, 8):
            x = place * 2.6
            box(x - 0.05, x + 0.05, y, y + 5, 0, 0.004, white)
            if rng.random() < 0.45:
                _car(rng, x + 1.3, y + 2.5 + rng.uniform(-0.3, 0.3), mood, along=True)
    for x in (-13, 0, 13):
        _lamp_post(rng, x, 21, mood)
        _lamp_post(rng, x + 5, 11.5, mood)
    _facades(rng, 1, 0, 60, mood, across=34)
    leaf = paint((0.05, 0.13, 0.03), spread=0.6, scale=12)
    for number in range(14):
        ball(-22 + number * 3.3 + rng.uniform(-1, 1), 32.5, 0.5, rng.uniform(0.6, 1.0), leaf)
    _outdoor_light(rng, mood)
    look((rng.uniform(-6, 6), -3, rng.uniform(3.5, 6)), (rng.uniform(-2, 2), 14, 0.3), view=rng.uniform(60, 78))


def _garage(rng):
    width, depth, height = 18, 34, rng.uniform(2.6, 3.0)
    concrete = paint((0.40, 0.39, 0.37), roughness=0.8, scale=1.5, spread=0.2)
    stripe = paint(rng.choice([(0.6, 0.45, 0.04), (0.05, 0.2, 0.45), (0.5, 0.06, 0.04), (0.08, 0.3, 0.12)]))
    box(-width / 2, width / 2, -4, depth, -0.1, 0, paint((0.26, 0.26, 0.255), roughness=0.35, scale=2, spread=0.25))
    box(-width / 2, width / 2, -4, depth, height, height + 0.2, concrete)
    for x in (-width / 2, width / 2):
        box(x - 0.1, x + 0.1, -4, depth, 0, height, concrete)
        box(x - 0.12, x + 0.12, -4, depth, 0.9, 1.15, stripe)
    box(-width / 2, width / 2, depth, depth + 0.1, 0, height, concrete)
    white, lit = paint((0.7, 0.7, 0.68)), glow((1.0, 0.95, 0.82), 7)
    for y in range(0, depth, 5):
        for x in (-3.4, 3.4):
            box(x - 0.25, x + 0.25, y, y + 0.5, 0, height, concrete)
            box(x - 0.26, x + 0.26, y - 0.01, y + 0.51, 0.1, 1.0, stripe)
        if rng.random() < 0.8:
            box(-0.06, 0.06, y + 1.5, y + 2.9, height - 0.06, height - 0.02, lit)
            lamp(0, y + 2.2, height - 0.1, rng.uniform(110, 190), size=1.2, colour=(1.0, 0.93, 0.78))
    for x in (-8.6, 3.8):
        for place in range(11):
            y = place * 2.6
            box(x, x + 4.8, y, y + 0.08, 0, 0.004, white)
            if rng.random() < 0.5:
                _car(rng, x + 2.4, y + 1.3, "night", along=False)
    sky((0.9, 0.9, 1.0), 0.3)
    look((rng.uniform(-2, 2), -2.5, rng.uniform(1.5, height - 0.25)), (rng.uniform(-1.5, 1.5), 12, 0.8), view=rng.uniform(65, 85))


def _facades(rng, direction, side, length, mood, *, across=None):
    """A row of houses along the street, or across it at y = `across`."""
    place = -8.0
    end = length if across is None else 30
    place = place if across is None else -30.0
    while place < end:
        wide, tall, colour = rng.uniform(6, 11), rng.uniform(6, 13), rng.choice(FACADES)
        wall = bricks(colour, (0.4, 0.38, 0.35), size=0.26, ratio=0.33, upright=True) if rng.random() < 0.5 else paint(colour, roughness=0.9, scale=1.5)
        _house(rng, direction, side, place, wide, tall, wall, mood, across)
        place += wide


def _house(rng, direction, side, place, wide, tall, wall, mood, across):
    def solid(u0, u1, depth0, depth1, z0, z1, material):
        """A box on the facade: u along it, depth out of it towards the street."""
        if across is not None:
            return box(u0, u1, across - depth1, across - depth0, z0, z1, material)
        x = sorted((direction * (side - depth0), direction * (side - depth1)))
        return box(x[0], x[1], u0, u1, z0, z1, material)

    solid(place, place + wide, -4, 0, 0, tall, wall)
    solid(place, place + wide, 0, 0.25, tall - 0.3, tall, paint((0.5, 0.48, 0.44)))
    frame, dark = paint((0.65, 0.64, 0.6)), glass()
    shopfront = rng.random() < 0.55
    lit = {"day": 0.0, "dusk": 0.35, "night": 0.3}[mood]
    columns = max(2, int(wide / 2.1))
    for floor in range(int((tall - 0.6) / 2.9)):
        for number in range(columns):
            u, z = place + (number + 0.5) * wide / columns, floor * 2.9 + 1.0
            if floor == 0 and shopfront:
                continue
            solid(u - 0.62, u + 0.62, 0.0, 0.07, z - 0.07, z + 1.52, frame)
            pane = glow((1.0, rng.uniform(0.65, 0.85), 0.45), rng.uniform(0.8, 2.0)) if rng.random() < lit else dark
            solid(u - 0.53, u + 0.53, 0.0, 0.09, z, z + 1.45, pane)
            solid(u - 0.02, u + 0.02, 0.0, 0.11, z, z + 1.45, frame)
    if shopfront:
        pane = glow((1.0, 0.85, 0.6), 1.6) if mood != "day" else dark
        solid(place + 0.5, place + wide - 1.8, 0.0, 0.06, 0.5, 2.4, pane)
        solid(place + wide - 1.5, place + wide - 0.5, 0.0, 0.06, 0.05, 2.3, paint(rng.choice(AWNINGS)))
        solid(place + 0.3, place + wide - 0.3, 0.0, 0.18, 2.5, 3.0, paint(rng.choice(AWNINGS), roughness=0.4))
        if rng.random() < 0.5:
            solid(place + 0.4, place + wide - 1.7, 0.0, 1.0, 2.42, 2.5, paint(rng.choice(AWNINGS), roughness=0.9))
    else:
        solid(place + wide * 0.42, place + wide * 0.42 + 1.0, 0.0, 0.1, 0.1, 2.2, paint((0.12, 0.07, 0.04)))


def _lamps(rng, x, length, mood):
    for y in range(rng.randint(2, 8), length, 16):
        _lamp_post(rng, x, y, mood, reach=-0.9 if x > 0 else 0.9)


def _lamp_post(rng, x, y, mood, *, reach=0.6):
    metal = paint((0.12, 0.13, 0.13), metallic=0.6, roughness=0.5)
    column(x, y, 0, 4.8, 0.07, metal, top=0.045)
    box(*sorted((x, x + reach)), y - 0.03, y + 0.03, 4.75, 4.82, metal)
    end = x + reach
    on = mood != "day"
    box(end - 0.22, end + 0.22, y - 0.1, y + 0.1, 4.68, 4.75, glow((1.0, 0.72, 0.38), 14) if on else paint((0.6, 0.6, 0.6)))
    if on:
        lamp(end, y, 4.6, 420 if mood == "night" else 180, size=0.4, colour=(1.0, 0.70, 0.36))


def _car(rng, x, y, mood, *, along):
    """A saloon car: body, cabin, panes, wheels and lights."""
    colour, dark = paint(rng.choice(CARS), roughness=0.25, metallic=0.3, spread=0.03), paint((0.015, 0.015, 0.015))
    pane, half, width = glass(), rng.uniform(2.0, 2.25), rng.uniform(0.84, 0.9)

    def solid(u0, u1, v0, v1, z0, z1, material, bevel=0.0):
        corners = (x + v0, x + v1, y + u0, y + u1) if along else (x + u0, x + u1, y + v0, y + v1)
        return box(*corners, z0, z1, material, bevel=bevel)

    solid(-half, half, -width, width, 0.28, 0.88, colour, 0.16)
    solid(-half * 0.52, half * 0.42, -width * 0.88, width * 0.88, 0.8, 1.40, pane, 0.2)
    solid(-half * 0.42, half * 0.30, -width * 0.82, width * 0.82, 1.34, 1.44, colour, 0.05)
    for u in (-half * 0.63, half * 0.63):
        for v in (-width + 0.06, width - 0.06):
            wheel = column(0, 0, -0.1, 0.1, 0.32, dark, lying=True)
            wheel.location = (x + v, y + u, 0.32) if along else (x + u, y + v, 0.32)
            wheel.rotation_euler = (0, 1.5708, 0) if along else (1.5708, 0, 0)
    for end, tint in ((-1, (0.5, 0.01, 0.01)), (1, (0.8, 0.8, 0.75))):
        shine = glow(tint, 1.0) if mood != "day" and rng.random() < 0.3 else paint(tint, roughness=0.2)
        for v in (-width * 0.75, width * 0.5):
            solid(*sorted((end * (half - 0.02), end * (half + 0.01))), v, v + width * 0.25, 0.62, 0.75, shine)
    solid(-half - 0.012, -half, -0.26, 0.26, 0.45, 0.57, paint((0.8, 0.75, 0.4)))


def _outdoor_light(rng, mood):
    if mood == "day":
        overcast = rng.random() < 0.4
        sky((0.70, 0.80, 0.95) if not overcast else (0.8, 0.82, 0.85), rng.uniform(0.7, 1.0))
        sun(rng, 0.6 if overcast else 3.2)
    elif mood == "dusk":
        sky((0.42, 0.36, 0.52), rng.uniform(0.25, 0.4))
        sun(rng, 0.7, low=6, high=14)
    else:
        sky((0.05, 0.07, 0.13), rng.uniform(0.3, 0.5))
