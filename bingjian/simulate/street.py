"""A drawn street at dusk in light snow: cars, walking figures, lit windows, a running clock.

The footage of simulated cameras where no real one is at hand, and of every screenshot: nobody in it exists. The
scene repeats without a seam after ``LOOP_SECONDS``: everything that moves is, at the end, where it or its twin
was at the start. Everything is drawn from fixed seeds, so two machines draw the same street.
"""

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

from bingjian.simulate.painting import Array, Colour, Layer, blur, letters

WIDTH, HEIGHT = 1280, 720
FRAME_RATE = 25
LOOP_SECONDS = (
    16  # whole numbers of AAC frames at 16 kHz and 48 kHz, of G.711 packets and of key-frame intervals
)
LOOP_FRAMES = LOOP_SECONDS * FRAME_RATE

HOUSES_BOTTOM, FAR_KERB, NEAR_KERB = 492, 520, 630  # rows: foot of the houses, road from … to
FAR_LANE, NEAR_LANE = 566, 612  # rows on which the wheels stand
SNOW: Colour = (0.80, 0.86, 0.97)
LAMP: Colour = (1.0, 0.80, 0.50)
WINDOW: Colour = (1.0, 0.78, 0.44)


class Street:
    """Draws any picture of the loop. Making one takes about a second (the standing parts), a picture about 5 ms."""

    def __init__(self) -> None:
        scene = _standing_scene()
        self._ground = _as_bytes(scene.colour)
        self._flicker = _flickering_windows(scene)
        self._front = _Sprite(_front_layer())
        self._cars = _cars()
        self._walkers = _walkers()
        self._snow = _Snow()
        self._caption = _Sprite(_caption())
        self._digits = {character: _Sprite(_digit(character)) for character in "0123456789:."}

    def picture(self, number: int) -> NDArray[np.uint8]:
        """Picture ``number`` (modulo the loop) as RGB, shape (720, 1280, 3)."""
        number %= LOOP_FRAMES
        picture = self._ground.copy()
        for window in self._flicker:
            window.draw(picture, number)
        for walker in self._walkers[0]:
            walker.draw(picture, number)
        for car in self._cars:
            car.draw(picture, number)
        for walker in self._walkers[1]:
            walker.draw(picture, number)
        self._front.draw(picture, 0, 0)
        self._snow.draw(picture, number)
        self._overlay(picture, number)
        return picture

    def _overlay(self, picture: NDArray[np.uint8], number: int) -> None:
        """What cameras write into their pictures: time (it runs with the loop) and name."""
        seconds, frame = divmod(number, FRAME_RATE)
        clock = f"18:30:{seconds:02d}.{frame * 10 // FRAME_RATE}"
        for place, character in enumerate(clock):
            self._digits[character].draw(picture, 28 + place * 20, 24)
        self._caption.draw(picture, WIDTH - self._caption.width - 28, HEIGHT - 48)


class _Sprite:
    """A layer ready to be put over a picture of bytes at any place, between pixels too."""

    def __init__(self, layer: Layer) -> None:
        self.width, self.height = layer.width, layer.height
        self._colour = layer.colour * 255
        self._clear = 1 - layer.cover
        self._parts = self._tiles(layer)

    def _tiles(self, layer: Layer) -> list[tuple[int, int, Array, Array]]:
        """Only the tiles that hold something: a large, mostly empty layer stays cheap."""
        tiles = []
        for top in range(0, layer.height, 80):
            for left in range(0, layer.width, 80):
                part = np.s_[top : top + 80, left : left + 80]
                if layer.cover[part].any() or layer.colour[part].any():
                    tiles.append((left, top, self._colour[part], self._clear[part]))
        return tiles

    def draw(self, picture: NDArray[np.uint8], x: float, y: int) -> None:
        """Put the left upper corner at (x, y); parts outside the picture are cut."""
        if x == int(x):
            for left, top, colour, clear in self._parts:
                _over(picture, int(x) + left, y + top, colour, clear)
            return
        whole = int(np.floor(x))
        part = np.float32(x - whole)
        _over(picture, whole, y, _shifted(self._colour, part, 0), _shifted(self._clear, part, 1))


def _shifted(field: Array, part: np.float32, edge: float) -> Array:
    """Move right by a part of a pixel; the result is one column wider."""
    rim = np.full_like(field[:, :1], edge)
    return np.concatenate([rim, field], axis=1) * part + np.concatenate([field, rim], axis=1) * (1 - part)


def _over(picture: NDArray[np.uint8], x: int, y: int, colour: Array, clear: Array) -> None:
    left, top = max(-x, 0), max(-y, 0)
    right, bottom = min(colour.shape[1], picture.shape[1] - x), min(colour.shape[0], picture.shape[0] - y)
    if left >= right or top >= bottom:
        return
    below = picture[y + top : y + bottom, x + left : x + right]
    mixed = below * clear[top:bottom, left:right] + colour[top:bottom, left:right]
    below[...] = np.minimum(mixed, 255)


