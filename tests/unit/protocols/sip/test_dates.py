from datetime import UTC, datetime, timedelta, timezone

import pytest

from bingjian.protocols.sip import dates


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-5))])
def test_beijing_time_without_a_zone_whatever_the_zone_of_the_instant(zone: timezone) -> None:
    instant = datetime(2026, 1, 31, 0, 0, 0, 7_900, UTC).astimezone(zone)
    assert dates.written(instant) == "2026-01-31T08:00:00.007"


@pytest.mark.parametrize(
    "value",
    [
        *["2026-01-31T08:00:00.000", "2026-01-31 08:00:00", "2026-01-31T00:00:00Z"],
        *[" 2026-01-31T08:00:00 ", "2026-01-31T09:00:00+09:00"],
    ],
)
def test_a_zone_that_is_written_counts_else_it_is_beijing(value: str) -> None:
    assert dates.read(value) == datetime(2026, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize("value", ["", "Sat, 31 Jan", "2026-13-01T00:00:00", "0001-01-01T00:00:00"])
def test_what_is_no_date(value: str) -> None:
    assert dates.read(value) is None
