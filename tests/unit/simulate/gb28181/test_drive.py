"""A square is driven round: every second as far as its speed says, and where its direction says."""

from math import cos, hypot, radians, sin

import pytest

from bingjian.simulate.gb28181.drive import METRES_PER_DEGREE, SPEED_KMH, spot

CORNER = (126.6, 45.7)


def metres(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """East and north from one to the other."""
    east = (other[0] - one[0]) * METRES_PER_DEGREE * cos(radians(CORNER[1]))
    return east, (other[1] - one[1]) * METRES_PER_DEGREE


@pytest.mark.parametrize("start_s", [0.0, 75.0, 200.0, 400.0, 539.0, 1e9])
def test_in_ten_seconds_it_goes_as_far_as_the_speed_and_where_the_direction_says(start_s: float) -> None:
    here, there = spot(CORNER, start_s), spot(CORNER, start_s + 10)
    east, north = metres(here[:2], there[:2])
    assert hypot(east, north) == pytest.approx(SPEED_KMH / 3.6 * 10, rel=1e-3)
    way, heading = hypot(east, north), radians(here.direction)
    assert (east, north) == pytest.approx((way * sin(heading), way * cos(heading)), abs=0.5)


def test_after_a_round_it_is_where_it_was_and_half_way_at_the_far_corner() -> None:
    assert spot(CORNER, 600.0)[:2] == pytest.approx(CORNER)
    assert metres(CORNER, spot(CORNER, 300.0)[:2]) == pytest.approx((1000, 1000), abs=0.1)
