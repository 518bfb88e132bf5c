"""All documents read again from the disk: is each still what was archived (art. 17, R17.3)?"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, tuple_

from bingjian.db.session import Database
from bingjian.documents.models import DocumentRow, DocumentVersionRow
from bingjian.documents.service import name_of
from bingjian.documents.store import DocumentStore
from bingjian.rules.decision import Refusal
from bingjian.rules.decisions.archive import Version, is_whole
from bingjian.rules.library import law

BATCH = 500  # versions read from the database at a time


@dataclass(frozen=True, slots=True)
class Seen:
    """One version looked at; ``damage`` says what is wrong, or is None."""

    document: UUID
    version: int
    size_bytes: int
    damage: Refusal | None


async def look_at_all(database: Database, store: DocumentStore) -> AsyncIterator[Seen]:
    """Every version of every document, in the order of their ids. Raises StoreUnavailable."""
    after: tuple[UUID, int] | None = None
    while batch := await versions_after(database, after):
        for row, version in batch:
            yield await asyncio.to_thread(look_at, store, row, version)
        after = batch[-1][1].document, batch[-1][1].number


async def versions_after(
    database: Database, after: tuple[UUID, int] | None
) -> list[tuple[DocumentRow, DocumentVersionRow]]:
    table = DocumentVersionRow
    query = select(DocumentRow, table).join(table, table.document == DocumentRow.id)
    if after is not None:
        query = query.where(tuple_(table.document, table.number) > after)
    query = query.order_by(table.document, table.number).limit(BATCH)
    async with database.read() as session:
        return [(row, version) for row, version in await session.execute(query)]


def look_at(store: DocumentStore, row: DocumentRow, version: DocumentVersionRow) -> Seen:
    kept = Version(version.number, version.sha256)
    answer = is_whole(law(), name_of(row), kept, store.digest(version.sha256))
    damage = answer if isinstance(answer, Refusal) else None
    return Seen(row.id, version.number, version.size_bytes, damage)
