"""Systems that run on trial, as those who build them see them (R16.5): state, since when, which cameras."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Actor
from bingjian.db.session import Database
from bingjian.inventory.camera_files import files_of_system
from bingjian.inventory.models import CameraRow
from bingjian.procedures.models import RecordRow
from bingjian.procedures.serving import builders_of
from bingjian.procedures.step import data_of
from bingjian.procedures.system_data import System
from bingjian.rules.decisions.lifecycle import State


@dataclass(frozen=True, slots=True)
class Tested:
    """A camera of it; without a stream there is nothing to be seen yet."""

    id: UUID
    name: str
    has_stream: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """A system on trial: until it is accepted, or goes back to building."""

    system: UUID
    number: str
    title: str
    since: datetime | None  # when its works were finished
    cameras: tuple[Tested, ...]


class Trials:
    """Read by the builders' page; each picture is asked for at the door."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, actor: Actor) -> list[Trial]:
        """Those that this person's organisation has built, or builds; by number."""
        query = select(RecordRow).where(RecordRow.kind == "system", RecordRow.state == State.TRIAL)
        async with self._database.read() as session:
            rows = await session.scalars(query.order_by(RecordRow.number))
            mine = [(row, data) for row in rows if is_theirs(row, data := data_of(row, System), actor)]
            return [await trial_of(session, row, data) for row, data in mine]


def is_theirs(row: RecordRow, data: System, actor: Actor) -> bool:
    return actor.organisation is not None and actor.organisation in builders_of(row, data)


async def trial_of(session: AsyncSession, row: RecordRow, data: System) -> Trial:
    files = await files_of_system(session, row.id)
    streams = await with_streams(session, [file.id for file in files])
    tested = tuple(Tested(file.id, file.name, file.id in streams) for file in files)
    return Trial(row.id, row.number, row.title, data.built_at, tested)


async def with_streams(session: AsyncSession, several: Sequence[UUID]) -> frozenset[UUID]:
    return frozenset(await session.scalars(select(CameraRow.id).where(CameraRow.id.in_(several))))
