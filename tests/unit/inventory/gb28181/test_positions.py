"""Which place of a channel is its last one."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bingjian.inventory.coordinates import System, from_wgs84
from bingjian.inventory.gb28181.devices import new_row
from bingjian.inventory.gb28181.models import GbDeviceRow, channel_id
from bingjian.inventory.gb28181.positions import Refused, newest, read, replaces, row_of, said
from tests.backend import NOON_NS
from tests.spoken_signal import CHANNEL, DEVICE

NOON = datetime.fromtimestamp(NOON_NS // 10**9, UTC)
HERE: dict[str, Any] = {"channel": CHANNEL, "longitude": 126.6, "latitude": 45.7}


def device(coordinates: str = "wgs84") -> GbDeviceRow:
    row = new_row(UUID(int=1), DEVICE, NOON)
    row.positions_s, row.coordinates = 5, coordinates  # type: ignore[assignment]
    return row


def at(received_s: float, said_s: float | None) -> dict[str, Any]:
    """A place: when it came, and when by the device's clock, in seconds after noon."""
    told = None if said_s is None else NOON + timedelta(seconds=said_s)
    return {"received_at": NOON + timedelta(seconds=received_s), "said_at": told}


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        (at(5, 5), None, True),
        (at(5, 5), at(0, 0), True),
        (at(5, None), at(0, 0), True),
        (at(5, 0), at(0, None), True),
        (at(0, 5), at(5, 0), False),  # an event that is told again
        (at(5, -1), at(0, 0), False),  # it was kept back by the device
        (at(5, -7200), at(0, -7205), True),  # a clock that is wrong orders all the same
        (at(5, 5), at(0, 86_400), True),  # one that is far ahead says nothing
        (at(5, 5), at(0, 119), False),
        (at(599, -3600), at(0, 0), False),
        (at(600, -3600), at(0, 0), True),  # the clock was set back: for ten minutes nothing newer came
    ],
)
def test_the_newest_by_arrival_unless_the_devices_clock_goes_back(
    new: dict[str, Any], old: dict[str, Any] | None, expected: bool
) -> None:
    assert replaces(new, old) is expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2026-01-01T12:00:00+08:00", datetime(2026, 1, 1, 4, tzinfo=UTC)),
        ("2026-01-01T12:00:00", datetime(2026, 1, 1, 4, tzinfo=UTC)),
        ("2026-01-01T04:00:00.000Z", datetime(2026, 1, 1, 4, tzinfo=UTC)),
        ("0001-01-01T00:00:00", None),
        ("never", None),
        (None, None),
        (7, None),
    ],
)
def test_the_devices_time_is_chinas_where_it_names_no_zone(told: Any, expected: datetime | None) -> None:
    assert said(told) == expected


NOWHERE = [{"longitude": 180.1}, {"latitude": -90.1}, {"longitude": None}, {"latitude": "45"}]


@pytest.mark.parametrize("place", [*NOWHERE, {"latitude": float("nan")}, {"longitude": float("inf")}])
def test_no_place_of_the_world_has_no_row(place: dict[str, Any]) -> None:
    assert row_of(device(), HERE | place, NOON) is None


def test_odd_numbers_beside_a_place_are_left_out() -> None:
    odd = {"speed_kmh": 1e18, "direction": -3.0, "altitude_m": 99_999.0, "time": "never"}
    row = row_of(device(), HERE | odd, NOON)
    assert row is not None
    assert [row[name] for name in ("speed_kmh", "direction", "altitude_m", "said_at")] == [None] * 4
    fine = {"speed_kmh": 0.0, "direction": 360.0, "altitude_m": -12.5}
    row = row_of(device(), HERE | fine, NOON)
    assert row is not None
    assert {name: row[name] for name in fine} == fine


def test_what_is_told_in_gcj02_is_kept_in_wgs84() -> None:
    east, north = from_wgs84((126.6, 45.7), System.GCJ02)
    row = row_of(device("gcj02"), {"longitude": east, "latitude": north}, NOON)
    assert row is not None
    assert (row["longitude"], row["latitude"]) == pytest.approx((126.6, 45.7), abs=1e-7)
    assert abs(east - row["longitude"]) > 0.004
    assert (row["told_in"], row["channel"]) == ("gcj02", DEVICE)


def test_a_batch_is_one_row_a_channel_and_what_is_not_taken_is_counted() -> None:
    refused, one = Refused(), device()
    items = [HERE | {"longitude": 126 + step / 10, "time": f"2026-01-01T12:00:0{step}"} for step in range(5)]
    items += [HERE | {"time": "2026-01-01T12:00:01"}, HERE | {"latitude": 91}, HERE | {"channel": "made up"}]
    rows = read([(one, {"items": [*items, 7, None]}, NOON), (one, {"items": "none"}, NOON)], refused)
    owned = {channel_id(one.id, CHANNEL)}
    (row,) = newest(rows, owned, {}, refused).values()
    assert (row["longitude"], row["channel"]) == (126.4, CHANNEL)
    assert refused == Refused(impossible=1, foreign=1, older=1)
