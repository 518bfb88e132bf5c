"""Important material: marked, listed, released by two persons."""

from uuid import UUID

from bingjian.api.paging import PAGE_DEFAULT, Cursor, Limit, cursor_of
from bingjian.api.permissions import MarkLister, MarkReleaser, MarkSetter
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routes.protections import (
    MARK_MAX,
    CameraQuery,
    EndQuery,
    StartQuery,
    camera_names,
    common_out,
    person_of,
    protection_key,
    wish_of,
)
from bingjian.api.routing import api_router
from bingjian.api.schemas import MarkOut, MarksOut, ProtectionIn, ReleaseIn
from bingjian.retention.models import MarkRow

router = api_router("/api/v1", "retention")


@router.get("/marks")
async def list_marks(
    actor: MarkLister,
    platform: ThePlatform,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
    camera: CameraQuery = None,
    start: StartQuery = None,
    end: EndQuery = None,
) -> MarksOut:
    """Marks, newest footage first; released ones stay in the list."""
    page = await platform.retention.marks.page(limit, protection_key(cursor), camera, start, end, actor.areas)
    return MarksOut(items=await marks_out(platform, page.items), next=cursor_of(page.next_key))


@router.post("/cameras/{camera}/marks", status_code=201)
async def set_mark(camera: UUID, asked: ProtectionIn, actor: MarkSetter, platform: ThePlatform) -> MarkOut:
    """Mark an interval important: kept two years from its recording on. Code R28.6: some of it is gone."""
    row = await platform.retention.marks.set(wish_of(camera, asked, MARK_MAX), person_of(actor))
    return (await marks_out(platform, [row]))[0]


@router.post("/marks/{mark}/release")
async def release_mark(mark: UUID, asked: ReleaseIn, actor: MarkReleaser, platform: ThePlatform) -> MarkOut:
    """The first call asks for the release, another person's completes it."""
    row = await platform.retention.marks.release(mark, asked.reason, person_of(actor))
    return (await marks_out(platform, [row]))[0]


async def marks_out(platform: Platform, rows: list[MarkRow]) -> list[MarkOut]:
    names = await camera_names(platform, rows)
    return [MarkOut.model_validate(common_out(row, names)) for row in rows]
