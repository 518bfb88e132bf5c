"""May a camera stand there: the facts of boundaries, places and parts, put to ``rules.decisions.places``.

Loaded once, then without a database: an import asks for a hundred thousand cameras.

Where a camera names no part, this is taken: the closed part that its position lies in; without a place the
street; in a place that is one key part itself (a crossing, a bus) the street or the carriage; in any other
place nothing, and the law refuses until the part is named.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import shapely
from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.inventory.divisions import Boundary, boundaries_of, encloses, prepared
from bingjian.inventory.errors import NotThere
from bingjian.inventory.ground import Frame, Point, Ring, sound
from bingjian.inventory.place_rows import PartRow, PlaceRow
from bingjian.inventory.view import DISTANCE_MOST_M, meeting
from bingjian.rules.decision import Grant, Refusal
from bingjian.rules.decisions.keyplaces import KeyPlace, Mount, owed
from bingjian.rules.decisions.places import Necessity, Neighbour, Proposal, Site, may_have_camera
from bingjian.rules.decisions.privacy import Part, Seen, is_open
from bingjian.rules.law import Law

REACH_M = 300.0  # a camera whose view is not known sees at most so far; one that sees farther declares it
NEAR_DEG = 0.05  # some 4 km: a view does not cross a whole division, so neighbours this near are loaded too
STREET, CARRIAGE = "street", "carriage"  # codes of ``open_part``
Consents = Mapping[UUID, tuple[str, datetime]]  # by place: document, instant
Registered = Mapping[UUID | None, Consents]  # by system; None: for every system
ConsentsOf = Callable[[AsyncSession, datetime], Awaitable[Registered]]  # those that hold at an instant


@dataclass(frozen=True, slots=True)
class Standing:
    """A camera as it stands or is to stand; positions are WGS-84."""

    division: str
    longitude: float | None = None
    latitude: float | None = None
    place: UUID | None = None
    part: UUID | None = None
    system: UUID | None = None  # a neighbour may have consented to this one alone
    purposes: tuple[str, ...] = ()
    view: Ring | None = None  # the ground it can see over its whole sweep; None: not known
    masks: tuple[Ring, ...] = ()  # ground that its masks hide
    vehicle_id: str = ""
    has_track: bool = False
    necessity_note: str = ""
    has_sign: bool = False
    consents: Consents = field(default_factory=dict)

    @property
    def position(self) -> Point | None:
        if self.longitude is None or self.latitude is None:
            return None
        return self.longitude, self.latitude

    def with_consents(self, registered: Registered) -> "Standing":
        """With what neighbours are registered to have consented to beside what it says itself (N10)."""
        of_all, of_system = registered.get(None, {}), registered.get(self.system, {})
        return replace(self, consents={**self.consents, **of_all, **of_system})


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a camera is, as far as it is known."""

    place: PlaceRow | None
    part: PartRow | None


