"""Evidence: held and copied, listed, verified, released by two persons."""

from uuid import UUID

from bingjian.api.paging import PAGE_DEFAULT, Cursor, Limit, cursor_of
from bingjian.api.permissions import HoldLister, HoldReleaser, HoldSetter, HoldVerifier
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routes.protections import (
    HOLD_MAX,
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
from bingjian.api.schemas import HoldOut, HoldsOut, ProtectionIn, ReleaseIn
from bingjian.retention.models import HoldRow

router = api_router("/api/v1", "retention")
COPY = ("copied_segments", "copied_bytes", "sha256", "missing", "verified_at")


@router.get("/holds")
async def list_holds(
    actor: HoldLister,
    platform: ThePlatform,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
    camera: CameraQuery = None,
    start: StartQuery = None,
    end: EndQuery = None,
) -> HoldsOut:
    """Holds, newest footage first; released ones stay in the list."""
    page = await platform.retention.holds.page(limit, protection_key(cursor), camera, start, end, actor.areas)
    return HoldsOut(items=await holds_out(platform, page.items), next=cursor_of(page.next_key))


@router.post("/cameras/{camera}/holds", status_code=201)
async def set_hold(camera: UUID, asked: ProtectionIn, actor: HoldSetter, platform: ThePlatform) -> HoldOut:
    """Hold an interval as evidence; its copy is made in the background. Code R28.6: some of it is gone."""
    row = await platform.retention.holds.set(wish_of(camera, asked, HOLD_MAX), person_of(actor))
    platform.retention.copying.wanted.set()
    return (await holds_out(platform, [row]))[0]


@router.post("/holds/{hold}/verify", status_code=202)
async def verify_hold(hold: UUID, actor: HoldVerifier, platform: ThePlatform) -> HoldOut:
    """Have the copy completed and read again; `verified_at` says when that is done."""
    row = await platform.retention.copying.verify(hold)
    return (await holds_out(platform, [row]))[0]


@router.post("/holds/{hold}/release")
async def release_hold(hold: UUID, asked: ReleaseIn, actor: HoldReleaser, platform: ThePlatform) -> HoldOut:
    """The first call asks for the release, another person's completes it."""
    row = await platform.retention.holds.release(hold, asked.reason, person_of(actor))
    if row.confirmed_at is not None:
        await platform.workers.assign_all()  # from now on its copy is not shown
    return (await holds_out(platform, [row]))[0]


async def holds_out(platform: Platform, rows: list[HoldRow]) -> list[HoldOut]:
    names = await camera_names(platform, rows)
    return [HoldOut.model_validate(common_out(row, names) | copy_out(row)) for row in rows]


def copy_out(row: HoldRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in COPY}
