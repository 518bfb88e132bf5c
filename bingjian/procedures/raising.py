"""Raises alerts from the journal, in one pass from where the last one ended (R31.1, R31.2, R31.4, R31.6).

Looks are compared with the habit of who looks, other signs (``signals``) gathered by where they come from:
one alert a person, sign and day; one a source and hour, counted. A camera kept aimed at what a mask hides is
an alert each time, with an incident to be confirmed. How far the pass has come, what it remembers and what it
raises are one transaction, so everything is raised once.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import hypot
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import String, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.access.habit import ENTRIES_KEPT, Habit
from bingjian.access.models import PersonRow
from bingjian.access.register import REGISTERED
from bingjian.clock import Clock, utc_now
from bingjian.db.base import Base
from bingjian.db.errors import DatabaseError
from bingjian.db.platform import PlatformValue
from bingjian.db.session import Database
from bingjian.entries import PryingSuspected, SignedIn
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.ground import Frame
from bingjian.inventory.history import Subject, differences, remember
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalError
from bingjian.journal.record import Record
from bingjian.procedures.alert import ALERT, DWELLING, PRYING, SIGNS, UNUSUAL, Alert
from bingjian.procedures.by_platform import Platform, open_record, raise_alert
from bingjian.procedures.fields import hash_of
from bingjian.procedures.incident import INCIDENT, Incident
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.procedures.shift_posts import ShiftPostRow
from bingjian.procedures.signals import Signal, from_unknown_device, signal_of
from bingjian.procedures.step import data_of
from bingjian.rules.decision import Refusal
from bingjian.rules.decisions.conduct import Aim, Usage, is_no_prying, is_usual

NEXT = "raising.next"  # of ``PlatformValue``: the first entry that has not been looked at
BLOCK = 1000  # entries in one transaction
PAUSE_SECONDS = 10.0
RECENT = timedelta(days=2)  # older looks make habits, but no alerts
WINDOW = timedelta(hours=1)  # in which one source raises one alert
TOLD_EVERY = timedelta(minutes=5)  # how often its count is brought up to date
SOURCES_MAX = 20  # of one sign in one window; all beyond are one alert without a source
NEAR_HOME_M = 200.0  # a city block: what a neighbour would be curious about
HANDOVER = timedelta(minutes=30)  # before and after a shift
ROSTERED = timedelta(days=30)  # whoever had a shift so recently has hours of their own
log = structlog.get_logger()


class RaisingRow(Base):
    """What the pass remembers: "habit <person>", "seen <person>", "window <sign> <source>"."""

    __tablename__ = "raising"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    data_json: Mapped[str] = mapped_column(Text)


@dataclass(slots=True)
class Window:
    """One source's hour."""

    record: str
    until: str
    count: int
    entries: list[int]
    last: str
    told: int = 0  # how many the alert says
    told_at: str = ""


@dataclass(slots=True)
class Pass:
    """One transaction's worth."""

    session: AsyncSession
    now: datetime
    habits: dict[UUID, Habit] = field(default_factory=dict)
    shifts: dict[tuple[UUID, datetime], bool | None] = field(default_factory=dict)  # by person and minute

    async def habit(self, person: UUID) -> Habit:
        if person not in self.habits:
            row = await self.session.get(RaisingRow, f"habit {person}")
            self.habits[person] = Habit.of(json.loads(row.data_json)) if row else Habit()
        return self.habits[person]

    async def is_on_shift(self, person: UUID, at: datetime) -> bool | None:
        """None: nobody has put this person on a shift lately."""
        minute = at.replace(second=0, microsecond=0)
        if (person, minute) not in self.shifts:
            self.shifts[person, minute] = await on_shift(self.session, person, minute)
        return self.shifts[person, minute]

    async def is_near_home(self, person: UUID, camera: UUID) -> bool:
        """Whether the camera stands around the person's own address, if both places are known."""
        row = await self.session.get(PersonRow, person)
        file = await self.session.get(CameraFileRow, camera)
        home = row.home_position if row is not None else None
        if home is None or file is None or file.longitude is None or file.latitude is None:
            return False
        return hypot(*Frame(*home).metres((file.longitude, file.latitude))) <= NEAR_HOME_M

    async def keep(self, key: str, values: dict[str, Any]) -> None:
        text, row = json.dumps(values, separators=(",", ":")), await self.session.get(RaisingRow, key)
        if row is None:
            self.session.add(RaisingRow(key=key, data_json=text))
            await self.session.flush()
        else:
            row.data_json = text


