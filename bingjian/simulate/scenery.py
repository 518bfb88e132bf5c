"""What stands still in the drawn street: sky, houses, lamps, trees, the wet road."""

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

from bingjian.simulate.lettering import letters
from bingjian.simulate.painting import Array, Colour, Layer, blur
from bingjian.simulate.stage import (
    FAR_KERB,
    HEIGHT,
    HOUSES_BOTTOM,
    LAMP,
    NEAR_KERB,
    SNOW,
    WIDTH,
    WINDOW,
    Sprite,
    lighter,
    mix,
)


def standing_scene() -> Layer:
    scene = Layer.empty(WIDTH, HEIGHT)
    _sky(scene)
    _skyline(scene)
    for number, house in enumerate(HOUSES):
        _draw_house(scene, house, np.random.default_rng(100 + number))
    _pavement(scene, HOUSES_BOTTOM, FAR_KERB, 0.9)
    _road(scene)
    _pavement(scene, NEAR_KERB, HEIGHT, 1.25)
    _far_trees(scene)
    for x in LAMPS:
        _street_lamp(scene, x)
    scene.colour[...] = np.clip(scene.colour, 0, 1) * _vignette()
    return scene


def _sky(scene: Layer) -> None:
    rows = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None, None] * HEIGHT / 430
    stops: list[tuple[float, Colour]] = [
        (0.0, (0.055, 0.085, 0.205)),
        (0.35, (0.135, 0.160, 0.345)),
        (0.65, (0.345, 0.270, 0.450)),
        (0.85, (0.690, 0.415, 0.430)),
        (1.0, (0.930, 0.600, 0.400)),
    ]
    column = np.concatenate(
        [np.interp(rows, [at for at, _ in stops], [c[i] for _, c in stops]) for i in range(3)], axis=2
    )
    scene.colour[...] = column.astype(np.float32)
    scene.cover[...] = 1
    random = np.random.default_rng(7)
    for _ in range(70):
        x, y = random.uniform(0, WIDTH), random.uniform(0, 210)
        scene.ellipse((x, y), 1.0, 1.0, (0.9, 0.93, 1.0), float(random.uniform(0.15, 0.7)) * (1 - y / 230))
    clouds = _noise(random, 28, 190)
    streak = np.clip((clouds - 0.52) * 3.2, 0, 0.5)[..., None]
    scene.blend(
        0,
        0,
        streak * np.clip(1.2 - rows, 0, 1),
        mix((0.42, 0.34, 0.50), (0.95, 0.62, 0.52), np.clip(rows, 0, 1)),
    )
    scene.glow((932, 92), 120, (0.75, 0.82, 1.0), 0.20)
    scene.ellipse((932, 92), 24, 24, (0.97, 0.96, 0.90))
    scene.ellipse((922, 86), 21, 21, (0.115, 0.150, 0.315), 0.93)


def _noise(random: np.random.Generator, down: int, across: int) -> Array:
    """Smooth noise of the whole picture's size, 0 to 1, with the given blur radii."""
    field = random.random((HEIGHT, WIDTH)).astype(np.float32)
    for _ in range(2):
        field = blur(blur(field, down, 0), across, 1)
    field -= field.min()
    return field / np.float32(field.max())


def _skyline(scene: Layer) -> None:
    """Two rows of far towers in haze."""
    random = np.random.default_rng(21)
    for base, tone, tallest in ((300, (0.40, 0.33, 0.47), 175), (330, (0.25, 0.235, 0.38), 150)):
        x = -20.0
        while x < WIDTH:
            width, height = random.uniform(34, 84), random.uniform(0.35, 1) * tallest
            top = base - height + 60
            scene.rectangle(x, top, x + width, HOUSES_BOTTOM, tone)
            if random.random() < 0.3:
                scene.line([(x + width / 2, top), (x + width / 2, top - 26)], 2, tone)
                scene.ellipse((x + width / 2, top - 26), 1.8, 1.8, (1.0, 0.25, 0.2))
            for wy in np.arange(top + 8, HOUSES_BOTTOM, 9):
                for wx in np.arange(x + 5, x + width - 6, 7):
                    if random.random() < 0.22:
                        scene.rectangle(
                            wx, wy, wx + 3, wy + 4, (1.0, 0.80, 0.50), float(random.uniform(0.25, 0.7))
                        )
            x += width + random.uniform(-6, 14)
    haze = np.clip((np.arange(HEIGHT, dtype=np.float32) - 190) / 260, 0, 0.42)[:, None, None]
    scene.blend(0, 0, np.broadcast_to(haze, (HEIGHT, WIDTH, 1)), (0.86, 0.56, 0.47))