def _as_bytes(colour: Array) -> NDArray[np.uint8]:
    return np.asarray(np.clip(colour, 0, 1) * 255 + 0.5, np.uint8)


# ---------------------------------------------------------------------------------------------------------------
# What stands still


def _standing_scene() -> Layer:
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


def _mix(a: Colour | Array, b: Colour | Array, part: float | Array) -> Array:
    return np.asarray(a, np.float32) * (1 - part) + np.asarray(b, np.float32) * part


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
        _mix((0.42, 0.34, 0.50), (0.95, 0.62, 0.52), np.clip(rows, 0, 1)),
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
    scene.rectangle(left - 4, top - 7, right + 4, top + 3, _lighter(house.wall, 1.25))
    scene.rectangle(left - 5, top - 11, right + 5, top - 6, SNOW, 0.92, 2.5)
    scene.rectangle(left, SHOP_TOP - 7, right, SHOP_TOP - 2, _lighter(house.wall, 1.2))
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
        scene.polygon([(left + 14, top), (middle, top - 50), (right - 14, top)], _lighter(house.wall, 0.85))
        scene.ellipse((middle, top - 20), 10, 10, WINDOW, 0.95)
        scene.line([(middle - 10, top - 20), (middle + 10, top - 20)], 1.6, tile)
        scene.line([(middle, top - 30), (middle, top - 10)], 1.6, tile)
    elif house.roof == "mansard":
        scene.polygon(
            [(left - 2, top), (left + 14, top - 48), (right - 14, top - 48), (right + 2, top)], tile
        )
        for x in (left + 42, right - 42):
            scene.rectangle(x - 13, top - 40, x + 13, top, _lighter(house.wall, 1.1))
            scene.rectangle(x - 8, top - 33, x + 8, top - 6, WINDOW, 0.92)
            scene.line([(x, top - 33), (x, top - 6)], 1.5, tile)
            scene.polygon([(x - 17, top - 38), (x, top - 52), (x + 17, top - 38)], SNOW)
        scene.rectangle(left + 12, top - 52, right - 12, top - 46, SNOW, 0.95, 3)
    else:
        scene.rectangle(left + 26, top - 42, left + 62, top - 8, _lighter(house.wall, 0.7))
        scene.rectangle(left + 24, top - 46, left + 64, top - 41, SNOW, 0.9, 2)
        scene.line([(right - 40, top - 8), (right - 40, top - 58)], 1.6, (0.10, 0.10, 0.15))
        for step in range(3):
            scene.line([(right - 54 + step * 3, top - 52 + step * 8), (right - 26 - step * 3, top - 52 + step * 8)], 1.3,
                       (0.10, 0.10, 0.15))  # fmt: skip


def _lighter(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(part * factor, 1.0) for part in colour)
    return red, green, blue


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
    frame = _lighter(house.wall, 1.75)
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
        scene.rectangle(left - 5, bottom, right + 5, bottom + 4, _lighter(house.wall, 1.4))
        scene.rectangle(left - 5, bottom - 1.6, right + 5, bottom + 1.2, SNOW, 0.85, 1)


def _lit_pane(
    scene: Layer, left: float, top: float, right: float, bottom: float, random: np.random.Generator
) -> None:
    """A room with its light on: sometimes curtains, a plant, or somebody's shelf."""
    warm = _mix((1.0, 0.70, 0.36), (1.0, 0.88, 0.62), float(random.random()))
    tone: Colour = (float(warm[0]), float(warm[1]), float(warm[2]))
    bright = float(random.uniform(0.72, 1.0))
    scene.rectangle(left, top, right, bottom, _lighter(tone, bright))
    scene.glow(((left + right) / 2, top + (bottom - top) * 0.3), (right - left) * 1.5, tone, 0.20 * bright)
    kind = random.integers(0, 5)
    if kind in (0, 1):
        cloth = _lighter(tone, 0.62)
        scene.polygon([(left, top), (left + 9, top), (left + 3, bottom), (left, bottom)], cloth, 0.9)
        scene.polygon([(right, top), (right - 9, top), (right - 3, bottom), (right, bottom)], cloth, 0.9)
    elif kind == 2:
        pot = (left + right) / 2 + float(random.uniform(-5, 5))
        scene.rectangle(pot - 4, bottom - 8, pot + 4, bottom, (0.35, 0.17, 0.10))
        for lean in (-6, -2, 3, 7):
            scene.line([(pot, bottom - 8), (pot + lean, bottom - 19)], 2.4, (0.16, 0.25, 0.13))
    elif kind == 3:
        scene.rectangle(left, bottom - (bottom - top) * 0.45, right, bottom, _lighter(tone, 0.8))


