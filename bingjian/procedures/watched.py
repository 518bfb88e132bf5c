"""What a platform watches: its cameras in service, and how many of them are key ones."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.place_rows import PartRow
from bingjian.procedures.models import RecordRow
from bingjian.rules.decisions.lifecycle import State

CITY = ("", "230100")  # of a platform: the whole city's


@dataclass(frozen=True, slots=True)
class Watched:
    """How much there is to watch."""

    cameras: int
    key_cameras: int  # at a key part (art. 8), or at a key target of counter-terrorism


async def watched_by_division(session: AsyncSession) -> dict[str, Watched]:
    """Of each division, in one statement."""
    file = CameraFileRow
    is_key = or_(file.counter_terror, and_(PartRow.id.is_not(None), PartRow.is_key))
    query = select(file.division, func.count(), func.sum(case((is_key, 1), else_=0)))
    query = query.outerjoin(PartRow, PartRow.id == file.part)
    query = query.where(file.state == State.IN_SERVICE.value).group_by(file.division)
    rows = await session.execute(query)
    return {division: Watched(cameras, int(keys)) for division, cameras, keys in rows}


def watched_in(division: str, every: dict[str, Watched]) -> Watched:
    """By a platform of this division; the city's watches all of them."""
    mine = every.values() if division in CITY else [w for d, w in every.items() if d == division]
    return total(mine)


def total(several: Iterable[Watched]) -> Watched:
    each = list(several)
    return Watched(sum(one.cameras for one in each), sum(one.key_cameras for one in each))


async def watched_by(session: AsyncSession, platform: RecordRow) -> Watched:
    return watched_in(platform.division, await watched_by_division(session))
