"""Organisations: who does what with cameras."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from bingjian.api.paging import PAGE_DEFAULT, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import OrganisationChanger, OrganisationLister
from bingjian.api.platform import ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas import Line
from bingjian.api.schemas_organisations import (
    Code,
    OrganisationIn,
    OrganisationOut,
    OrganisationPatch,
    OrganisationsOut,
)
from bingjian.inventory.organisations import OrganisationWish

router = api_router("/api/v1/organisations", "organisations")


@router.get("")
async def list_organisations(
    actor: OrganisationLister,
    platform: ThePlatform,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
    q: Annotated[
        str | None, Query(max_length=100, description="Part of the name or its pinyin"), Line
    ] = None,
    body: Code | None = None,
) -> OrganisationsOut:
    """Organisations by name."""
    page = await platform.parts.organisations.page(limit, key_of(cursor, 2), q, body)
    items = [OrganisationOut.model_validate(row) for row in page.items]
    return OrganisationsOut(items=items, next=cursor_of(page.next_key))


@router.post("", status_code=201)
async def add_organisation(
    wish: OrganisationIn, actor: OrganisationChanger, platform: ThePlatform
) -> OrganisationOut:
    """Add an organisation; the fifteen departments and the governments are there from the start."""
    row = await platform.parts.organisations.add(OrganisationWish(**wish.model_dump()), actor)
    return OrganisationOut.model_validate(row)


@router.get("/{organisation}")
async def get_organisation(
    organisation: UUID, actor: OrganisationLister, platform: ThePlatform
) -> OrganisationOut:
    """One organisation."""
    return OrganisationOut.model_validate(await platform.parts.organisations.get(organisation))


@router.patch("/{organisation}")
async def change_organisation(
    organisation: UUID, wish: OrganisationPatch, actor: OrganisationChanger, platform: ThePlatform
) -> OrganisationOut:
    """Change what is given; 409 if somebody else has changed it since it was read."""
    fields = wish.model_dump(exclude_unset=True, exclude={"version"})
    row = await platform.parts.organisations.change(organisation, wish.version, fields, actor)
    return OrganisationOut.model_validate(row)