@dataclass(frozen=True, slots=True)
class House:
    left: int
    width: int
    top: int
    wall: Colour
    columns: int
    floors: int
    shop: str  # the sign; empty: a plain house door
    sign: Colour
    awning: Colour
    roof: str = "flat"  # or "gable", "mansard"


HOUSES = (
    House(-30, 196, 196, (0.300, 0.165, 0.165), 4, 3, "BOOKS", (0.55, 0.95, 1.0), (0.16, 0.40, 0.46)),
    House(166, 170, 236, (0.205, 0.235, 0.330), 3, 2, "", (1.0, 1.0, 1.0), (0.2, 0.2, 0.3), "gable"),
    House(336, 214, 158, (0.335, 0.270, 0.215), 5, 3, "茶 TEA", (1.0, 0.72, 0.30), (0.50, 0.16, 0.14)),
    House(
        550, 160, 250, (0.185, 0.250, 0.255), 3, 2, "BAKERY", (1.0, 0.86, 0.55), (0.52, 0.36, 0.14), "mansard"
    ),
    House(710, 206, 180, (0.275, 0.180, 0.235), 4, 3, "书 MUSIC", (1.0, 0.45, 0.66), (0.36, 0.18, 0.42)),
    House(916, 176, 222, (0.345, 0.225, 0.155), 3, 2, "", (1.0, 1.0, 1.0), (0.2, 0.2, 0.3), "gable"),
    House(1092, 220, 146, (0.180, 0.205, 0.295), 5, 3, "PHARMACY", (0.50, 1.0, 0.66), (0.12, 0.38, 0.26)),
)
LAMPS = (118, 452, 786, 1120)
SHOP_TOP = 392  # row where the ground floor begins


def _draw_house(scene: Layer, house: House, random: np.random.Generator) -> None:
    left, right, top = house.left, house.left + house.width, house.top
    _roof(scene, house)
    scene.rectangle(left, top, right, HOUSES_BOTTOM, house.wall)
    _wall_texture(scene, house, random)
    scene.rectangle(left - 4, top - 7, right + 4, top + 3, lighter(house.wall, 1.25))
    scene.rectangle(left - 5, top - 11, right + 5, top - 6, SNOW, 0.92, 2.5)
    scene.rectangle(left, SHOP_TOP - 7, right, SHOP_TOP - 2, lighter(house.wall, 1.2))
    _windows(scene, house, random)
    if house.shop:
        _shop(scene, house, random)
    else:
        _entrance(scene, house)
    edge = np.linspace(0.34, 0, 16, dtype=np.float32)[None, :, None]
    if right < WIDTH:
        scene.blend(
            right - 16, top, np.broadcast_to(edge[:, ::-1], (HOUSES_BOTTOM - top, 16, 1)), (0.02, 0.02, 0.06)
        )


def _roof(scene: Layer, house: House) -> None:
    left, right, top = house.left, house.left + house.width, house.top
    middle = (left + right) / 2
    tile: Colour = (0.125, 0.120, 0.190)
    if house.roof == "gable":
        scene.rectangle(right - 46, top - 66, right - 26, top - 10, (0.20, 0.13, 0.14))
        scene.rectangle(right - 49, top - 71, right - 23, top - 64, SNOW, 0.9, 3)
        scene.polygon([(left - 8, top), (middle, top - 62), (right + 8, top)], SNOW)
        scene.polygon([(left + 14, top), (middle, top - 50), (right - 14, top)], lighter(house.wall, 0.85))
        scene.ellipse((middle, top - 20), 10, 10, WINDOW, 0.95)
        scene.line([(middle - 10, top - 20), (middle + 10, top - 20)], 1.6, tile)
        scene.line([(middle, top - 30), (middle, top - 10)], 1.6, tile)
    elif house.roof == "mansard":
        scene.polygon(
            [(left - 2, top), (left + 14, top - 48), (right - 14, top - 48), (right + 2, top)], tile
        )
        for x in (left + 42, right - 42):
            scene.rectangle(x - 13, top - 40, x + 13, top, lighter(house.wall, 1.1))
            scene.rectangle(x - 8, top - 33, x + 8, top - 6, WINDOW, 0.92)
            scene.line([(x, top - 33), (x, top - 6)], 1.5, tile)
            scene.polygon([(x - 17, top - 38), (x, top - 52), (x + 17, top - 38)], SNOW)
        scene.rectangle(left + 12, top - 52, right - 12, top - 46, SNOW, 0.95, 3)
    else:
        scene.rectangle(left + 26, top - 42, left + 62, top - 8, lighter(house.wall, 0.7))
        scene.rectangle(left + 24, top - 46, left + 64, top - 41, SNOW, 0.9, 2)
        scene.line([(right - 40, top - 8), (right - 40, top - 58)], 1.6, (0.10, 0.10, 0.15))
        for step in range(3):
            row, inset = top - 52 + step * 8, step * 3
            scene.line([(right - 54 + inset, row), (right - 26 - inset, row)], 1.3, (0.10, 0.10, 0.15))


