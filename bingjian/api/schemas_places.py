"""Divisions, places and their parts over the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from bingjian.api.schemas import In, Line, Name, Out, Reason
from bingjian.api.schemas_organisations import ChangeOut, Code
from bingjian.inventory.coordinates import System

NOTE_MAX = 1000  # characters
POINTS_MAX = 1001  # of an outline; see ``inventory.rings``

DivisionCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=NOTE_MAX), Line]
PartKind = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), Line]
Floor = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10), Line]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
RingIn = Annotated[list[tuple[Degrees, Degrees]], Field(min_length=3, max_length=POINTS_MAX)]
Categories = Annotated[list[Code], Field(max_length=20)]


class CityDivisionOut(Out):
    code: str
    name_zh: str
    name_en: str
    bbox: tuple[float, float, float, float] = Field(description="West, south, east, north; WGS-84")
    is_schematic: bool = Field(description="示意图: as packaged, no evidence of a boundary")


class DivisionsOut(Out):
    items: list[CityDivisionOut]


class BoundaryOut(Out):
    division: str
    geometry: dict[str, Any] = Field(description="GeoJSON Polygon or MultiPolygon, WGS-84")
    is_schematic: bool
    origin: str
    version: int


class BoundaryIn(In):
    version: int = Field(ge=0, description="As it was read; 0: as packaged")
    geometry: dict[str, Any] = Field(description="GeoJSON Polygon or MultiPolygon, WGS-84")
    origin: Name = Field(description="Whose boundary it is")


class PlaceIn(In):
    name: Name
    division: DivisionCode
    kind: Code = Field(description="Code of a place (art. 8, 10), or of a vehicle")
    categories: Categories = Field(default=[], description="Codes of `key_place_category` (art. 8)")
    citation: Note = Field(default="", description="The law that makes it one, for the category of others")
    is_like_those_named: bool = Field(default=False, description="Not named, but like those that are (等)")
    likeness_note: Note = ""
    is_public: bool = True
    counter_terror: bool = False
    operator: UUID | None = None
    longitude: Degrees | None = None
    latitude: Degrees | None = None
    coordinate_system: System = System.WGS84
    outline: RingIn | None = Field(default=None, description="WGS-84")
    is_secret_neighbour: bool = Field(
        default=False, description="Has secrets: what lies in its outline needs its consent (N10)"
    )
    address: Note = ""


class PlacePatch(In):
    version: int = Field(description="As it was read: a newer one refuses the change")
    name: Name | None = None
    division: DivisionCode | None = None
    kind: Code | None = None
    categories: Categories | None = None
    citation: Note | None = None
    is_like_those_named: bool | None = None
    likeness_note: Note | None = None
    is_public: bool | None = None
    counter_terror: bool | None = None
    operator: UUID | None = None
    longitude: Degrees | None = None
    latitude: Degrees | None = None
    coordinate_system: System | None = None
    outline: RingIn | None = None
    is_secret_neighbour: bool | None = None
    address: Note | None = None


class ReclassificationIn(In):
    version: int
    categories: Categories
    decision: Name = Field(description="Reference of the data authority's decision (R8.6)")


class LikenessIn(In):
    version: int
    categories: Annotated[list[Code], Field(min_length=1, max_length=20)]
    note: Reason = Field(description="Why it is like those that its category names")


class PlaceOut(Out):
    id: UUID
    name: str
    division: str
    kind: str
    categories: list[str]
    citation: str
    is_like_those_named: bool
    likeness_note: str
    likeness_confirmed_by: str
    is_public: bool
    counter_terror: bool
    operator: UUID | None
    longitude: float | None = Field(description="WGS-84")
    latitude: float | None
    coordinate_system: str = Field(description="As declared; empty without coordinates")
    original_longitude: float | None = Field(description="As declared, in that system")
    original_latitude: float | None
    outline: list[tuple[float, float]] | None
    is_secret_neighbour: bool
    address: str
    version: int
    changed_at: datetime


class PlacesOut(Out):
    items: list[PlaceOut]
    next: str | None


class ShapeOut(Out):
    place: UUID
    part: UUID | None = Field(description="None: the outline of the place itself")
    name: str
    look: Literal["place", "key_place", "secret", "open", "banned", "needs_review"] = Field(
        description="Of a place: whether art. 8 or the consent of N10 binds; of a part: may a camera be there"
    )
    ring: list[tuple[float, float]] = Field(description="WGS-84, not closed")


class GroundOut(Out):
    items: list[ShapeOut] = Field(description="Places first, then parts")
    is_cut: bool = Field(description="There are more than are given: ask for a smaller box")


class PartIn(In):
    name: Name
    kind: PartKind = Field(description="Code of `prohibited_place` or `open_part`, else what it is called")
    is_key: bool = Field(default=False, description="A key part (art. 8)")
    polygon: RingIn | None = Field(default=None, description="WGS-84")
    floor: Floor = ""


class PartPatch(In):
    version: int = Field(description="As it was read: a newer one refuses the change")
    name: Name | None = None
    kind: PartKind | None = None
    is_key: bool | None = None
    polygon: RingIn | None = None
    floor: Floor | None = None


class ReviewIn(In):
    version: int
    is_private: bool
    reason: Reason


class PartOut(Out):
    id: UUID
    place: UUID
    name: str
    kind: str
    privacy: Literal["open", "banned", "needs_review"] = Field(description="May a camera be there (art. 9)")
    is_key: bool
    key_since: datetime | None
    polygon: list[tuple[float, float]] | None
    floor: str
    banned_since: datetime | None
    reviewer: str
    is_private: bool | None = Field(description="As the reviewer found")
    review_reason: str
    reviewed_at: datetime | None
    version: int
    changed_at: datetime


class PartsOut(Out):
    items: list[PartOut]
    owed: int = Field(description="Key parts that the duty of art. 8 reaches (R8.3)")
    needs_review: bool = Field(description="A place of art. 8 in which nobody has flagged a key part")


class HistoryOut(Out):
    items: list[ChangeOut]