class Siting:
    """What is known of the ground at one instant. Whoever asks has been let in before."""

    def __init__(
        self, boundaries: Mapping[str, Boundary], places: Iterable[PlaceRow], parts: Iterable[PartRow]
    ) -> None:
        self._boundaries = {code: prepared(boundary) for code, boundary in boundaries.items()}
        self._places = {row.id: row for row in places}
        self._parts = {row.id: row for row in parts}
        self._counts = counts_of(self._parts.values())
        self._drawn = Layer([(row, row.polygon) for row in self._parts.values()])
        outlines = [(row, row.outline) for row in self._places.values()]
        self._outlines = Layer([(row, ring) for row, ring in outlines if not row.is_secret_neighbour])
        self._zones = Layer([(row, ring) for row, ring in outlines if row.is_secret_neighbour])
        self._open: dict[tuple[Law, Part], bool] = {}

    @classmethod
    async def load(cls, session: AsyncSession, divisions: set[str] | None = None) -> "Siting":
        """Everything, or what matters to cameras of these divisions: they and what lies next to them."""
        boundaries = await boundaries_of(session)
        places, parts = select(PlaceRow), select(PartRow)
        if divisions is not None:
            near = sorted(near_to(boundaries, divisions))
            places = places.where(PlaceRow.division.in_(near))
            within = select(PlaceRow.id).where(PlaceRow.division.in_(near))
            parts = parts.where(PartRow.place.in_(within))
        return cls(boundaries, await session.scalars(places), await session.scalars(parts))

    @classmethod
    async def around(cls, session: AsyncSession, standing: Standing) -> "Siting":
        """What matters to this one camera: the place and part it names, and what lies where it can look."""
        part = select(PartRow.place).where(PartRow.id == standing.part)
        named = or_(PlaceRow.id == standing.place, PlaceRow.id.in_(part))
        near_places, near_parts = near(PlaceRow, standing), near(PartRow, standing)
        homes = select(PartRow.place).where(near_parts)
        places = select(PlaceRow).where(or_(named, near_places, PlaceRow.id.in_(homes)))
        within = places.with_only_columns(PlaceRow.id)
        parts = select(PartRow).where(PartRow.place.in_(within))
        return cls(await boundaries_of(session), await session.scalars(places), await session.scalars(parts))

    def may_stand(self, law: Law, standing: Standing, now: datetime) -> Grant | Refusal:
        """Whether the law lets this camera stand there. Raises NotThere: an unknown place or part."""
        return may_have_camera(law, self.proposal(law, standing), now)

    def proposal(self, law: Law, standing: Standing) -> Proposal:
        """The facts that the law is asked about. Raises NotThere."""
        spot = self.spot(law, standing)
        place = spot.place
        is_vehicle = place is not None and place.kind in law.codes("vehicle")
        key_place = self.key_place(place) if place is not None and place.categories else None
        return Proposal(
            site=self.site(standing.division, standing.position),
            purposes=standing.purposes,
            is_public_place=place is None or place.is_public,
            part=self._part(law, spot, is_vehicle),
            seen=() if is_vehicle and standing.view is None else self.seen(law, standing),
            mount=Mount(
                place.kind if place else "",
                standing.position is not None,
                standing.vehicle_id,
                standing.has_track,
            ),
            neighbours=() if is_vehicle else self.neighbours(standing),
            necessity=Necessity(standing.necessity_note, standing.has_sign),
            key_place=key_place,
        )

    def site(self, division: str, position: Point | None) -> Site:
        """Where this is, as R2.1 asks."""
        shape = self._boundaries.get(division)
        is_known = position is not None and shape is not None
        return Site(division, encloses(shape, position) if is_known and position else None)

    def spot(self, law: Law, standing: Standing) -> Spot:
        """The place and part that it stands in: a closed part at its position before what was said."""
        part = self._parts.get(standing.part) if standing.part else None
        within = part.place if part else standing.place
        place = self._places.get(within) if within else None
        if (standing.part and part is None) or (within and place is None):
            raise NotThere
        for other in self._at(self._drawn, standing.position):
            if self._is_closed(law, other) and same_floor(part, other):
                return Spot(self._places.get(other.place), other)
        if place is None:
            place = next(iter(self._at(self._outlines, standing.position)), None)
        return Spot(place, part)

    def _part(self, law: Law, spot: Spot, is_vehicle: bool) -> Part:
        """What the ban of art. 9 is judged by; see above for what is taken where no part is named."""
        place = spot.place
        categories = place.categories if place else ()
        if spot.part is not None:
            return spot.part.judged(categories)
        if place is None:
            return Part(STREET)
        key_place = self.key_place(place)
        if owed(law, key_place).key_parts > key_place.key_parts:  # it is one key part itself (R8.3)
            return Part(CARRIAGE if is_vehicle else STREET, None, categories)
        return Part(place.name, None, categories)

    def seen(self, law: Law, standing: Standing) -> Sequence[Seen] | None:
        """What the view meets of closed parts (R9.4, R9.7). None: not known, though there are some near."""
        floor = self._parts.get(standing.part) if standing.part else None
        if standing.view is None:
            return () if self._is_far_from_closed(law, standing, floor) else None
        found = []
        for part in self._drawn.meeting(polygon_of(standing.view)):
            if self._is_closed(law, part) and same_floor(floor, part):
                assert part.polygon is not None
                met = meeting(standing.view, part.polygon, standing.masks)
                found.append(Seen(part.judged(), met.cells, met.uncovered))
        return found

    def _is_far_from_closed(self, law: Law, standing: Standing, floor: PartRow | None) -> bool:
        if standing.position is None:
            return False
        around = square(standing.position, REACH_M)
        near = self._drawn.meeting(around)
        return not any(self._is_closed(law, part) and same_floor(floor, part) for part in near)

    def neighbours(self, standing: Standing) -> Sequence[Neighbour] | None:
        """Whoever must consent (N10): in whose zone it stands or looks. None: it has no position."""
        if standing.position is None:
            return None
        found = {row.id: row for row in self._at(self._zones, standing.position)}
        if standing.view is not None:
            found |= {row.id: row for row in self._zones.meeting(polygon_of(standing.view))}
        nobody: tuple[str, datetime | None] = ("", None)
        return [Neighbour(row.name, *standing.consents.get(id_, nobody)) for id_, row in found.items()]

    def key_place(self, place: PlaceRow) -> KeyPlace:
        """As art. 8 asks about it, with how many parts it has."""
        return place.key_place(*self._counts[place.id])

    def _is_closed(self, law: Law, row: PartRow) -> bool:
        key = law, row.judged()
        if key not in self._open:
            self._open[key] = is_open(law, key[1])
        return not self._open[key]

    @staticmethod
    def _at(layer: "Layer", position: Point | None) -> Sequence[Any]:
        return () if position is None else layer.meeting(shapely.Point(position))


