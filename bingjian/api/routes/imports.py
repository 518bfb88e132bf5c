"""Imports of spreadsheets: upload, match, look, confirm."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.responses import StreamingResponse

from bingjian.access.decisions import Actor
from bingjian.api.paging import PAGE_DEFAULT, BadCursor, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import BaseImporter
from bingjian.api.platform import ThePlatform
from bingjian.api.routes.camera_files import MEDIA_TYPES
from bingjian.api.routing import api_router
from bingjian.api.schemas import Line
from bingjian.api.schemas_imports import (
    ChoicesIn,
    ConfirmIn,
    FaultKindOut,
    ImportOut,
    ImportsOut,
    PositionsOut,
    PreviewOut,
    PreviewRowOut,
    RowFaultOut,
    SheetColumnOut,
)
from bingjian.api.uploads import RAW_BODY, BodyUpTo, refused
from bingjian.inventory.camera_file_export import pieces_of
from bingjian.inventory.imports.columns import letter
from bingjian.inventory.imports.models import Choices, ImportRow, ImportState
from bingjian.inventory.imports.service import SAMPLES, UPLOAD_MAX

router = api_router("/api/v1/imports", "imports")

SheetFile = Annotated[Request, Depends(BodyUpTo(UPLOAD_MAX))]


@router.get("")
async def list_imports(actor: BaseImporter, platform: ThePlatform) -> ImportsOut:
    """The person's own imports, newest first."""
    rows = await platform.parts.imports.all(actor)
    return ImportsOut(items=[import_out(row, actor) for row in rows])


@router.post("", status_code=201, openapi_extra=RAW_BODY)
async def upload_sheet(
    actor: BaseImporter,
    request: SheetFile,
    platform: ThePlatform,
    file_name: Annotated[str, Query(max_length=200, description="As the person's machine calls it"), Line],
) -> ImportOut:
    """Take in an XLSX or CSV file as it is, up to 64 MiB; nothing of it is in the inventory yet."""
    row = await platform.parts.imports.upload(file_name, request.stream(), actor)
    if row.state == ImportState.FAILED:  # kept for its person to see why, and no sheet all the same
        await platform.parts.refused_uploads.note(refused(request, "sheet_not_readable"))
    return import_out(row, actor)


@router.get("/{identity}")
async def get_import(identity: UUID, actor: BaseImporter, platform: ThePlatform) -> ImportOut:
    """How far it is, and what was found."""
    return import_out(await platform.parts.imports.get(identity, actor), actor)


@router.put("/{identity}/choices", status_code=202)
async def choose_columns(
    identity: UUID, wish: ChoicesIn, actor: BaseImporter, platform: ThePlatform
) -> ImportOut:
    """Say how the sheet is read; every row is then judged: ask again until that is done."""
    choices = Choices(**wish.model_dump(exclude={"version"}))
    return import_out(await platform.parts.imports.choose(identity, wish.version, choices, actor), actor)


