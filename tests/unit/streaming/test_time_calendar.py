"""The end of a year, in UTC and where the law counts its days: an instant like any other."""

from datetime import UTC, datetime, timedelta

import pytest

from bingjian.clock import CHINA, instant_of
from tests.unit.streaming.footage import SetClock
from tests.unit.streaming.passing import Passing

ENDS = [datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=CHINA)]


@pytest.mark.parametrize("midnight", ENDS, ids=["UTC", "Asia/Shanghai"])
def test_a_year_ends_between_two_pictures(midnight: datetime) -> None:
    clock = SetClock()
    clock.utc = int((midnight - timedelta(seconds=30)).timestamp()) * 10**9
    passing = Passing(clock=clock)
    passing.run(60)
    assert passing.unbroken()
    assert passing.steps == passing.gaps == []
    instants = [instant_of(sample.pts).astimezone(midnight.tzinfo) for sample in passing.notes.samples]
    at = instants.index(midnight)
    assert at == 30 * 25
    assert {instant.year for instant in instants[:at]} == {2026}
    assert {instant.year for instant in instants[at:]} == {2027}


def test_a_leap_second_at_the_end_of_a_year_is_a_step_of_a_second() -> None:
    """23:59:60 is 23:59:59 once more, as Linux has it without a smear."""
    midnight, clock = ENDS[0], SetClock()
    clock.utc = int((midnight - timedelta(seconds=30)).timestamp()) * 10**9
    passing = Passing(clock=clock)
    passing.run(30)
    passing.step(-1)
    passing.run(30)
    assert [instant_of(int(str(at))) for at in passing.steps] == [midnight]
    assert passing.worst_ms(first=31 * 25) == 0
