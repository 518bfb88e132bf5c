"""The register of art. 25(5): who looked at what, copied or retrieved it, when, what for and where to.

It is a projection of the journal and nothing else: every row is one entry of the journal, found again by its
number, and made from it when the register is read. There is no way to write a row but an entry; dropping the
table loses nothing.
"""

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Index, String, Text, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.access.errors import TooManyRows
from bingjian.access.grants import GrantKind, GrantRow
from bingjian.access.models import PersonRow
from bingjian.db.areas import inside
from bingjian.db.base import Base, Instant
from bingjian.db.platform import PlatformValue
from bingjian.db.session import Database
from bingjian.entries import (
    ClipOpened,
    CopyForwarded,
    DownloadOpened,
    LiveOpened,
    PackageHandedOver,
    PictureOpened,
    PlaybackOpened,
    SpriteOpened,
    ViewingContinued,
    ViewingEnded,
)
from bingjian.inventory.camera_files import CITY, CameraFileRow
from bingjian.journal.append import Journal
from bingjian.journal.record import Record
from bingjian.rules.decision import Grant, Refusal
from bingjian.rules.decisions.register import agrees
from bingjian.rules.law import Law

REGISTERED = frozenset(
    entry.kind
    for entry in (
        *(LiveOpened, PlaybackOpened, PictureOpened, SpriteOpened),
        *(ClipOpened, DownloadOpened, CopyForwarded),
    )
)
LASTING = frozenset({LiveOpened.kind, PlaybackOpened.kind})  # looks that go on until they end
FOLLOWING = frozenset({ViewingContinued.kind, ViewingEnded.kind})  # what is written of these later
OPEN = "open"  # of ``RegisterRow.viewing``
PACKAGE = PackageHandedOver.kind  # says more of an entry that is there
NEXT = "register.next"  # of ``PlatformValue``: the first entry that has not been looked at
BLOCK = 500  # entries in one transaction


class RegisterRow(Base):
    """One view, copy or retrieval, as its entry in the journal tells of it."""

    __tablename__ = "register"
    __table_args__ = (
        Index("ix_register_person", "person", "sequence"),
        Index("ix_register_camera", "camera", "sequence"),
        Index("ix_register_at", "at"),
        Index("ix_register_viewing", "viewing", "sequence"),
    )

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)  # of the entry
    at: Mapped[datetime] = mapped_column(Instant)  # when the entry was durable
    kind: Mapped[str] = mapped_column(String(20))  # of the entry: "view.playback"
    verb: Mapped[str] = mapped_column(String(20))  # code of ``access_verb``
    person: Mapped[UUID]
    unit: Mapped[UUID | None]  # whom the person acted for
    camera: Mapped[UUID]
    division: Mapped[str] = mapped_column(String(6))  # where the camera stood
    start: Mapped[datetime | None] = mapped_column("start_at", Instant)  # of the footage; live: None
    end: Mapped[datetime | None] = mapped_column("end_at", Instant)
    purpose: Mapped[str] = mapped_column(Text)
    destination: Mapped[str] = mapped_column(Text)
    grant: Mapped[UUID | None] = mapped_column("grant_id")
    viewing: Mapped[str | None] = mapped_column(String(20))  # "open", or why it ended; None: no lasting look
    watched_s: Mapped[int | None]  # how long it was looked at, as far as the journal knows
    until: Mapped[datetime] = mapped_column("until_at", Instant)  # looked at until then; else as ``at``
    recipient: Mapped[str] = mapped_column(Text)  # of a copy given on: to whom
    forwarded: Mapped[int | None] = mapped_column(BigInteger)  # … and the number of that copy's entry
    packages_json: Mapped[str] = mapped_column(Text)  # files that went out whole, see ``Package``

    @property
    def packages(self) -> list["Package"]:
        return [Package(**one) for one in json.loads(self.packages_json)]


@dataclass(frozen=True, slots=True)
class Package:
    """A file of a copy, as it left."""

    sequence: int  # of the entry that tells of it
    file: int  # which of the copy's files, from 1
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class RegisterFilter:
    """Which rows; every condition that is given must hold."""

    person: UUID | None = None
    camera: UUID | None = None
    start: datetime | None = None  # of when it was done
    end: datetime | None = None
    shown_from: datetime | None = None  # of what was seen: the footage, or what was live
    shown_until: datetime | None = None
    sha256: str | None = None  # of a file that left: to whom it was given
    grant: UUID | None = None


