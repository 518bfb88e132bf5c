"""People and their roles."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query

from bingjian.access.decisions import Role
from bingjian.access.models import PersonRow as Row
from bingjian.access.service import PAPERS, Papers
from bingjian.access.sessions import actor_of
from bingjian.api.errors import refusal_out
from bingjian.api.paging import PAGE_DEFAULT, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import PeopleChanger, PeopleLister
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routes.account import factor_out, sessions_out
from bingjian.api.routing import api_router
from bingjian.api.schemas import Line, PeopleOut, PersonAdded, PersonIn, PersonPatch, PersonRow
from bingjian.api.schemas_account import PersonDetail, TrainingOut
from bingjian.clock import utc_now

DATES = ("valid_from", "contract_ends")  # null takes them away

router = api_router("/api/v1/people", "people")


@router.get("")
async def list_people(
    actor: PeopleLister,
    platform: ThePlatform,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
    q: Annotated[str | None, Query(max_length=100, description="Part of the name"), Line] = None,
) -> PeopleOut:
    """People by name."""
    page = await platform.people.page(limit, key_of(cursor, 1), q)
    return PeopleOut(items=[person_row(row, platform) for row in page.items], next=cursor_of(page.next_key))


@router.get("/{person}")
async def get_person(person: UUID, actor: PeopleLister, platform: ThePlatform) -> PersonDetail:
    """One person, with training, second factor and open sessions."""
    row = await platform.people.get(person)
    missing = await platform.parts.posts.missing(actor_of(row, ""))
    return PersonDetail(
        **person_row(row, platform).model_dump(),
        second_factor=await factor_out(person, row.role_set, platform),
        sessions=sessions_out(await platform.sessions.of(person)),
        training=await training_out(person, platform),
        untrained=[refusal_out(one, actor.language == "zh") for one in missing],
    )


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
        papers=Papers(**wish.model_dump(include=set(PAPERS))),
        subject=wish.subject,
        by=actor.id,
    )
    return PersonAdded(**person_row(row, platform).model_dump(), generated_password=generated)


@router.patch("/{person}")
async def change_person(
    person: UUID, wish: PersonPatch, actor: PeopleChanger, platform: ThePlatform
) -> PersonRow:
    """Change roles, language, password, or close the account; every session of the person ends."""
    roles = roles_of(wish.roles) if wish.roles is not None else None
    papers = wish.model_dump(include=set(PAPERS), exclude_unset=True)
    await platform.parts.bounds.require_office_still(actor, person, roles, wish.organisation)
    row = await platform.people.change(
        person,
        roles=roles,
        language=wish.language,
        password=wish.password.get_secret_value() if wish.password else None,
        enabled=wish.enabled,
        organisation=wish.organisation,
        areas=tuple(wish.areas) if wish.areas is not None else None,
        papers={name: value for name, value in papers.items() if value is not None or name in DATES},
        subject=wish.subject,
        by=actor,
    )
    await platform.workers.assign_all()  # what the person watches by earlier rights ends now
    return person_row(row, platform)


@router.delete("/{person}/second-factor", status_code=204)
async def reset_second_factor(person: UUID, actor: PeopleChanger, platform: ThePlatform) -> None:
    """Take a lost second factor away; every session of the person ends. Nobody does so for themselves."""
    await platform.factors.reset(person, actor)


@router.delete("/{person}/sessions/{session}", status_code=204)
async def end_persons_session(
    person: UUID, session: UUID, actor: PeopleChanger, platform: ThePlatform
) -> None:
    """End one session of a person."""
    await platform.sessions.end(person, session, actor)


async def training_out(person: UUID, platform: Platform) -> list[TrainingOut]:
    now = utc_now(platform.clock)
    return [
        TrainingOut(
            kind=kind, zh=name.zh, en=name.en, valid_until=end, is_valid=end is not None and now < end
        )
        for kind, name, end in await platform.parts.posts.trained(person)
    ]


def roles_of(names: Sequence[str]) -> frozenset[Role]:
    return frozenset(Role(name) for name in names)


def person_row(row: Row, platform: Platform) -> PersonRow:
    return PersonRow.model_validate(
        {
            "id": row.id,
            "name": row.name,
            "roles": sorted(row.role_set),
            "language": row.language,
            "organisation": row.organisation,
            "areas": list(row.area_codes),
            "enabled": row.enabled,
            "is_open": row.is_open(utc_now(platform.clock)),
            **{name: getattr(row, name) for name in PAPERS},
            "subject": row.oidc_subject if row.oidc_issuer == platform.people.issuer else None,
            "created_at": row.created_at,
        }
    )
