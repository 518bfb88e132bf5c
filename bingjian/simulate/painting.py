"""Painting with numpy: shapes given by signed distances, blended with soft edges onto layers.

Enough of a graphics library for a drawn street and burnt-in letters, so that the simulator needs no other.
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
        return _as_array(outside + np.minimum(np.maximum(dx, dy), 0) - radius)

    return distance


def oval(centre: Point, across: float, up: float) -> Distance:
    """An ellipse; the distance is exact for circles and good near the edge otherwise."""

    def distance(x: Array, y: Array) -> Array:
        return _as_array((np.hypot((x - centre[0]) / across, (y - centre[1]) / up) - 1) * min(across, up))

    return distance


def capsule(a: Point, b: Point, radius_a: float, radius_b: float) -> Distance:
    """A thick line from ``a`` to ``b``."""
    along_x, along_y = b[0] - a[0], b[1] - a[1]
    length_squared = max(along_x**2 + along_y**2, 1e-9)

    def distance(x: Array, y: Array) -> Array:
        part = np.clip(((x - a[0]) * along_x + (y - a[1]) * along_y) / length_squared, 0, 1)
        away = np.hypot(x - a[0] - part * along_x, y - a[1] - part * along_y)
        return _as_array(away - (radius_a + (radius_b - radius_a) * part))

    return distance


def _as_array(field: NDArray[np.floating]) -> Array:
    return np.asarray(field, np.float32)


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
        return _as_array(np.where(inside, -away, away))

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
