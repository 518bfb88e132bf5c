"""Papers of the whole city that bind everybody, and so are everybody's to read, whatever their areas.

These are technical specifications that were issued (art. 15), and management systems (art. 25(1)) and keeping
rules (art. 28¶1) in force.
"""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.db.areas import CITY
from bingjian.inventory.camera_files import CITY as CITY_CODE
from bingjian.procedures.models import RecordRow
from bingjian.procedures.rule_papers import CURRENT, RULES, SYSTEMS, Rules, System
from bingjian.procedures.specification import ISSUED, SPECIFICATION, Specification
from bingjian.procedures.step import data_of

BINDING = {
    SPECIFICATION.name: ISSUED,
    SYSTEMS: CURRENT,
    RULES: CURRENT,
}  # by kind, the state in which it binds


async def binding_papers(session: AsyncSession) -> frozenset[UUID]:
    """Their documents, as they are in force now.

    Of specifications all that were issued: a system is judged by the one that it was accepted under.
    """
    binds = or_(*(and_(RecordRow.kind == kind, RecordRow.state == state) for kind, state in BINDING.items()))
    query = select(RecordRow).where(RecordRow.division.in_((CITY, CITY_CODE)), binds)
    return frozenset(document for row in await session.scalars(query) for document in texts_of(row))


def texts_of(row: RecordRow) -> Iterator[UUID]:
    if row.kind == SPECIFICATION.name:
        text = data_of(row, Specification).document
        yield from () if text is None else (text,)
        return
    data = data_of(row, System) if row.kind == SYSTEMS else data_of(row, Rules)
    yield from (version.document for version in data.versions[-1:])