async def no_consents(session: AsyncSession, now: datetime) -> Registered:
    """Where nobody keeps them, nobody has consented."""
    return {}


class Layer:
    """Rows with the shapes they have, to be found by what they meet; those without a shape are not found."""

    def __init__(self, rows: Iterable[tuple[Any, Ring | None]]) -> None:
        drawn = [(row, polygon_of(ring)) for row, ring in rows if ring is not None]
        self._rows = [row for row, _ in drawn]
        self._tree = shapely.STRtree([shape for _, shape in drawn])

    def meeting(self, shape: Any) -> list[Any]:
        """The rows whose shape has a point in common with this one, in the order they were given."""
        if not self._rows:
            return []
        return [self._rows[at] for at in sorted(self._tree.query(shape, predicate="intersects"))]


def near(table: type[PlaceRow] | type[PartRow], standing: Standing) -> ColumnElement[bool]:
    """That a row is drawn where this camera stands or can look."""
    if standing.position is None:
        return false()
    west, south, east, north = square(standing.position, DISTANCE_MOST_M).bounds
    return and_(table.south <= north, table.north >= south, table.west <= east, table.east >= west)


def polygon_of(ring: Ring) -> Any:
    """In degrees: to find what meets it, not to measure."""
    return sound(shapely.Polygon(ring))


def square(middle: Point, reach_m: float) -> Any:
    """All that is so near, and the corners."""
    frame = Frame(*middle)
    return shapely.box(*frame.degrees(-reach_m, -reach_m), *frame.degrees(reach_m, reach_m))


def same_floor(one: PartRow | None, other: PartRow) -> bool:
    """Unless both say their floor and say another."""
    return one is None or not one.floor or not other.floor or one.floor == other.floor


def counts_of(parts: Iterable[PartRow]) -> dict[UUID, tuple[int, int]]:
    """By place how many parts it has and how many key parts."""
    found: dict[UUID, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in parts:
        all_, key = found[row.place]
        found[row.place] = all_ + 1, key + row.is_key
    return found


def near_to(boundaries: Mapping[str, Boundary], divisions: Collection[str]) -> set[str]:
    """These divisions and those that they touch or nearly touch."""
    shapes = {code: prepared(boundary) for code, boundary in boundaries.items()}
    wanted = [shapes[code] for code in divisions if code in shapes]
    return {
        code for code, shape in shapes.items() if any(shapely.dwithin(one, shape, NEAR_DEG) for one in wanted)
    }