def _wall_texture(scene: Layer, house: House, random: np.random.Generator) -> None:
    """Courses of brick or render, and the warm light from below."""
    left, right = max(house.left, 0), min(house.left + house.width, WIDTH)
    height, width = HOUSES_BOTTOM - house.top, right - left
    grain = blur(blur(random.random((height, width)).astype(np.float32), 1, 0), 4, 1)
    courses = np.where(np.arange(height) % 6 == 0, 0.10, 0.0).astype(np.float32)[:, None]
    shade = np.clip((grain - 0.5) * 1.1 + courses, 0, 0.3)[..., None]
    scene.blend(left, house.top, shade, (0.02, 0.02, 0.05))
    low = np.linspace(0, 1, height, dtype=np.float32)[:, None, None] ** 3 * 0.20
    scene.blend(left, house.top, np.broadcast_to(low, (height, width, 1)), (0.95, 0.62, 0.35))
    high = np.linspace(1, 0, height, dtype=np.float32)[:, None, None] ** 2 * 0.16
    scene.blend(left, house.top, np.broadcast_to(high, (height, width, 1)), (0.30, 0.34, 0.62))


def _window_places(house: House) -> list[tuple[float, float, float, float]]:
    """(left, top, width, height) of every window above the shop."""
    storey = (SHOP_TOP - 8 - house.top - 8) / house.floors
    pitch = house.width / house.columns
    width, height = min(pitch * 0.52, 30), storey * 0.60
    return [
        (
            house.left + (column + 0.5) * pitch - width / 2,
            house.top + 8 + floor * storey + storey * 0.20,
            width,
            height,
        )
        for floor in range(house.floors)
        for column in range(house.columns)
    ]


def _windows(scene: Layer, house: House, random: np.random.Generator) -> None:
    frame = lighter(house.wall, 1.75)
    for left, top, width, height in _window_places(house):
        right, bottom = left + width, top + height
        scene.rectangle(left - 3, top - 4, right + 3, bottom + 1, frame)
        if random.random() < 0.62:
            _lit_pane(scene, left, top, right, bottom, random)
        else:
            scene.rectangle(left, top, right, bottom, (0.075, 0.090, 0.165))
            scene.polygon(
                [(left, top + height * 0.7), (left, top), (left + width * 0.7, top)], (0.36, 0.33, 0.50), 0.35
            )
        middle = (left + right) / 2
        scene.line([(middle, top), (middle, bottom)], 1.7, frame)
        scene.line([(left, top + height * 0.38), (right, top + height * 0.38)], 1.7, frame)
        scene.rectangle(left - 5, bottom, right + 5, bottom + 4, lighter(house.wall, 1.4))
        scene.rectangle(left - 5, bottom - 1.6, right + 5, bottom + 1.2, SNOW, 0.85, 1)


