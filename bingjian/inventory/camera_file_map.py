"""Camera files on a map: points while they are few enough to draw, else a grid of clusters."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, and_, cast, func, select

from bingjian.db.session import Database
from bingjian.inventory.camera_file_query import Filter, where
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.rules.library import law

POINTS_MAX = 20_000  # a browser draws so many at once, in about 2 MB
CELLS_PER_TILE = 4  # along each side of a tile of 256 pixels: a cluster every 64 pixels
ZOOM_MAX = 22
Table = CameraFileRow


@dataclass(frozen=True, slots=True)
class Cluster:
    """Cameras of one cell."""

    longitude: float  # their mean, WGS-84
    latitude: float
    count: int
    by_state: list[int]  # in the order of ``CameraMap.states``


@dataclass(frozen=True, slots=True)
class CameraMap:
    """Points as parallel lists, or clusters."""

    total: int
    states: list[str]
    ids: list[UUID] = field(default_factory=list)
    longitudes: list[float] = field(default_factory=list)
    latitudes: list[float] = field(default_factory=list)
    state_indices: list[int] = field(default_factory=list)
    clusters: list[Cluster] = field(default_factory=list)


class CameraMaps:
    """Reads alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def view(self, wanted: Filter, bbox: tuple[float, float, float, float], zoom: int) -> CameraMap:
        """What lies in the box. Zoom as web maps count it: the world is one tile at 0."""
        inside = and_(where(replace(wanted, bbox=bbox)), Table.longitude.is_not(None))
        states = list(law().codes("life_state"))
        some = select(Table.id).where(inside).limit(POINTS_MAX + 1).subquery()
        async with self._database.read() as session:
            count = await session.scalar(select(func.count()).select_from(some)) or 0
            if count <= POINTS_MAX:
                columns = (Table.id, Table.longitude, Table.latitude, Table.state)
                rows = (await session.execute(select(*columns).where(inside))).all()
                return points_of(rows, states)
            cells = (await session.execute(clustered(inside, zoom))).all()
        return clusters_of(cells, states)


def clustered(inside: ColumnElement[bool], zoom: int) -> Select[*tuple[Any, ...]]:
    """The cells of the grid, one row a state. Whether a database rounds or cuts only shifts the grid."""
    per_degree = CELLS_PER_TILE * 2 ** min(zoom, ZOOM_MAX) / 360
    column = cast(Table.longitude * per_degree, Integer)
    row = cast(Table.latitude * per_degree, Integer)
    sums = (func.sum(Table.longitude), func.sum(Table.latitude), func.count())
    return select(column, row, Table.state, *sums).where(inside).group_by(column, row, Table.state)


def points_of(rows: Iterable[Any], states: list[str]) -> CameraMap:
    at = {state: index for index, state in enumerate(states)}
    found = CameraMap(0, states)
    for id_, longitude, latitude, state in rows:
        found.ids.append(id_)
        found.longitudes.append(longitude)
        found.latitudes.append(latitude)
        found.state_indices.append(at.get(state, 0))
    return replace(found, total=len(found.ids))


def clusters_of(cells: Iterable[Any], states: list[str]) -> CameraMap:
    """Cells of several states put together."""
    sums = dict[tuple[int, int], list[float]]()
    counts = dict[tuple[int, int], list[int]]()
    at = {state: index for index, state in enumerate(states)}
    for column, row, state, east, north, count in cells:
        cell = (column, row)
        total = sums.setdefault(cell, [0.0, 0.0])
        total[0] += east
        total[1] += north
        counts.setdefault(cell, [0] * len(states))[at.get(state, 0)] += count
    clusters = [
        Cluster(sums[cell][0] / sum(by_state), sums[cell][1] / sum(by_state), sum(by_state), by_state)
        for cell, by_state in counts.items()
    ]
    return CameraMap(sum(one.count for one in clusters), states, clusters=clusters)
