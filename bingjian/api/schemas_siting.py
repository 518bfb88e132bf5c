"""Whether a camera may stand somewhere, and whether something would hide one, over the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from bingjian.api.schemas import Citation, In, Moment, Name, Out
from bingjian.api.schemas_organisations import Code
from bingjian.api.schemas_places import Degrees, DivisionCode, Note, RingIn

Turn = Annotated[float, Field(ge=0, le=360, allow_inf_nan=False)]
Width = Annotated[float, Field(gt=0, le=360, allow_inf_nan=False)]


class SweepIn(In):
    pan_from: Turn = Field(description="Clockwise from north")
    pan_width: Turn


class ViewIn(In):
    azimuth: Turn = Field(description="Of the middle of the picture, clockwise from north")
    h_fov: Width
    distance_m: float = Field(gt=0, le=2000, allow_inf_nan=False, description="How far it sees")
    sweep: SweepIn | None = None


class ConsentIn(In):
    place: UUID
    document: Citation
    at: Moment


class StandingIn(In):
    """A camera as it is to stand; WGS-84."""

    division: DivisionCode
    longitude: Degrees | None = None
    latitude: Degrees | None = None
    place: UUID | None = None
    part: UUID | None = None
    system: UUID | None = Field(
        default=None, description="Which it is to belong to: a neighbour may have consented to it alone"
    )
    purposes: Annotated[list[Code], Field(max_length=10)] = Field(default=[])
    view: ViewIn | None = Field(default=None, description="None: not known")
    masks: Annotated[list[RingIn], Field(max_length=50)] = Field(
        default=[], description="Ground that its privacy masks hide"
    )
    vehicle_id: Note = ""
    has_track: bool = False
    necessity_note: Note = ""
    has_sign: bool = False
    consents: Annotated[list[ConsentIn], Field(max_length=20)] = Field(
        default=[], description="Beside those that are registered"
    )


class SitingOut(Out):
    articles: list[str] = Field(description="By which it may stand there")


class FacilityIn(In):
    """Something that is to be built."""

    longitude: Degrees = Field(description="WGS-84")
    latitude: Degrees
    height_m: float = Field(gt=0, le=1000, allow_inf_nan=False, description="Of its top, above the ground")
    name: Name = Field(description="What it is, for the case")


class FacilityOut(Out):
    """All that may be told (R11.4)."""

    conflict: bool
    count: int
    case: str = Field(description="Number to come back with")


class AreaIn(In):
    """Where something is planned."""

    area: RingIn = Field(description="WGS-84")


class OverlapOut(Out):
    """What covers an area already (R7.4)."""

    existing: list[UUID] = Field(description="Cameras that see a part of it, or are to")
    cells: int = Field(description="Of the area, one metre each way")
    overlapping: int = Field(description="Of them, seen already")
    possible_duplicate: bool


class GapOut(Out):
    """A key part without a camera in service (R8.2)."""

    place: UUID
    part: UUID | None
    name: str
    division: str
    categories: list[str]
    since: datetime
    days: int
    reason_zh: str
    reason_en: str


class GapTallyOut(Out):
    division: str
    category: str
    gaps: int
    oldest_days: int


class GapsOut(Out):
    total: int
    by_division: dict[str, int] = Field(description="Each gap once; the most first")
    tallies: list[GapTallyOut] = Field(description="By division and category")
    items: list[GapOut]
    next: str | None
