"""People and their roles."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter

from bingjian.access.decisions import Role
from bingjian.access.models import PersonRow as Row
from bingjian.api.paging import PAGE_DEFAULT, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import PeopleChanger, PeopleLister
from bingjian.api.platform import ThePlatform
from bingjian.api.schemas import PeopleOut, PersonAdded, PersonIn, PersonPatch, PersonRow

router = APIRouter(prefix="/api/v1/people", tags=["people"])


@router.get("")
async def list_people(
    actor: PeopleLister, platform: ThePlatform, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None
) -> PeopleOut:
    """People by name."""
    page = await platform.people.page(limit, key_of(cursor, 1))
    return PeopleOut(items=[person_row(row) for row in page.items], next=cursor_of(page.next_key))


@router.post("", status_code=201)
async def add_person(wish: PersonIn, actor: PeopleChanger, platform: ThePlatform) -> PersonAdded:
    """Add a person; without a password one is made up and returned this once."""
    await platform.parts.bounds.require_office(actor, roles_of(wish.roles), wish.organisation)
    password = wish.password.get_secret_value() if wish.password else None
    row, generated = await platform.people.add_person(
        wish.name,
        password,
        roles_of(wish.roles),
        wish.language,
        organisation=wish.organisation,
        areas=tuple(wish.areas),
        by=actor.id,
    )
    return PersonAdded(**person_row(row).model_dump(), generated_password=generated)


@router.patch("/{person}")
async def change_person(
    person: UUID, wish: PersonPatch, actor: PeopleChanger, platform: ThePlatform
) -> PersonRow:
    """Change roles, language, password, or close the account; every session of the person ends."""
    roles = roles_of(wish.roles) if wish.roles is not None else None
    await platform.parts.bounds.require_office_still(actor, person, roles, wish.organisation)
    row = await platform.people.change(
        person,
        roles=roles,
        language=wish.language,
        password=wish.password.get_secret_value() if wish.password else None,
        enabled=wish.enabled,
        organisation=wish.organisation,
        areas=tuple(wish.areas) if wish.areas is not None else None,
        by=actor.id,
    )
    return person_row(row)


def roles_of(names: Sequence[str]) -> frozenset[Role]:
    return frozenset(Role(name) for name in names)


def person_row(row: Row) -> PersonRow:
    return PersonRow.model_validate(
        {
            "id": row.id,
            "name": row.name,
            "roles": sorted(row.role_set),
            "language": row.language,
            "organisation": row.organisation,
            "areas": list(row.area_codes),
            "enabled": row.enabled,
            "created_at": row.created_at,
        }
    )
