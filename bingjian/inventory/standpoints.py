"""Where cameras stand and what they see, read in one query: for overlap, obstruction and coverage."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.db.areas import Areas, inside
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.ground import Frame, Point, Ring
from bingjian.inventory.view import DISTANCE_MOST_M, TURN, Sweep, View, view_polygon
from bingjian.rules.decisions.lifecycle import State

DISTANCE_ASSUMED_M = 50.0  # of a camera that does not say how far it sees: as most on poles do
HEIGHT_ASSUMED_M = 3.5  # of a camera that does not say how high it hangs: the least over a pavement

Box = tuple[float, float, float, float]  # west, south, east, north; degrees


@dataclass(frozen=True, slots=True)
class Standpoint:
    """One camera that has a position."""

    id: UUID
    longitude: float  # WGS-84
    latitude: float
    height_m: float | None  # above the ground
    look: View | None  # None: its direction, width or distance is not known
    state: str  # code of ``life_state``
    place: UUID | None
    part: UUID | None

    @property
    def view(self) -> Ring | None:
        """The ground that it can see over its whole sweep."""
        return view_polygon(self.look) if self.look else None

    @property
    def widest(self) -> View:
        """As it looks; where that is not known, all around it."""
        return self.look or View(self.longitude, self.latitude, 0, TURN, DISTANCE_ASSUMED_M)


async def standpoints(session: AsyncSession, box: Box, areas: Areas = ("",)) -> list[Standpoint]:
    """The cameras in a box that stand there or are to stand there: all but the retired, by id."""
    table, (west, south, east, north) = CameraFileRow, box
    query = select(
        table.id,
        table.longitude,
        table.latitude,
        table.height_m,
        table.view_json,
        table.state,
        table.place,
        table.part,
    ).where(
        table.latitude.between(south, north),
        table.longitude.between(west, east),
        table.state != State.RETIRED.value,
        inside(table.division, areas),
    )
    return [standpoint_of(row) for row in await session.execute(query.order_by(table.id))]


def standpoint_of(row: Any) -> Standpoint:
    look = look_of((row.longitude, row.latitude), view_of_json(row.view_json))
    return Standpoint(row.id, row.longitude, row.latitude, row.height_m, look, row.state, row.place, row.part)


def look_of(position: Point, told: Mapping[str, Any]) -> View | None:
    """How a camera looks, from what its file says; None if that does not suffice or is no view."""
    if any(told.get(name) is None for name in ("azimuth", "h_fov", "max_view_distance")):
        return None
    sweep = told.get("sweep")
    try:
        far = min(told["max_view_distance"], DISTANCE_MOST_M)
        turn = Sweep(sweep["pan_from"], sweep["pan_width"]) if sweep else None
        return View(*position, told["azimuth"], told["h_fov"], far, turn)
    except ValueError:
        return None


def view_of_json(text: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(text)
    return found


def box_around(middle: Point, reach_m: float) -> Box:
    """All that is so near, and the corners."""
    frame = Frame(*middle)
    return (*frame.degrees(-reach_m, -reach_m), *frame.degrees(reach_m, reach_m))
