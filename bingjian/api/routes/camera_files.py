"""Camera files (一机一档): the list, one file, many at once, the map, the export."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response, StreamingResponse

from bingjian.access.decisions import Actor
from bingjian.api.boxes import box_of
from bingjian.api.paging import BadCursor, cursor_of, key_of
from bingjian.api.permissions import BaseChanger, BaseReader
from bingjian.api.platform import ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas_camera_files import (
    BulkIn,
    BulkOut,
    BulkPreviewIn,
    BulkPreviewOut,
    CameraFieldsOut,
    CameraFileIn,
    CameraFileLine,
    CameraFileOut,
    CameraFilePatch,
    CameraFilesOut,
    CountsOut,
    DeviceCodeIn,
    DeviceCodeOut,
    ExportQuery,
    FieldOut,
    FieldValueOut,
    FilterQuery,
    ListQuery,
    MapOut,
    MapQuery,
)
from bingjian.api.schemas_organisations import ChangeOut
from bingjian.inventory.camera_file_map import Cluster
from bingjian.inventory.camera_file_query import Filter
from bingjian.inventory.camera_file_service import Filed
from bingjian.inventory.camera_file_values import VIEW, unlisted
from bingjian.inventory.camera_files import CameraFileRow, values_of
from bingjian.inventory.fields import FIELDS, LOCKED, SINGLE, Field, Home, mandatory, values_of_field
from bingjian.inventory.quality import faults_in
from bingjian.rules.library import law

router = api_router("/api/v1/camera-files", "camera files")

LEVEL = "secrecy"  # whoever sets it may close the camera to everybody (R27.6)
NOT_FILTER = {"limit", "cursor", "sort", "descending", "zoom", "form"}
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("/fields")
async def list_camera_fields(actor: BaseReader) -> CameraFieldsOut:
    """What a camera file has: names, code lists, bounds, and what the law demands."""
    states = [
        FieldValueOut(code=code, zh=texts[0].words.zh, en=texts[0].words.en)
        for code, texts in law().codes("life_state").items()
    ]
    return CameraFieldsOut(items=[field_out(field) for field in FIELDS], states=states)


@router.get("")
async def list_camera_files(
    query: Annotated[ListQuery, Query()], actor: BaseReader, platform: ThePlatform
) -> CameraFilesOut:
    """Camera files of the person's areas."""
    try:
        page = await platform.parts.camera_file_list.page(
            filter_of(query, actor),
            query.sort,
            query.limit,
            key_of(query.cursor, 2),
            descending=query.descending,
        )
    except ValueError as error:  # the cursor of another sort
        raise BadCursor from error
    items = [CameraFileLine.model_validate(line_of(row, row.id in page.streams)) for row in page.items]
    return CameraFilesOut(items=items, next=cursor_of(page.next_key))


@router.get("/counts")
async def count_camera_files(
    query: Annotated[FilterQuery, Query()], actor: BaseReader, platform: ThePlatform
) -> CountsOut:
    """How many a filter finds, by state, status and division."""
    return CountsOut.model_validate(await platform.parts.camera_file_list.counts(filter_of(query, actor)))


@router.get("/map", response_model=MapOut)
async def map_camera_files(
    query: Annotated[MapQuery, Query()], actor: BaseReader, platform: ThePlatform
) -> Response:
    """What lies in a box: points while they are few enough to draw, else clusters.

    Written as it is: to validate what we have just made would take longer than to find it.
    """
    view = await platform.parts.camera_maps.view(filter_of(query, actor), box_of(query.bbox), query.zoom)
    return Response(json.dumps(vars(view), default=plain_of), media_type="application/json")


def plain_of(value: Cluster | UUID) -> Any:
    """What JSON has no form of its own for."""
    return vars(value) if isinstance(value, Cluster) else str(value)


@router.get("/export", response_class=StreamingResponse)
async def export_camera_files(
    query: Annotated[ExportQuery, Query()], actor: BaseReader, platform: ThePlatform
) -> StreamingResponse:
    """A sheet of all that a filter finds; written down first."""
    pieces = await platform.parts.exports.open(filter_of(query, actor), query.form, actor)
    headers = {"Content-Disposition": f'attachment; filename="cameras.{query.form}"'}
    return StreamingResponse(pieces, media_type=MEDIA_TYPES[query.form], headers=headers)


@router.post("/codes", status_code=201)
async def allocate_device_code(
    wish: DeviceCodeIn, actor: BaseChanger, platform: ThePlatform
) -> DeviceCodeOut:
    """The next free device code; handed out once."""
    files = platform.parts.camera_files
    code = await files.next_code(wish.division, wish.type, wish.industry, wish.network, actor)
    return DeviceCodeOut(code=str(code))