def _shop(scene: Layer, house: House, random: np.random.Generator) -> None:
    left, right = house.left + 12, house.left + house.width - 12
    window_right, door_right = right - 46, right - 4
    scene.rectangle(left - 6, SHOP_TOP, right + 6, HOUSES_BOTTOM, _lighter(house.wall, 0.62))
    glass = (left, SHOP_TOP + 34, window_right, HOUSES_BOTTOM - 12)
    _lit_gradient(scene, glass)
    _goods(scene, glass, random)
    _lit_gradient(scene, (window_right + 8, SHOP_TOP + 34, door_right, HOUSES_BOTTOM))
    frame = _lighter(house.awning, 0.8)
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
    light = _mix((1.0, 0.90, 0.66), (0.93, 0.60, 0.30), rows)
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
    letters(scene, start, house.shop, height, _lighter(house.sign, 1.1), 2.1)
    scene.glow((middle, SHOP_TOP + 10), width * 0.75 + 24, house.sign, 0.20, 0.45)


def _entrance(scene: Layer, house: House) -> None:
    middle = house.left + house.width / 2
    scene.rectangle(middle - 26, SHOP_TOP + 12, middle + 26, HOUSES_BOTTOM, _lighter(house.wall, 1.5))
    scene.rectangle(middle - 18, SHOP_TOP + 36, middle + 18, HOUSES_BOTTOM, (0.16, 0.085, 0.06))
    scene.rectangle(middle - 18, SHOP_TOP + 20, middle + 18, SHOP_TOP + 33, WINDOW)
    scene.line([(middle, SHOP_TOP + 36), (middle, HOUSES_BOTTOM)], 1.4, (0.07, 0.04, 0.03))
    for side in (-1, 1):
        x = middle + side * 40
        scene.glow((x, SHOP_TOP + 34), 42, LAMP, 0.42)
        scene.rectangle(x - 4, SHOP_TOP + 27, x + 4, SHOP_TOP + 40, (1.0, 0.93, 0.76), 1, 2)
        for row in (SHOP_TOP + 52,):
            wide = 30
            scene.rectangle(
                x + side * 18 - wide / 2, row, x + side * 18 + wide / 2, row + 30, (0.10, 0.10, 0.17)
            )
            scene.rectangle(
                x + side * 18 - wide / 2 - 3, row + 30, x + side * 18 + wide / 2 + 3, row + 33, SNOW, 0.8
            )
    scene.polygon(
        [(middle - 34, SHOP_TOP + 12), (middle, SHOP_TOP - 4), (middle + 34, SHOP_TOP + 12)], SNOW, 0.95
    )
    scene.rectangle(middle - 30, HOUSES_BOTTOM - 4, middle + 30, HOUSES_BOTTOM + 3, _lighter(house.wall, 1.3))


def _pavement(scene: Layer, top: int, bottom: int, scale: float) -> None:
    random = np.random.default_rng(top)
    rows = np.linspace(0, 1, bottom - top, dtype=np.float32)[:, None, None]
    grain = blur(blur(random.random((bottom - top, WIDTH)).astype(np.float32), 2, 0), 7, 1)[..., None]
    near = top > HOUSES_BOTTOM
    stone = (
        _mix((0.23, 0.225, 0.30), (0.155, 0.160, 0.235), rows if near else 1 - rows) + (grain - 0.5) * 0.12
    )
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
    asphalt = np.broadcast_to(_mix((0.135, 0.140, 0.190), (0.075, 0.082, 0.125), rows), (height, WIDTH, 3))
    mirrored = scene.colour[HOUSES_BOTTOM - int(height * 2.1) : HOUSES_BOTTOM][::-1]
    rows_of = np.linspace(0, len(mirrored) - 1, height).astype(int)
    ripple = blur(random.random((height, WIDTH)).astype(np.float32), 14, 1)[..., None]
    mirrored = blur(blur(mirrored[rows_of], 5, 1), 5, 0) * (0.55 + (ripple - 0.5) * 5).clip(0.25, 1)
    grain = (blur(random.random((height, WIDTH)).astype(np.float32), 1, 1)[..., None] - 0.5) * 0.035
    scene.colour[top:bottom] = asphalt * 0.8 + mirrored * (0.62 - 0.34 * rows) + grain
    for lane in ((top + bottom) / 2 - 8,):
        for x in range(-40, WIDTH, 112):
            scene.polygon(
                [(x, lane - 1.5), (x + 58, lane - 1.5), (x + 59, lane + 2), (x - 1, lane + 2)],
                (0.86, 0.86, 0.84),
                0.62,
            )
    slush = _noise(random, 3, 130)[top:bottom, :, None]
    bands = np.exp(-(((np.arange(height) - height * 0.44) / 9) ** 2)) * 0.5 + np.exp(
        -(((np.arange(height) - height) / 12) ** 2)
    )
    bands = (bands + np.exp(-((np.arange(height) / 9) ** 2))).astype(np.float32)[:, None, None]
    scene.blend(0, top, np.clip((slush - 0.40) * 2.2, 0, 0.65) * bands, SNOW)


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


