"""Parts of places: what the ban of art. 9 and the duty of art. 8 are judged by."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from bingjian.access.decisions import Actor, Deed, Role
from bingjian.api.permissions import BaseChanger, BaseReader, Needs
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routes.places import fields_of, history_out
from bingjian.api.routing import api_router
from bingjian.api.schemas_places import HistoryOut, PartIn, PartOut, PartPatch, PartsOut, ReviewIn
from bingjian.inventory.place_parts import PartWish

REVIEW = Deed(
    "part.review", frozenset({Role.CITY_DATA_AUTHORITY, Role.PUBLIC_SECURITY, Role.WORKGROUP_OFFICE})
)
Reviewer = Annotated[Actor, Depends(Needs(REVIEW))]

router = api_router("/api/v1", "places")


@router.get("/places/{place}/parts")
async def list_parts(place: UUID, actor: BaseReader, platform: ThePlatform) -> PartsOut:
    """The parts of a place, by name, and how many key parts art. 8 counts in it."""
    found = await platform.parts.place_parts.of(place, actor.areas)
    items = [PartOut.model_validate(row) for row in found.items]
    return PartsOut(items=items, owed=found.owed.key_parts, needs_review=found.owed.needs_review)


@router.post("/places/{place}/parts", status_code=201)
async def add_part(place: UUID, wish: PartIn, actor: BaseChanger, platform: ThePlatform) -> PartOut:
    """Register a part. Banned ones are registered too: they are what no view may meet."""
    part = PartWish(**fields_of(wish.model_dump()))
    return PartOut.model_validate(await platform.parts.place_parts.add(place, part, actor, actor.areas))


@router.get("/parts/{part}")
async def get_part(part: UUID, actor: BaseReader, platform: ThePlatform) -> PartOut:
    """One part."""
    return PartOut.model_validate(await platform.parts.place_parts.get(part, actor.areas))


@router.patch("/parts/{part}")
async def change_part(part: UUID, wish: PartPatch, actor: BaseChanger, platform: ThePlatform) -> PartOut:
    """Change what is given. A part that becomes banned stops its cameras at once (R9.5)."""
    fields = fields_of(wish.model_dump(exclude_unset=True, exclude={"version"}))
    row = await platform.parts.place_parts.change(part, wish.version, fields, actor, actor.areas)
    await settle(platform, part)
    return PartOut.model_validate(row)


@router.post("/parts/{part}/review")
async def review_part(part: UUID, wish: ReviewIn, actor: Reviewer, platform: ThePlatform) -> PartOut:
    """A named reviewer says whether a part that is on no list is private, and why (R9.2)."""
    row = await platform.parts.place_parts.review(
        part, wish.version, wish.is_private, wish.reason, actor, actor.areas
    )
    await settle(platform, part)
    return PartOut.model_validate(row)


@router.get("/parts/{part}/history")
async def get_part_history(part: UUID, actor: BaseReader, platform: ThePlatform) -> HistoryOut:
    """Every change, newest first, with the values before and after."""
    return history_out(await platform.parts.place_parts.history(part, actor.areas))


async def settle(platform: Platform, part: UUID) -> None:
    """Media workers hear at once which cameras they may have."""
    await platform.parts.banning.look_again(part)
    await platform.workers.assign_all()