class Register:
    """Reads the journal on before it answers, so it never lags behind."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal
        self._turn = asyncio.Lock()

    async def page(
        self, wanted: RegisterFilter, areas: Sequence[str], limit: int, before: int | None
    ) -> list[RegisterRow]:
        """Newest first, of cameras in these areas, below number ``before``."""
        await self.follow()
        query = select(RegisterRow).where(inside(RegisterRow.division, areas), *conditions(wanted))
        if before is not None:
            query = query.where(RegisterRow.sequence < before)
        async with self._database.read() as session:
            return list(await session.scalars(query.order_by(RegisterRow.sequence.desc()).limit(limit)))

    async def all(self, wanted: RegisterFilter, areas: Sequence[str], most: int) -> list[RegisterRow]:
        """All of them, newest first. Raises TooManyRows."""
        found, before = list[RegisterRow](), None
        while rows := await self.page(wanted, areas, BLOCK, before):
            found, before = found + rows, rows[-1].sequence
            if len(found) > most:
                raise TooManyRows(f"more than {most} looks: choose a shorter period")
        return found

    async def get(self, sequence: int, areas: Sequence[str]) -> RegisterRow | None:
        """None: no such entry, or of a camera outside these areas."""
        await self.follow()
        query = select(RegisterRow).where(RegisterRow.sequence == sequence)
        query = query.where(inside(RegisterRow.division, areas))
        async with self._database.read() as session:
            return await session.scalar(query)

    async def uses_of_requests(self) -> dict[UUID, int]:
        """How often something was opened under the grants of each request of a share (art. 20)."""
        await self.follow()
        query = select(GrantRow.request, func.count().label("uses"))
        query = query.join(RegisterRow, RegisterRow.grant == GrantRow.id)
        query = query.where(GrantRow.kind == GrantKind.SHARE).group_by(GrantRow.request)
        async with self._database.read() as session:
            return {row.request: row.uses for row in await session.execute(query)}

    async def names(self, people: Iterable[UUID]) -> dict[UUID, str]:
        """What these are called now."""
        query = select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(set(people)))
        async with self._database.read() as session:
            return {row.id: row.name for row in await session.execute(query)}

    async def agreement(self, law: Law) -> Grant | Refusal:
        """Whether it has exactly the looks and packages that the journal tells of, one by one (R25.12)."""
        await self.follow()
        told, before = Told(), self._journal.length
        while before and (records := await self._journal.read(BLOCK, before)):
            told.take(records)
            before = records[-1].sequence
        async with self._database.read() as session:
            columns = RegisterRow.sequence, RegisterRow.viewing, RegisterRow.watched_s
            rows = await session.execute(select(*columns, RegisterRow.packages_json))
            entered = [
                key
                for number, viewing, seconds, text in rows
                for key in keys_of(number, viewing, seconds, json.loads(text))
            ]
            return agrees(law, entered, told.keys())

    async def open_viewings(self, after: int, before: datetime) -> list[RegisterRow]:
        """Up to ``BLOCK`` looks opened before an instant that have not ended, from a number on."""
        await self.follow()
        query = select(RegisterRow).where(RegisterRow.viewing == OPEN, RegisterRow.sequence > after)
        query = query.where(RegisterRow.at < before).order_by(RegisterRow.sequence).limit(BLOCK)
        async with self._database.read() as session:
            return list(await session.scalars(query))

    async def ended(self, openings: Iterable[int]) -> set[int]:
        """Which of these looks have ended, as the journal tells."""
        await self.follow()
        query = select(RegisterRow.sequence).where(RegisterRow.sequence.in_(set(openings)))
        async with self._database.read() as session:
            return set(await session.scalars(query.where(RegisterRow.viewing != OPEN)))

    async def follow(self) -> None:
        """Take over whatever the journal has by now."""
        async with self._turn:
            while await self._database.run(self._take_block):
                pass

    async def _take_block(self, session: AsyncSession) -> bool:
        """The next entries, and how far they go, in one transaction; whether there may be more."""
        place = await session.get(PlatformValue, NEXT)
        if place is None:
            place = PlatformValue(key=NEXT, value="0")
            session.add(place)
        first = int(place.value)
        until = min(first + BLOCK, self._journal.length)
        if first >= until:
            return False
        records = (await self._journal.read(until - first, until))[::-1]  # as they were written
        looks = [one for one in records if one.kind in REGISTERED]
        divisions = await divisions_of(session, {UUID(one.entry["camera"]) for one in looks})
        session.add_all([row_of(one, divisions) for one in looks])
        await session.flush()
        for one in records:
            if one.kind == PACKAGE:
                await add_package(session, one)
        await go_on(session, [one for one in records if one.kind in FOLLOWING])
        place.value = str(until)
        return until < self._journal.length


def conditions(wanted: RegisterFilter) -> Iterator[ColumnElement[bool]]:
    """What is live is seen while it is looked at; what was recorded, whenever that is."""
    begins = func.coalesce(RegisterRow.start, RegisterRow.at)
    ends = func.coalesce(RegisterRow.end, RegisterRow.until)
    if wanted.person is not None:
        yield RegisterRow.person == wanted.person
    if wanted.camera is not None:
        yield RegisterRow.camera == wanted.camera
    if wanted.start is not None:
        yield RegisterRow.at >= wanted.start
    if wanted.end is not None:
        yield RegisterRow.at < wanted.end
    if wanted.shown_from is not None:
        yield or_(ends > wanted.shown_from, begins >= wanted.shown_from)
    if wanted.shown_until is not None:
        yield begins < wanted.shown_until
    if wanted.grant is not None:
        yield RegisterRow.grant == wanted.grant
    if wanted.sha256 is not None:
        yield RegisterRow.packages_json.contains(wanted.sha256, autoescape=True)


@dataclass(slots=True)
class Told:
    """What the journal tells of looks, read backwards: of each the newest first."""

    opened: dict[int, str] = field(default_factory=dict)  # kind by number
    ends: dict[int, str] = field(default_factory=dict)  # why it ended, by the opening's number
    seconds: dict[int, int] = field(default_factory=dict)
    packages: list[str] = field(default_factory=list)

    def take(self, records: Iterable[Record]) -> None:
        for one in records:
            if one.kind in REGISTERED:
                self.opened[one.sequence] = one.kind
            elif one.kind in FOLLOWING:
                opening = int(one.entry["opening"])
                self.seconds[opening] = max(self.seconds.get(opening, 0), int(one.entry["seconds"]))
                if one.kind == ViewingEnded.kind:
                    self.ends[opening] = one.entry["reason"]
            elif one.kind == PACKAGE:
                self.packages.append(told_package(one))

    def keys(self) -> list[str]:
        """What must be found again in the register."""
        looks = [
            looked(number, self.ends.get(number, OPEN), self.seconds.get(number, 0))
            if kind in LASTING
            else looked(number, None, None)
            for number, kind in self.opened.items()
        ]
        return looks + self.packages


def looked(sequence: int, viewing: str | None, watched_s: int | None) -> str:
    """One look in one word, to compare: "17", "18 closed 62 s"."""
    return str(sequence) if viewing is None else f"{sequence} {viewing} {watched_s} s"


async def go_on(session: AsyncSession, records: Sequence[Record]) -> None:
    """Looks that lasted, and ended; of two ends the first holds."""
    openings = {int(one.entry["opening"]) for one in records}
    query = select(RegisterRow).where(RegisterRow.sequence.in_(openings))
    rows = {row.sequence: row for row in await session.scalars(query)} if records else {}
    for one in records:
        row = rows.get(int(one.entry["opening"]))
        if row is None:
            continue
        row.watched_s = max(row.watched_s or 0, int(one.entry["seconds"]))
        row.until = row.at + timedelta(seconds=row.watched_s)
        if one.kind == ViewingEnded.kind and row.viewing == OPEN:
            row.viewing = one.entry["reason"]


def row_of(record: Record, divisions: dict[UUID, str]) -> RegisterRow:
    """An entry as a row; entries of before this field or that existed are without it."""
    entry: dict[str, Any] = record.entry
    camera = UUID(entry["camera"])
    start, end = entry.get("start") or entry.get("at"), entry.get("end") or entry.get("at")
    return RegisterRow(
        sequence=record.sequence,
        at=record.at,
        kind=record.kind,
        verb=entry.get("verb") or ("copy" if record.kind.startswith("copy.") else "view"),
        person=UUID(entry["actor"]),
        unit=UUID(entry["unit"]) if entry.get("unit") else None,
        camera=camera,
        division=divisions.get(camera) or CITY,
        start=datetime.fromisoformat(start) if start else None,
        end=datetime.fromisoformat(end) if end else None,
        purpose=entry["purpose"] or "",
        destination=entry.get("destination") or entry["address"],
        grant=UUID(entry["grant"]) if entry.get("grant") else None,
        viewing=OPEN if record.kind in LASTING else None,
        watched_s=0 if record.kind in LASTING else None,
        until=record.at,
        recipient=entry.get("recipient") or "",
        forwarded=entry.get("forwarded"),
        packages_json="[]",
    )


async def add_package(session: AsyncSession, record: Record) -> None:
    """Told at least once: a file that is known already, or of an entry that nobody has, says nothing new."""
    entry: dict[str, Any] = record.entry
    row = await session.get(RegisterRow, entry["opened"])
    if row is None or any(told_package(record) == of_package(row.sequence, one) for one in row.packages):
        return
    made = Package(record.sequence, entry["file"], entry["size_bytes"], entry["sha256"])
    row.packages_json = json.dumps([*map(asdict, row.packages), asdict(made)])


def told_package(record: Record) -> str:
    """A package as its entry tells of it."""
    entry: dict[str, Any] = record.entry
    return f"{entry['opened']}/{entry['file']} {entry['sha256']}"


def of_package(sequence: int, package: Package) -> str:
    return f"{sequence}/{package.file} {package.sha256}"


def keys_of(
    sequence: int, viewing: str | None, watched_s: int | None, packages: list[dict[str, Any]]
) -> list[str]:
    of_packages = (of_package(sequence, Package(**one)) for one in packages)
    return [looked(sequence, viewing, watched_s), *of_packages]


async def divisions_of(session: AsyncSession, cameras: set[UUID]) -> dict[UUID, str]:
    query = select(CameraFileRow.id, CameraFileRow.division).where(CameraFileRow.id.in_(cameras))
    return {row.id: row.division for row in await session.execute(query)}