def _front_layer() -> Layer:
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
    front.rectangle(x - 4, 668, x + 168, 677, _lighter(wood, 1.25), 1, 3)
    front.rectangle(x - 3, 663, x + 166, 670, SNOW, 0.96, 3.5)
    front.rectangle(x, 623, x + 160, 629, SNOW, 0.96, 3)


def _flickering_windows(scene: Layer) -> list["_Blink"]:
    """A few windows go dark for part of the loop: somebody leaves a room."""
    chosen = ((0, 5, 60, 190), (2, 8, 150, 330), (4, 2, 230, 380), (6, 11, 20, 120))
    blinks = []
    for house, window, begin, end in chosen:
        left, top, width, height = _window_places(HOUSES[house])[window]
        part = Layer.empty(int(width) + 2, int(height))
        part.rectangle(1, 0, width + 1, height, (0.060, 0.075, 0.150), 0.84)
        blinks.append(_Blink(_Sprite(part), int(left) - 1, int(top), begin, end))
    return blinks


@dataclass(frozen=True, slots=True)
class _Blink:
    sprite: _Sprite
    x: int
    y: int
    begin: int
    end: int

    def draw(self, picture: NDArray[np.uint8], number: int) -> None:
        if self.begin <= number < self.end:
            self.sprite.draw(picture, self.x, self.y)


# ---------------------------------------------------------------------------------------------------------------
# What moves


@dataclass(frozen=True, slots=True)
class _Mover:
    """Crosses the picture at an even speed, once or more in a loop."""

    phases: tuple[_Sprite, ...]
    start: float  # left edge in picture 0
    step: float  # pixels a picture; negative: to the left
    span: float  # |step| · LOOP_FRAMES / a whole number, so that the loop closes
    y: int

    def draw(self, picture: NDArray[np.uint8], number: int) -> None:
        sprite = self.phases[number % len(self.phases)]
        x = (self.start + self.step * number + MARGIN) % self.span - MARGIN
        if x < WIDTH:
            sprite.draw(picture, x, self.y)


MARGIN = 420  # pixels left of the picture where movers may already be: no sprite is wider


def _cars() -> list[_Mover]:
    """Far lane to the left, near lane to the right; one speed a lane, so nobody is overtaken."""
    far_step, near_step = -8.0, 9.0
    far_span, near_span = 8.0 * LOOP_FRAMES, 9.0 * LOOP_FRAMES
    far = [
        (_car((0.56, 0.10, 0.10), 0.82, "saloon"), 500.0),
        (_car((0.62, 0.64, 0.68), 0.82, "estate"), 1310.0),
        (_car((0.78, 0.60, 0.14), 0.82, "taxi"), 2130.0),
        (_bus(0.82), 2700.0),
    ]
    near = [
        (_car((0.13, 0.26, 0.46), 1.0, "estate"), 330.0),
        (_car((0.80, 0.80, 0.82), 1.0, "saloon"), -560.0),
        (_car((0.10, 0.34, 0.30), 1.0, "taxi"), -1530.0),
        (_car((0.36, 0.12, 0.30), 1.0, "saloon"), -2350.0),
    ]
    return [
        *(
            _Mover((_Sprite(layer.mirrored()),), x, far_step, far_span, FAR_LANE - _WHEEL_ROW)
            for layer, x in far
        ),
        *(_Mover((_Sprite(layer),), x, near_step, near_span, NEAR_LANE - _WHEEL_ROW) for layer, x in near),
    ]


_WHEEL_ROW = 130  # row of a vehicle's sprite that touches the road
_CAR_WIDTH, _CAR_HEIGHT = 400, 185


