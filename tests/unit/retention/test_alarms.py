"""A handled alarm goes when the footage it is about may go; any other stays."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from bingjian.db.session import Database
from bingjian.inventory.gb28181.alarms import AFTER
from bingjian.inventory.gb28181.models import GbAlarmRow
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from bingjian.retention import alarms
from bingjian.retention.alarms import HandledAlarms
from bingjian.retention.classes import ClassWish
from bingjian.retention.models import JOB, Kind
from bingjian.retention.service import Retention
from tests.backend import FailingJournal, StillClock
from tests.unit.retention.conftest import ME, YOU
from tests.unit.retention.times import DAY, SECOND, at, set_to, wish

HAPPENED = at("2026-03-01 12:00")
FREE = at("2026-04-01 00:00")  # of the general term
MINUTE = timedelta(minutes=1)


async def alarm(
    database: Database, camera: UUID | None, happened: datetime = HAPPENED, *, handled: bool = True
) -> UUID:
    id, nothing = (
        uuid4(),
        dict.fromkeys(("priority", "method", "type", "event_type", "description", "note"), ""),
    )
    row = GbAlarmRow(
        id=id,
        key=id.hex,
        device=UUID(int=1),
        channel="23010000001310000001",
        camera=camera,
        division="230102",
        label="东门",
        **nothing,
        said_at="",
        received_at=happened,
        happened_at=happened,
        handled_by=ME.id if handled else None,
        handled_by_name=ME.name if handled else "",
        handled_at=happened + MINUTE if handled else None,
        version=int(handled),
    )

    async def work(session: Any) -> None:
        session.add(row)

    await database.run(work)
    return id


async def left(database: Database) -> set[UUID]:
    async with database.read() as session:
        return set(await session.scalars(select(GbAlarmRow.id)))


async def after(retention: Retention, database: Database, clock: StillClock, instant: datetime) -> set[UUID]:
    """What is left of the alarms when a round was made at this instant."""
    set_to(clock, instant)
    await retention.alarms.round()
    return await left(database)


async def test_R26_1_a_handled_alarm_is_kept_like_the_footage_of_its_camera(
    retention: Retention, database: Database, clock: StillClock, camera: UUID
) -> None:
    one = await alarm(database, camera)
    assert await after(retention, database, clock, FREE - SECOND) == {one}
    assert await after(retention, database, clock, FREE) == set()


async def test_R26_1_the_footage_that_shows_it_decides_the_day(
    retention: Retention, database: Database, clock: StillClock, camera: UUID
) -> None:
    late = await alarm(database, camera, at("2026-03-02 00:00") - AFTER)
    assert await after(retention, database, clock, FREE) == {late}
    assert await after(retention, database, clock, FREE + DAY) == set()


async def test_N17_what_nobody_has_handled_stays(
    retention: Retention, database: Database, clock: StillClock, camera: UUID
) -> None:
    waits = await alarm(database, camera, handled=False)
    assert await after(retention, database, clock, FREE + 400 * DAY) == {waits}


async def test_of_a_channel_without_a_camera_the_general_term_counts(
    retention: Retention, database: Database, clock: StillClock
) -> None:
    one = await alarm(database, None)
    assert await after(retention, database, clock, FREE - SECOND) == {one}
    assert await after(retention, database, clock, FREE) == set()


async def test_R28_2_of_a_counter_terror_camera_ninety_days(
    retention: Retention, database: Database, clock: StillClock, camera: UUID
) -> None:
    await retention.classes.change(camera, ClassWish(Kind.COUNTER_TERROR), "市反恐办 12 号", ME)
    one = await alarm(database, camera)
    assert await after(retention, database, clock, at("2026-05-31 00:00") - SECOND) == {one}
    assert await after(retention, database, clock, at("2026-05-31 00:00")) == set()


async def test_R28_3_with_marked_footage_two_years(
    retention: Retention, database: Database, clock: StillClock, camera: UUID
) -> None:
    one, other = await alarm(database, camera), await alarm(database, camera, HAPPENED + MINUTE)
    set_to(clock, HAPPENED + DAY)
    await retention.marks.set(wish(camera, HAPPENED, HAPPENED + SECOND), ME)
    assert await after(retention, database, clock, FREE) == {one}
    assert other not in await left(database)
    assert await after(retention, database, clock, at("2028-03-02 00:00") - SECOND) == {one}
    assert await after(retention, database, clock, at("2028-03-02 00:00")) == set()


async def test_R27_5_under_a_hold_until_it_is_released(
    retention: Retention, database: Database, clock: StillClock, camera: UUID
) -> None:
    one = await alarm(database, camera)
    set_to(clock, HAPPENED + DAY)
    hold = await retention.holds.set(wish(camera, HAPPENED + AFTER - SECOND, HAPPENED + DAY), ME)
    assert await after(retention, database, clock, HAPPENED + 10_000 * DAY) == {one}
    for person in (ME, YOU):
        await retention.holds.release(hold.id, "已结案", person)
    await retention.alarms.round()
    assert await left(database) == set()


async def test_the_journal_says_what_went_by_camera(
    retention: Retention, database: Database, clock: StillClock, journal: Journal, camera: UUID
) -> None:
    for minute in range(3):
        await alarm(database, camera, HAPPENED + minute * MINUTE)
    await alarm(database, None)
    assert await after(retention, database, clock, FREE) == set()
    told = [record.entry for record in await journal.read(100) if record.kind == "alarms.removed"]
    assert sorted(told, key=lambda entry: -int(entry["alarms"])) == [
        {
            "actor": str(JOB),
            "camera": str(camera),
            "start": "2026-03-01T04:00:00.000000Z",
            "end": "2026-03-01T04:02:00.000000Z",
            "alarms": 3,
            "rule": "R28.1",
        },
        {
            "actor": str(JOB),
            "camera": "",
            "start": "2026-03-01T04:00:00.000000Z",
            "end": "2026-03-01T04:00:00.000000Z",
            "alarms": 1,
            "rule": "R28.1",
        },
    ]


async def test_without_the_journal_none_goes(database: Database, clock: StillClock) -> None:
    one = await alarm(database, None)
    set_to(clock, FREE)
    with pytest.raises(JournalUnavailable):
        await HandledAlarms(database, FailingJournal(), clock).round()
    assert await left(database) == {one}


async def test_what_stays_does_not_hide_what_comes_after_it(
    retention: Retention,
    database: Database,
    clock: StillClock,
    camera: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(alarms, "BATCH", 2)
    await retention.holds.set(wish(camera, HAPPENED, HAPPENED + 5 * MINUTE), ME)
    held = {await alarm(database, camera, HAPPENED + minute * MINUTE) for minute in range(5)}
    await alarm(database, camera, HAPPENED + 10 * MINUTE)
    assert await after(retention, database, clock, FREE) == held


async def test_they_are_found_by_an_index_of_their_own(database: Database) -> None:
    query = select(GbAlarmRow.id).where(GbAlarmRow.handled_at.is_not(None), GbAlarmRow.happened_at < FREE)
    query = query.order_by(GbAlarmRow.happened_at, GbAlarmRow.id).limit(1)

    def plan(connection: Any) -> str:
        asked = query.compile(connection, compile_kwargs={"literal_binds": True})
        if database.is_sqlite:
            return str(connection.execute(text(f"EXPLAIN QUERY PLAN {asked}")).all())
        connection.execute(text("SET LOCAL enable_seqscan = off"))  # the table is empty
        connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        return str(connection.execute(text(f"EXPLAIN {asked}")).all())

    told = await database.run_sync(plan)
    assert "ix_gb_alarms_handled" in told
    assert "Sort" not in told
    assert "ORDER BY" not in told