class Raising:
    """Let ``run`` go on in a task, cancel the task to close it."""

    def __init__(self, database: Database, journal: Journal, clock: Clock, lawbook: Lawbook) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._law = lawbook.whole  # watched for whether or not the measures are in force, as sign-ins are

    async def run(self) -> None:
        while True:
            try:
                await self.round()
            except (DatabaseError, JournalError) as error:
                log.warning("alerts_postponed", error=str(error))
            except Exception:
                log.exception("bug", work="raising")
            await asyncio.sleep(PAUSE_SECONDS)

    async def round(self) -> None:
        """Whatever the journal has by now. Raises JournalUnavailable, JournalBroken."""
        while await self._database.run(self._block):
            pass
        await self._database.run(self._tell)

    async def _block(self, session: AsyncSession) -> bool:
        """The next entries, and how far they go; whether there may be more."""
        place = await session.get(PlatformValue, NEXT)
        if place is None:
            place = PlatformValue(key=NEXT, value="0")
            session.add(place)
        first, length = int(place.value), self._journal.length
        until = min(first + BLOCK, length)
        if first >= until:
            return False
        run = Pass(session, utc_now(self._clock))
        for record in (await self._journal.read(until - first, until))[::-1]:
            await self._take(run, record)
        for person, habit in run.habits.items():
            await run.keep(f"habit {person}", habit.values())
        place.value = str(until)
        return until < length

    async def _take(self, run: Pass, record: Record) -> None:
        if record.kind in REGISTERED:
            await self._looked(run, record)
        elif record.kind == SignedIn.kind:
            await self._signed_in(run, record)
        elif record.kind == PryingSuspected.kind:
            await self._pried(run, record)
        elif (signal := signal_of(self._law, record)) is not None:
            await self._noticed(run, signal)

    async def _signed_in(self, run: Pass, record: Record) -> None:
        """From a device that is not known; the first that a person ever comes with never is."""
        person = record.entry["actor"]
        if await run.session.get(RaisingRow, f"seen {person}") is None:
            await run.keep(f"seen {person}", {})
        elif record.entry.get("is_known") is False:
            await self._noticed(run, from_unknown_device(record))

    # --- unusual use

    async def _looked(self, run: Pass, record: Record) -> None:
        person = UUID(record.entry["actor"])
        habit = await run.habit(person)
        habit.take(record.at, record.sequence)
        if record.at < run.now - RECENT:
            return
        on_shift = await run.is_on_shift(person, record.at)
        is_in_hours = habit.has_hour(record.at) if on_shift is None else on_shift
        is_near = await run.is_near_home(person, UUID(record.entry["camera"]))
        for sign, usage in usages(habit, is_in_hours, is_near):
            answer = is_usual(self._law, usage)
            if isinstance(answer, Refusal) and habit.raise_once(sign):
                await self._raise_unusual(run, sign, answer, person, habit, record)

    async def _raise_unusual(
        self, run: Pass, sign: str, why: Refusal, person: UUID, habit: Habit, record: Record
    ) -> None:
        entries = tuple(habit.entries) if sign == "volume" else (record.sequence,)
        alert = Alert(
            act=UNUSUAL,
            sign=sign,
            what=f"{why.reason.zh} / {why.reason.en}",
            person=person,
            source=record.entry["address"],
            began=record.at,
            last=record.at,
            count=habit.volume if sign == "volume" else 1,
            entries=entries,
        )
        await self._open(run, alert, person)

    # --- prying

    async def _pried(self, run: Pass, record: Record) -> None:
        """An alert of who did it, and an incident of what happened: that names nobody before it is judged."""
        told, person = record.entry, UUID(record.entry["actor"])
        since = datetime.fromisoformat(told["since"])
        why = is_no_prying(self._law, Aim(since, told["is_masked"]), record.at)
        what = f"{why.reason.zh} / {why.reason.en}" if isinstance(why, Refusal) else ""
        camera = UUID(told["camera"])
        incident = Incident(
            act=PRYING, description=what, happened=since, cameras=(camera,), facts_hash=hash_of(())
        )
        file = await run.session.get(CameraFileRow, camera)
        division = file.division if file else ""
        filed = await open_record(
            run.session, self._journal, INCIDENT, SIGNS[DWELLING], incident, run.now, division=division
        )
        alert = Alert(
            act=PRYING,
            sign=DWELLING,
            what=what,
            person=person,
            began=since,
            last=record.at,
            count=1,
            entries=(record.sequence,),
            incident=filed.id,
        )
        await self._open(run, alert, person)

    # --- signs

    async def _noticed(self, run: Pass, signal: Signal) -> None:
        key = f"window {signal.sign} {signal.source}"
        window = await window_at(run, key, signal.at)
        if window is None and await crowded(run, signal):
            signal = replace(signal, source="", person=None, camera=None, what="")
            key = f"window {signal.sign} "
            window = await window_at(run, key, signal.at)
        if window is None:
            window = await self._open_window(run, signal)
        else:
            window.count += signal.count
            window.last = signal.at.isoformat()
            window.entries = [*window.entries, signal.entry][:ENTRIES_KEPT]
        await run.keep(key, values_of(window))

    async def _open_window(self, run: Pass, signal: Signal) -> Window:
        alert = Alert(
            act=signal.act,
            sign=signal.sign,
            what=signal.what,
            person=signal.person,
            camera=signal.camera,
            source=signal.source if signal.camera is None else "",
            began=signal.at,
            last=signal.at,
            count=signal.count,
            entries=(signal.entry,),
        )
        record = await self._open(run, alert, None)
        until, at = (signal.at + WINDOW).isoformat(), signal.at.isoformat()
        return Window(str(record.id), until, signal.count, [signal.entry], at, signal.count, at)

    async def _tell(self, session: AsyncSession) -> None:
        """Bring counts up to date, and forget windows that are over."""
        run = Pass(session, utc_now(self._clock))
        for row in await session.scalars(select(RaisingRow).where(RaisingRow.key.startswith("window "))):
            window = Window(**json.loads(row.data_json))
            is_over = datetime.fromisoformat(window.until) <= run.now
            is_due = datetime.fromisoformat(window.told_at) + TOLD_EVERY <= run.now
            if window.count != window.told and (is_over or is_due):
                await self._recount(run, window)
                window.told, window.told_at = window.count, run.now.isoformat()
                row.data_json = json.dumps(values_of(window), separators=(",", ":"))
            if is_over:
                await session.delete(row)

    async def _recount(self, run: Pass, window: Window) -> None:
        record = await run.session.get_one(RecordRow, UUID(window.record))
        before = data_of(record, Alert)
        last, entries = datetime.fromisoformat(window.last), tuple(window.entries)
        after = before.model_copy(update={"count": window.count, "last": last, "entries": entries})
        record.data_json, record.version, record.changed_at = (
            after.model_dump_json(),
            record.version + 1,
            run.now,
        )
        changes = differences(before.model_dump(mode="json"), after.model_dump(mode="json"))
        subject = Subject(ALERT.name, record.id, record.version)
        await remember(run.session, self._journal, subject, "counted", changes, Platform(), run.now)

    # --- all

    async def _open(self, run: Pass, alert: Alert, subject: UUID | None) -> RecordRow:
        return await raise_alert(run.session, self._journal, alert, subject, run.now)