def _car(paint: Colour, scale: float, kind: str) -> Layer:
    """A car that drives to the right, with its light on the road and its mirror image below."""
    car = Layer.empty(_CAR_WIDTH, _CAR_HEIGHT)

    def at(x: float, y: float) -> tuple[float, float]:
        return 20 + x * scale, _WHEEL_ROW + y * scale

    car.ellipse(at(88, 0), 92 * scale, 6 * scale, (0.01, 0.01, 0.03), 0.75)
    rear = 16.0 if kind == "estate" else 34.0
    roof = [
        at(rear, -34),
        at(rear + 14, -56),
        at(60, -60),
        at(104, -60),
        at(134, -36),
        at(134, -32),
        at(rear, -30),
    ]
    car.polygon(roof, _lighter(paint, 0.82))
    car.polygon([at(rear + 7, -35), at(rear + 18, -53), at(72, -56), at(72, -35)], (0.17, 0.20, 0.30))
    car.polygon([at(77, -35), at(77, -56), at(102, -56), at(123, -35)], (0.20, 0.24, 0.35))
    car.polygon([at(84, -35), at(97, -56), at(102, -56), at(92, -35)], (0.55, 0.56, 0.68), 0.35)
    car.ellipse(at(95, -42), 5 * scale, 6.5 * scale, (0.05, 0.05, 0.09), 0.9)
    body = [
        at(2, -12),
        at(4, -30),
        at(20, -36),
        at(134, -36),
        at(166, -29),
        at(174, -20),
        at(174, -11),
        at(168, -8),
        at(8, -8),
    ]
    car.polygon(body, paint)
    car.line([at(8, -33), at(132, -34), at(160, -28)], 2.2 * scale, _lighter(paint, 1.7), 0.55)
    car.polygon([at(4, -16), at(174, -16), at(170, -8), at(8, -8)], _lighter(paint, 0.55), 0.8)
    car.line([at(74, -35), at(75, -12)], 1.2 * scale, _lighter(paint, 0.5), 0.9)
    car.rectangle(*at(62, -30), *at(69, -28), _lighter(paint, 0.4))
    car.rectangle(*at(rear + 12, -63), *at(108, -59), SNOW, 0.9, 2)
    if kind == "taxi":
        car.rectangle(*at(74, -71), *at(98, -62), (1.0, 0.88, 0.50), 1, 2)
        car.glow(at(86, -67), 30, (1.0, 0.80, 0.36), 0.5)
    for wheel in (36, 140):
        _wheel(car, at(wheel, -11), scale)
    _lights(car, at(172, -22), at(4, -25), scale)
    _mirror_image(car)
    return car


def _wheel(car: Layer, hub: tuple[float, float], scale: float) -> None:
    car.ellipse(hub, 14.5 * scale, 14.5 * scale, (0.02, 0.02, 0.035))
    car.ellipse(hub, 12.2 * scale, 12.2 * scale, (0.06, 0.06, 0.08))
    car.ellipse(hub, 7.4 * scale, 7.4 * scale, (0.42, 0.43, 0.48))
    car.ellipse(hub, 2.4 * scale, 2.4 * scale, (0.12, 0.12, 0.15))


def _lights(car: Layer, front: tuple[float, float], rear: tuple[float, float], scale: float) -> None:
    """Head lamp with its beam (falling snow shows it), tail lamp with its glow on the wet road."""
    beam: Colour = (1.0, 0.95, 0.80)
    y, x = np.mgrid[0 : car.height, 0 : car.width].astype(np.float32)
    depth = (x - front[0]) / (185 * scale)
    away = np.abs(y - front[1] - depth * 17 * scale) / (4 + np.maximum(depth, 0) * 30 * scale)
    light = np.where(depth > 0, np.clip(1 - away, 0, 1) * np.clip(1 - depth, 0, 1) ** 1.4 * 0.42, 0)
    car.colour += light[..., None].astype(np.float32) * np.asarray(beam, np.float32)
    car.glow((front[0] + 84 * scale, _WHEEL_ROW + 6), 96 * scale, beam, 0.34, 0.16)
    car.glow(front, 34 * scale, beam, 0.55)
    car.ellipse(front, 4.6 * scale, 4.2 * scale, (1.0, 0.99, 0.93))
    car.rectangle(
        rear[0] - 3 * scale,
        rear[1] - 4 * scale,
        rear[0] + 3.4 * scale,
        rear[1] + 4.5 * scale,
        (1.0, 0.16, 0.12),
    )
    car.glow(rear, 30 * scale, (1.0, 0.10, 0.08), 0.55)
    car.glow((rear[0], _WHEEL_ROW + 12 * scale), 44 * scale, (1.0, 0.08, 0.06), 0.30, 0.5)


def _mirror_image(car: Layer) -> None:
    """The vehicle's dim reflection below its wheels."""
    rows = min(car.height - _WHEEL_ROW, _WHEEL_ROW)
    fade = np.linspace(0.34, 0.0, rows, dtype=np.float32)[:, None, None]
    colour = blur(car.colour[_WHEEL_ROW - rows : _WHEEL_ROW][::-1], 3, 0) * fade
    cover = blur(car.cover[_WHEEL_ROW - rows : _WHEEL_ROW][::-1], 3, 0) * fade
    below = np.s_[_WHEEL_ROW : _WHEEL_ROW + rows]
    car.colour[below] += colour * (1 - car.cover[below])
    car.cover[below] += cover * (1 - car.cover[below])


