"""Imports of spreadsheets over the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from bingjian.api.schemas import In, Out
from bingjian.api.schemas_camera_files import Crs, Short

ImportStateName = Literal["uploaded", "judging", "judged", "done", "failed", "abandoned"]


class SheetColumnOut(Out):
    """One column of the sheet, and which field it was matched with."""

    column: int = Field(description="From 0")
    letter: str
    heading: str
    field: str | None
    samples: list[str]


class ChoicesOut(Out):
    """How the sheet is read."""

    sheet: str
    header_row: int
    columns: dict[int, str]
    crs: str
    division: str
    swap_positions: bool


class ChoicesIn(In):
    version: int
    sheet: Annotated[str, Field(max_length=200)] = ""
    header_row: Annotated[int, Field(ge=1, le=100)] = 1
    columns: dict[int, Annotated[str, Field(max_length=40)]] = Field(
        max_length=200, description="Column (from 0) → field"
    )
    crs: Crs | Literal[""] = Field(default="", description="Of positions whose row names none")
    division: Short = ""
    swap_positions: bool = False


class FaultKindOut(Out):
    """One kind of fault and how many rows have it."""

    code: str
    field: str
    detail: str
    rows: int
    first_row: int


class SuspectOut(Out):
    """A position as it stands, and where it would be if it were in another reference system."""

    row: int
    name: str
    as_declared: tuple[float, float] = Field(description="Longitude, latitude, WGS-84")
    as_gcj02: tuple[float, float]
    swapped: tuple[float, float] | None = Field(description="If the two were exchanged")


class PositionsOut(Out):
    """What the positions look like, so that the page can show both and ask."""

    given: int
    outside: int = Field(description="Not in the city as they stand")
    swapped: int = Field(description="In the city only if longitude and latitude are exchanged")
    needs_crs: bool = Field(description="Rows name no reference system and none was chosen")
    samples: list[SuspectOut]


class ImportOut(Out):
    id: UUID
    file_name: str
    size_bytes: int
    state: ImportStateName
    problem: str | None = Field(description="Why it failed, in the person's language")
    sheets: list[str]
    columns: list[SheetColumnOut]
    choices: ChoicesOut
    rows: int
    faulty_rows: int
    fault_kinds: list[FaultKindOut]
    positions: PositionsOut | None
    imported_rows: int
    version: int
    created_at: datetime
    changed_at: datetime
    done_at: datetime | None


class ImportsOut(Out):
    items: list[ImportOut]


class RowFaultOut(Out):
    field: str
    letter: str
    code: str
    detail: str


class PreviewRowOut(Out):
    row: int = Field(description="As the spreadsheet counts, from 1")
    values: dict[str, Any] = Field(description="By field as it was read; of a faulty row as it was written")
    faults: list[RowFaultOut]


class PreviewOut(Out):
    items: list[PreviewRowOut]
    next: str | None


class ConfirmIn(In):
    version: int
    leave_out_faulty: bool = Field(
        default=False, description="Take over the good rows alone; without it any fault refuses all"
    )
