"""Privacy masks of a camera (R6.2): drawn on a still of it, kept by the registrar."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from bingjian.access.decisions import Actor, Deed, Role, Verb
from bingjian.api.permissions import BaseChanger, BaseReader, Needs, reached
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routes.cameras import expires_of
from bingjian.api.routing import api_router
from bingjian.api.schemas import Moment
from bingjian.api.schemas_masks import PictureMaskIn, PictureMaskOut, PictureMasksOut
from bingjian.inventory.picture_masks import MaskWish

DRAW = Deed("mask.draw", frozenset({Role.REGISTRAR, Role.CUSTODIAN}))
PURPOSE = "mask"  # of the look, in the journal
Drawer = Annotated[Actor, Depends(Needs(DRAW))]

router = api_router("/api/v1/cameras/{camera}/masks", "cameras")


@router.get("")
async def list_masks(camera: UUID, actor: BaseReader, platform: ThePlatform) -> PictureMasksOut:
    """The masks that stand, oldest first."""
    await require_there(platform, actor, camera)
    rows = await platform.parts.picture_masks.of(camera)
    return PictureMasksOut(items=[PictureMaskOut.model_validate(row) for row in rows])


@router.post("", status_code=201)
async def add_mask(
    camera: UUID, wish: PictureMaskIn, actor: BaseChanger, platform: ThePlatform
) -> PictureMaskOut:
    """Hide a part of the picture, in what is recorded already as well. Views that are open end at once."""
    await require_there(platform, actor, camera)
    row = await platform.parts.picture_masks.add(camera, wish_of(wish), actor)
    await platform.workers.assign_all()
    return PictureMaskOut.model_validate(row)


@router.put("/{mask}")
async def replace_mask(
    camera: UUID, mask: UUID, wish: PictureMaskIn, actor: BaseChanger, platform: ThePlatform
) -> PictureMaskOut:
    """End a mask and begin another in its place. What was recorded before stays hidden by both."""
    await require_there(platform, actor, camera)
    row = await platform.parts.picture_masks.replace(camera, mask, wish_of(wish), actor)
    await platform.workers.assign_all()
    return PictureMaskOut.model_validate(row)


@router.delete("/{mask}", status_code=204)
async def end_mask(camera: UUID, mask: UUID, actor: BaseChanger, platform: ThePlatform) -> None:
    """From now on it hides nothing; what was recorded before stays hidden."""
    await require_there(platform, actor, camera)
    await platform.parts.picture_masks.end(camera, mask, actor)
    await platform.workers.assign_all()


@router.get(
    "/still",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
async def get_still(
    camera: UUID,
    request: Request,
    actor: Drawer,
    platform: ThePlatform,
    at: Annotated[Moment | None, Query(description="RFC 3339; absent: now")] = None,
) -> Response:
    """A still to draw masks on; those that stand are in it. It is a look, and written down as one."""
    site = await reached(request, platform, actor, DRAW)
    await platform.parts.serving.require_shown(actor, camera, Verb.PICTURE, at)
    picture = await platform.door.open_picture(actor, site, at, PURPOSE, expires_of(request), verb=DRAW)
    headers = {"X-Picture-Time": picture.taken_at, "Cache-Control": "no-store"}
    return Response(picture.jpeg, media_type="image/jpeg", headers=headers)


async def require_there(platform: Platform, actor: Actor, camera: UUID) -> None:
    """Raises NoSuchCamera; NotThere if its file lies outside the person's areas."""
    await platform.cameras.get(camera)
    await platform.parts.camera_files.get(camera, actor)


def wish_of(wish: PictureMaskIn) -> MaskWish:
    return MaskWish(wish.hides, wish.where, wish.polygon)
