"""Masks over a camera's picture: polygons in picture coordinates, as values. No pixels here, see ``cover``.

Coordinates are shares of the picture's width and height, 0 … 1 from its upper left corner, so one mask fits
the main stream, the sub stream and a small picture alike.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from typing import Any

import shapely

MASKS_MAX = 16  # of one camera at a time; a picture with more is no picture
POINTS_MIN, POINTS_MAX = 3, 32  # of one polygon: a window frame, a balcony, a roof line
DECIMALS = 4  # of a coordinate: less than a pixel of the largest picture, and short in a request
# So long before its first instant a view may begin: with the key frame before it, see recording.reader.
SHOWN_BEFORE_90K = 125 * 90_000
AREA_MIN = 1e-6  # of the picture: eight pixels of a 4K camera; less hides nothing

Point = tuple[float, float]


class MaskError(ValueError):
    """No polygon that could hide anything; carries one plain sentence."""


@dataclass(frozen=True, slots=True)
class Mask:
    """One polygon. Its inside is hidden; or, ``is_window``, everything but its inside."""

    polygon: tuple[Point, ...]
    is_window: bool = False

    @classmethod
    def checked(cls, points: Sequence[Sequence[float]], *, is_window: bool = False) -> "Mask":
        """Rounded and not closed. Raises MaskError."""
        if not POINTS_MIN <= len(points) <= POINTS_MAX + 1 or not all(len(point) == 2 for point in points):
            raise MaskError(f"a mask has {POINTS_MIN} to {POINTS_MAX} points of two numbers each")
        if not all(isfinite(number) and 0 <= number <= 1 for point in points for number in point):
            raise MaskError("a point of the mask lies outside the picture")
        polygon = tuple((round(x, DECIMALS), round(y, DECIMALS)) for x, y in points)
        polygon = polygon[:-1] if polygon[0] == polygon[-1] else polygon
        shape = shapely.Polygon(polygon) if len(polygon) >= POINTS_MIN else None
        if shape is None or len(polygon) > POINTS_MAX or not shape.is_valid or shape.area < AREA_MIN:
            raise MaskError("the outline crosses itself or encloses nothing")
        return cls(polygon, is_window)


def digest_of(masks: Iterable[Mask]) -> str:
    """What a ticket names, so that exactly these are applied; in any order; empty for none."""
    told = sorted(json.dumps([one.polygon, one.is_window]) for one in masks)
    return sha256("\n".join(told).encode()).hexdigest()[:32] if told else ""


def told(masks: Iterable[Mask]) -> list[dict[str, Any]]:
    """As JSON has them."""
    return [{"polygon": [list(point) for point in one.polygon], "is_window": one.is_window} for one in masks]


def read(given: object) -> tuple[Mask, ...]:
    """Back from ``told``. Raises MaskError."""
    try:
        assert isinstance(given, list)
        return tuple(Mask.checked(one["polygon"], is_window=bool(one["is_window"])) for one in given)
    except (AssertionError, KeyError, TypeError) as error:
        raise MaskError("these are no masks") from error


@dataclass(frozen=True, slots=True)
class Standing:
    """A mask of a camera, and until when what was recorded is hidden by it."""

    mask: Mask
    until_90k: int | None  # UTC since 1970 in 1/90000 s; None: it stands


def applied(masks: Iterable[Standing], begin_90k: int | None, more: Iterable[Mask] = ()) -> tuple[Mask, ...]:
    """What a view must hide. Whoever signs a ticket and whoever serves it ask the same.

    A picture that stands at its first instant may have been taken before (``SHOWN_BEFORE_90K``).

    Args:
        begin_90k: the first instant that is shown; None: it is shown as it happens.
        more: a grant's own.
    """
    hiding = (
        one.mask
        for one in masks
        if one.until_90k is None or (begin_90k is not None and one.until_90k > begin_90k - SHOWN_BEFORE_90K)
    )
    return (*hiding, *more)
