"""How much of an area is seen already, and by which cameras (R7.4). What follows, the rules decide."""

from asyncio import to_thread
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import shapely
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.areas import Areas
from bingjian.db.session import Database
from bingjian.inventory.errors import PlaceNotAccepted
from bingjian.inventory.ground import NOISE_M2, Frame, Ring, middles_of, united
from bingjian.inventory.places import LawAt
from bingjian.inventory.rings import checked_ring
from bingjian.inventory.standpoints import Box, Standpoint, standpoints
from bingjian.inventory.view import DISTANCE_MOST_M
from bingjian.rules.decisions.planning import Item, is_possible_duplicate

AREA_MOST_M2 = 1_000_000.0  # one square kilometre: a cell each, so that a share of 80 % is exact


@dataclass(frozen=True, slots=True)
class Overlap:
    """An area in cells, and what is there."""

    existing: tuple[UUID, ...]  # cameras whose view meets the area
    cells: int
    overlapping: int  # of them, in view of one camera or more


def overlap(area: Ring, known: Iterable[Standpoint]) -> Overlap:
    """What these cameras see of an area. A cell is seen if its middle is; one without a view sees nothing."""
    frame = Frame(*area[0])
    ground = frame.polygon(area)
    views = [(one.id, frame.polygon(ring)) for one in known if (ring := one.view)]
    met = [(id_, shape) for id_, shape in views if shape.intersection(ground).area > NOISE_M2]
    middles, seen = middles_of(ground), united(shape for _, shape in met)
    shapely.prepare(seen)
    covered = int(shapely.contains_xy(seen, middles).sum()) if met else 0
    return Overlap(tuple(id_ for id_, _ in met), len(middles), covered)


async def overlap_of(session: AsyncSession, area: Ring, areas: Areas = ("",)) -> Overlap:
    """The same of the cameras that are there or planned there, within areas that a person is bound to."""
    known = await standpoints(session, box_of(area, DISTANCE_MOST_M), areas)
    return await to_thread(overlap, area, known)  # up to a second in the middle of a city


def box_of(area: Ring, margin_m: float) -> Box:
    """Around an area, with a margin."""
    west, south, east, north = shapely.Polygon(area).bounds
    low, high = Frame(west, south), Frame(east, north)
    return (*low.degrees(-margin_m, -margin_m), *high.degrees(margin_m, margin_m))


@dataclass(frozen=True, slots=True)
class OverlapAnswer:
    overlap: Overlap
    is_possible_duplicate: bool  # flagged, not refused


class Overlaps:
    """Reads alone."""

    def __init__(self, database: Database, clock: Clock, law_at: LawAt) -> None:
        self._database = database
        self._clock = clock
        self._law_at = law_at

    async def ask(self, area: Ring, areas: Areas) -> OverlapAnswer:
        """What of an area is seen already. Raises PlaceNotAccepted: the area is none, or is too large."""
        ring = checked_ring(area, "area")
        if Frame(*ring[0]).polygon(ring).area > AREA_MOST_M2:
            raise PlaceNotAccepted("area", f"the area has more than {AREA_MOST_M2:.0f} m²: divide it")
        async with self._database.read() as session:
            found = await overlap_of(session, ring, areas)
        item = Item(frozenset(map(str, found.existing)), {}, max(1, found.cells), found.overlapping)
        return OverlapAnswer(found, is_possible_duplicate(self._law_at(utc_now(self._clock)), item))
