"""Places, their parts, and the boundaries that a city has set: the tables."""

import json
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Float, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.db.base import Base, Instant
from bingjian.inventory.ground import Ring
from bingjian.rules.decisions.keyplaces import KeyPlace
from bingjian.rules.decisions.privacy import BANNED, Part, Review
from bingjian.rules.library import law


class PlaceRow(Base):
    """Somewhere cameras stand: a school, a crossing, a bus."""

    __tablename__ = "places"
    __table_args__ = (
        Index("ix_places_name", "name", "id"),
        Index("ix_places_division", "division"),
        Index("ix_places_south", "south", "north"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    division: Mapped[str] = mapped_column(String(6))  # GB/T 2260
    kind: Mapped[str] = mapped_column(String(40))  # code of a place, or of ``vehicle``
    categories_text: Mapped[str] = mapped_column("categories", Text)  # "|a|b|": codes of art. 8; empty: none
    key_since: Mapped[datetime | None] = mapped_column(Instant)  # since when it has a category
    citation: Mapped[str] = mapped_column(Text)  # the law that makes it one, for the category of others
    is_like_those_named: Mapped[bool]  # not named by its category, but like those that are (等)
    likeness_note: Mapped[str] = mapped_column(Text)
    likeness_confirmed_by: Mapped[str] = mapped_column(String(200))  # the reviewer; empty: nobody yet
    is_public: Mapped[bool]  # a public place, as the decree means it
    counter_terror: Mapped[bool]  # a key target by the Counter-Terrorism Law
    operator: Mapped[UUID | None]  # the organisation that runs it
    longitude: Mapped[float | None] = mapped_column(Float(53))  # WGS-84
    latitude: Mapped[float | None] = mapped_column(Float(53))
    coordinate_system: Mapped[str] = mapped_column(String(10))  # as declared; empty: no coordinates
    original_longitude: Mapped[float | None] = mapped_column(Float(53))  # as given, in that system
    original_latitude: Mapped[float | None] = mapped_column(Float(53))
    outline_json: Mapped[str | None] = mapped_column(Text)  # ring of [longitude, latitude], WGS-84
    west: Mapped[float | None] = mapped_column(Float(53))  # what the outline lies within; as it is set
    south: Mapped[float | None] = mapped_column(Float(53))
    east: Mapped[float | None] = mapped_column(Float(53))
    north: Mapped[float | None] = mapped_column(Float(53))
    is_secret_neighbour: Mapped[bool]  # has secrets: whatever lies in its outline needs its consent
    address: Mapped[str] = mapped_column(Text)
    search: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(self.categories_text.strip("|").split("|")) if self.categories_text else ()

    @categories.setter
    def categories(self, codes: tuple[str, ...]) -> None:
        self.categories_text = f"|{'|'.join(codes)}|" if codes else ""

    @property
    def outline(self) -> Ring | None:
        return ring_of(self.outline_json)

    @outline.setter
    def outline(self, ring: Ring | None) -> None:
        self.outline_json = json_of(ring)
        self.west, self.south, self.east, self.north = extent_of(ring)

    def key_place(self, parts: int = 0, key_parts: int = 0) -> KeyPlace:
        """As the rules ask about it."""
        return KeyPlace(
            self.categories,
            self.citation,
            self.is_like_those_named,
            self.likeness_note,
            self.likeness_confirmed_by,
            parts,
            key_parts,
        )


class PartRow(Base):
    """A part of a place: what the ban of art. 9 is judged by, and what art. 8 reaches."""

    __tablename__ = "parts"
    __table_args__ = (Index("ix_parts_place", "place", "name"), Index("ix_parts_south", "south", "north"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(100))  # code of a list of the law, else what people call it
    is_key: Mapped[bool]  # a key part (art. 8)
    key_since: Mapped[datetime | None] = mapped_column(Instant)
    polygon_json: Mapped[str | None] = mapped_column(Text)  # ring of [longitude, latitude], WGS-84
    west: Mapped[float | None] = mapped_column(Float(53))  # what the polygon lies within; as it is set
    south: Mapped[float | None] = mapped_column(Float(53))
    east: Mapped[float | None] = mapped_column(Float(53))
    north: Mapped[float | None] = mapped_column(Float(53))
    floor: Mapped[str] = mapped_column(String(10))  # as people call it: "1", "B1"; empty: not said
    banned_since: Mapped[datetime | None] = mapped_column(Instant)  # no camera may be there from then on
    reviewer: Mapped[str] = mapped_column(String(200))  # who judged a kind that is on no list; empty: nobody
    is_private: Mapped[bool | None]  # as the reviewer found
    review_reason: Mapped[str] = mapped_column(Text)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def polygon(self) -> Ring | None:
        return ring_of(self.polygon_json)

    @polygon.setter
    def polygon(self, ring: Ring | None) -> None:
        self.polygon_json = json_of(ring)
        self.west, self.south, self.east, self.north = extent_of(ring)

    @property
    def review(self) -> Review | None:
        if self.is_private is None:
            return None
        return Review(self.reviewer, self.is_private, self.review_reason)

    @property
    def privacy(self) -> Literal["open", "banned", "needs_review"]:
        """ "open": a camera may be there; "needs_review": nobody has judged it yet (R9.2); else "banned"."""
        if self.banned_since is None:
            return "open"
        is_judged = self.kind in law().codes(BANNED) or self.is_private is not None
        return "banned" if is_judged else "needs_review"

    def judged(self, categories: tuple[str, ...] = ()) -> Part:
        """As the rules ask about it, under the categories of its place."""
        return Part(self.kind, self.review, categories)


class BoundaryRow(Base):
    """The boundary that a city has set for a division, in place of the packaged schematic one."""

    __tablename__ = "division_boundaries"

    division: Mapped[str] = mapped_column(String(6), primary_key=True)
    geometry_json: Mapped[str] = mapped_column(Text)  # GeoJSON Polygon or MultiPolygon, WGS-84
    origin: Mapped[str] = mapped_column(Text)  # who says so
    version: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(Instant)


def ring_of(text: str | None) -> Ring | None:
    return None if text is None else tuple((east, north) for east, north in json.loads(text))


def json_of(ring: Ring | None) -> str | None:
    return None if ring is None else json.dumps(ring, separators=(",", ":"))


def extent_of(ring: Ring | None) -> tuple[float, float, float, float] | tuple[None, None, None, None]:
    """West, south, east, north of a ring."""
    if ring is None:
        return None, None, None, None
    easts, norths = zip(*ring, strict=True)
    return min(easts), min(norths), max(easts), max(norths)
