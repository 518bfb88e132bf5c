"""How long each camera's footage is kept and why; reclassification; pauses by order."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from bingjian.api.paging import PAGE_DEFAULT, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import CameraPauser, RecordingReader, RetentionChanger
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routes.cameras import QUERY_MAX
from bingjian.api.routes.protections import person_of
from bingjian.api.routing import api_router
from bingjian.api.schemas import Line, PauseIn, PauseOut, RetentionIn, RetentionOut, RetentionsOut
from bingjian.retention.classes import ClassWish
from bingjian.retention.models import Kind

router = api_router("/api/v1", "retention")


@router.get("/retention")
async def list_retention(
    actor: RecordingReader,
    platform: ThePlatform,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
    q: Annotated[str | None, Query(max_length=QUERY_MAX, description="Part of a camera's name"), Line] = None,
) -> RetentionsOut:
    """Cameras by name, with the longest term of what they record now, marks apart."""
    page = await platform.cameras.page(limit, key_of(cursor, 2), q, areas=actor.areas)
    names = {row.id: row.name for row in page.items}
    return RetentionsOut(items=await kept_out(platform, names), next=cursor_of(page.next_key))


@router.patch("/cameras/{camera}/retention")
async def change_retention(
    camera: UUID, asked: RetentionIn, actor: RetentionChanger, platform: ThePlatform
) -> RetentionOut:
    """Classify a camera anew, with a reason; it can only lengthen what is kept already."""
    row = await platform.cameras.get(camera)
    wish = ClassWish(Kind(asked.kind), asked.days, asked.citation)
    await platform.retention.classes.change(camera, wish, asked.reason, person_of(actor))
    return (await kept_out(platform, {row.id: row.name}))[0]


@router.post("/cameras/{camera}/pause", status_code=201)
async def pause_camera(camera: UUID, asked: PauseIn, actor: CameraPauser, platform: ThePlatform) -> PauseOut:
    """Interrupt recording by order until an instant; then it goes on by itself."""
    row = await platform.retention.pauses.begin(
        camera, asked.reason, asked.order, asked.until, person_of(actor)
    )
    await platform.workers.assign_all()
    return PauseOut(
        id=row.id,
        camera=row.camera,
        reason=row.reason,
        order=row.order,
        until=row.until,
        by=row.by_name,
        at=row.at,
    )


@router.delete("/cameras/{camera}/pause", status_code=204)
async def end_pause(camera: UUID, actor: CameraPauser, platform: ThePlatform) -> None:
    """Go on recording before the pause is over."""
    await platform.retention.pauses.end(camera, person_of(actor))
    await platform.workers.assign_all()


async def kept_out(platform: Platform, names: dict[UUID, str]) -> list[RetentionOut]:
    """In the order of ``names``."""
    return [
        RetentionOut.model_validate(
            {
                "camera": kept.camera,
                "name": names[kept.camera],
                "class": kept.kind,
                "days": kept.term.days,
                "article": str(kept.term.article),
                "code": kept.term.code,
                "citation": kept.term.citation,
                "oldest": kept.oldest,
                "marks": kept.marks,
                "holds": kept.holds,
                "overdue_segments": kept.overdue_segments,
            }
        )
        for kept in await platform.retention.kept(list(names))
    ]