def _lit_pane(
    scene: Layer, left: float, top: float, right: float, bottom: float, random: np.random.Generator
) -> None:
    """A room with its light on: sometimes curtains, a plant, or somebody's shelf."""
    warm = mix((1.0, 0.70, 0.36), (1.0, 0.88, 0.62), float(random.random()))
    tone: Colour = (float(warm[0]), float(warm[1]), float(warm[2]))
    bright = float(random.uniform(0.72, 1.0))
    scene.rectangle(left, top, right, bottom, lighter(tone, bright))
    scene.glow(((left + right) / 2, top + (bottom - top) * 0.3), (right - left) * 1.5, tone, 0.20 * bright)
    kind = random.integers(0, 5)
    if kind in (0, 1):
        cloth = lighter(tone, 0.62)
        scene.polygon([(left, top), (left + 9, top), (left + 3, bottom), (left, bottom)], cloth, 0.9)
        scene.polygon([(right, top), (right - 9, top), (right - 3, bottom), (right, bottom)], cloth, 0.9)
    elif kind == 2:
        pot = (left + right) / 2 + float(random.uniform(-5, 5))
        scene.rectangle(pot - 4, bottom - 8, pot + 4, bottom, (0.35, 0.17, 0.10))
        for lean in (-6, -2, 3, 7):
            scene.line([(pot, bottom - 8), (pot + lean, bottom - 19)], 2.4, (0.16, 0.25, 0.13))
    elif kind == 3:
        scene.rectangle(left, bottom - (bottom - top) * 0.45, right, bottom, lighter(tone, 0.8))


def _shop(scene: Layer, house: House, random: np.random.Generator) -> None:
    left, right = house.left + 12, house.left + house.width - 12
    window_right, door_right = right - 46, right - 4
    scene.rectangle(left - 6, SHOP_TOP, right + 6, HOUSES_BOTTOM, lighter(house.wall, 0.62))
    glass = (left, SHOP_TOP + 34, window_right, HOUSES_BOTTOM - 12)
    _lit_gradient(scene, glass)
    _goods(scene, glass, random)
    _lit_gradient(scene, (window_right + 8, SHOP_TOP + 34, door_right, HOUSES_BOTTOM))
    frame = lighter(house.awning, 0.8)
    scene.line([(window_right + 8, SHOP_TOP + 34), (window_right + 8, HOUSES_BOTTOM)], 3, frame)
    scene.line([(door_right, SHOP_TOP + 34), (door_right, HOUSES_BOTTOM)], 3, frame)
    scene.line([(door_right - 9, SHOP_TOP + 66), (door_right - 9, SHOP_TOP + 78)], 2.4, frame)
    scene.line([(window_right + 8, HOUSES_BOTTOM - 18), (door_right, HOUSES_BOTTOM - 18)], 2, frame)
    third = (window_right - left) / 3
    for pane in (1, 2):
        scene.line([(left + pane * third, glass[1]), (left + pane * third, glass[3])], 2, frame)
    _awning(scene, left - 8, right + 8, house)
    _sign(scene, house)


