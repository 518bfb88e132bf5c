"""One change to all camera files that a filter finds: previewed, then done whole or not at all."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.entries import InventoryChanged
from bingjian.inventory.camera_file_query import Filter, where
from bingjian.inventory.camera_file_service import Registrar
from bingjian.inventory.camera_file_values import Values, accepted, row_values
from bingjian.inventory.camera_files import (
    KIND,
    TOGETHER,
    CameraFileRow,
    SystemsChanged,
    dumps,
    nobody_is_told,
    values_of,
)
from bingjian.inventory.errors import FieldsNotAccepted, SelectionChanged
from bingjian.inventory.fields import BY_NAME, SINGLE, Home
from bingjian.inventory.history import HistoryRow, Who
from bingjian.journal.append import Journal

Table = CameraFileRow
PARTITION = 5_000  # rows read in one go: some 10 ms of the event loop


@dataclass(frozen=True, slots=True)
class Preview:
    total: int
    changing: int  # have other values now
    token: str  # of exactly these files in these versions


class BulkChanges:
    """Whoever calls has been let in by the door."""

    def __init__(
        self, database: Database, journal: Journal, clock: Clock, changed: SystemsChanged = nobody_is_told
    ) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._changed = changed

    async def preview(self, wanted: Filter, raws: Mapping[str, Any]) -> Preview:
        """What a change would touch. Raises FieldsNotAccepted."""
        setting = settings_of(raws)
        async with self._database.read() as session:
            token, total = await token_of(session, wanted)
            changing = 0
            async for rows in in_turn(session, wanted):
                changing += sum(bool(changes_of(row, setting)) for row in rows)
        return Preview(total, changing, token)

    async def apply(
        self, wanted: Filter, raws: Mapping[str, Any], token: str, who: Registrar, reason: str = ""
    ) -> int:
        """Change them all; how many had other values. Raises FieldsNotAccepted, SelectionChanged."""
        setting = settings_of(raws)

        async def work(session: AsyncSession) -> int:
            now = utc_now(self._clock)
            if (await token_of(session, wanted))[0] != token:
                raise SelectionChanged
            digest, count, systems = hashlib.sha256(), 0, await systems_of(session, wanted, setting)
            ids = list(await session.scalars(select(Table.id).where(where(wanted)).order_by(Table.id)))
            for first in range(0, len(ids), TOGETHER):
                rows = await rows_of(session, ids[first : first + TOGETHER])
                count += await write(session, rows, setting, digest, who, now, reason)
            await self._changed(session, systems, now)
            act = InventoryChanged(
                str(who.id), "camera_files", str(uuid4()), "changed", count, tuple(sorted(setting)),
                digest.hexdigest(),
            )  # fmt: skip
            await self._journal.append(act)
            return count

        return await self._database.run(work)


def settings_of(raws: Mapping[str, Any]) -> Values:
    """The values to set, None to empty. Raises FieldsNotAccepted."""
    single = {
        name: "this is not changed for many at once"
        for name in raws
        if name not in BY_NAME or name in SINGLE or BY_NAME[name].home is Home.VIEW
    }
    if single:
        raise FieldsNotAccepted(single)
    given = accepted({name: raw for name, raw in raws.items() if raw is not None})
    return {name: given.get(name) for name in raws}


def changes_of(row: CameraFileRow, setting: Values) -> dict[str, list[Any]]:
    before = values_of(row)
    return {
        name: [before.get(name), value]
        for name, value in sorted(setting.items())
        if before.get(name, False if value is False else None) != value
    }


async def systems_of(session: AsyncSession, wanted: Filter, setting: Values) -> set[UUID]:
    """The systems whose cameras the filter finds, and the one that they are to belong to."""
    found = await session.scalars(select(Table.system).where(where(wanted)).distinct())
    after = setting.get("system")
    return {system for system in (*found, UUID(str(after)) if after else None) if system is not None}


async def token_of(session: AsyncSession, wanted: Filter) -> tuple[str, int]:
    """A hash over the ids and versions of all that the filter finds, and how many they are."""
    digest, count = hashlib.sha256(), 0
    query = select(Table.id, Table.version).where(where(wanted)).order_by(Table.id)
    async for some in (await session.stream(query)).partitions(PARTITION):
        for id_, version in some:
            digest.update(b"%s %d\n" % (id_.bytes, version))
        count += len(some)
    return digest.hexdigest(), count


async def in_turn(session: AsyncSession, wanted: Filter) -> Any:
    """All rows that the filter finds, some at a time."""
    last: UUID | None = None
    while True:
        query = select(Table).where(where(wanted)).order_by(Table.id).limit(TOGETHER)
        rows = list(await session.scalars(query if last is None else query.where(Table.id > last)))
        if not rows:
            return
        yield rows
        last = rows[-1].id
        session.expunge_all()


async def rows_of(session: AsyncSession, ids: list[UUID]) -> list[CameraFileRow]:
    query = select(Table).where(Table.id.in_(ids)).order_by(Table.id)
    rows = list(await session.scalars(query))
    for row in rows:
        session.expunge(row)
    return rows


async def write(
    session: AsyncSession,
    rows: list[CameraFileRow],
    setting: Values,
    digest: Any,
    who: Who,
    now: datetime,
    reason: str,
) -> int:
    """Change these rows and write their history; how many had other values."""
    updates, history = list[dict[str, Any]](), list[dict[str, Any]]()
    for row in rows:
        if changes := changes_of(row, setting):
            text = dumps(changes)
            digest.update(text.encode())
            after = {k: v for k, v in (values_of(row) | setting).items() if v is not None}
            updates.append(
                {"at_id": row.id, "version": row.version + 1, "changed_at": now, **row_values(after)}
            )
            history.append(history_values(row.id, row.version + 1, "changed", text, who, now, reason))
    if updates:
        given: dict[str, Any] = {name: bindparam(name) for name in updates[0] if name != "at_id"}
        files: Any = Table.__table__
        await session.execute(update(files).where(files.c.id == bindparam("at_id")).values(given), updates)
        await session.execute(insert(HistoryRow), history)
    return len(updates)


def history_values(
    subject: UUID, version: int, act: str, text: str, who: Who, now: datetime, reason: str
) -> dict[str, Any]:
    """A row of the history for a statement over many."""
    return {
        "subject": subject,
        "version": version,
        "subject_kind": KIND,
        "act": act,
        "at": now,
        "by": who.id,
        "by_name": who.name,
        "reason": reason,
        "changes_json": text,
    }
