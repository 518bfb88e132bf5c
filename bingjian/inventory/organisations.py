"""Organisations: departments, governments, police, operators, firms; those that the law names are seeded."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlalchemy import Index, String, Text, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.clock import Clock, utc_now
from bingjian.db.base import Base, Instant
from bingjian.db.session import Database
from bingjian.inventory.errors import NotThere
from bingjian.inventory.history import Subject, Who, differences, remember
from bingjian.inventory.search import searchable
from bingjian.inventory.versions import require_version
from bingjian.journal.append import Journal
from bingjian.rules.library import law

KIND = "organisation"
DISTRICT_BODIES = {  # that every district, county and county-level city has of its own (names: zh)
    "district_government": "人民政府",
    "public_security": "公安局",
}
NAMESPACE = uuid5(NAMESPACE_URL, "bingjian:organisations")  # the named ones have the same id everywhere


class OrganisationRow(Base):
    """A body that does something with cameras."""

    __tablename__ = "organisations"
    __table_args__ = (Index("ix_organisations_name", "name", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(String(40))  # code of ``body`` or ``department``; else "unit" or "firm"
    division: Mapped[str] = mapped_column(String(6))  # whose body it is (GB/T 2260); empty: the city's
    is_state_organ: Mapped[bool]
    is_public_body: Mapped[bool]  # a public institution or state company; organs too
    credit_code: Mapped[str] = mapped_column(String(18))  # 统一社会信用代码, GB 32100; empty if unknown
    contact: Mapped[str] = mapped_column(Text)  # a name and a telephone number
    is_active: Mapped[bool]
    search: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class OrganisationWish:
    """An organisation as someone describes it."""

    name: str
    body: str = "unit"
    division: str = ""
    is_state_organ: bool = False
    is_public_body: bool = False
    credit_code: str = ""
    contact: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    items: list[OrganisationRow]
    next_key: list[str] | None


class Organisations:
    """Every change is in the journal before it holds."""

    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock

    async def seed(self) -> None:
        """Have the bodies that the measures name, and each district's government and police (R5.4)."""

        async def work(session: AsyncSession) -> None:
            known = set(await session.scalars(select(OrganisationRow.id)))
            for identity, wish in named_bodies():
                if identity not in known:
                    session.add(row_of(identity, wish, utc_now(self._clock)))

        await self._database.run(work)

    async def add(self, wish: OrganisationWish, who: Who) -> OrganisationRow:
        """Add one."""

        async def work(session: AsyncSession) -> OrganisationRow:
            now = utc_now(self._clock)
            row = row_of(uuid4(), wish, now)
            session.add(row)
            changes = differences({}, asdict(wish))
            await remember(session, self._journal, Subject(KIND, row.id, 1), "added", changes, who, now)
            return row

        return await self._database.run(work)

    async def change(
        self, organisation: UUID, version: int, fields: Mapping[str, Any], who: Who
    ) -> OrganisationRow:
        """Change the given fields (those of ``OrganisationWish``). Raises NotThere, Stale."""

        async def work(session: AsyncSession) -> OrganisationRow:
            row = await session.get(OrganisationRow, organisation)
            if row is None:
                raise NotThere
            await require_version(session, row.id, row.version, version)
            before = values_of(row)
            for name, value in fields.items():
                setattr(row, name, value)
            row.search, row.version = searchable(row.name), row.version + 1
            row.changed_at = now = utc_now(self._clock)
            changes = differences(before, values_of(row))
            subject = Subject(KIND, row.id, row.version)
            await remember(session, self._journal, subject, "changed", changes, who, now)
            return row

        return await self._database.run(work)

    async def get(self, organisation: UUID) -> OrganisationRow:
        """Raises NotThere."""
        async with self._database.read() as session:
            row = await session.get(OrganisationRow, organisation)
        if row is None:
            raise NotThere
        return row

    async def names(self, organisations: Iterable[UUID | None]) -> dict[UUID, str]:
        """What these are called."""
        query = select(OrganisationRow.id, OrganisationRow.name)
        query = query.where(OrganisationRow.id.in_({one for one in organisations if one is not None}))
        async with self._database.read() as session:
            return {row.id: row.name for row in await session.execute(query)}

    async def page(
        self, limit: int, after: list[str] | None, q: str | None = None, body: str | None = None
    ) -> OrganisationPage:
        """By name, after the name and id given; only of a body, or with this in the name or its pinyin."""
        table = OrganisationRow
        query = select(table).order_by(table.name, table.id).limit(limit + 1)
        if after is not None:
            query = query.where(tuple_(table.name, table.id) > (after[0], UUID(after[1])))
        if q:
            query = query.where(table.search.contains(q.lower(), autoescape=True))
        if body:
            query = query.where(table.body == body)
        async with self._database.read() as session:
            rows = list(await session.scalars(query))
        items = rows[:limit]
        return OrganisationPage(items, [items[-1].name, str(items[-1].id)] if len(rows) > limit else None)


def named_bodies() -> list[tuple[UUID, OrganisationWish]]:
    """The bodies of art. 5 and 7, and each district's own."""
    found = []
    for of in ("body", "department"):
        for code, texts in law().codes(of).items():
            if code not in DISTRICT_BODIES or of == "department":
                wish = OrganisationWish(texts[0].words.zh, code, "", True, True)
                found.append((body_id(code), wish))
    for division, texts in law().codes("division").items():
        for code, suffix in DISTRICT_BODIES.items():
            wish = OrganisationWish(texts[0].words.zh + suffix, code, division, True, True)
            found.append((body_id(code, division), wish))
    return found


def body_id(body: str, division: str = "") -> UUID:
    """The id of a body that the measures name; of a district's own with its division."""
    return uuid5(NAMESPACE, f"{body}:{division}")


def row_of(identity: UUID, wish: OrganisationWish, now: datetime) -> OrganisationRow:
    return OrganisationRow(
        id=identity, **asdict(wish), search=searchable(wish.name), version=1, changed_at=now
    )


def values_of(row: OrganisationRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in OrganisationWish.__dataclass_fields__}
