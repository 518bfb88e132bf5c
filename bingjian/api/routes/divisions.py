"""Divisions of the city and their boundaries."""

from bingjian.api.permissions import BaseChanger, OrganisationLister
from bingjian.api.platform import ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas_places import BoundaryIn, BoundaryOut, CityDivisionOut, DivisionsOut
from bingjian.db.areas import is_inside
from bingjian.inventory.divisions import Boundary, prepared
from bingjian.inventory.errors import NotThere
from bingjian.rules.library import law

router = api_router("/api/v1/divisions", "places")


@router.get("")
async def list_divisions(actor: OrganisationLister, platform: ThePlatform) -> DivisionsOut:
    """The districts, counties and county-level cities, in the order of their codes."""
    return DivisionsOut(items=[division_out(one) for one in await platform.parts.divisions.all()])


@router.get("/{division}/boundary")
async def get_boundary(division: str, actor: OrganisationLister, platform: ThePlatform) -> BoundaryOut:
    """Where a division ends: the city's own boundary, or the packaged schematic one."""
    return BoundaryOut.model_validate(await platform.parts.divisions.get(division))


@router.put("/{division}/boundary")
async def replace_boundary(
    division: str, wish: BoundaryIn, actor: BaseChanger, platform: ThePlatform
) -> BoundaryOut:
    """Set the city's own boundary; 409 if somebody else has set one since it was read."""
    if not is_inside(division, actor.areas):
        raise NotThere
    found = await platform.parts.divisions.replace(division, wish.version, wish.geometry, wish.origin, actor)
    return BoundaryOut.model_validate(found)


def division_out(boundary: Boundary) -> CityDivisionOut:
    words = law().words("division", boundary.division)
    return CityDivisionOut(
        code=boundary.division,
        name_zh=words.zh,
        name_en=words.en,
        bbox=prepared(boundary).bounds,
        is_schematic=boundary.is_schematic,
    )
