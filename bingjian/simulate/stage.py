"""What all parts of the drawn street share: its size and time, and sprites put over pictures."""

import numpy as np
from numpy.typing import NDArray

from bingjian.simulate.painting import Array, Colour, Layer

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


class Sprite:
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
    before, after = np.concatenate([rim, field], axis=1), np.concatenate([field, rim], axis=1)
    return np.asarray(before * part + after * (1 - part), np.float32)


def _over(picture: NDArray[np.uint8], x: int, y: int, colour: Array, clear: Array) -> None:
    left, top = max(-x, 0), max(-y, 0)
    right, bottom = min(colour.shape[1], picture.shape[1] - x), min(colour.shape[0], picture.shape[0] - y)
    if left >= right or top >= bottom:
        return
    below = picture[y + top : y + bottom, x + left : x + right]
    mixed = below * clear[top:bottom, left:right] + colour[top:bottom, left:right]
    below[...] = np.minimum(mixed, 255)


def as_bytes(colour: Array) -> NDArray[np.uint8]:
    return np.asarray(np.clip(colour, 0, 1) * 255 + 0.5, np.uint8)


def lighter(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(part * factor, 1.0) for part in colour)
    return red, green, blue


def mix(a: Colour | Array, b: Colour | Array, part: float | Array) -> Array:
    return np.asarray(a, np.float32) * (1 - part) + np.asarray(b, np.float32) * part
