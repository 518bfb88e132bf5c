"""Good rows of an import on their way into the inventory.

While rows are judged they are laid, some at a time, into a table of the camera files' own shape; a confirmed
import is then two statements over all of them. So nobody else who writes waits for a hundred thousand rows to
be prepared, and what was laid there before a crash is nothing to anybody until its import is judged.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, Integer, Table, Text, Uuid, cast, delete, insert, literal, select
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.db.base import Base
from bingjian.inventory.camera_files import BEGIN, KIND, CameraFileRow, dumps
from bingjian.inventory.history import HistoryRow, Who
from bingjian.inventory.imports.judging import GoodRow
from bingjian.inventory.imports.models import ImportRow, ImportState

ADDED = "added"  # act of the history
FIRST = 1  # version
AT_CONFIRMATION = ("state", "version", "created_at", "changed_at")  # columns that only then have a value
CARRIED = tuple(
    Column(column.name, column.type, nullable=column.nullable)
    for column in CameraFileRow.__table__.columns
    if column.name not in AT_CONFIRMATION
)
STAGED = Table(
    "import_rows",
    Base.metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),  # of the sheet, from 1
    *CARRIED,
    Column("changes_json", Text, nullable=False),  # as the history has them
)


def staged(import_id: UUID, good: GoodRow) -> dict[str, Any]:
    """A good row as the table has it."""
    changes = dumps({name: [None, value] for name, value in good.values.items()})
    row = {"import_id": import_id, "row": good.number, "id": uuid4(), "changes_json": changes}
    return row | good.columns


async def stage(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    await session.execute(insert(STAGED), rows)


async def unstage(session: AsyncSession, import_id: UUID) -> None:
    """Forget what was laid down for an import."""
    await session.execute(delete(STAGED).where(STAGED.c.import_id == import_id))


async def unstage_unjudged(session: AsyncSession) -> None:
    """Forget what an interrupted run left."""
    waiting = select(ImportRow.id).where(ImportRow.state == ImportState.JUDGED)
    await session.execute(delete(STAGED).where(STAGED.c.import_id.not_in(waiting)))


async def systems_of(session: AsyncSession, import_id: UUID) -> set[UUID]:
    """Whose cameras the rows of an import will be."""
    query = select(STAGED.c.system).where(STAGED.c.import_id == import_id, STAGED.c.system.is_not(None))
    return set(await session.scalars(query.distinct()))


async def take_over(session: AsyncSession, import_id: UUID, who: Who, now: datetime) -> int:
    """The rows of an import become camera files, each with its history; how many. Raises IntegrityError."""
    own = STAGED.c.import_id == import_id
    carried: dict[str, Any] = {column.name: STAGED.c[column.name] for column in CARRIED}
    begin = {"state": BEGIN, "version": FIRST, "created_at": now, "changed_at": now}
    count = await copied(session, CameraFileRow, carried | begin, own)
    history = {
        "subject": STAGED.c.id,
        "version": FIRST,
        "subject_kind": KIND,
        "act": ADDED,
        "at": now,
        "person": who.id,
        "person_name": who.name,
        "reason": f"import {import_id}",
        "changes_json": STAGED.c.changes_json,
    }
    await copied(session, HistoryRow, history, own)
    await unstage(session, import_id)
    return count


async def copied(session: AsyncSession, model: type[Base], values: Mapping[str, Any], condition: Any) -> int:
    """Insert into a table, for each staged row, these values: columns of that row, or the same for all."""
    into: Any = model.__table__
    found = [
        value if isinstance(value, Column) else cast(literal(value, into.c[name].type), into.c[name].type)
        for name, value in values.items()
    ]
    statement = insert(into).from_select(list(values), select(*found).where(condition))
    result = await session.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount
