"""What is drawn on a map beside the cameras: the outlines of places and of their parts."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import and_, select

from bingjian.db.areas import Areas, inside
from bingjian.db.session import Database
from bingjian.inventory.ground import Ring
from bingjian.inventory.place_rows import PartRow, PlaceRow
from bingjian.inventory.standpoints import Box

SHAPES_MOST = 1000  # of places, and as many of parts: more lie so close that none could be told apart

Look = Literal["place", "key_place", "secret", "open", "banned", "needs_review"]


@dataclass(frozen=True)
class Shape:
    """The outline of a place or of a part of one."""

    place: UUID
    part: UUID | None  # None: the place itself
    name: str
    look: Look  # what binds there: see ``PartRow.privacy``; of places, art. 8 and the consent of N10
    ring: Ring  # WGS-84, not closed


@dataclass(frozen=True)
class GroundMap:
    """Places first, so that parts are drawn over them."""

    items: list[Shape]
    is_cut: bool  # there are more than are given


class GroundMaps:
    """Reads alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def view(self, box: Box, areas: Areas) -> GroundMap:
        """The outlines that reach into a box, within areas that a person is bound to."""
        seen = inside(PlaceRow.division, areas)
        places = select(PlaceRow).where(meets(PlaceRow, box), seen).limit(SHAPES_MOST + 1)
        parts = select(PartRow).join(PlaceRow, PlaceRow.id == PartRow.place)
        parts = parts.where(meets(PartRow, box), seen).limit(SHAPES_MOST + 1)
        async with self._database.read() as session:
            of_places = list(await session.scalars(places.order_by(PlaceRow.id)))
            of_parts = list(await session.scalars(parts.order_by(PartRow.id)))
        shapes = [place_shape(row) for row in of_places[:SHAPES_MOST]]
        shapes += [part_shape(row) for row in of_parts[:SHAPES_MOST]]
        return GroundMap(shapes, len(shapes) < len(of_places) + len(of_parts))


def meets(table: Any, box: Box) -> Any:
    """Its extent and the box have something in common."""
    west, south, east, north = box
    return and_(table.south <= north, table.north >= south, table.west <= east, table.east >= west)


def place_shape(row: PlaceRow) -> Shape:
    look: Look = "secret" if row.is_secret_neighbour else "key_place" if row.categories else "place"
    return Shape(row.id, None, row.name, look, row.outline or ())


def part_shape(row: PartRow) -> Shape:
    return Shape(row.place, row.id, row.name, row.privacy, row.polygon or ())
