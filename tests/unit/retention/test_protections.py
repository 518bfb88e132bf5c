"""Marks and holds: set once, released by two persons, never forgotten."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from bingjian.clock import ticks_of, utc_now
from bingjian.db.session import Database
from bingjian.inventory.endings import Endings
from bingjian.inventory.errors import NoSuchCamera
from bingjian.inventory.service import Cameras
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from bingjian.retention.copying import READ_AGAIN, RETRY, SETTLED
from bingjian.retention.errors import AlreadyReleased, NoSuchHold, NoSuchMark
from bingjian.retention.models import ticks_up
from bingjian.retention.protections import Marks
from bingjian.retention.service import Retention
from bingjian.rules.decision import Refused
from tests.backend import FailingJournal, StillClock, kinds
from tests.unit.retention.conftest import ME, YOU
from tests.unit.retention.shelf import Shelf
from tests.unit.retention.times import DAY, at, set_to, wish

NOON = at("2026-01-01 12:00")
HOUR = timedelta(hours=1)


async def test_R27_5_a_release_needs_two_distinct_persons_and_leaves_the_record(
    retention: Retention, camera: UUID, journal: Journal
) -> None:
    for protections in (retention.marks, retention.holds):
        row = await protections.set(wish(camera, NOON - HOUR, NOON), ME)
        assert row.state == "in_force"
        asked = await protections.release(row.id, "误标", YOU)
        assert (asked.state, asked.asked_by_name, asked.release_reason) == ("release_asked", "李", "误标")
        with pytest.raises(Refused) as refused:
            await protections.release(row.id, "误标", YOU)
        assert refused.value.refusal.code == "R27.5"
        assert (await protections.get(row.id)).state == "release_asked"
        assert (await protections.counts([camera])) == {camera: 1}
        assert await retention.holds.released() == []
        released = await protections.release(row.id, "同意", ME)
        assert (released.state, released.confirmed_by_name) == ("released", "王")
        assert (await protections.counts([camera])) == {}
        with pytest.raises(AlreadyReleased):
            await protections.release(row.id, "同意", YOU)
        assert [one.id for one in (await protections.page(10, None)).items] == [row.id]
    assert await retention.holds.released() == [row.id]
    written = await kinds(journal)
    assert written == [
        "camera.added",
        *("mark.set", "mark.release_asked", "refusal", "mark.released"),
        *("hold.set", "hold.release_asked", "refusal", "hold.released"),
    ]


async def test_what_is_not_in_the_journal_does_not_hold(
    database: Database, camera: UUID, clock: StillClock, retention: Retention
) -> None:
    broken = Marks(database, FailingJournal(), clock)  # type: ignore[arg-type]
    with pytest.raises(JournalUnavailable):
        await broken.set(wish(camera, NOON - HOUR, NOON), ME)
    assert (await retention.marks.page(10, None)).items == []
    row = await retention.marks.set(wish(camera, NOON - HOUR, NOON), ME)
    with pytest.raises(JournalUnavailable):
        await broken.release(row.id, "误标", ME)
    assert (await retention.marks.get(row.id)).state == "in_force"


async def test_cameras_that_are_none_and_ids_that_are_none(
    retention: Retention, camera: UUID, cameras: Cameras, endings: Endings
) -> None:
    with pytest.raises(NoSuchCamera):
        await retention.marks.set(wish(uuid4(), NOON - HOUR, NOON), ME)
    with pytest.raises(NoSuchMark):
        await retention.marks.release(uuid4(), "x", ME)
    with pytest.raises(NoSuchHold):
        await retention.holds.get(uuid4())
    with pytest.raises(NoSuchHold):
        await retention.copying.verify(uuid4())
    await cameras.remove(camera, "拆除", ME, endings, is_recorded=True)
    await retention.holds.set(wish(camera, NOON - HOUR, NOON), ME)  # its footage is still there


async def test_pages_and_filters(retention: Retention, camera: UUID) -> None:
    for n in range(5):
        await retention.marks.set(wish(camera, NOON + n * HOUR, NOON + (n + 1) * HOUR), ME)
    first = await retention.marks.page(3, None)
    second = await retention.marks.page(3, first.next_key)
    assert [row.start for row in first.items + second.items] == [NOON + n * HOUR for n in (4, 3, 2, 1, 0)]
    assert second.next_key is None
    found = await retention.marks.page(9, None, camera, NOON + HOUR, NOON + 2 * HOUR)
    assert [row.start for row in found.items] == [NOON + HOUR]
    assert (await retention.marks.page(9, None, uuid4())).items == []


async def test_R27_5_a_hold_is_copied_and_verified(
    retention: Retention, shelf: Shelf, camera: UUID, clock: StillClock, journal: Journal
) -> None:
    shelf.put(camera, NOON - HOUR, NOON - HOUR / 2)
    shelf.missing = [{"start": "2026-01-01T03:30:00Z", "end": "2026-01-01T04:00:00Z", "cause": "no_packets"}]
    row = await retention.holds.set(wish(camera, NOON - HOUR, NOON), ME)
    assert (row.copied_segments, row.verified_at, row.missing) == (None, None, [])
    await retention.copying.round()
    copied = await retention.holds.get(row.id)
    assert (copied.copied_segments, copied.copied_bytes, copied.missing) == (1, 1000, shelf.missing)
    assert (copied.verified_at, copied.due_at) == (NOON, NOON + SETTLED), "its last segment was still open"
    clock.wait(SETTLED.total_seconds())
    await retention.copying.round()
    await retention.copying.round()
    assert shelf.copies == [row.id] * 2
    again = await retention.holds.get(row.id)
    assert (again.verified_at, again.due_at) == (NOON + SETTLED, NOON + SETTLED + READ_AGAIN), "weekly"
    await retention.copying.verify(row.id)
    assert retention.copying.wanted.is_set()
    await retention.copying.round()
    assert shelf.copies == [row.id] * 3
    assert (await kinds(journal))[-3:] == ["hold.copied"] * 3


async def test_a_copy_waits_for_its_worker_and_ends_with_the_hold(
    retention: Retention, shelf: Shelf, camera: UUID, clock: StillClock
) -> None:
    row = await retention.holds.set(wish(camera, NOON - DAY, NOON - HOUR), ME)
    shelf.away = True
    await retention.copying.round()
    shelf.away = False
    await retention.copying.round()
    assert (await retention.holds.get(row.id)).due_at == NOON + RETRY
    assert shelf.copies == []
    clock.wait(RETRY.total_seconds())
    await retention.copying.round()
    assert shelf.copies == [row.id]
    for person in (ME, YOU):
        await retention.copying.verify(row.id)
        await retention.holds.release(row.id, "案件已结", person)
    await retention.copying.round()
    assert shelf.copies == [row.id]
    with pytest.raises(AlreadyReleased):
        await retention.copying.verify(row.id)


def test_ends_are_rounded_up() -> None:
    assert ticks_up(NOON) == ticks_of(NOON)
    for microseconds in (1, 10, 11, 12, 999_999):
        end = NOON + timedelta(microseconds=microseconds)
        exact = microseconds * 90_000 / 1_000_000
        assert ticks_up(end) - ticks_of(NOON) == -int(-exact // 1)
    set_to(clock := StillClock(), NOON)
    assert utc_now(clock) == NOON
