"""Nothing goes before its time, everything goes after it, and every removal has its receipt first."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from bingjian.db.session import Database
from bingjian.entries import RemovalReceipt, receipt_payload
from bingjian.inventory.endings import Endings
from bingjian.inventory.models import Place
from bingjian.inventory.service import Cameras
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from bingjian.retention.classes import ClassWish
from bingjian.retention.errors import Gone
from bingjian.retention.models import GivenUpRow, Kind, RemovalRow
from bingjian.retention.removal import BATCH, CLOCK_AHEAD, BelievedTime, Removal, Signer
from bingjian.retention.service import Retention
from tests.backend import KEY, FailingJournal, StillClock, kinds
from tests.unit.retention.conftest import ME, YOU
from tests.unit.retention.shelf import Shelf
from tests.unit.retention.times import DAY, SECOND, at, set_to, wish

MINUTES_5 = timedelta(minutes=5)


async def is_removed_at(retention: Retention, shelf: Shelf, clock: StillClock, instant: datetime) -> bool:
    """Whether everything is gone after a round at this instant."""
    set_to(clock, instant)
    await retention.removal.round()
    return len(shelf.removed) == sum(map(len, shelf.footage_of.values()))


async def boundary(retention: Retention, shelf: Shelf, clock: StillClock, free: datetime) -> None:
    """One second before: kept. At the instant: removed."""
    assert not await is_removed_at(retention, shelf, clock, free - DAY)
    assert not await is_removed_at(retention, shelf, clock, free - SECOND)
    assert await is_removed_at(retention, shelf, clock, free)


@pytest.mark.parametrize(
    ("end", "free"),
    [
        ("2026-03-01 00:05", "2026-04-01 00:00"),
        ("2026-03-01 23:59:59", "2026-04-01 00:00"),
        ("2026-03-02 00:00", "2026-04-02 00:00"),  # 00:00 belongs to the new day
        ("2026-12-02 12:00", "2027-01-02 00:00"),
    ],
)
async def test_R28_1_thirty_days(
    retention: Retention, shelf: Shelf, clock: StillClock, camera: UUID, end: str, free: str
) -> None:
    shelf.put(camera, at(end) - MINUTES_5, at(end))
    await boundary(retention, shelf, clock, at(free))


async def test_R28_2_ninety_days(retention: Retention, shelf: Shelf, clock: StillClock, camera: UUID) -> None:
    await retention.classes.change(camera, ClassWish(Kind.COUNTER_TERROR), "市反恐办 12 号", ME)
    shelf.put(camera, at("2026-03-01 12:00"), at("2026-03-01 12:05"))
    await boundary(retention, shelf, clock, at("2026-05-31 00:00"))
    (receipt,) = shelf.removed.values()
    assert (receipt.rule, receipt.retain_until) == ("R28.2", "2026-05-30T16:00:00.000000Z")


@pytest.mark.parametrize(
    ("end", "free"),
    [("2026-03-01 12:00", "2028-03-02 00:00"), ("2028-02-29 12:00", "2030-03-01 00:00")],
)
async def test_R28_3_two_years(
    retention: Retention, shelf: Shelf, clock: StillClock, camera: UUID, end: str, free: str
) -> None:
    one = shelf.put(camera, at(end) - MINUTES_5, at(end))
    set_to(clock, at(end) + DAY)
    await retention.marks.set(wish(camera, at(end) - SECOND, at(end) + DAY), ME)
    await boundary(retention, shelf, clock, at(free))
    assert shelf.removed[one.segment].rule == "R28.3"


async def test_R28_4_the_longest_term_counts(
    retention: Retention, shelf: Shelf, clock: StillClock, camera: UUID
) -> None:
    await retention.classes.change(camera, ClassWish(Kind.OTHER_LAW, 60, "某条例第五条"), "x", ME)
    await retention.classes.change(camera, ClassWish(Kind.COUNTER_TERROR), "x", ME)
    await retention.classes.change(camera, ClassWish(Kind.OTHER_LAW, 45, "某条例第六条"), "x", ME)
    shelf.put(camera, at("2025-12-31 12:00"), at("2025-12-31 12:05"))  # recorded before all of them
    set_to(clock, at("2026-02-20 12:00"))
    shelf.put(camera, at("2026-02-20 12:00"), at("2026-02-20 12:05"))  # recorded under the last
    assert not await is_removed_at(retention, shelf, clock, at("2026-03-31 23:59:59"))
    assert not await is_removed_at(retention, shelf, clock, at("2026-04-06 23:59:59"))
    assert len(shelf.removed) == 1
    assert await is_removed_at(retention, shelf, clock, at("2026-04-07 00:00"))
    assert [receipt.rule for receipt in shelf.removed.values()] == ["R28.2", "R28.5"]


async def test_R28_7_a_stricter_class_reaches_back(
    retention: Retention, shelf: Shelf, clock: StillClock, camera: UUID
) -> None:
    shelf.put(camera, at("2026-03-01 12:00"), at("2026-03-01 12:05"))
    set_to(clock, at("2026-03-26 12:00"))
    await retention.classes.change(camera, ClassWish(Kind.COUNTER_TERROR), "新列入重点目标", ME)
    await boundary(retention, shelf, clock, at("2026-05-31 00:00"))


async def test_R28_7_a_milder_class_shortens_nothing_recorded_before(
    retention: Retention, shelf: Shelf, clock: StillClock, camera: UUID
) -> None:
    """What began before the change keeps 90 days, also the segment across it; what began at it has 30."""
    await retention.classes.change(camera, ClassWish(Kind.COUNTER_TERROR), "x", ME)
    change = at("2026-03-10 12:00")
    across = shelf.put(camera, change - SECOND, change + MINUTES_5)
    after = shelf.put(camera, change, change + MINUTES_5)
    set_to(clock, change)
    await retention.classes.change(camera, ClassWish(Kind.DEFAULT), "不再列入", ME)
    set_to(clock, at("2026-04-09 23:59:59"))
    await retention.removal.round()
    assert shelf.removed == {}
    set_to(clock, at("2026-04-10 00:00"))
    await retention.removal.round()
    assert set(shelf.removed) == {after.segment}
    await boundary(retention, shelf, clock, at("2026-06-09 00:00"))
    assert shelf.removed[across.segment].rule == "R28.2"


async def test_R27_5_a_held_segment_is_there_on_day_10000(
    retention: Retention, shelf: Shelf, clock: StillClock, camera: UUID
) -> None:
    start = at("2026-03-01 12:00")
    before, held, after = (
        shelf.put(camera, start + n * MINUTES_5, start + (n + 1) * MINUTES_5) for n in range(3)
    )
    hold = await retention.holds.set(wish(camera, start + MINUTES_5, start + 2 * MINUTES_5), ME)
    set_to(clock, start + 10_000 * DAY)
    await retention.removal.round()
    assert set(shelf.removed) == {before.segment, after.segment}
    await retention.holds.release(hold.id, "案件已结", ME)
    await retention.removal.round()
    assert held.segment not in shelf.removed, "asked for is not released"
    await retention.holds.release(hold.id, "案件已结", YOU)
    await retention.removal.round()
    assert held.segment in shelf.removed


async def test_R28_8_a_removal_is_a_documented_act(
    retention: Retention, shelf: Shelf, clock: StillClock, camera: UUID, journal: Journal
) -> None:
    """The shelf itself refuses a receipt that is not yet in the journal."""
    one = shelf.put(camera, at("2026-03-01 12:00"), at("2026-03-01 12:05"))
    set_to(clock, at("2026-04-01 00:00"))
    await retention.removal.round()
    (record,) = [entry for entry in await journal.read(10) if entry.kind == "footage.removed"]
    receipt = RemovalReceipt(**record.entry)
    assert receipt == replace(
        receipt,
        camera=str(camera),
        segment=str(one.segment),
        start="2026-03-01T04:00:00.000000Z",
        end="2026-03-01T04:05:00.000000Z",
        root=one.root,
        rule="R28.1",
        retain_until="2026-03-31T16:00:00.000000Z",
        at="2026-03-31T16:00:00.000000Z",
    )
    key = Ed25519PublicKey.from_public_bytes(retention.receipt_key)
    key.verify(bytes.fromhex(receipt.signature), receipt_payload(receipt))
    with pytest.raises(InvalidSignature):
        key.verify(bytes.fromhex(receipt.signature), receipt_payload(replace(receipt, segment=str(camera))))


async def test_R36_3_the_end_of_the_measures_frees_nothing(
    retention: Retention, shelf: Shelf, clock: StillClock, camera: UUID
) -> None:
    """The day after (published 2026-01-01: 2028-01-01) a day-20 segment stays, and a held one for ever."""
    held = shelf.put(camera, at("2027-10-01 12:00"), at("2027-10-01 12:05"))
    shelf.put(camera, at("2027-12-12 12:00"), at("2027-12-12 12:05"))
    await retention.holds.set(wish(camera, at("2027-10-01 12:00"), at("2027-10-01 12:01")), ME)
    set_to(clock, at("2028-01-01 12:00"))
    await retention.removal.round()
    assert shelf.removed == {}
    set_to(clock, at("2028-06-01 12:00"))
    await retention.removal.round()
    assert held.segment not in shelf.removed


async def test_expired_footage_behind_what_is_kept_is_found(
    retention: Retention, shelf: Shelf, clock: StillClock, camera: UUID
) -> None:
    """More protected segments than one batch in front of the expired ones."""
    start = at("2026-03-01 00:00")
    all_of_them = [
        shelf.put(camera, start + n * MINUTES_5, start + (n + 1) * MINUTES_5) for n in range(2 * BATCH + 50)
    ]
    held = [wish(camera, start, start + 2 * BATCH * MINUTES_5)]
    await retention.holds.set(held[0], ME)
    set_to(clock, start + 60 * DAY)
    await retention.removal.round()
    assert set(shelf.removed) == {one.segment for one in all_of_them[2 * BATCH :]}
    assert shelf.asked <= 3, "what a hold keeps is passed over, not looked through"


async def test_footage_of_a_camera_that_was_removed_goes_too(
    retention: Retention,
    shelf: Shelf,
    clock: StillClock,
    camera: UUID,
    cameras: Cameras,
    endings: Endings,
) -> None:
    shelf.put(camera, at("2026-03-01 12:00"), at("2026-03-01 12:05"))
    await cameras.remove(camera, "拆除", ME, endings, is_recorded=True)
    await boundary(retention, shelf, clock, at("2026-04-01 00:00"))


async def test_a_worker_that_is_away_is_asked_again(
    retention: Retention, shelf: Shelf, clock: StillClock, camera: UUID, cameras: Cameras
) -> None:
    shelf.put(camera, at("2026-03-01 12:00"), at("2026-03-01 12:05"))
    shelf.away = True
    assert not await is_removed_at(retention, shelf, clock, at("2026-04-01 00:00"))
    shelf.away = False
    assert await is_removed_at(retention, shelf, clock, at("2026-04-01 00:15"))


async def test_what_a_worker_refuses_is_kept_in_sight_and_tried_again(
    retention: Retention, shelf: Shelf, clock: StillClock, camera: UUID
) -> None:
    shelf.put(camera, at("2026-03-01 12:00"), at("2026-03-01 12:05"))
    shelf.refuses = "volume away"
    assert not await is_removed_at(retention, shelf, clock, at("2026-04-01 00:00"))
    assert await retention.removal.overdue([camera]) == {}
    assert not await is_removed_at(retention, shelf, clock, at("2026-04-02 00:00"))
    assert await retention.removal.overdue([camera]) == {}
    set_to(clock, at("2026-04-02 00:00") + SECOND)
    assert await retention.removal.overdue([camera]) == {camera: 1}
    shelf.refuses = ""
    assert await is_removed_at(retention, shelf, clock, at("2026-04-02 00:15"))
    assert await retention.removal.overdue([camera]) == {}


async def test_without_a_journal_nothing_is_removed(
    database: Database, cameras: Cameras, shelf: Shelf, clock: StillClock, camera: UUID, journal: Journal
) -> None:
    shelf.put(camera, at("2026-03-01 12:00"), at("2026-03-01 12:05"))
    failing = FailingJournal()
    broken = Removal(database, failing, cameras, shelf, Signer(KEY), clock)  # type: ignore[arg-type]
    set_to(clock, at("2026-04-01 00:00"))
    await broken.round()
    assert [entry.kind for entry in failing.asked] == ["footage.removed"]
    assert shelf.removed == {}
    with pytest.raises(JournalUnavailable):
        await broken.clear(Place(camera, "", None))
    await Removal(database, journal, cameras, shelf, Signer(KEY), clock).round()
    assert len(shelf.removed) == 1


async def test_what_is_removed_is_remembered_as_intervals(
    retention: Retention, shelf: Shelf, clock: StillClock, camera: UUID, database: Database, journal: Journal
) -> None:
    """Not a row a segment: adjoining ones are one; also where the one between goes later."""
    start = at("2026-03-01 12:00")
    for n in (0, 1, 2, 4):
        shelf.put(camera, start + n * MINUTES_5, start + (n + 1) * MINUTES_5)
    hold = await retention.holds.set(wish(camera, start + MINUTES_5, start + 2 * MINUTES_5), ME)
    set_to(clock, at("2026-04-01 00:00"))

    async def intervals() -> list[tuple[int, int]]:
        await retention.removal.round()
        async with database.read() as session:
            assert (await session.scalars(select(RemovalRow))).all() == []
            rows = await session.scalars(select(GivenUpRow).order_by(GivenUpRow.start_90k))
            base, unit = int(start.timestamp()) * 90000, 300 * 90000
            return [((row.start_90k - base) // unit, (row.end_90k - base) // unit) for row in rows]

    assert await intervals() == [(0, 1), (2, 3), (4, 5)]
    for person in (ME, YOU):
        await retention.holds.release(hold.id, "案件已结", person)
    assert await intervals() == [(0, 3), (4, 5)]
    with pytest.raises(Gone) as gone:
        await retention.marks.set(wish(camera, start, start + DAY), ME)
    receipts = [record.sequence for record in await journal.read(100) if record.kind == "footage.removed"]
    assert (gone.value.parts[0].first_entry, gone.value.parts[0].last_entry) == (min(receipts), max(receipts))
    assert (await kinds(journal))[-1] == "refusal"


class TwoClocks(StillClock):
    """The wall clock jumps, the monotonic one does not."""

    ahead_ns = 0

    def utc_ns(self) -> int:
        return self.now_ns + self.ahead_ns


def test_a_wall_clock_that_jumps_ahead_frees_nothing() -> None:
    clock = TwoClocks()
    time = BelievedTime(clock)
    begun = time.now()
    clock.ahead_ns = 3600 * 10**9
    assert time.now() == begun
    clock.ahead_ns = int(CLOCK_AHEAD.total_seconds()) * 10**9
    assert time.now() == begun + CLOCK_AHEAD
    clock.ahead_ns = -3600 * 10**9  # back: later is safe
    assert time.now() == begun - timedelta(hours=1)
    clock.ahead_ns = 0
    clock.wait(60)
    assert time.now() == begun + timedelta(minutes=1)


def test_the_key_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "removal.key"
    first = Signer.of_file(path).public_key
    assert Signer.of_file(path).public_key == first
    assert len(first) == 32
    assert path.stat().st_mode & 0o777 == 0o600
