"""Painting with numpy: shapes given by signed distances, blended with soft edges onto layers of colour and cover.

Enough of a graphics library for a drawn street and burnt-in letters, so that the simulator needs no other one.
Coordinates are pixels, x to the right and y down; colours are red, green, blue from 0 to 1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Colour = tuple[float, float, float]
Point = tuple[float, float]
Distance = Callable[[Array, Array], Array]  # (x, y) → signed distance, negative inside


@dataclass(slots=True)
class Layer:
    """Premultiplied colour, shape (height, width, 3), and cover, shape (height, width, 1); both 0 to 1."""

    colour: Array
    cover: Array

    @classmethod
    def empty(cls, width: int, height: int) -> "Layer":
        return cls(np.zeros((height, width, 3), np.float32), np.zeros((height, width, 1), np.float32))

    @property
    def width(self) -> int:
        return int(self.colour.shape[1])

    @property
    def height(self) -> int:
        return int(self.colour.shape[0])

    def mirrored(self) -> "Layer":
        """The same, looking the other way."""
        return Layer(self.colour[:, ::-1].copy(), self.cover[:, ::-1].copy())

    def paint(
        self, box: tuple[float, float, float, float], distance: Distance, colour: Colour, cover: float = 1.0
    ) -> None:
        """Fill a shape that lies within ``box`` (left, top, right, bottom); the edge is one pixel soft."""
        left, top = max(floor(box[0]) - 1, 0), max(floor(box[1]) - 1, 0)
        right, bottom = min(ceil(box[2]) + 1, self.width), min(ceil(box[3]) + 1, self.height)
        if left >= right or top >= bottom:
            return
        x, y = np.meshgrid(np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5)
        inside = np.clip(0.5 - distance(x.astype(np.float32), y.astype(np.float32)), 0, 1)[..., None]
        self.blend(left, top, inside * np.float32(cover), colour)

    def blend(self, left: int, top: int, cover: Array, colour: Colour | Array) -> None:
        """Put a colour (or a field of them) over the layer with the given cover, shape (h, w, 1)."""
        height, width = cover.shape[:2]
        part = np.s_[top : top + height, left : left + width]
        self.colour[part] = self.colour[part] * (1 - cover) + np.asarray(colour, np.float32) * cover
        self.cover[part] = self.cover[part] * (1 - cover) + cover

    def glow(
        self, centre: Point, radius: float, colour: Colour, strength: float, squash: float = 1.0
    ) -> None:
        """Add light that falls off to nothing at ``radius``; ``squash`` < 1 flattens it to an ellipse."""
        left, right = max(floor(centre[0] - radius), 0), min(ceil(centre[0] + radius), self.width)
        top = max(floor(centre[1] - radius * squash), 0)
        bottom = min(ceil(centre[1] + radius * squash), self.height)
        if left >= right or top >= bottom:
            return
        x, y = np.meshgrid(np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5)
        away = ((x - centre[0]) ** 2 + ((y - centre[1]) / squash) ** 2) / radius**2
        light = (np.clip(1 - away, 0, 1) ** 2 * strength).astype(np.float32)[..., None]
        self.colour[top:bottom, left:right] += light * np.asarray(colour, np.float32)

    # Shapes

    def rectangle(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        colour: Colour,
        cover: float = 1.0,
        radius: float = 0.0,
    ) -> None:
        self.paint((left, top, right, bottom), box((left, top, right, bottom), radius), colour, cover)

    def line(self, points: Sequence[Point], weight: float, colour: Colour, cover: float = 1.0) -> None:
        """A round-ended line through the points, ``weight`` pixels wide."""
        self.taper(points, [weight] * len(points), colour, cover)

    def taper(
        self, points: Sequence[Point], weights: Sequence[float], colour: Colour, cover: float = 1.0
    ) -> None:
        """A line whose width changes from point to point."""
        reach = max(weights) / 2
        xs, ys = [x for x, _ in points], [y for _, y in points]
        around = (min(xs) - reach, min(ys) - reach, max(xs) + reach, max(ys) + reach)
        legs = [
            capsule(a, b, wa / 2, wb / 2)
            for a, b, wa, wb in zip(points, points[1:], weights, weights[1:], strict=False)
        ]
        self.paint(around, union(*legs), colour, cover)

    def ellipse(self, centre: Point, across: float, up: float, colour: Colour, cover: float = 1.0) -> None:
        """``across`` and ``up`` are half axes."""
        x, y = centre
        self.paint((x - across, y - up, x + across, y + up), oval(centre, across, up), colour, cover)

    def polygon(self, corners: Sequence[Point], colour: Colour, cover: float = 1.0) -> None:
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        self.paint((min(xs), min(ys), max(xs), max(ys)), outline(corners), colour, cover)


def box(sides: tuple[float, float, float, float], radius: float = 0.0) -> Distance:
    """A rectangle with rounded corners."""
    left, top, right, bottom = sides
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    half_x, half_y = (right - left) / 2 - radius, (bottom - top) / 2 - radius

    def distance(x: Array, y: Array) -> Array:
        dx, dy = np.abs(x - middle_x) - half_x, np.abs(y - middle_y) - half_y
        outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0))
        return outside + np.minimum(np.maximum(dx, dy), 0) - radius

    return distance


def oval(centre: Point, across: float, up: float) -> Distance:
    """An ellipse; the distance is exact for circles and good near the edge otherwise."""

    def distance(x: Array, y: Array) -> Array:
        return (np.hypot((x - centre[0]) / across, (y - centre[1]) / up) - 1) * min(across, up)

    return distance


def capsule(a: Point, b: Point, radius_a: float, radius_b: float) -> Distance:
    """A thick line from ``a`` to ``b``."""
    along_x, along_y = b[0] - a[0], b[1] - a[1]
    length_squared = max(along_x**2 + along_y**2, 1e-9)

    def distance(x: Array, y: Array) -> Array:
        part = np.clip(((x - a[0]) * along_x + (y - a[1]) * along_y) / length_squared, 0, 1)
        away = np.hypot(x - a[0] - part * along_x, y - a[1] - part * along_y)
        return away - (radius_a + (radius_b - radius_a) * part)

    return distance


def union(*shapes: Distance) -> Distance:
    def distance(x: Array, y: Array) -> Array:
        nearest = shapes[0](x, y)
        for shape in shapes[1:]:
            nearest = np.minimum(nearest, shape(x, y))
        return nearest

    return distance


def outline(corners: Sequence[Point]) -> Distance:
    """Any simple polygon (even-odd rule)."""
    edges = list(zip(corners, [*corners[1:], corners[0]], strict=True))

    def distance(x: Array, y: Array) -> Array:
        away = union(*(capsule(a, b, 0, 0) for a, b in edges))(x, y)
        inside = np.zeros(x.shape, bool)
        for (ax, ay), (bx, by) in edges:
            if ay != by:
                inside ^= ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
        return np.where(inside, -away, away)

    return distance


def blur(field: Array, radius: int, axis: int) -> Array:
    """Running mean over ``2·radius + 1`` pixels along one axis, edges repeated."""
    padding = [(0, 0)] * field.ndim
    padding[axis] = (radius + 1, radius)
    total = np.cumsum(np.pad(field, padding, mode="edge"), axis=axis, dtype=np.float64)
    size = 2 * radius + 1
    upper = np.take(total, range(size, total.shape[axis]), axis=axis)
    lower = np.take(total, range(total.shape[axis] - size), axis=axis)
    return ((upper - lower) / size).astype(np.float32)


# Letters: strokes on a grid four wide and six high, "x,y x,y|…"; a bar lifts the pen.
_STROKES = {
    "A": "0,6 2,0 4,6|0.8,4 3.2,4", "B": "0,0 0,6 2.8,6 3.8,5.3 3.8,3.7 2.8,3 0,3|0,0 2.5,0 3.4,.7 3.4,2.3 2.5,3",
    "C": "4,1 3,0 1,0 0,1 0,5 1,6 3,6 4,5", "D": "0,0 0,6 2.5,6 4,4.5 4,1.5 2.5,0 0,0", "E": "4,0 0,0 0,6 4,6|0,3 3,3",
    "F": "4,0 0,0 0,6|0,3 3,3", "G": "4,1 3,0 1,0 0,1 0,5 1,6 3,6 4,5 4,3 2.5,3", "H": "0,0 0,6|4,0 4,6|0,3 4,3",
    "I": "2,0 2,6", "J": "3.5,0 3.5,5 2.6,6 1,6 0,5", "K": "0,0 0,6|4,0 0,3.4|1.3,2.6 4,6", "L": "0,0 0,6 4,6",
    "M": "0,6 0,0 2,3.4 4,0 4,6", "N": "0,6 0,0 4,6 4,0", "O": "1,0 0,1 0,5 1,6 3,6 4,5 4,1 3,0 1,0",
    "P": "0,6 0,0 3,0 4,.9 4,2.3 3,3.2 0,3.2", "Q": "1,0 0,1 0,5 1,6 3,6 4,5 4,1 3,0 1,0|2.6,4.4 4.2,6.2",
    "R": "0,6 0,0 3,0 4,.9 4,2.2 3,3.1 0,3.1|2.2,3.1 4,6", "S": "4,.9 3,0 1,0 0,.9 0,2.1 1,3 3,3 4,3.9 4,5.1 3,6 1,6 0,5.1",
    "T": "0,0 4,0|2,0 2,6", "U": "0,0 0,5 1,6 3,6 4,5 4,0", "V": "0,0 2,6 4,0", "W": "0,0 .9,6 2,2 3.1,6 4,0",
    "X": "0,0 4,6|4,0 0,6", "Y": "0,0 2,3 4,0|2,3 2,6", "Z": "0,0 4,0 0,6 4,6",
    "0": "1,0 0,1 0,5 1,6 3,6 4,5 4,1 3,0 1,0", "1": "1,1.2 2.3,0 2.3,6", "2": "0,1.1 1,0 3,0 4,1 4,2.2 0,6 4,6",
    "3": "0,.8 1,0 3,0 4,.9 4,2.1 3,2.9 1.6,2.9|3,2.9 4,3.8 4,5.1 3,6 1,6 0,5.2", "4": "3,6 3,0 0,4.3 4,4.3",
    "5": "3.8,0 .4,0 .2,2.8 1,2.4 3,2.4 4,3.4 4,5 3,6 1,6 0,5.1", "6": "3.6,.5 2.8,0 1.2,0 0,1.2 0,5 1,6 3,6 4,5 4,3.6 3,2.7 1,2.7 0,3.5",
    "7": "0,0 4,0 1.6,6", "8": "1,0 .1,.8 .1,2 1,2.8 3,2.8 3.9,2 3.9,.8 3,0 1,0|1,2.8 0,3.7 0,5.1 1,6 3,6 4,5.1 4,3.7 3,2.8",
    "9": "4,2.5 3,3.3 1,3.3 0,2.4 0,1 1,0 3,0 4,1 4,4.8 2.8,6 1.2,6 .4,5.5",
    ":": "2,1.8 2,1.9|2,4.3 2,4.4", ".": "2,5.9 2,6", "-": ".8,3 3.2,3", "/": ".4,6.4 3.6,-.4", "·": "2,3 2,3.1", " ": "",
    "茶": "-.6,.8 4.6,.8|1.1,0 1.1,1.6|2.9,0 2.9,1.6|2,1.7 1.2,2.5 -.6,3.5|2,1.7 2.8,2.5 4.6,3.5|0,4.1 4,4.1|2,3.1 2,6.4|"
    "1.4,4.8 .1,5.9|2.6,4.8 3.9,5.9",
    "书": "0,1.2 3.4,1.2 3.4,3|-.6,3 4.4,3 4.2,5.2 3.5,5.2|1.7,-.2 1.7,6.5|3.9,-.2 4.6,.6",
}  # fmt: skip

LETTER_WIDTH, LETTER_HEIGHT, LETTER_STEP = 4, 6, 5.6  # grid units; the step is to the next letter's left


def letters(
    layer: Layer, at: Point, text: str, height: float, colour: Colour, weight: float = 0.0, cover: float = 1.0
) -> float:
    """Write ``text`` with its upper left corner ``at``; returns the width in pixels. Unknown characters stay blank."""
    unit = height / LETTER_HEIGHT
    for number, character in enumerate(text):
        left = at[0] + number * LETTER_STEP * unit
        for stroke in filter(None, _STROKES.get(character, "").split("|")):
            pairs = (pair.split(",") for pair in stroke.split())
            points = [(left + float(x) * unit, at[1] + float(y) * unit) for x, y in pairs]
            layer.line(points, weight or unit, colour, cover)
    return len(text) * LETTER_STEP * unit
