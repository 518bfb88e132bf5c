"""What stands before the procedures of these tests begin: organisations, systems, cameras, places."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Actor, Role
from bingjian.api.parts import Parts
from bingjian.db.session import Database
from bingjian.duties.models import DutyRow
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.organisations import OrganisationWish, body_id, row_of
from bingjian.inventory.place_rows import PlaceRow
from bingjian.journal.append import Journal
from bingjian.procedures.filing_facts import filing_due
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step
from bingjian.procedures.system_data import Found, System
from tests.backend import StillClock
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk

DAOLI, NANGANG = "230102", "230103"
POLICE = body_id("public_security", DAOLI)
CLERK = Actor(uuid4(), "clerk", frozenset({Role.REGISTRAR}), "zh")


def instant(text: str) -> datetime:
    """In China: "2026-03-31 23:59:59"."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def set_clock(clock: StillClock, text: str) -> None:
    clock.now_ns = int(instant(text).timestamp()) * 10**9


@dataclass
class Field:
    """One city, written straight into its tables."""

    database: Database
    journal: Journal
    clock: StillClock
    parts: Parts

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now_ns / 1e9, UTC)

    async def add(self, *rows: Any) -> None:
        async def work(session: AsyncSession) -> None:
            session.add_all(rows)

        await self.database.run(work)

    async def organisation(self, name: str) -> UUID:
        row = row_of(uuid4(), OrganisationWish(name), self.now)
        await self.add(row)
        return row.id

    async def system(self, *, state: str = "trial", division: str = DAOLI, **facts: Any) -> UUID:
        """A system; ``facts``: of ``System`` and ``Found``."""
        found = {
            "is_article8": False,
            "is_government_built": False,
            "decree_class": "",
            "must_connect": False,
            "is_level_mismatched": False,
        }
        found |= {name: facts.pop(name) for name in list(facts) if name in found}
        values = {"investment": "social", "places": (uuid4(),), "organiser": uuid4()} | facts
        data = System(**values, found=Found(**found))
        row = RecordRow(
            id=uuid4(),
            kind="system",
            number=f"XT-{uuid4().hex[:12]}",
            title="友谊路系统",
            division=division,
            state=state,
            data_json=data.model_dump_json(),
            search="",
            version=1,
            opened_at=self.now,
            changed_at=self.now,
        )
        await self.add(row)
        return row.id

    async def comes_to(self, system: UUID, state: str, book: Lawbook | None = None, **facts: Any) -> None:
        """The system is accepted or put into use, and what follows from that for filing."""

        async def work(session: AsyncSession) -> None:
            row = await session.get(RecordRow, system)
            assert row is not None
            data = System.model_validate_json(row.data_json).model_copy(update=facts)
            row.state, row.data_json = state, data.model_dump_json()
            step = Step(session, self.journal, book or self.parts.lawbook, self.now, CLERK, row, None)
            await filing_due(step, data)

        await self.database.run(work)

    async def camera(self, **values: Any) -> UUID:
        row = camera_row(self.now, **values)
        await self.add(row)
        return row.id

    async def place(self, **values: Any) -> UUID:
        row = place_row(self.now, **values)
        await self.add(row)
        return row.id

    async def duties(self, subject: UUID | str) -> list[DutyRow]:
        """All there ever were about a subject, oldest first."""
        async with self.database.read() as session:
            query = select(DutyRow).where(DutyRow.subject == UUID(str(subject)))
            return list(await session.scalars(query.order_by(DutyRow.due_at, DutyRow.code)))

    async def states(self, subject: UUID | str) -> dict[str, str]:
        """By code in which state its newest duty is; ``code:key`` where it has a key."""
        rows = sorted(await self.duties(subject), key=lambda row: row.closed_at is None)
        return {":".join(filter(None, (row.code, row.key))): row.state(self.now) for row in rows}


def camera_row(now: datetime, **values: Any) -> CameraFileRow:
    return CameraFileRow(
        **{
            "id": uuid4(),
            "code_order": "~",
            "name": "友谊路 1",
            "division": DAOLI,
            "state": "in_service",
            "status": "1",
            "structure_type": "1",
            "function_type": "1",
            "point_type": "1",
            "capture_position_type": "1",
            "network_status": "1",
            "crs": "WGS-84",
            "record_save_days": 90,
            "counter_terror": False,
            "is_article8": True,
            "is_government_built": False,
            "decree_class": "",
            "secrecy": "none",
            "view_json": "{}",
            "fields_json": "{}",
            "missing": "",
            "faulty": "",
            "fill_bp": 10_000,
            "correct_bp": 10_000,
            "search": "",
            "search_base": "",
            "version": 1,
            "created_at": now,
            "changed_at": now,
            **values,
        }
    )


def place_row(now: datetime, **values: Any) -> PlaceRow:
    return PlaceRow(
        **{
            "id": uuid4(),
            "name": "某军事管理区",
            "division": DAOLI,
            "kind": "vital_point",
            "categories_text": "",
            "citation": "",
            "is_like_those_named": False,
            "likeness_note": "",
            "likeness_confirmed_by": "",
            "is_public": False,
            "counter_terror": False,
            "coordinate_system": "",
            "is_secret_neighbour": True,
            "address": "",
            "search": "",
            "version": 1,
            "changed_at": now,
            **values,
        }
    )


def city(database: Database, journal: Journal, clock: StillClock, folder: Path, published: date) -> Parts:
    """The parts of a city that has published its measures."""
    return Parts.open(database, journal, clock, folder, published)


async def desk_of(enter: Enter, role: Role, organisation: UUID, **more: Any) -> Desk:
    """A desk of any organisation."""
    return Desk(await enter(role, organisation=organisation, **more))
