"""Art. 8: key parts without a camera in service, and places in which nobody has flagged a key part."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from bingjian.duties.models import Obligation, Subject
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.history import HistoryRow
from bingjian.inventory.place_rows import PartRow, PlaceRow
from bingjian.procedures.owed.source import Facts, Source
from bingjian.rules.decision import Grant
from bingjian.rules.decisions.keyplaces import KeyPart, KeyPlace, is_covered, owed
from bingjian.rules.decisions.lifecycle import State

GAP, REVIEW = "R8.2", "R8.3"
PLACE, PART = "place", "part"
OUT_OF_SERVICE = (State.SUSPENDED.value, State.RETIRED.value)
Spot = tuple[UUID | None, UUID | None]  # place and part


@dataclass(frozen=True, slots=True)
class Place:
    """A place of art. 8."""

    id: UUID
    name: str
    division: str
    categories: tuple[str, ...]
    operator: UUID | None
    changed_at: datetime


@dataclass(slots=True)
class PartsOf:
    """The parts of one place."""

    total: int = 0
    key: list[tuple[UUID, str, datetime]] = field(default_factory=list)  # id, name, key part since


@dataclass(frozen=True, slots=True)
class Cameras:
    """Of a whole city, by where they stand."""

    serving: dict[Spot, int]
    lost: dict[Spot, datetime]  # when one of them last went out of service

    def at(self, place: UUID, part: UUID | None) -> tuple[int, datetime | None]:
        """At a part; without a part anywhere in the place."""
        if part is not None:
            return self.serving.get((place, part), 0), self.lost.get((place, part))
        return self.serving.get((place, None), 0), self.lost.get((place, None))


async def gaps(facts: Facts) -> AsyncIterator[Obligation]:
    """Who runs the place owes the camera, at once; the age of the gap is that of the duty."""
    if not facts.law.binds(GAP):
        return
    parts, cameras = await parts_of_places(facts), await cameras_there(facts)
    async for place in places(facts):
        for obligation in owed_at(facts, place, parts.get(place.id, PartsOf()), cameras):
            yield obligation


async def places(facts: Facts) -> AsyncIterator[Place]:
    """Those of art. 8."""
    table = PlaceRow
    columns = (table.id, table.name, table.division, table.categories_text, table.operator, table.changed_at)
    query = select(*columns).where(table.categories_text != "").order_by(table.id)
    async for identity, name, division, categories, operator, changed_at in facts.rows(query):
        codes = tuple(categories.strip("|").split("|"))
        yield Place(identity, name, division, codes, operator, changed_at)


def owed_at(facts: Facts, place: Place, parts: PartsOf, cameras: Cameras) -> list[Obligation]:
    """What art. 8 asks of one place."""
    asked = owed(facts.law, KeyPlace(place.categories, parts=parts.total, key_parts=len(parts.key)))
    whole = Subject(PLACE, place.id, place.name, place.division)
    if asked.needs_review:
        return [Obligation(REVIEW, whole, place.operator, place.changed_at, None)]
    if not asked.key_parts:
        return []
    spots = [(Subject(PART, part, f"{place.name} {name}"[:200], place.division), since)
             for part, name, since in parts.key]  # fmt: skip
    found = [
        gap(facts, place, subject, since, cameras.at(place.id, subject.id if parts.key else None))
        for subject, since in spots or [(whole, place.changed_at)]
    ]
    return [one for one in found if one is not None]


def gap(
    facts: Facts, place: Place, subject: Subject, since: datetime, there: tuple[int, datetime | None]
) -> Obligation | None:
    """The duty to close a gap; None: covered."""
    serving, lost = there
    begun = min(max(since, lost or since), facts.now)
    states = (State.IN_SERVICE,) * serving
    part = KeyPart(subject.title, place.division, place.categories, states, begun)
    if isinstance(is_covered(facts.law, part, facts.now), Grant):
        return None
    return Obligation(GAP, subject, place.operator, begun, None)


async def parts_of_places(facts: Facts) -> dict[UUID, PartsOf]:
    found = dict[UUID, PartsOf]()
    table = PartRow
    columns = (table.place, table.id, table.name, table.is_key, table.key_since, table.changed_at)
    async for place, part, name, is_key, since, changed in facts.rows(select(*columns).order_by(table.id)):
        one = found.setdefault(place, PartsOf())
        one.total += 1
        if is_key:
            one.key.append((part, name, since or changed))
    return found


async def cameras_there(facts: Facts) -> Cameras:
    """Counted by part, and for places that are themselves the key part by place."""
    file, spot = CameraFileRow, (CameraFileRow.place, CameraFileRow.part)
    serving = select(*spot, func.count()).where(file.state == State.IN_SERVICE.value).group_by(*spot)
    lost = select(*spot, func.max(HistoryRow.at)).join(HistoryRow, HistoryRow.subject == file.id)
    lost = lost.where(HistoryRow.act.in_(OUT_OF_SERVICE), file.place.is_not(None)).group_by(*spot)
    counts, last = dict[Spot, int](), dict[Spot, datetime]()
    async for place, part, count in facts.rows(serving):
        for key in {(place, part), (place, None)}:
            counts[key] = counts.get(key, 0) + count
    async for place, part, at in facts.rows(lost):
        for key in {(place, part), (place, None)}:
            last[key] = max(at, last.get(key, at))
    return Cameras(counts, last)


COVERAGE = Source("coverage", (GAP, REVIEW), (PLACE, PART), gaps)
