"""Where a moving device is: it drives round a square, north, east, south, west, for ever."""

from math import cos, radians
from typing import NamedTuple

SIDE_M = 1_000.0
SPEED_KMH = 24.0  # so that a side takes 150 s
HEADINGS = (0.0, 90.0, 180.0, 270.0)  # degrees from north, clockwise, of the four sides
CORNERS = ((0, 0), (0, 1), (1, 1), (1, 0))  # where each side begins, in sides east and north of the first
METRES_PER_DEGREE = 111_320.0  # of latitude, and of longitude at the equator


class Spot(NamedTuple):
    longitude: float  # WGS-84
    latitude: float
    speed_kmh: float
    direction: float  # degrees from north, clockwise


def spot(corner: tuple[float, float], at_s: float) -> Spot:
    """``corner``: longitude and latitude of the south-west one. ``at_s``: seconds since any instant."""
    sides = at_s * SPEED_KMH / 3.6 / SIDE_M % len(CORNERS)
    number, way = int(sides), sides % 1
    (east, north), (next_east, next_north) = CORNERS[number], CORNERS[(number + 1) % len(CORNERS)]
    side = SIDE_M / METRES_PER_DEGREE
    longitude = corner[0] + (east + (next_east - east) * way) * side / cos(radians(corner[1]))
    latitude = corner[1] + (north + (next_north - north) * way) * side
    return Spot(longitude, latitude, SPEED_KMH, HEADINGS[number])