@router.get("/{identity}/rows")
async def list_import_rows(
    identity: UUID,
    actor: BaseImporter,
    platform: ThePlatform,
    faulty: bool = True,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> PreviewOut:
    """Judged rows: the faulty ones with what is wrong where, or the good ones as they would be taken over."""
    rows, on = await platform.parts.imports.rows(identity, actor, offset_of(cursor), limit, faulty=faulty)
    choices = (await platform.parts.imports.get(identity, actor)).choices
    items = [preview_of(row, choices["columns"], actor) for row in rows]
    return PreviewOut(items=items, next=cursor_of(None if on is None else [str(on)]))


@router.get("/{identity}/faults.xlsx", response_class=StreamingResponse)
async def download_faults(identity: UUID, actor: BaseImporter, platform: ThePlatform) -> StreamingResponse:
    """The faulty rows as they were written, with a column that says what is wrong."""
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / "faults.xlsx"
    try:
        await platform.parts.imports.write_faults(identity, path, actor)
    except BaseException:
        folder.cleanup()
        raise

    def pieces() -> Iterator[bytes]:
        with folder:
            yield from pieces_of(path)

    headers = {"Content-Disposition": 'attachment; filename="faults.xlsx"'}
    return StreamingResponse(pieces(), media_type=MEDIA_TYPES["xlsx"], headers=headers)


@router.post("/{identity}/confirm")
async def confirm_import(
    identity: UUID, wish: ConfirmIn, actor: BaseImporter, platform: ThePlatform
) -> ImportOut:
    """Take the good rows over, all of them or none; confirmed once more, nothing changes."""
    imports = platform.parts.imports
    row = await imports.confirm(identity, wish.version, actor, leave_out_faulty=wish.leave_out_faulty)
    await platform.workers.assign_all()  # rows may say of a camera that nobody may see it here
    return import_out(row, actor)


@router.delete("/{identity}", status_code=204)
async def abandon_import(
    identity: UUID, version: Annotated[int, Query()], actor: BaseImporter, platform: ThePlatform
) -> None:
    """Forget an import that was not confirmed, and its file."""
    await platform.parts.imports.abandon(identity, version, actor)


def offset_of(cursor: str | None) -> int:
    """Raises BadCursor."""
    key = key_of(cursor, 1)
    if key is None:
        return 0
    if not key[0].isdecimal():
        raise BadCursor
    return int(key[0])


def import_out(row: ImportRow, actor: Actor) -> ImportOut:
    chinese, sheet, findings = actor.language == "zh", row.sheet, row.findings
    chosen = row.choices or {"sheet": "", "header_row": 1, "columns": {}, "crs": "", "division": ""}
    values: dict[str, Any] = {
        name: getattr(row, name) for name in ImportOut.model_fields if hasattr(row, name)
    }
    return ImportOut.model_validate(
        values
        | {
            "problem": said(row, chinese),
            "sheets": sheet.get("sheets", []),
            "columns": columns_out(sheet.get("head", []), chosen),
            "choices": {"swap_positions": False, **chosen},
            "fault_kinds": [kind_out(kind, chinese) for kind in findings.get("kinds", [])],
            "positions": positions_out(findings),
        }
    )


def said(row: ImportRow, chinese: bool) -> str | None:
    problem = row.problem_words
    return None if problem is None else problem["zh" if chinese else "en"]


def columns_out(head: list[list[Any]], chosen: dict[str, Any]) -> list[SheetColumnOut]:
    """Each column with its heading, a few cells below it, and its field."""
    first = int(chosen["header_row"]) - 1
    width = max((len(row) for row in head), default=0)
    below = head[first + 1 : first + 1 + SAMPLES]
    return [
        SheetColumnOut(
            column=column,
            letter=letter(column),
            heading=cell_of(head[first], column),
            field=chosen["columns"].get(str(column)),
            samples=[cell_of(row, column) for row in below],
        )
        for column in range(width)
    ]


def cell_of(row: list[Any], column: int) -> str:
    return str(row[column])[:100] if column < len(row) else ""


def kind_out(kind: dict[str, Any], chinese: bool) -> FaultKindOut:
    return FaultKindOut.model_validate(kind | {"detail": kind["zh" if chinese else "en"]})


def positions_out(findings: dict[str, Any]) -> PositionsOut | None:
    if "positions" not in findings:
        return None
    counts = findings["positions"]
    return PositionsOut(
        given=counts.get("given", 0),
        outside=counts.get("outside", 0),
        swapped=counts.get("swapped", 0),
        needs_crs=bool(counts.get("no_crs")),
        samples=findings["samples"],
    )


def preview_of(line: dict[str, Any], columns: dict[str, str], actor: Actor) -> PreviewRowOut:
    chinese = actor.language == "zh"
    values = line.get("values") or {
        name: cell_of(line["cells"], int(column)) for column, name in columns.items()
    }
    faults = [
        RowFaultOut(field=name, letter=at, code=code, detail=zh if chinese else en)
        for name, at, code, zh, en in line.get("faults", ())
    ]
    return PreviewRowOut(row=line["row"], values=values, faults=faults)
