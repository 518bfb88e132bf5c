"""Camera files over the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from bingjian.api.boxes import BBOX
from bingjian.api.paging import PAGE_DEFAULT, PAGE_MAX
from bingjian.api.schemas import In, Line, Moment, Name, Out

DeviceId = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), Line]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20), Line]
DivisionCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
Degrees = Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)]
Metres = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)]
Crs = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
Position = tuple[
    Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)],
    Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)],
]
Polygon = Annotated[list[Position], Field(min_length=3, max_length=500)]
Say = Annotated[str, StringConstraints(max_length=1000), Line]
RestValue = Say | bool | float | None


Tilt = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class Sweep(In):
    """The registered range of a camera that turns. Degrees, clockwise from north."""

    pan_from: Degrees
    pan_width: Annotated[float, Field(ge=0, le=360)]
    tilt_least: Tilt | None = Field(default=None, description="Degrees; null: as far down as it can")
    tilt_most: Tilt | None = Field(default=None, description="Degrees; null: as far up as it can")
    zoom_most: Annotated[float, Field(ge=1, le=1000)] | None = Field(
        default=None, description="Times its widest view; null: as close as it can"
    )
    pan_zero: Degrees | None = Field(
        default=None,
        description="Where it looks when it reports pan 0; null: what it reports is not compared",
    )

    @model_validator(mode="after")
    def in_order(self) -> "Sweep":
        least, most = self.tilt_least, self.tilt_most
        if least is not None and most is not None and least > most:
            raise ValueError("the least tilt must not be above the most")
        return self


class View(In):
    """What the camera sees; ``direction`` of the catalogue is one of ``fields``."""

    azimuth: Degrees | None = Field(default=None, description="Degrees clockwise from north")
    pitch: Degrees | None = Field(default=None, description="Degrees; negative looks down")
    h_fov: Degrees | None = None
    v_fov: Degrees | None = None
    max_view_distance: Metres | None = None
    sweep: Sweep | None = None
    masks: Annotated[list[Polygon], Field(max_length=50)] = Field(
        default=[], description="Privacy masks as polygons on the ground: [longitude, latitude], WGS-84"
    )


class Consent(In):
    """Of a neighbour near which no camera may be without it (N10)."""

    place: UUID
    document: Annotated[str, StringConstraints(min_length=1, max_length=200), Line]
    at: Moment


class CameraFileIn(In):
    """A file to add. ``longitude`` and ``latitude`` are in ``crs``; kept beside WGS-84 as they were given."""

    name: Name
    device_id: DeviceId | None = None
    division: DivisionCode = "230100"
    system: UUID | None = None
    place: UUID | None = None
    part: UUID | None = None
    status: Short = "1"
    structure_type: Short = ""
    function_type: Short = ""
    point_type: Short = ""
    capture_position_type: Short = ""
    network_status: Short = ""
    management_unit: UUID | None = None
    responsible_body: UUID | None = None
    longitude: Degrees | None = None
    latitude: Degrees | None = None
    crs: Crs | None = None
    height_m: Metres | None = None
    install_date: date | None = None
    record_save_days: Annotated[int, Field(ge=0, le=36_500)] | None = None
    counter_terror: bool = False
    is_article8: bool = False
    is_government_built: bool = False
    decree_class: Short = ""
    secrecy: Short = "none"
    view: View = View()
    consents: list[Consent] = Field(default=[], max_length=20)
    fields: dict[str, RestValue] = Field(default={}, description="The rest, by name: see /fields")


class CameraFilePatch(In):
    """What is given changes, null empties it; of ``fields`` likewise each one. ``view`` is given whole."""

    version: int = Field(description="As it was read: a newer one refuses the change")
    reason: Say = ""
    name: Name | None = None
    device_id: DeviceId | None = None
    division: DivisionCode | None = None
    system: UUID | None = None
    place: UUID | None = None
    part: UUID | None = None
    status: Short | None = None
    structure_type: Short | None = None
    function_type: Short | None = None
    point_type: Short | None = None
    capture_position_type: Short | None = None
    network_status: Short | None = None
    management_unit: UUID | None = None
    responsible_body: UUID | None = None
    longitude: Degrees | None = None
    latitude: Degrees | None = None
    crs: Crs | None = None
    height_m: Metres | None = None
    install_date: date | None = None
    record_save_days: Annotated[int, Field(ge=0, le=36_500)] | None = None
    counter_terror: bool | None = None
    is_article8: bool | None = None
    is_government_built: bool | None = None
    decree_class: Short | None = None
    secrecy: Short | None = None
    view: View | None = None
    consents: Annotated[list[Consent], Field(max_length=20)] | None = None
    fields: dict[str, RestValue] = Field(default={})


class FileFaultOut(Out):
    """A field that is filled, but fails a check; the sentence is in the person's language."""

    field: str
    detail: str


