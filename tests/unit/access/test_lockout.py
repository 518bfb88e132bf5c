"""Who must wait after failures, as values: how long, until when, and that memory is bounded."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bingjian.access.guard import too_many_for_account
from bingjian.access.lockout import (
    DELAY_MAX_S,
    FORGOTTEN,
    LOCK_FIRST,
    LOCK_MAX,
    PRESSURE_DRAIN,
    PRESSURE_FREE,
    PRESSURE_MAX,
    RECENT_MAX,
    Bucket,
    Pressure,
    failed,
    lock_after,
    pressed,
    too_many_from_network,
)

NOON = datetime(2026, 1, 1, 4, tzinfo=UTC)
SECOND = timedelta(seconds=1)
steps = st.lists(st.integers(0, 90_000), max_size=60)  # seconds between failures, up to more than a day
either = st.sampled_from([too_many_for_account, too_many_from_network])


@given(steps, either)
def test_memory_and_waits_are_bounded_whatever_comes(gaps: list[int], too_many: object) -> None:
    bucket, now = Bucket(), NOON
    for gap in gaps:
        now += gap * SECOND
        bucket = failed(bucket, too_many, now)  # type: ignore[arg-type]
        assert len(bucket.recent) <= RECENT_MAX
        assert bucket.recent[-1] == now
        assert timedelta(0) <= bucket.wait(now) <= LOCK_MAX
        assert bucket.wait(now + LOCK_MAX) == timedelta(0)


def test_failures_without_end_are_not_remembered_without_end() -> None:
    bucket = Bucket()
    for number in range(3 * RECENT_MAX):
        bucket = failed(bucket, too_many_from_network, NOON + number * SECOND)
    assert len(bucket.recent) == RECENT_MAX


@given(steps)
def test_a_source_is_locked_exactly_when_the_rules_say_so(gaps: list[int]) -> None:
    """Against a model that remembers everything."""
    bucket, now, every = Bucket(), NOON, list[datetime]()
    for gap in gaps:
        now += gap * SECOND
        every = [*every, now]
        bucket = failed(bucket, too_many_for_account, now)
        recent = sum(now - timedelta(minutes=5) <= one for one in every)
        assert (bucket.wait(now) > timedelta(0)) == (recent >= 5)


@given(st.integers(1, 10_000))
def test_the_wait_never_shrinks_and_never_exceeds_its_limit(locks: int) -> None:
    assert LOCK_FIRST <= lock_after(locks) <= lock_after(locks + 1) <= LOCK_MAX


def test_after_a_day_without_failures_the_waits_begin_anew() -> None:
    bucket = Bucket()
    for _ in range(9):
        bucket = failed(bucket, too_many_for_account, NOON)
    assert bucket.locks == 5
    for later, locks in ((FORGOTTEN - SECOND, 5), (FORGOTTEN, 0), (FORGOTTEN + SECOND, 0)):
        assert failed(bucket, too_many_for_account, NOON + later).locks == locks


def test_a_clock_set_back_locks_nobody_for_longer() -> None:
    bucket = Bucket(locks=3, locked_until=NOON)
    assert bucket.wait(NOON - timedelta(days=400)) == LOCK_MAX


@given(steps)
def test_pressure_only_delays_and_drains(gaps: list[int]) -> None:
    pressure, now = Pressure(), NOON
    for gap in gaps:
        now += gap * SECOND
        before = pressure.level_at(now)
        pressure = pressed(pressure, now)
        assert pressure.level_at(now) == min(before + 1, PRESSURE_MAX)
        assert 0 <= pressure.delay_s(now) <= DELAY_MAX_S
        assert pressure.delay_s(now + PRESSURE_MAX * PRESSURE_DRAIN) == 0


def test_the_first_failures_slow_nobody_down() -> None:
    pressure = Pressure()
    for _ in range(PRESSURE_FREE):
        pressure = pressed(pressure, NOON)
    assert pressure.delay_s(NOON) == 0
    pressure = pressed(pressure, NOON)
    assert pressure.delay_s(NOON) > 0
    assert pressure.delay_s(NOON + PRESSURE_DRAIN - SECOND) > 0
    assert pressure.delay_s(NOON + PRESSURE_DRAIN) == 0
