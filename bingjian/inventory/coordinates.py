"""Coordinate systems: what a list calls its coordinates, and where that is in WGS-84.

CGCS2000 differs from WGS-84 by centimetres and is kept as a label. GCJ-02 shifts by some 500 m at Harbin,
BD-09 shifts GCJ-02 once more; neither was ever published as a formula by its makers: these are the ones that
map programs use, good to a metre. All functions take and give (longitude, latitude) in degrees.
"""

from collections.abc import Callable
from enum import StrEnum
from math import atan2, cos, hypot, isfinite, pi, sin, sqrt

Point = tuple[float, float]  # longitude, latitude; degrees

AXIS_M = 6378245.0  # semi-major axis of the ellipsoid of Krassowsky, which the shift is computed on
ECCENTRICITY = 0.00669342162296594323  # its first one, squared
ROUNDS = 8  # of the inverse: each makes the error a thousand times smaller; past four nothing changes
HARBIN = (125.5, 44.0, 130.4, 46.8)  # west, south, east, north: around all its districts and counties


class System(StrEnum):
    """What coordinates are declared to be in."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class Doubt(StrEnum):
    """Why coordinates cannot be meant as they stand; for people to look at."""

    NOT_NUMBERS = "not_numbers"
    SWAPPED = "swapped"  # latitude and longitude have changed places
    ELSEWHERE = "elsewhere"  # not near Harbin


def to_wgs84(point: Point, system: System) -> Point:
    """Where this is in WGS-84."""
    return INWARD[system](point)


def from_wgs84(point: Point, system: System) -> Point:
    """How this point of WGS-84 is written in another system."""
    return OUTWARD[system](point)


def plausible(point: Point) -> Doubt | None:
    """None if a camera of Harbin may be there, whatever the system; else the doubt."""
    longitude, latitude = point
    if not (isfinite(longitude) and isfinite(latitude)):
        return Doubt.NOT_NUMBERS
    if in_harbin(point):
        return None
    return Doubt.SWAPPED if in_harbin((latitude, longitude)) else Doubt.ELSEWHERE


def in_harbin(point: Point) -> bool:
    west, south, east, north = HARBIN
    return west <= point[0] <= east and south <= point[1] <= north


def _same(point: Point) -> Point:
    return point


def _shifted(point: Point) -> Point:
    """WGS-84 to GCJ-02."""
    longitude, latitude = point
    east, north = _wave_east(longitude - 105, latitude - 35), _wave_north(longitude - 105, latitude - 35)
    bend = 1 - ECCENTRICITY * sin(latitude * pi / 180) ** 2
    north_m = AXIS_M * (1 - ECCENTRICITY) / (bend * sqrt(bend))  # radii of curvature
    east_m = AXIS_M / sqrt(bend) * cos(latitude * pi / 180)
    return longitude + east * 180 / (east_m * pi), latitude + north * 180 / (north_m * pi)


def _wave_east(x: float, y: float) -> float:
    slow = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    waves = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi) + 20 * sin(x * pi) + 40 * sin(x / 3 * pi)
    return slow + (waves + 150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3


def _wave_north(x: float, y: float) -> float:
    slow = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    waves = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi) + 20 * sin(y * pi) + 40 * sin(y / 3 * pi)
    return slow + (waves + 160 * sin(y / 12 * pi) + 320 * sin(y / 30 * pi)) * 2 / 3


def _unshifted(point: Point) -> Point:
    """GCJ-02 to WGS-84: the point that is shifted to this one."""
    guess = point
    for _ in range(ROUNDS):
        there = _shifted(guess)
        guess = guess[0] + point[0] - there[0], guess[1] + point[1] - there[1]
    return guess


def _turned(point: Point) -> Point:
    """GCJ-02 to BD-09."""
    x, y = point
    far = hypot(x, y) + 0.00002 * sin(y * pi * 3000 / 180)
    turn = atan2(y, x) + 0.000003 * cos(x * pi * 3000 / 180)
    return far * cos(turn) + 0.0065, far * sin(turn) + 0.006


def _unturned(point: Point) -> Point:
    """BD-09 to GCJ-02: the point that is turned to this one."""
    guess = point
    for _ in range(ROUNDS):
        there = _turned(guess)
        guess = guess[0] + point[0] - there[0], guess[1] + point[1] - there[1]
    return guess


INWARD: dict[System, Callable[[Point], Point]] = {
    System.WGS84: _same,
    System.CGCS2000: _same,
    System.GCJ02: _unshifted,
    System.BD09: lambda point: _unshifted(_unturned(point)),
}
OUTWARD: dict[System, Callable[[Point], Point]] = {
    System.WGS84: _same,
    System.CGCS2000: _same,
    System.GCJ02: _shifted,
    System.BD09: lambda point: _turned(_shifted(point)),
}