def _bus(scale: float) -> Layer:
    bus = Layer.empty(_CAR_WIDTH, _CAR_HEIGHT)

    def at(x: float, y: float) -> tuple[float, float]:
        return 10 + x * scale, _WHEEL_ROW + y * scale

    paint: Colour = (0.10, 0.36, 0.52)
    bus.ellipse(at(150, 0), 156 * scale, 7 * scale, (0.01, 0.01, 0.03), 0.75)
    bus.rectangle(*at(2, -126), *at(300, -10), paint, 1, 9)
    bus.rectangle(*at(2, -44), *at(300, -10), (0.82, 0.83, 0.85), 1, 5)
    bus.rectangle(*at(2, -50), *at(300, -44), (0.95, 0.62, 0.16))
    bus.rectangle(*at(10, -112), *at(258, -60), (1.0, 0.90, 0.68), 1, 4)
    for pillar in (52, 94, 136, 178, 220):
        bus.line([at(pillar, -112), at(pillar, -60)], 3 * scale, _lighter(paint, 0.6))
    for seat in (30, 72, 114, 200, 240):
        bus.ellipse(at(seat, -76), 6.5 * scale, 7.5 * scale, (0.16, 0.12, 0.13))
        bus.rectangle(*at(seat - 10, -70), *at(seat + 10, -60), (0.20, 0.18, 0.24), 1, 4)
    bus.rectangle(*at(264, -112), *at(297, -54), (0.24, 0.29, 0.40), 1, 4)
    bus.ellipse(at(278, -74), 6.5 * scale, 7.5 * scale, (0.08, 0.08, 0.11))
    bus.rectangle(*at(142, -106), *at(176, -14), (0.88, 0.80, 0.62), 0.5, 2)
    bus.line([at(159, -106), at(159, -14)], 2 * scale, _lighter(paint, 0.5))
    bus.rectangle(*at(6, -131), *at(296, -124), SNOW, 0.92, 3)
    for wheel in (52, 246):
        _wheel(bus, at(wheel, -13), scale * 1.15)
    _lights(bus, at(298, -24), at(4, -30), scale)
    _mirror_image(bus)
    return bus


_STRIDE_FRAMES = 25  # pictures of one whole step cycle; divides the loop


def _walkers() -> tuple[list[_Mover], list[_Mover]]:
    """Those on the far pavement, and those close by; twins follow each other so that the loop closes."""
    far = [
        *_pair(Figure((0.50, 0.14, 0.13), (0.10, 0.10, 0.15), 0.62), 120, 1.55, 506),
        *_pair(Figure((0.20, 0.34, 0.36), (0.14, 0.12, 0.12), 0.60, hat=(0.75, 0.70, 0.25)), 830, -1.35, 510),
        *_pair(
            Figure((0.30, 0.24, 0.42), (0.09, 0.10, 0.16), 0.64, umbrella=(0.70, 0.26, 0.24)), 560, 1.25, 511
        ),
        *_pair(Figure((0.46, 0.36, 0.22), (0.16, 0.13, 0.11), 0.42, hat=(0.62, 0.20, 0.22)), 590, 1.25, 512),
    ]
    near = [
        *_pair(
            Figure((0.13, 0.19, 0.33), (0.07, 0.07, 0.11), 1.16, umbrella=(0.86, 0.62, 0.18)), 240, 2.9, 676
        ),
        *_pair(Figure((0.47, 0.20, 0.15), (0.11, 0.10, 0.13), 1.10, hat=(0.80, 0.78, 0.74)), 905, -2.75, 694),
        *_pair(
            Figure((0.22, 0.27, 0.21), (0.10, 0.09, 0.09), 1.20, scarf=(0.72, 0.18, 0.16)), 620, 3.15, 702
        ),
        *_pair(
            Figure((0.36, 0.31, 0.36), (0.08, 0.08, 0.12), 1.12, umbrella=(0.22, 0.46, 0.52)), 1400, -2.6, 684
        ),
    ]
    return far, near


@dataclass(frozen=True, slots=True)
class Figure:
    coat: Colour
    trousers: Colour
    scale: float  # 1: 80 pixels tall
    hat: Colour | None = None
    umbrella: Colour | None = None
    scarf: Colour | None = None


