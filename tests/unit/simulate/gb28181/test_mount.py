"""Where a camera looks, by command."""

import pytest

from bingjian.protocols.gb28181 import ptz
from bingjian.protocols.gb28181.manscdp.controls import Area, PrecisePosition
from bingjian.simulate.course import AHEAD, PAN_LIMIT, ZOOM_LIMIT, Course, Look
from bingjian.simulate.gb28181.mount import Mount

SECOND = 1_000_000_000


def test_a_course_goes_on_to_its_limits() -> None:
    course = Course(pan_speed=30.0, zoom_speed=1.0, since_ns=SECOND)
    assert course.at(0) == AHEAD
    assert course.at(2 * SECOND) == Look(30.0, 0.0, 2.0)
    assert course.at(100 * SECOND) == Look(PAN_LIMIT, 0.0, ZOOM_LIMIT)


def test_moves_until_it_is_told_to_stop() -> None:
    told: list[Course] = []
    mount = Mount(told.append)
    mount.command(ptz.Move(pan=-1, tilt=1, pan_speed=255, tilt_speed=51))
    assert (mount.course.pan_speed, mount.course.tilt_speed) == (-60.0, -12.0)  # up is less
    assert mount.away
    mount.command(ptz.STOP)
    assert not mount.course.moves
    assert len(told) == 2


@pytest.mark.parametrize(("pan", "seen"), [(0, 0), (90, 90), (350, -10), (200, -PAN_LIMIT)])
def test_precise_positions_go_round(pan: float, seen: float) -> None:
    mount = Mount()
    mount.turn_precisely(PrecisePosition(pan=pan))
    assert mount.look == Look(seen, 0.0, 1.0)


def test_drag_zoom_fills_the_picture_with_what_was_drawn() -> None:
    mount = Mount()
    area = Area(window_length=800, window_width=600, mid_x=600, mid_y=300, length=400, width=300)
    mount.frame(area, closer=True)
    assert mount.look == Look(15.0, 0.0, 2.0)
    mount.frame(
        Area(window_length=800, window_width=600, mid_x=400, mid_y=300, length=400, width=300), closer=False
    )
    assert mount.look == Look(15.0, 0.0, 1.0)
    mount.frame(Area(), closer=True)
    assert mount.look == Look(15.0, 0.0, 1.0)


def test_presets_and_cruises() -> None:
    mount = Mount()
    mount.turn(Look(20.0, 5.0, 2.0))
    mount.command(ptz.Preset("set", 3), "gate")
    mount.turn(AHEAD)
    for command in (
        ptz.CruisePoint("add", 1, 3),
        ptz.CruisePoint("add", 1, 4),
        ptz.CruisePoint("delete", 1, 4),
    ):
        mount.command(command)
    assert mount.cruises == {1: [3]}
    mount.command(ptz.StartCruise(1))
    assert mount.look == Look(20.0, 5.0, 2.0)
    mount.command(ptz.Preset("delete", 3))
    mount.command(ptz.CruisePoint("delete", 1, 0))
    assert (mount.presets, mount.cruises) == ({}, {})