class CameraFileLine(Out):
    """A file as the list shows it."""

    id: UUID
    device_id: str | None
    name: str
    division: str
    state: str
    status: str
    point_type: str
    function_type: str
    system: UUID | None
    place: UUID | None
    responsible_body: UUID | None
    address: str
    counter_terror: bool
    is_article8: bool
    is_government_built: bool
    decree_class: str
    fill_bp: int = Field(description="Filled of the mandatory fields, 1/10 000")
    correct_bp: int = Field(description="Right of the filled fields, 1/10 000")
    has_stream: bool
    version: int
    changed_at: datetime


class CameraFileOut(CameraFileLine):
    part: UUID | None
    structure_type: str
    capture_position_type: str
    network_status: str
    management_unit: UUID | None
    longitude: float | None = Field(description="WGS-84")
    latitude: float | None
    crs: str = Field(description="In which the position was given")
    original_x: float | None = Field(description="Longitude as it was given")
    original_y: float | None
    height_m: float | None
    install_date: date | None
    record_save_days: int | None
    secrecy: str
    view: View
    consents: list[Consent]
    fields: dict[str, RestValue]
    missing: list[str] = Field(description="Mandatory fields that are empty")
    faults: list[FileFaultOut]
    created_at: datetime


class CameraFilesOut(Out):
    items: list[CameraFileLine]
    next: str | None


class CountsOut(Out):
    """How many a filter finds, and of which kinds they are."""

    total: int
    with_stream: int
    by_state: dict[str, int]
    by_status: dict[str, int]
    by_division: dict[str, int]


class FieldValueOut(Out):
    code: str
    zh: str
    en: str


class FieldOut(Out):
    """One field of the file, for forms and tables."""

    name: str
    pinyin: str = Field(description="Its column heading in practice lists")
    zh: str
    en: str
    kind: Literal["text", "whole", "number", "date", "flag", "code", "organisation", "thing"]
    home: Literal["column", "view", "fields"] = Field(description="Where it stands in a file's JSON")
    values: list[FieldValueOut]
    is_mandatory: bool
    is_mandatory_for_class_one: bool
    is_locked: bool = Field(description="Changes only with an acknowledged notice (art. 19)")
    is_bulk: bool = Field(description="May be changed for many at once")
    least: float | None
    most: float | None
    length: int
    pattern: str
    unit: str


class CameraFieldsOut(Out):
    items: list[FieldOut]
    states: list[FieldValueOut] = Field(description="Of `state`, changed by procedures alone")


class DeviceCodeIn(In):
    division: DivisionCode
    type: Literal["131", "132"] = "132"
    industry: Annotated[str, StringConstraints(pattern=r"^\d{2}$")] = "00"
    network: Annotated[str, StringConstraints(pattern=r"^\d$")] = "0"


class DeviceCodeOut(Out):
    code: str


