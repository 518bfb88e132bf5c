"""Saved views of the camera list."""

from uuid import UUID

from bingjian.access.decisions import Actor
from bingjian.api.permissions import BaseReader
from bingjian.api.platform import ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas_camera_files import SavedViewIn, SavedViewOut, SavedViewsOut
from bingjian.inventory.saved_views import SavedViewRow, ViewWish

router = api_router("/api/v1/saved-views", "camera files")


@router.get("")
async def list_saved_views(actor: BaseReader, platform: ThePlatform) -> SavedViewsOut:
    """The person's own and what others share."""
    rows = await platform.parts.saved_views.all(actor)
    return SavedViewsOut(items=[view_out(row, actor) for row in rows])


@router.post("", status_code=201)
async def add_saved_view(wish: SavedViewIn, actor: BaseReader, platform: ThePlatform) -> SavedViewOut:
    """Keep a filter under a name."""
    row = await platform.parts.saved_views.add(ViewWish(**wish.model_dump()), actor)
    return view_out(row, actor)


@router.put("/{view}")
async def change_saved_view(
    view: UUID, wish: SavedViewIn, actor: BaseReader, platform: ThePlatform
) -> SavedViewOut:
    """Only one's own."""
    row = await platform.parts.saved_views.change(view, ViewWish(**wish.model_dump()), actor)
    return view_out(row, actor)


@router.delete("/{view}", status_code=204)
async def remove_saved_view(view: UUID, actor: BaseReader, platform: ThePlatform) -> None:
    """Only one's own."""
    await platform.parts.saved_views.remove(view, actor)


def view_out(row: SavedViewRow, actor: Actor) -> SavedViewOut:
    return SavedViewOut(
        id=row.id,
        name=row.name,
        query=row.query,
        is_shared=row.is_shared,
        is_own=row.person == actor.id,
        changed_at=row.changed_at,
    )
