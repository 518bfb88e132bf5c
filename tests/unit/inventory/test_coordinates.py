"""Coordinate systems against published values, and there and back."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.inventory.coordinates import HARBIN, Doubt, Point, System, from_wgs84, plausible, to_wgs84

CENTIMETRE = 1e-7  # degrees
points = st.tuples(st.floats(HARBIN[0], HARBIN[2]), st.floats(HARBIN[1], HARBIN[3]))


def test_as_published() -> None:
    """The examples of gcoord's own documentation (1.0.7)."""
    bd09 = from_wgs84((116.403988, 39.914266), System.BD09)
    assert bd09 == pytest.approx((116.41661560068297, 39.92196580126834), abs=1e-9)
    back = to_wgs84((123, 45), System.GCJ02)  # its own way back ends a centimetre or two early
    assert back == pytest.approx((122.99395597, 44.99804071), abs=2 * CENTIMETRE)


def test_at_harbin_the_shift_is_half_a_kilometre() -> None:
    east, north = from_wgs84((126.642464, 45.756967), System.GCJ02)
    assert (east - 126.642464, north - 45.756967) == pytest.approx((0.00597, 0.00195), abs=1e-5)


@given(points, st.sampled_from(System))
def test_there_and_back(point: Point, system: System) -> None:
    assert to_wgs84(from_wgs84(point, system), system) == pytest.approx(point, abs=CENTIMETRE)


def test_what_cannot_be_meant() -> None:
    west, south, east, north = HARBIN
    assert plausible((126.6, 45.7)) is None
    assert plausible((45.7, 126.6)) is Doubt.SWAPPED
    assert plausible((116.4, 39.9)) is Doubt.ELSEWHERE
    assert plausible((0, 0)) is Doubt.ELSEWHERE
    for corner in ((west, south), (east, north)):
        assert plausible(corner) is None
    assert plausible((west - 1e-6, south)) is plausible((east, north + 1e-6)) is Doubt.ELSEWHERE
    for number in (nan, inf, -inf):
        assert plausible((number, 45.7)) is plausible((126.6, number)) is Doubt.NOT_NUMBERS
