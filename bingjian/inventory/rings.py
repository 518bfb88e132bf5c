"""Outlines that people draw: checked before they are kept."""

from math import isfinite

import shapely

from bingjian.inventory.coordinates import in_harbin
from bingjian.inventory.errors import PlaceNotAccepted
from bingjian.inventory.ground import Ring

POINTS_MOST = 1000  # of one outline; more is a drawing that nobody simplified


def checked_ring(ring: Ring, field: str) -> Ring:
    """A ring of (longitude, latitude), not closed, that encloses something. Raises PlaceNotAccepted."""
    points = ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring
    if not 3 <= len(points) <= POINTS_MOST:
        raise PlaceNotAccepted(field, f"an outline has 3 to {POINTS_MOST} points")
    if not all(isfinite(number) for point in points for number in point) or not all(map(in_harbin, points)):
        raise PlaceNotAccepted(field, "a point of the outline does not lie near Harbin (longitude, latitude)")
    shape = shapely.Polygon(points)
    if not shape.is_valid or shape.area == 0:
        raise PlaceNotAccepted(field, "the outline crosses itself or encloses nothing")
    return tuple((east, north) for east, north in points)