def _lit_gradient(scene: Layer, sides: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = (int(side) for side in sides)
    left, right = max(left, 0), min(right, WIDTH)
    rows = np.linspace(0, 1, bottom - top, dtype=np.float32)[:, None, None]
    light = mix((1.0, 0.90, 0.66), (0.93, 0.60, 0.30), rows)
    scene.blend(left, top, np.ones((bottom - top, right - left, 1), np.float32), light)


def _goods(scene: Layer, glass: tuple[float, float, float, float], random: np.random.Generator) -> None:
    """Shelves behind the shop window, with things on them."""
    left, top, right, bottom = glass
    for shelf in (top + 22, bottom - 3):
        x = left + 6.0
        while x < right - 10:
            width, height = random.uniform(4, 10), random.uniform(6, 17)
            tone: Colour = (
                float(random.uniform(0.3, 0.75)),
                float(random.uniform(0.18, 0.45)),
                float(random.uniform(0.1, 0.3)),
            )
            scene.rectangle(x, shelf - height, x + width, shelf, tone, 0.75, 1.5)
            x += width + random.uniform(1, 7)
        scene.line([(left + 2, shelf), (right - 2, shelf)], 1.8, (0.40, 0.24, 0.14))


def _awning(scene: Layer, left: float, right: float, house: House) -> None:
    top, bottom = SHOP_TOP + 24, SHOP_TOP + 44
    stripes = max(int((right - left) // 15), 2)
    width = (right - left) / stripes
    for number in range(stripes):
        x = left + number * width
        tone = house.awning if number % 2 else (0.80, 0.76, 0.74)
        scene.polygon(
            [
                (x + 3, top),
                (x + width + 3 - 6 * (number == stripes - 1), top),
                (x + width, bottom),
                (x, bottom),
            ],
            tone,
        )
        scene.ellipse((x + width / 2, bottom), width / 2, 5, tone)
    scene.rectangle(left + 3, top - 4, right - 3, top + 4, SNOW, 0.95, 3.5)


def _sign(scene: Layer, house: House) -> None:
    """A lettered board above the awning, lit by its own letters."""
    height = 13.0
    width = len(house.shop) * 5.6 * height / 6 - 3
    middle = house.left + house.width / 2
    start = (middle - width / 2, SHOP_TOP + 3.5)
    scene.rectangle(
        start[0] - 12, SHOP_TOP - 2, start[0] + width + 12, SHOP_TOP + 21, (0.06, 0.06, 0.10), 1, 4
    )
    letters(scene, start, house.shop, height, house.sign, 4.6, 0.22)
    letters(scene, start, house.shop, height, lighter(house.sign, 1.1), 2.1)
    scene.glow((middle, SHOP_TOP + 10), width * 0.75 + 24, house.sign, 0.20, 0.45)


def _entrance(scene: Layer, house: House) -> None:
    middle = house.left + house.width / 2
    scene.rectangle(middle - 26, SHOP_TOP + 12, middle + 26, HOUSES_BOTTOM, lighter(house.wall, 1.5))
    scene.rectangle(middle - 18, SHOP_TOP + 36, middle + 18, HOUSES_BOTTOM, (0.16, 0.085, 0.06))
    scene.rectangle(middle - 18, SHOP_TOP + 20, middle + 18, SHOP_TOP + 33, WINDOW)
    scene.line([(middle, SHOP_TOP + 36), (middle, HOUSES_BOTTOM)], 1.4, (0.07, 0.04, 0.03))
    for side in (-1, 1):
        x = middle + side * 40
        scene.glow((x, SHOP_TOP + 34), 42, LAMP, 0.42)
        scene.rectangle(x - 4, SHOP_TOP + 27, x + 4, SHOP_TOP + 40, (1.0, 0.93, 0.76), 1, 2)
        sill, left, right = SHOP_TOP + 82, x + side * 18 - 15, x + side * 18 + 15
        scene.rectangle(left, sill - 30, right, sill, (0.10, 0.10, 0.17))
        scene.rectangle(left - 3, sill, right + 3, sill + 3, SNOW, 0.8)
    scene.polygon(
        [(middle - 34, SHOP_TOP + 12), (middle, SHOP_TOP - 4), (middle + 34, SHOP_TOP + 12)], SNOW, 0.95
    )
    scene.rectangle(middle - 30, HOUSES_BOTTOM - 4, middle + 30, HOUSES_BOTTOM + 3, lighter(house.wall, 1.3))


def _pavement(scene: Layer, top: int, bottom: int, scale: float) -> None:
    random = np.random.default_rng(top)
    rows = np.linspace(0, 1, bottom - top, dtype=np.float32)[:, None, None]
    grain = blur(blur(random.random((bottom - top, WIDTH)).astype(np.float32), 2, 0), 7, 1)[..., None]
    near = top > HOUSES_BOTTOM
    stone = mix((0.23, 0.225, 0.30), (0.155, 0.160, 0.235), rows if near else 1 - rows) + (grain - 0.5) * 0.12
    scene.colour[top:bottom] = np.broadcast_to(stone, (bottom - top, WIDTH, 3))
    y = float(top)
    while y < bottom:
        y += 13 * scale * (1 + (y - top) / 60)
        scene.line([(0, y), (WIDTH, y)], 1.2, (0.09, 0.09, 0.14), 0.5)
    for x in np.arange(-400, WIDTH + 400, 44 * scale):
        lean = (x - WIDTH / 2) * (bottom - top) / 900
        scene.line([(x, top), (x + lean, bottom)], 1.1, (0.09, 0.09, 0.14), 0.45)
    drifts = _noise(np.random.default_rng(top + 1), 9, 60)[top:bottom, :, None]
    scene.blend(0, top, np.clip((drifts - 0.47) * 3.4, 0, 0.72), SNOW)
    kerb = top if near else bottom
    scene.rectangle(0, kerb - 3, WIDTH, kerb + 4, (0.40, 0.41, 0.48))
    scene.rectangle(0, kerb - 4, WIDTH, kerb - 0.5, SNOW, 0.75, 1.5)


def _road(scene: Layer) -> None:
    """Wet asphalt: it mirrors the houses and lamps, broken by grain; slush between the wheel tracks."""
    top, bottom = FAR_KERB + 4, NEAR_KERB - 3
    height = bottom - top
    random = np.random.default_rng(3)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    asphalt = np.broadcast_to(mix((0.135, 0.140, 0.190), (0.075, 0.082, 0.125), rows), (height, WIDTH, 3))
    mirrored = scene.colour[HOUSES_BOTTOM - int(height * 2.1) : HOUSES_BOTTOM][::-1]
    rows_of = np.linspace(0, len(mirrored) - 1, height).astype(int)
    ripple = blur(random.random((height, WIDTH)).astype(np.float32), 14, 1)[..., None]
    mirrored = blur(blur(mirrored[rows_of], 5, 1), 5, 0) * (0.55 + (ripple - 0.5) * 5).clip(0.25, 1)
    grain = (blur(random.random((height, WIDTH)).astype(np.float32), 1, 1)[..., None] - 0.5) * 0.035
    scene.colour[top:bottom] = asphalt * 0.8 + mirrored * (0.62 - 0.34 * rows) + grain
    lane = (top + bottom) / 2 - 8
    for x in range(-40, WIDTH, 112):
        dash = [(x, lane - 1.5), (x + 58, lane - 1.5), (x + 59, lane + 2), (x - 1, lane + 2)]
        scene.polygon(dash, (0.86, 0.86, 0.84), 0.62)
    slush = _noise(random, 3, 130)[top:bottom, :, None]
    row = np.arange(height, dtype=np.float32)[:, None, None]
    bands = sum(
        strength * np.exp(-(((row - at) / width) ** 2))
        for at, width, strength in ((0, 9, 1.0), (height * 0.44, 9, 0.5), (height, 12, 1.0))
    )
    scene.blend(0, top, np.asarray(np.clip((slush - 0.40) * 2.2, 0, 0.65) * bands, np.float32), SNOW)


def _street_lamp(scene: Layer, x: int) -> None:
    head = (x + 30.0, 322.0)
    post: Colour = (0.065, 0.070, 0.100)
    scene.taper([(x, FAR_KERB - 4), (x, 336)], [7, 4], post)
    scene.rectangle(x - 6, FAR_KERB - 22, x + 6, FAR_KERB - 3, post, 1, 2)
    bow = [(x + 15 - 15 * cos(a), 336 - 20 * sin(a)) for a in np.linspace(0, pi * 0.62, 9)]
    scene.line([*bow, (head[0], head[1] - 6)], 3.4, post)
    _light_cone(scene, head)
    scene.glow(head, 190, LAMP, 0.24)
    scene.glow(head, 52, LAMP, 0.72)
    scene.glow((head[0], FAR_KERB - 12), 150, LAMP, 0.34, 0.22)
    scene.glow((head[0], FAR_KERB + 44), 120, LAMP, 0.16, 0.5)
    scene.polygon(
        [
            (head[0] - 15, head[1] + 1),
            (head[0] - 8, head[1] - 9),
            (head[0] + 8, head[1] - 9),
            (head[0] + 15, head[1] + 1),
        ],
        post,
    )
    scene.ellipse((head[0], head[1] + 2), 11, 4.5, (1.0, 0.96, 0.84))
    scene.rectangle(head[0] - 9, head[1] - 12, head[0] + 9, head[1] - 8, SNOW, 0.95, 2)


def _light_cone(scene: Layer, head: tuple[float, float]) -> None:
    """Falling snow makes a lamp's light visible."""
    top, bottom = int(head[1]), FAR_KERB
    y, x = np.mgrid[top:bottom, 0:WIDTH].astype(np.float32)
    depth = (y - top) / (bottom - top)
    away = np.abs(x - head[0]) / (12 + depth * 78)
    light = np.clip(1 - away, 0, 1) ** 1.3 * (1 - depth) ** 1.2 * 0.24
    scene.colour[top:bottom] += light[..., None] * np.asarray(LAMP, np.float32)


def _far_trees(scene: Layer) -> None:
    for number, x in enumerate((322, 930)):
        random = np.random.default_rng(50 + number)
        _branch(scene, random, (x, FAR_KERB - 4), -pi / 2, 52, 8.5, (0.085, 0.070, 0.085))
        for _ in range(46):
            spread = random.normal(0, 30)
            bulb = (x + spread, FAR_KERB - 96 + random.normal(0, 20) + abs(spread) * 0.3)
            scene.glow(bulb, 8, LAMP, 0.55)
            scene.ellipse(bulb, 1.4, 1.4, (1.0, 0.93, 0.74))


def _branch(
    scene: Layer,
    random: np.random.Generator,
    foot: tuple[float, float],
    angle: float,
    length: float,
    weight: float,
    bark: Colour,
) -> None:
    """One branch with its twigs, snow along the upper side of the flat ones."""
    tip = (foot[0] + length * cos(angle), foot[1] + length * sin(angle))
    scene.taper([foot, tip], [weight, weight * 0.66], bark)
    if weight < 5 and abs(cos(angle)) > 0.25:
        lift = weight * 0.45
        scene.line(
            [(foot[0], foot[1] - lift), (tip[0], tip[1] - lift * 0.8)], max(weight * 0.5, 1.1), SNOW, 0.85
        )
    if weight < 1.3:
        return
    for turn in (-0.52, 0.48) if weight < 6 else (-0.62, 0.05, 0.58):
        lean = angle + turn + float(random.normal(0, 0.14))
        _branch(scene, random, tip, lean, length * float(random.uniform(0.62, 0.80)), weight * 0.64, bark)


def _vignette() -> Array:
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    return np.asarray(1 - 0.24 * np.clip(x**2 * 0.7 + y**2 * 0.6 - 0.25, 0, 1), np.float32)[..., None]


def front_layer() -> Layer:
    """A snowy branch and a bench close to the camera."""
    front = Layer.empty(WIDTH, HEIGHT)
    random = np.random.default_rng(11)
    bark: Colour = (0.055, 0.048, 0.070)
    front.taper([(1262, HEIGHT + 10), (1254, 520), (1268, 250), (1290, 60)], [52, 40, 34, 28], bark)
    front.line([(1241, 690), (1237, 520), (1252, 250)], 3, SNOW, 0.35)
    _branch(front, random, (1266, 268), pi * 1.16, 96, 15, bark)
    _branch(front, random, (1276, 150), pi * 1.08, 110, 12, bark)
    _bench(front, 86)
    return front


def _bench(front: Layer, x: float) -> None:
    iron: Colour = (0.07, 0.075, 0.10)
    wood: Colour = (0.235, 0.150, 0.105)
    for foot in (x + 12, x + 148):
        front.line([(foot, 704), (foot + 3, 664), (foot - 4, 622)], 5, iron)
        front.line([(foot + 3, 668), (foot + 20, 706)], 5, iron)
    for row in (628, 641, 654):
        front.rectangle(x, row, x + 160, row + 8, wood, 1, 2)
    front.rectangle(x - 4, 668, x + 168, 677, lighter(wood, 1.25), 1, 3)
    front.rectangle(x - 3, 663, x + 166, 670, SNOW, 0.96, 3.5)
    front.rectangle(x, 623, x + 160, 629, SNOW, 0.96, 3)


def flickering_windows(scene: Layer) -> list["Blink"]:
    """A few windows go dark for part of the loop: somebody leaves a room."""
    chosen = ((0, 5, 60, 190), (2, 8, 150, 330), (4, 2, 230, 380), (6, 11, 20, 120))
    blinks = []
    for house, window, begin, end in chosen:
        left, top, width, height = _window_places(HOUSES[house])[window]
        part = Layer.empty(int(width) + 2, int(height))
        part.rectangle(1, 0, width + 1, height, (0.060, 0.075, 0.150), 0.84)
        blinks.append(Blink(Sprite(part), int(left) - 1, int(top), begin, end))
    return blinks


@dataclass(frozen=True, slots=True)
class Blink:
    sprite: Sprite
    x: int
    y: int
    begin: int
    end: int

    def draw(self, picture: NDArray[np.uint8], number: int) -> None:
        if self.begin <= number < self.end:
            self.sprite.draw(picture, self.x, self.y)