def usages(habit: Habit, is_in_hours: bool, is_near: bool) -> Iterator[tuple[str, Usage]]:
    """What the rules are asked, one question a sign. Without a habit the volume is not judged."""
    median = habit.median
    if median is not None:
        yield "volume", Usage(habit.volume, median, is_in_hours=True, has_own_address=False)
    yield "hours", Usage(0, median, is_in_hours=is_in_hours, has_own_address=False)
    yield "own_address", Usage(0, median, is_in_hours=True, has_own_address=is_near)


async def on_shift(session: AsyncSession, person: UUID, at: datetime) -> bool | None:
    """Whether somebody put the person on a shift of then; None: on none lately."""
    table = ShiftPostRow
    mine = select(table.shift).where(table.person == person)
    now = mine.where(table.start_at <= at + HANDOVER, table.end_at > at - HANDOVER)
    if await session.scalar(now.limit(1)) is not None:
        return True
    lately = mine.where(table.end_at > at - ROSTERED, table.start_at < at + ROSTERED)
    return None if await session.scalar(lately.limit(1)) is None else False


async def window_at(run: Pass, key: str, at: datetime) -> Window | None:
    """The source's window, if it is still open."""
    row = await run.session.get(RaisingRow, key)
    window = Window(**json.loads(row.data_json)) if row is not None else None
    return window if window is not None and at < datetime.fromisoformat(window.until) else None


async def crowded(run: Pass, signal: Signal) -> bool:
    """Whether so many sources show this sign that no more are told apart."""
    keys = select(RaisingRow.key).where(RaisingRow.key.startswith(f"window {signal.sign} ", autoescape=True))
    return len(list(await run.session.scalars(keys))) >= SOURCES_MAX


def values_of(window: Window) -> dict[str, Any]:
    return {name: getattr(window, name) for name in Window.__dataclass_fields__}
