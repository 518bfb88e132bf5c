"""Shapes on the ground in metres: a flat frame around a point, polygons in it, and cells of one metre.

Shapes are kept and passed as rings of (longitude, latitude) in WGS-84; shapely's own objects stay with
whoever computes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, cos, floor, radians
from typing import Any

import numpy as np
import shapely

Point = tuple[float, float]  # longitude, latitude; degrees, WGS-84
Ring = tuple[Point, ...]  # three points or more, not closed

CELL_M = 1.0  # side of a cell: no wall is drawn finer on a district's plans, no mask on a camera either
CELLS_MOST = 1_000_000  # looked at one by one; larger areas are counted by their size alone
NOISE_M2 = 1e-3  # areas below are rounding: positions have seven decimals, about 1 cm


@dataclass(frozen=True, slots=True)
class Frame:
    """East and north of a point, in metres; within 2 km of it right to a few centimetres."""

    longitude: float
    latitude: float

    @property
    def metres_per_degree(self) -> tuple[float, float]:
        """Of longitude and latitude on the ellipsoid of WGS-84, by the usual series."""
        turn = radians(self.latitude)
        east = 111_412.84 * cos(turn) - 93.5 * cos(3 * turn) + 0.118 * cos(5 * turn)
        north = 111_132.92 - 559.82 * cos(2 * turn) + 1.175 * cos(4 * turn)
        return east, north

    def metres(self, point: Point) -> tuple[float, float]:
        east, north = self.metres_per_degree
        return (point[0] - self.longitude) * east, (point[1] - self.latitude) * north

    def degrees(self, east_m: float, north_m: float) -> Point:
        east, north = self.metres_per_degree
        return self.longitude + east_m / east, self.latitude + north_m / north

    def polygon(self, ring: Sequence[Point]) -> Any:
        """A shapely polygon in metres; one that crosses itself is mended."""
        return sound(shapely.Polygon([self.metres(point) for point in ring]))


def sound(shape: Any) -> Any:
    return shape if shape.is_valid else shapely.make_valid(shape)


def united(shapes: Iterable[Any]) -> Any:
    """All of them as one shape; of none the empty one."""
    return shapely.union_all(list(shapes))


def cells_of(shape: Any) -> int:
    """How many cells of the grid have a part of this shape in metres, however small; rounding is none."""
    if shape.area <= NOISE_M2:
        return 0
    west, south, east, north = (edge / CELL_M for edge in shape.bounds)
    columns, rows = ceil(east) - floor(west), ceil(north) - floor(south)
    if columns * rows > CELLS_MOST:
        return ceil(float(shape.area) / CELL_M**2)
    left, low = np.meshgrid(np.arange(columns) + floor(west), np.arange(rows) + floor(south))
    boxes = shapely.box(left * CELL_M, low * CELL_M, (left + 1) * CELL_M, (low + 1) * CELL_M).ravel()
    shapely.prepare(shape)
    touched = boxes[shapely.intersects(shape, boxes)]
    return int(np.count_nonzero(shapely.area(shapely.intersection(shape, touched)) > NOISE_M2))


def middles_of(shape: Any) -> Any:
    """The middles of the cells whose middle lies in the shape: (n, 2), metres. Large shapes: coarser."""
    west, south, east, north = shape.bounds
    side = max(CELL_M, ((east - west) * (north - south) / CELLS_MOST) ** 0.5)
    across, up = np.arange(west + side / 2, east, side), np.arange(south + side / 2, north, side)
    x, y = (grid.ravel() for grid in np.meshgrid(across, up))
    inside = shapely.contains_xy(shape, x, y)
    return np.column_stack([x[inside], y[inside]])