@router.post("/bulk/preview")
async def preview_bulk_change(
    wish: BulkPreviewIn, actor: BaseChanger, platform: ThePlatform
) -> BulkPreviewOut:
    """How many files a change would touch, and the token to carry it out."""
    preview = await platform.parts.bulk_changes.preview(filter_of(wish.query, actor), wish.set)
    return BulkPreviewOut.model_validate(preview)


@router.post("/bulk")
async def change_many(wish: BulkIn, actor: BaseChanger, platform: ThePlatform) -> BulkOut:
    """Change all that was previewed, or nothing: 409 if any of it is not as it was."""
    wanted = filter_of(wish.query, actor)
    changed = await platform.parts.bulk_changes.apply(wanted, wish.set, wish.token, actor, wish.reason)
    return BulkOut(changed=changed)


@router.post("", status_code=201)
async def add_camera_file(wish: CameraFileIn, actor: BaseChanger, platform: ThePlatform) -> CameraFileOut:
    """Add a file, in state planned; refused where the law lets no camera be."""
    filed = await platform.parts.camera_files.add(raws_of(wish), actor)
    return file_out(filed, actor)


@router.get("/{file}")
async def get_camera_file(file: UUID, actor: BaseReader, platform: ThePlatform) -> CameraFileOut:
    """One file."""
    return file_out(await platform.parts.camera_files.get(file, actor), actor)


@router.patch("/{file}")
async def change_camera_file(
    file: UUID, wish: CameraFilePatch, actor: BaseChanger, platform: ThePlatform
) -> CameraFileOut:
    """Change what is given; 409 if somebody else has changed it since it was read."""
    fields = raws_of(wish)
    filed = await platform.parts.camera_files.change(file, wish.version, fields, actor, wish.reason)
    if await platform.parts.banning.settle(file) or LEVEL in fields:
        await platform.workers.assign_all()  # what is open ends at once
    await platform.gb.refresh()
    return file_out(filed, actor)


@router.get("/{file}/history")
async def get_camera_file_history(file: UUID, actor: BaseReader, platform: ThePlatform) -> list[ChangeOut]:
    """All changes, newest first."""
    rows = await platform.parts.camera_files.history(file, actor)
    return [ChangeOut.model_validate(row) for row in rows]


def filter_of(query: FilterQuery, actor: Actor) -> Filter:
    """A query within the person's areas."""
    fields = query.model_dump(exclude=NOT_FILTER)
    box = None if query.bbox is None else box_of(query.bbox)
    lists = {"states": tuple(query.states), "ids": tuple(query.ids)}
    return Filter(**fields | lists | {"areas": actor.areas, "bbox": box})


def raws_of(wish: CameraFileIn | CameraFilePatch) -> dict[str, Any]:
    """What was given, flat; a view is given whole, so what it leaves out is empty."""
    given = wish.model_dump(mode="json", exclude_unset=True, exclude={"version", "reason", "view", "fields"})
    if "view" in wish.model_fields_set:
        view = wish.view.model_dump(mode="json") if wish.view else {}
        if sweep := view.get(
            "sweep"
        ):  # what it does not bound is left out: a new bound is a change, none is not
            view["sweep"] = {name: value for name, value in sweep.items() if value is not None}
        given |= {name: view.get(name) for name in VIEW}
    return given | wish.fields


def line_of(row: CameraFileRow, has_stream: bool) -> dict[str, Any]:
    found: dict[str, Any] = {name: getattr(row, name, None) for name in CameraFileLine.model_fields}
    return found | {"address": row.fields.get("address", ""), "has_stream": has_stream}


def file_out(filed: Filed, actor: Actor) -> CameraFileOut:
    row, chinese = filed.row, actor.language == "zh"
    fields = row.fields
    columns = {name: getattr(row, name, None) for name in CameraFileOut.model_fields}
    faults = [
        {"field": fault.field, "detail": fault.words.zh if chinese else fault.words.en}
        for fault in faults_in(law(), values_of(row))
    ]
    return CameraFileOut.model_validate(
        columns
        | line_of(row, filed.has_stream)
        | {
            "view": row.view,
            "consents": fields.pop("consents", []),
            "fields": fields,
            "missing": unlisted(row.missing),
            "faults": faults,
        }
    )


def field_out(field: Field) -> FieldOut:
    locked = {name for names in LOCKED.values() for name in names}
    return FieldOut(
        name=field.name,
        pinyin=field.pinyin,
        zh=field.words.zh,
        en=field.words.en,
        kind=field.kind.value,
        home=field.home.value,
        values=[
            FieldValueOut(code=one.code, zh=one.words.zh, en=one.words.en)
            for one in values_of_field(field.name)
        ],
        is_mandatory=field in mandatory(False),
        is_mandatory_for_class_one=field in mandatory(True),
        is_locked=field.name in locked,
        is_bulk=field.name not in SINGLE and field.home is not Home.VIEW,
        least=field.least,
        most=field.most,
        length=field.length,
        pattern=field.pattern,
        unit=field.unit,
    )
