"""The 18 districts, counties and county-level cities of Harbin, and their boundaries.

The packaged boundaries are schematic (示意图); a city sets its own in their place.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import isfinite
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import shapely
from shapely.geometry import shape as shape_of
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.inventory.errors import BoundaryNotAccepted, NotThere
from bingjian.inventory.ground import Point
from bingjian.inventory.history import Subject, Who, remember
from bingjian.inventory.place_rows import BoundaryRow
from bingjian.inventory.versions import require_version
from bingjian.journal.append import Journal
from bingjian.rules.library import law

KIND = "division_boundary"
FILE = files("bingjian.inventory") / "data" / "harbin.geojson"
NAMESPACE = uuid5(NAMESPACE_URL, "bingjian:divisions")
HEILONGJIANG = (121.1, 43.4, 135.2, 53.6)  # west, south, east, north: nothing outside is a part of Harbin
VERTICES_MOST = 50_000  # of one boundary: a line every few metres around the largest district
BORDER_DEG = 1e-7  # about 1 cm, the last decimal of a position: so wide is the border itself


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where a division ends."""

    division: str
    geometry: Mapping[str, Any]  # GeoJSON, WGS-84
    is_schematic: bool
    origin: str
    version: int  # 0: as packaged


class Divisions:
    """Every change is in the journal before it holds."""

    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock

    async def all(self) -> list[Boundary]:
        """In the order of the law."""
        async with self._database.read() as session:
            known = await boundaries_of(session)
        return [known[division] for division in law().codes("division")]

    async def get(self, division: str) -> Boundary:
        """Raises NotThere."""
        async with self._database.read() as session:
            known = await boundaries_of(session)
        if division not in known:
            raise NotThere
        return known[division]

    async def replace(
        self, division: str, version: int, geometry: Mapping[str, Any], origin: str, who: Who
    ) -> Boundary:
        """Set the city's own. Raises NotThere, BoundaryNotAccepted, Stale."""
        if division not in packaged():
            raise NotThere
        checked(geometry)

        async def work(session: AsyncSession) -> Boundary:
            row = await session.get(BoundaryRow, division)
            before = {"origin": row.origin, "geometry": json.loads(row.geometry_json)} if row else {}
            subject = Subject(KIND, subject_of(division), (row.version if row else 0) + 1)
            await require_version(session, subject.id, subject.version - 1, version)
            now, text = utc_now(self._clock), json.dumps(geometry, separators=(",", ":"))
            row = row or BoundaryRow(division=division)
            row.geometry_json, row.origin, row.version, row.changed_at = text, origin, subject.version, now
            session.add(row)
            changes = {
                "origin": [before.get("origin"), origin],
                "geometry": [before.get("geometry"), dict(geometry)],
            }
            await remember(session, self._journal, subject, "replaced", changes, who, now)
            return boundary_of(row)

        return await self._database.run(work)


def subject_of(division: str) -> UUID:
    """What a boundary's history is kept under."""
    return uuid5(NAMESPACE, division)


async def boundaries_of(session: AsyncSession) -> dict[str, Boundary]:
    """By division: the city's own where it has set one, else as packaged."""
    rows = await session.scalars(select(BoundaryRow))
    return packaged() | {row.division: boundary_of(row) for row in rows}


def boundary_of(row: BoundaryRow) -> Boundary:
    return Boundary(row.division, json.loads(row.geometry_json), False, row.origin, row.version)


@cache
def packaged() -> dict[str, Boundary]:
    """The schematic boundaries, by division."""
    collection = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        feature["id"]: Boundary(feature["id"], feature["geometry"], True, collection["origin"], 0)
        for feature in collection["features"]
    }


def prepared(boundary: Boundary) -> Any:
    """As shapely computes with it, made ready to be asked often."""
    shape = _packaged_shape(boundary.division) if boundary.version == 0 else shape_of(boundary.geometry)
    shapely.prepare(shape)
    return shape


@cache
def _packaged_shape(division: str) -> Any:
    return shape_of(packaged()[division].geometry)


def encloses(shape: Any, point: Point) -> bool:
    """The border belongs to both sides (R2.1)."""
    return bool(shapely.dwithin(shape, shapely.Point(point), BORDER_DEG))


def checked(geometry: Mapping[str, Any]) -> Any:
    """The shape of a GeoJSON Polygon or MultiPolygon. Raises BoundaryNotAccepted."""
    if geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise BoundaryNotAccepted("the boundary must be a GeoJSON Polygon or MultiPolygon")
    if not _are_points(geometry.get("coordinates"), 3 if geometry["type"] == "Polygon" else 4):
        raise BoundaryNotAccepted("the coordinates must be rings of [longitude, latitude] in degrees")
    try:
        shape = shape_of(geometry)
    except (shapely.errors.ShapelyError, ValueError) as error:
        raise BoundaryNotAccepted("each ring needs four points, of which the last is the first") from error
    if shapely.get_num_coordinates(shape) > VERTICES_MOST:
        raise BoundaryNotAccepted(f"the boundary has more than {VERTICES_MOST} points: simplify it")
    if shape.is_empty or not shape.is_valid:
        raise BoundaryNotAccepted("the boundary crosses itself or encloses nothing")
    if not shapely.box(*HEILONGJIANG).contains(shape):
        raise BoundaryNotAccepted("the boundary leaves Heilongjiang (WGS-84, longitude, then latitude)")
    return shape


def _are_points(value: object, depth: int) -> bool:
    """Lists of that depth, numbers in pairs at the bottom."""
    if not isinstance(value, list) or not value:
        return False
    if depth > 1:
        return all(_are_points(each, depth - 1) for each in value)
    return len(value) == 2 and all(
        isinstance(each, int | float) and not isinstance(each, bool) and isfinite(each) for each in value
    )