class ClusterOut(Out):
    """Cameras of one cell of the grid."""

    longitude: float = Field(description="The mean of its cameras, WGS-84")
    latitude: float
    count: int
    by_state: list[int] = Field(description="In the order of `states`")


class MapOut(Out):
    """Either points (parallel lists) or clusters, whichever is not empty."""

    total: int
    states: list[str]
    ids: list[UUID]
    longitudes: list[float] = Field(description="WGS-84")
    latitudes: list[float]
    state_indices: list[int] = Field(description="Into `states`")
    clusters: list[ClusterOut]


class SavedViewIn(In):
    name: Name
    query: dict[str, Any] = Field(description="Query parameters of the list", max_length=40)
    is_shared: bool = False


class SavedViewOut(Out):
    id: UUID
    name: str
    query: dict[str, Any]
    is_shared: bool
    is_own: bool
    changed_at: datetime


class SavedViewsOut(Out):
    items: list[SavedViewOut]


class FilterQuery(In):
    """Which camera files: query parameters of the list, the counts, the map, the export and bulk changes."""

    ids: list[UUID] = Field(
        default=[], max_length=PAGE_MAX, description="Of these alone, such as those ticked"
    )
    bbox: Annotated[
        str | None, Field(max_length=100, pattern=BBOX, description="west,south,east,north; degrees, WGS-84")
    ] = None
    q: Annotated[
        str | None, Field(max_length=100, description="In name, pinyin, initials, code or address"), Line
    ] = None
    division: Annotated[str | None, Field(pattern=r"^\d{2,6}$", description="Prefix, GB/T 2260")] = None
    states: list[Short] = Field(default=[], max_length=20, description="Codes of `life_state`")
    status: Short | None = None
    system: UUID | None = None
    place: UUID | None = None
    part: UUID | None = None
    management_unit: UUID | None = None
    responsible_body: UUID | None = None
    has_responsible_body: bool | None = None
    point_type: Short | None = None
    function_type: Short | None = None
    structure_type: Short | None = None
    capture_position_type: Short | None = None
    network_status: Short | None = None
    counter_terror: bool | None = None
    is_article8: bool | None = None
    is_government_built: bool | None = None
    decree_class: Short | None = None
    has_stream: bool | None = None
    has_position: bool | None = None
    fill_below_bp: Annotated[int, Field(ge=0, le=10_001)] | None = None
    correct_below_bp: Annotated[int, Field(ge=0, le=10_001)] | None = None
    missing: Annotated[str | None, Field(pattern=r"^[a-z0-9_]{1,40}$")] = None
    faulty: Annotated[str | None, Field(pattern=r"^[a-z0-9_]{1,40}$")] = None


class ListQuery(FilterQuery):
    sort: Literal["name", "device_id", "changed"] = "name"
    descending: bool = False
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = PAGE_DEFAULT
    cursor: Annotated[str | None, Field(max_length=1000)] = None


class MapQuery(FilterQuery):
    bbox: Annotated[
        str, Field(max_length=100, pattern=BBOX, description="west,south,east,north; degrees, WGS-84")
    ]
    zoom: Annotated[int, Field(ge=0, le=22, description="As web maps count it: the world is one tile at 0")]


class ExportQuery(FilterQuery):
    form: Literal["xlsx", "csv"] = "xlsx"


class BulkPreviewIn(In):
    """What is to change, in all that the query finds (query parameters of the list, as in the address)."""

    query: FilterQuery = FilterQuery()
    set: dict[str, Any] = Field(
        min_length=1, max_length=20, description="Fields with `is_bulk`; null empties"
    )


class BulkPreviewOut(Out):
    total: int
    changing: int = Field(description="Those that do not have these values already")
    token: str = Field(description="Of exactly these files in these versions")


class BulkIn(BulkPreviewIn):
    token: str = Field(description="Of the preview: refused if anything of it has changed")
    reason: Say = ""


class BulkOut(Out):
    changed: int
