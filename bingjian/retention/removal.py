"""The removal job: the only maker of a ``RemovalReceipt``, without which nothing unlinks footage.

Per camera and batch:

1. Its worker is asked for closed segments whose term may have ended.
2. *Ordered*: one transaction, alone among writers, asks the rules of each segment, with the marks and holds
   that stand, and writes a row for each that may go. From its commit on the footage counts as gone.
3. *Journalled*: the signed receipts are durable in the journal, then the rows say so.
4. The worker gets the receipts; what it has removed leaves ``removals`` and stands in ``given_up``.

After a crash between any two steps the rows say where to go on: a receipt journalled twice is the same
receipt, and a worker that is sent it twice has nothing left to do. Where a worker or the journal is away, the
next round goes on.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, instant_of, utc_now
from bingjian.db.errors import DatabaseError
from bingjian.db.session import Database
from bingjian.db.state import key_file
from bingjian.entries import RemovalReceipt, receipt_payload
from bingjian.inventory.errors import WorkerAway
from bingjian.inventory.models import Place
from bingjian.inventory.service import Cameras
from bingjian.inventory.workers import rfc3339
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from bingjian.retention.classes import Window, history_of, keeping_since, windows
from bingjian.retention.models import JOB, ClassRow, GivenUpRow, HoldRow, MarkRow, RemovalRow
from bingjian.retention.protections import standing
from bingjian.retention.remote import Removed, Stored, Stores
from bingjian.rules.decision import Grant
from bingjian.rules.decisions.retention import longest, may_remove, terms_of
from bingjian.rules.library import law
from bingjian.tasks import together

BATCH = 200  # segments in one transaction: some tens of milliseconds in which nobody else writes
BATCHES_MAX = 50  # of one camera in one round (a month of footage), so that the others get their turn
CLOCK_AHEAD = timedelta(minutes=1)  # what slewing may win before we stop believing the wall clock
ORDERED, JOURNALLED, REFUSED = "ordered", "journalled", "refused"
log = structlog.get_logger()


class Signer:
    """The key that makes a receipt valid. Its public half goes to every worker."""

    def __init__(self, key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(key)

    @classmethod
    def of_file(cls, path: Path) -> "Signer":
        """The key in this file, made at the first start. Raises OSError, ValueError (not 32 bytes)."""
        return cls(key_file(path))

    @property
    def public_key(self) -> bytes:
        """Raw, 32 bytes (RFC 8032)."""
        return self._key.public_key().public_bytes_raw()

    def signed(self, receipt: RemovalReceipt) -> RemovalReceipt:
        return replace(receipt, signature=self._key.sign(receipt_payload(receipt)).hex())


class BelievedTime:
    """The present for the law: a wall clock that jumps ahead while we run frees nothing before its time.

    A machine that slept, or whose clock was set right, is believed again after the next start.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall = utc_now(clock)
        self._mono_ns = clock.monotonic_ns()

    def now(self) -> datetime:
        elapsed = timedelta(microseconds=(self._clock.monotonic_ns() - self._mono_ns) // 1000)
        wall, steady = utc_now(self._clock), self._wall + elapsed
        return wall if wall <= steady + CLOCK_AHEAD else steady


class Removal:
    """Finds what has expired, gives it up, has it removed."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        cameras: Cameras,
        stores: Stores,
        signer: Signer,
        clock: Clock,
    ) -> None:
        self._database = database
        self._journal = journal
        self._cameras = cameras
        self._stores = stores
        self._signer = signer
        self._time = BelievedTime(clock)

    async def round(self) -> None:
        """Every camera once, former ones too; one whose worker is away is left for the next round."""
        await self._retry_refused()
        for place in await self._cameras.places():
            try:
                await self.clear(place)
            except (WorkerAway, JournalUnavailable, DatabaseError) as error:
                log.warning("removal_postponed", camera=str(place.camera), error=type(error).__name__)

    async def clear(self, place: Place) -> None:
        """Carry out what was ordered before, then order and carry out what has expired since."""
        await self._carry_out(place)
        async with self._database.read() as session:
            history = await history_of(session, place.camera)
        for window in windows(history, self._time.now()):
            await self._clear_window(place, window)

    async def _clear_window(self, place: Place, window: Window) -> None:
        after = window.after_90k
        for _ in range(BATCHES_MAX):
            found = await self._stores.footage(place, after, window.before, BATCH)
            found = [one for one in found if after <= one.start_90k < window.until_90k]
            if not found:
                return
            after = await self._order(place.camera, found)
            await self._carry_out(place)

    async def _retry_refused(self) -> None:
        """A volume that was away is back, perhaps."""
        refused = select(RemovalRow.segment).where(RemovalRow.state == REFUSED).limit(1)
        async with self._database.read() as session:
            if await session.scalar(refused) is None:
                return

        async def work(session: AsyncSession) -> None:
            again = update(RemovalRow).where(RemovalRow.state == REFUSED)
            await session.execute(again.values(state=JOURNALLED))

        await self._database.run(work)

    # --- ordered

    async def _order(self, camera: UUID, found: Sequence[Stored]) -> int:
        """Give up those that may go; returns where to look on, past what marks and holds keep anyway."""
        start, end = found[0].start_90k, max(one.end_90k for one in found)

        async def work(session: AsyncSession) -> int:
            history = await history_of(session, camera)
            marks = await standing(session, MarkRow, camera, start, end)
            holds = await standing(session, HoldRow, camera, start, end)
            known = select(RemovalRow.segment).where(RemovalRow.segment.in_([one.segment for one in found]))
            ordered, onward = set(await session.scalars(known)), found[-1].start_90k + 1
            for one in found:
                row, kept_until = self._judge(camera, one, history, marks, holds)
                if row is not None and one.segment not in ordered:
                    session.add(row)
                onward = max(onward, kept_until)
            return onward

        return await self._database.run(work)

    def _judge(
        self,
        camera: UUID,
        one: Stored,
        history: Sequence[ClassRow],
        marks: Sequence[MarkRow],
        holds: Sequence[HoldRow],
    ) -> tuple[RemovalRow | None, int]:
        """The row that gives a segment up, or None and the end of what keeps it."""
        now, end = self._time.now(), instant_of(one.end_90k)
        held = [row for row in holds if row.covers(one.start_90k, one.end_90k)]
        marked = [row for row in marks if row.covers(one.start_90k, one.end_90k)]
        keeping = keeping_since(history, one.start_90k)
        if not isinstance(may_remove(law(), end, keeping, bool(marked), len(held), now), Grant):
            return None, max([0, *(row.end_90k for row in held), *(row.end_90k for row in marked)])
        term, until = longest(terms_of(law(), keeping, marked=bool(marked)), end)
        row = RemovalRow(
            segment=one.segment,
            camera=camera,
            volume=one.volume,
            start_90k=one.start_90k,
            end_90k=one.end_90k,
            root=one.root,
            rule=term.code,
            retain_until=until,
            at=now,
            state=ORDERED,
        )
        return row, 0

    # --- journalled, removed

    async def _carry_out(self, place: Place) -> None:
        """All that is ordered of a camera: receipts durable, sent, answered."""
        while rows := await self._under_way(place.camera):
            await self._testify([row for row in rows if row.state == ORDERED])
            answer = await self._stores.remove(place, [self.receipt_of(row) for row in rows])
            if not await self._settle(rows, answer):
                raise WorkerAway  # it said nothing of what it was asked

    async def _under_way(self, camera: UUID) -> list[RemovalRow]:
        query = (
            select(RemovalRow)
            .where(RemovalRow.camera == camera, RemovalRow.state != REFUSED)
            .order_by(RemovalRow.start_90k)
            .limit(BATCH)
        )
        async with self._database.read() as session:
            return list(await session.scalars(query))

    async def _testify(self, rows: Sequence[RemovalRow]) -> None:
        """Receipts in the journal, in one or a few fsyncs; then the rows say where."""
        if not rows:
            return
        receipts = await together(*(self._journal.append(self.receipt_of(row)) for row in rows))
        entries = {row.segment: receipt.sequence for row, receipt in zip(rows, receipts, strict=True)}

        async def work(session: AsyncSession) -> None:
            for segment, entry in entries.items():
                row = await session.get_one(RemovalRow, segment)
                row.state, row.entry = JOURNALLED, entry

        await self._database.run(work)

    async def _settle(self, rows: Sequence[RemovalRow], answer: Removed) -> int:
        """Remember what is removed as given up, and what is refused; returns how many rows moved."""
        asked = [row.segment for row in rows]

        async def work(session: AsyncSession) -> int:
            moved = 0
            for segment in asked:
                row = await session.get_one(RemovalRow, segment)
                if segment in answer.removed:
                    await give_up(session, row)
                elif segment in answer.refused:
                    row.state, row.refusal = REFUSED, answer.refused[segment]
                    log.error("removal_refused", segment=str(segment), reason=row.refusal)
                else:
                    continue
                moved += 1
            return moved

        return await self._database.run(work)

    def receipt_of(self, row: RemovalRow) -> RemovalReceipt:
        """The same receipt each time: Ed25519 is deterministic."""
        return self._signer.signed(
            RemovalReceipt(
                actor=str(JOB),
                camera=str(row.camera),
                segment=str(row.segment),
                volume=str(row.volume),
                start=rfc3339(instant_of(row.start_90k)),
                end=rfc3339(instant_of(row.end_90k)),
                root=row.root,
                rule=row.rule,
                retain_until=rfc3339(row.retain_until),
                at=rfc3339(row.at),
                signature="",
            )
        )

    async def overdue(self, cameras: Sequence[UUID]) -> dict[UUID, int]:
        """Segments given up longer ago than allowed and not removed yet, of each camera that has any."""
        allowed = timedelta(hours=law().number("retention.removal"))
        query = (
            select(RemovalRow.camera, func.count())
            .where(RemovalRow.camera.in_(cameras), RemovalRow.at < self._time.now() - allowed)
            .group_by(RemovalRow.camera)
        )
        async with self._database.read() as session:
            return {row[0]: row[1] for row in await session.execute(query)}


async def give_up(session: AsyncSession, removal: RemovalRow) -> None:
    """The removal is done: its interval joins those it adjoins."""
    assert removal.entry is not None  # no worker was asked before
    start, end = removal.start_90k, removal.end_90k
    adjoining = select(GivenUpRow).where(
        GivenUpRow.camera == removal.camera, GivenUpRow.end_90k >= start, GivenUpRow.start_90k <= end
    )
    joined = list(await session.scalars(adjoining))
    entries = [removal.entry, *(row.first_entry for row in joined), *(row.last_entry for row in joined)]
    for row in (*joined, removal):
        await session.delete(row)
    await session.flush()
    session.add(
        GivenUpRow(
            camera=removal.camera,
            start_90k=min([start, *(row.start_90k for row in joined)]),
            end_90k=max([end, *(row.end_90k for row in joined)]),
            first_entry=min(entries),
            last_entry=max(entries),
        )
    )
    await session.flush()
