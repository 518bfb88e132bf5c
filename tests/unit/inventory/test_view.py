"""What a camera sees, and what of it no mask hides."""

from math import cos, radians, sin

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from bingjian.inventory.ground import Frame, Point, Ring, cells_of
from bingjian.inventory.view import Sweep, View, meeting, view_polygon

AT = (126.55, 45.74)
FRAME = Frame(*AT)
angles = st.floats(0, 360)
views = st.builds(
    View,
    st.just(AT[0]),
    st.just(AT[1]),
    angles,
    st.floats(1, 360),
    st.floats(1, 200),
    st.none() | st.builds(Sweep, angles, angles),
)


def box(west: float, south: float, east: float, north: float) -> Ring:
    corners = ((west, south), (east, south), (east, north), (west, north))
    return tuple(FRAME.degrees(*corner) for corner in corners)


def at(direction: float, distance_m: float) -> Point:
    turn = radians(direction)
    return FRAME.degrees(distance_m * sin(turn), distance_m * cos(turn))


def sees(view: View, point: Point) -> bool:
    shape = shapely.Polygon(view_polygon(view))
    return bool(shape.buffer(1e-9).contains(shapely.Point(point)))


@given(views, st.floats(0, 1), st.floats(0.001, 1))
def test_whatever_lies_in_the_sector_is_in_the_polygon(view: View, across: float, far: float) -> None:
    """Never too small: the polygon holds every point of the sector, over the whole sweep."""
    start, width = view.directions
    assert sees(view, at(start + across * width, far * view.distance_m))


@given(views, st.floats(0.01, 0.99))
def test_hardly_more_than_the_sector(view: View, across: float) -> None:
    start, width = view.directions
    assert not sees(view, at(start + across * width, view.distance_m * 1.002 + 0.01))
    if width < 350:
        beside = start + width + across * (360 - width)
        gap = min(beside - start - width, 360 - (beside - start))
        assert gap < 1 or not sees(view, at(beside, view.distance_m / 2))


@given(views, st.floats(-60, 60), st.floats(-60, 60), st.integers(1, 20), st.integers(1, 20))
def test_a_mask_over_the_part_covers_all_and_none_covers_nothing(
    view: View, west: float, south: float, wide: int, deep: int
) -> None:
    part = box(west, south, west + wide, south + deep)
    bare, ring = meeting(view_polygon(view), part), view_polygon(view)
    assert bare.uncovered == bare.cells
    assert meeting(ring, part, [part]).uncovered == 0
    larger = box(west - 1, south - 1, west + wide + 1, south + deep + 1)
    assert meeting(ring, part, [larger]).uncovered == 0
    half = meeting(ring, part, [box(west, south, west + wide / 2, south + deep)])
    assert 0 <= half.uncovered <= bare.cells


def test_R9_4_one_cell_left_open_is_counted() -> None:
    everything = view_polygon(View(*AT, 0, 360, 100))
    part = box(3, 3, 13, 13)
    assert meeting(everything, part).cells in range(100, 122)  # the grid need not begin at its corner
    for left, open_ in ((0.0, False), (0.05, True), (1.0, True)):
        mask = box(3, 3, 13 - left, 13)
        assert (meeting(everything, part, [mask]).uncovered > 0) is open_, left
    all_but_one = [box(3, 3, 12, 13), box(12, 3, 13, 12)]
    assert 1 <= meeting(everything, part, all_but_one).uncovered <= 4


def test_masks_together_cover_what_one_alone_does_not() -> None:
    everything, part = view_polygon(View(*AT, 0, 360, 100)), box(0, 0, 10, 10)
    west, east = box(0, 0, 5, 10), box(5, 0, 10, 10)
    assert meeting(everything, part, [west]).uncovered > 0
    assert meeting(everything, part, [west, east]).uncovered == 0


def test_large_areas_are_counted_by_their_size() -> None:
    assert cells_of(shapely.box(0, 0, 3000, 2000)) == 6_000_000
    assert cells_of(shapely.box(0, 0, 0, 0)) == 0


@pytest.mark.parametrize(
    ("h_fov", "distance"), [(0, 10), (361, 10), (60, 0), (60, 2001), (float("nan"), 10), (60, float("nan"))]
)
def test_what_no_camera_has_is_no_view(h_fov: float, distance: float) -> None:
    with pytest.raises(ValueError):
        View(*AT, 0, h_fov, distance)
