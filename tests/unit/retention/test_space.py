"""Whether the terms fit the disks: one byte before, at and after."""

from dataclasses import replace

import pytest

from bingjian.retention.space import DAY_S, Room, admit, forecast
from bingjian.rules.decision import Grant, Refusal

DAYS = 31
RATE = 1_000_000
NEEDED = RATE * DAY_S * DAYS


def test_R28_9_a_volume_that_holds_its_cameras_for_their_term_is_never_full() -> None:
    room = Room(used_bytes=NEEDED // 2, free_bytes=NEEDED - NEEDED // 2, write_bytes_per_s=RATE)
    assert forecast(room, DAYS).days_left is None
    told = forecast(replace(room, free_bytes=room.free_bytes - 1), DAYS)
    assert told.days_left == pytest.approx(15.5, abs=0.01)
    assert not told.alarm


def test_R28_9_the_alarm_is_given_below_seven_days() -> None:
    seven = RATE * DAY_S * 7
    assert not forecast(Room(0, seven, RATE), DAYS).alarm
    assert forecast(Room(0, seven - 1, RATE), DAYS).alarm


def test_nothing_measured_is_no_alarm() -> None:
    assert forecast(Room(0, 0, 0), DAYS).days_left is None


def test_R28_9_one_camera_more_is_taken_on_where_its_term_fits_beside_the_others() -> None:
    rooms = [Room(NEEDED, NEEDED, RATE), Room(0, NEEDED, RATE)]
    assert isinstance(admit(rooms, RATE, DAYS), Grant)
    refused = admit([rooms[0], Room(0, NEEDED - DAY_S * RATE * 3, RATE)], RATE, DAYS)
    assert isinstance(refused, Refusal)
    assert refused.code == "R28.9"
    assert "24.0 Mbit/s × 31 days = 7,483 GiB" in refused.reason.en
    assert "24.0 Mbit/s × 31 日 = 7,483 GiB" in refused.reason.zh
