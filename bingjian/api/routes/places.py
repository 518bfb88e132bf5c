"""Places: where cameras stand and where they must; outside a person's areas there are none."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query

from bingjian.access.decisions import Actor, Deed, Role
from bingjian.api.boxes import BBOX, box_of
from bingjian.api.paging import PAGE_DEFAULT, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import BaseChanger, BaseReader, Needs
from bingjian.api.platform import ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas import Line
from bingjian.api.schemas_organisations import ChangeOut, Code
from bingjian.api.schemas_places import (
    DivisionCode,
    GroundOut,
    HistoryOut,
    LikenessIn,
    PlaceIn,
    PlaceOut,
    PlacePatch,
    PlacesOut,
    ReclassificationIn,
)
from bingjian.inventory.history import HistoryRow
from bingjian.inventory.places import PlaceFilter, PlaceWish
from bingjian.rules.decisions.keyplaces import Reclassification

# Whoever keeps the places may ask for it too; the law says whose decision counts (R8.6).
RECLASSIFY = Deed("place.reclassify", frozenset({Role.CITY_DATA_AUTHORITY, Role.REGISTRAR}))
CONFIRM = Deed("place.confirm_likeness", frozenset({Role.CITY_DATA_AUTHORITY, Role.PUBLIC_SECURITY}))
Reclassifier = Annotated[Actor, Depends(Needs(RECLASSIFY))]
Confirmer = Annotated[Actor, Depends(Needs(CONFIRM))]
MAY_BE_NOTHING = {"operator", "longitude", "latitude", "outline", "polygon"}

router = api_router("/api/v1/places", "places")


@router.get("")
async def list_places(
    actor: BaseReader,
    platform: ThePlatform,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
    q: Annotated[
        str | None, Query(max_length=100, description="Part of the name or address, or its pinyin"), Line
    ] = None,
    division: DivisionCode | None = None,
    category: Code | None = None,
    kind: Code | None = None,
) -> PlacesOut:
    """Places of the person's areas, by name."""
    only = PlaceFilter(q, division, category, kind)
    page = await platform.parts.places.page(limit, key_of(cursor, 2), actor.areas, only)
    items = [PlaceOut.model_validate(row) for row in page.items]
    return PlacesOut(items=items, next=cursor_of(page.next_key))


@router.post("", status_code=201)
async def add_place(wish: PlaceIn, actor: BaseChanger, platform: ThePlatform) -> PlaceOut:
    """Register a place. Refused outside the city (art. 2), or by what art. 8 asks of a key place."""
    row = await platform.parts.places.add(PlaceWish(**fields_of(wish.model_dump())), actor, actor.areas)
    return PlaceOut.model_validate(row)


@router.get("/ground")
async def map_ground(
    bbox: Annotated[str, Query(max_length=100, pattern=BBOX, description="west,south,east,north; WGS-84")],
    actor: BaseReader,
    platform: ThePlatform,
) -> GroundOut:
    """The outlines of places and their parts that reach into a box."""
    return GroundOut.model_validate(await platform.parts.ground_maps.view(box_of(bbox), actor.areas))


@router.get("/{place}")
async def get_place(place: UUID, actor: BaseReader, platform: ThePlatform) -> PlaceOut:
    """One place."""
    return PlaceOut.model_validate(await platform.parts.places.get(place, actor.areas))


@router.patch("/{place}")
async def change_place(place: UUID, wish: PlacePatch, actor: BaseChanger, platform: ThePlatform) -> PlaceOut:
    """Change what is given; 409 if somebody else has changed it since it was read."""
    fields = fields_of(wish.model_dump(exclude_unset=True, exclude={"version"}))
    row = await platform.parts.places.change(place, wish.version, fields, actor, actor.areas)
    return PlaceOut.model_validate(row)


@router.post("/{place}/reclassification")
async def reclassify_place(
    place: UUID, wish: ReclassificationIn, actor: Reclassifier, platform: ThePlatform
) -> PlaceOut:
    """Change the categories of art. 8, by a decision of the data authority."""
    by = Role.CITY_DATA_AUTHORITY.value if Role.CITY_DATA_AUTHORITY in actor.roles else ""
    change = Reclassification((), tuple(wish.categories), by, wish.decision)
    row = await platform.parts.places.reclassify(place, wish.version, change, actor, actor.areas)
    return PlaceOut.model_validate(row)


@router.post("/{place}/likeness")
async def confirm_likeness(
    place: UUID, wish: LikenessIn, actor: Confirmer, platform: ThePlatform
) -> PlaceOut:
    """A reviewer classifies a place that is like those a category of art. 8 names (等)."""
    categories = tuple(wish.categories)
    row = await platform.parts.places.confirm_likeness(
        place, wish.version, categories, wish.note, actor, actor.areas
    )
    return PlaceOut.model_validate(row)


@router.get("/{place}/history")
async def get_place_history(place: UUID, actor: BaseReader, platform: ThePlatform) -> HistoryOut:
    """Every change, newest first, with the values before and after."""
    return history_out(await platform.parts.places.history(place, actor.areas))


def fields_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, as the services have it; nothing where something must be means: leave it."""
    found = {name: value for name, value in given.items() if value is not None or name in MAY_BE_NOTHING}
    for name in ("categories", "outline", "polygon"):
        if found.get(name) is not None:
            found[name] = tuple(found[name])
    return found


def history_out(rows: list[HistoryRow]) -> HistoryOut:
    return HistoryOut(items=[ChangeOut.model_validate(row) for row in rows])