def _pair(figure: Figure, start: float, step: float, feet: int) -> list[_Mover]:
    """The figure and its twins, one loop's way apart, as many as fit across the picture."""
    phases = [_figure(figure, phase / _STRIDE_FRAMES) for phase in range(_STRIDE_FRAMES)]
    sprites = tuple(_Sprite(layer if step > 0 else layer.mirrored()) for layer in phases)
    way = abs(step) * LOOP_FRAMES
    count = int((WIDTH + MARGIN) // way) + 1
    y = feet - round(_FIGURE_GROUND * figure.scale)
    return [_Mover(sprites, start + twin * way, step, way * count, y) for twin in range(count)]


_FIGURE_GROUND = 112  # unscaled row of a figure's sprite on which the feet stand
_FIGURE_WIDTH, _FIGURE_HEIGHT = 84, 126


def _figure(figure: Figure, phase: float) -> Layer:
    """One instant of a walk to the right; ``phase`` from 0 to 1 is a whole cycle of two steps."""
    scale = figure.scale
    layer = Layer.empty(round(_FIGURE_WIDTH * scale), round(_FIGURE_HEIGHT * scale))
    bob = -abs(sin(2 * pi * phase)) * 1.6

    def at(x: float, y: float) -> tuple[float, float]:
        return (42 + x) * scale, (_FIGURE_GROUND + y) * scale

    layer.ellipse(at(0, 1), 19 * scale, 3.6 * scale, (0.01, 0.01, 0.03), 0.5)
    hip = (0.0, -38 + bob)
    legs = [_leg(hip, phase + offset) for offset in (0.5, 0.0)]
    arms = [_arm((0.5, -62 + bob), phase + offset) for offset in (0.0, 0.5)]
    dark = _lighter(figure.coat, 0.68)
    layer.taper([at(*p) for p in arms[0]], [w * scale for w in (7.5, 6.5, 5)], dark)
    for leg, tone in zip(legs, (0.7, 1.0), strict=True):
        layer.taper(
            [at(*p) for p in leg[:3]], [w * scale for w in (10.5, 8, 6)], _lighter(figure.trousers, tone)
        )
        layer.taper([at(*p) for p in leg[2:]], [6 * scale, 5 * scale], (0.05, 0.04, 0.05))
    layer.taper(
        [at(0.6, -64 + bob), at(0, -50 + bob), at(-0.5, -32 + bob)],
        [w * scale for w in (13, 15.5, 18)],
        figure.coat,
    )
    layer.line([at(-5, -64 + bob), at(-6.4, -36 + bob)], 2 * scale, _lighter(figure.coat, 1.6), 0.5)
    if figure.umbrella is None:
        layer.taper(
            [at(*p) for p in arms[1]], [w * scale for w in (7.5, 6.5, 5)], _lighter(figure.coat, 1.18)
        )
    _head(layer, figure, at, bob)
    return layer


def _leg(hip: tuple[float, float], phase: float) -> list[tuple[float, float]]:
    """Hip, knee, ankle and toe: the thigh swings, the knee bends while the foot is in the air."""
    swing = 0.44 * sin(2 * pi * phase)
    bend = 0.16 + 0.62 * max(0.0, cos(2 * pi * phase)) ** 1.5
    knee = (hip[0] + 18 * sin(swing), hip[1] + 18 * cos(swing))
    shin = swing - bend
    ankle = (knee[0] + 18 * sin(shin), knee[1] + 18 * cos(shin))
    return [hip, knee, ankle, (ankle[0] + 6.4 * cos(shin), ankle[1] + 1.4 - 5 * sin(shin))]


def _arm(shoulder: tuple[float, float], phase: float) -> list[tuple[float, float]]:
    swing = 0.46 * sin(2 * pi * phase)
    elbow = (shoulder[0] + 13 * sin(swing), shoulder[1] + 13 * cos(swing))
    fore = swing + 0.40
    return [shoulder, elbow, (elbow[0] + 11 * sin(fore), elbow[1] + 11 * cos(fore))]


def _head(layer: Layer, figure: Figure, at: "_Placement", bob: float) -> None:
    scale = figure.scale
    skin, hair = (0.62, 0.45, 0.36), (0.09, 0.06, 0.06)
    layer.ellipse(at(1.5, -77 + bob), 6.4 * scale, 7.4 * scale, skin)
    layer.ellipse(at(-0.6, -79 + bob), 6.6 * scale, 6.6 * scale, hair)
    layer.ellipse(at(4.4, -75.5 + bob), 3.6 * scale, 4.6 * scale, skin)
    if figure.hat:
        layer.ellipse(at(0.2, -81.5 + bob), 7.4 * scale, 5.6 * scale, figure.hat)
        layer.line([at(-6.4, -79.5 + bob), at(7.4, -79.5 + bob)], 3 * scale, _lighter(figure.hat, 0.8))
        layer.ellipse(at(0.2, -88 + bob), 2.4 * scale, 2.4 * scale, _lighter(figure.hat, 1.2))
    if figure.scarf:
        layer.line([at(-4, -68 + bob), at(5, -67.5 + bob)], 6 * scale, figure.scarf)
        layer.line([at(-4, -67 + bob), at(-14, -61 + bob)], 4 * scale, figure.scarf)
    if figure.umbrella:
        _umbrella(layer, figure, at, bob)


def _umbrella(layer: Layer, figure: Figure, at: "_Placement", bob: float) -> None:
    assert figure.umbrella is not None
    scale = figure.scale
    layer.line([at(9, -54 + bob), at(9, -100 + bob)], 1.8 * scale, (0.10, 0.10, 0.12))
    layer.taper([at(0.5, -62 + bob), at(5, -52 + bob), at(9.5, -57 + bob)], [w * scale for w in (7.5, 6.5, 5)],
                _lighter(figure.coat, 1.18))  # fmt: skip
    rim = [(9 + 29 * cos(a), -90 - 20 * sin(a)) for a in np.linspace(0, pi, 15)]
    layer.polygon([at(x, y + bob) for x, y in rim], figure.umbrella)
    shade = [(9 + 29 * cos(a), -90 - 20 * sin(a)) for a in np.linspace(pi * 0.62, pi, 7)]
    layer.polygon([at(x, y + bob) for x, y in [*shade, (2, -90)]], _lighter(figure.umbrella, 0.72))
    for rib in (-8, 9, 24):
        layer.line([at(9, -110 + bob), at(rib, -90 + bob)], 0.9 * scale, _lighter(figure.umbrella, 0.6), 0.8)
    crown = [(9 + 22 * cos(a), -95 - 16.5 * sin(a)) for a in np.linspace(pi * 0.22, pi * 0.78, 7)]
    layer.line([at(x, y + bob) for x, y in crown], 2.6 * scale, SNOW, 0.8)
    layer.line([at(9, -110 + bob), at(9, -112.5 + bob)], 1.8 * scale, (0.10, 0.10, 0.12))


class _Placement:
    """Type of the local helper that turns a figure's own coordinates into pixels."""

    def __call__(self, x: float, y: float) -> tuple[float, float]: ...


class _Snow:
    """Flakes of three sizes; each falls a whole number of picture heights in a loop."""

    def __init__(self) -> None:
        random = np.random.default_rng(1)
        self._layers = [
            self._flakes(random, count, falls, size, strength)
            for count, falls, size, strength in ((420, 2, 0.8, 0.42), (230, 3, 1.3, 0.62), (80, 5, 2.1, 0.72))
        ]

    @staticmethod
    def _flakes(
        random: np.random.Generator, count: int, falls: int, size: float, strength: float
    ) -> "_Flakes":
        reach = int(np.ceil(size + 1))
        y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
        kernel = np.clip(size + 0.6 - np.hypot(x, y), 0, 1) * strength
        keep = kernel > 0
        return _Flakes(
            random.uniform(0, WIDTH, count), random.uniform(0, HEIGHT, count), random.uniform(0, 2 * pi, count),
            random.uniform(6, 20, count), falls, x[keep], y[keep], kernel[keep].astype(np.float32)[None, :, None],
        )  # fmt: skip

    def draw(self, picture: NDArray[np.uint8], number: int) -> None:
        part = number / LOOP_FRAMES
        for flakes in self._layers:
            y = (flakes.y + part * flakes.falls * HEIGHT) % HEIGHT
            x = (flakes.x - part * WIDTH + flakes.sway * np.sin(2 * pi * 4 * part + flakes.phase)) % WIDTH
            rows = (y.astype(int)[:, None] + flakes.dy) % HEIGHT
            columns = (x.astype(int)[:, None] + flakes.dx) % WIDTH
            below = picture[rows, columns].astype(np.float32)
            picture[rows, columns] = (below + (np.float32(245) - below) * flakes.kernel).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class _Flakes:
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    phase: NDArray[np.float64]
    sway: NDArray[np.float64]
    falls: int
    dx: NDArray[np.int64]
    dy: NDArray[np.int64]
    kernel: Array


# ---------------------------------------------------------------------------------------------------------------
# The camera's own lettering


def _caption() -> Layer:
    text, height = "SIMULATED CAMERA", 17.0
    layer = Layer.empty(round(len(text) * 5.6 * height / 6) + 8, 30)
    letters(layer, (5, 6), text, height, (0.0, 0.0, 0.0), 5.2, 0.55)
    letters(layer, (5, 6), text, height, (0.97, 0.97, 0.97), 2.3)
    return layer


def _digit(character: str) -> Layer:
    layer = Layer.empty(24, 32)
    letters(layer, (4, 5), character, 20, (0.0, 0.0, 0.0), 5.6, 0.55)
    letters(layer, (4, 5), character, 20, (0.97, 0.97, 0.97), 2.6)
    return layer
