"""A request as the rules ask about it, gathered from the record and what it refers to."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.access.models import PersonRow
from bingjian.documents.models import DocumentRow, DocumentVersionRow
from bingjian.inventory.camera_files import CITY, CameraFileRow
from bingjian.inventory.organisations import OrganisationRow
from bingjian.procedures.access_request_data import Card, Narrow, Officer, OpenedExemption, Request
from bingjian.procedures.models import RecordRow
from bingjian.procedures.rule_papers import RULES, Rules, current
from bingjian.procedures.step import Step, data_of
from bingjian.rules.civil import CHINA, civil_date
from bingjian.rules.decision import Case, Grant, Refusal
from bingjian.rules.decisions import access, refusing
from bingjian.rules.decisions.rights import Deed, Held, may_do
from bingjian.rules.decisions.serving import AccessGrant
from bingjian.rules.law import Law
from bingjian.rules.library import rights

LOOKERS = frozenset({Role.OFFICER, Role.INSPECTOR})  # who asks, and whom a request may name to look
USE = "use"  # code of ``keeping_rule``: the rules of use, whose version is signed (R22.5)
DECIDING, DECIDER = "approve_access", "custodian"  # act and role of rights.toml


async def lawful(step: Step, data: Request, *, is_seen: bool) -> Grant | Refusal:
    """May it be granted. ``is_seen`` False: as it stands before anybody has come to the counter."""
    asked = await application(step, data, is_seen=is_seen)
    return access.may_access(step.law, asked, await rules_version(step.session, data.keeper), step.now)


async def application(step: Step, data: Request, *, is_seen: bool = True) -> access.Application:
    organ = await step.organisation(step.record.organisation)
    units = await names_of(
        step.session, [one.unit for one in data.officers] + [one.unit for one in data.papers]
    )
    return access.Application(
        applicant=access.Applicant(organ.name if organ else "", organ.is_state_organ if organ else None),
        number=data.number,
        purpose=data.purpose or "",
        power=data.power,
        cameras=tuple(map(str, data.cameras)),
        begin=data.begin,
        end=data.end,
        verbs=frozenset(data.verbs),
        officers=tuple(officer_of(one, units, is_seen=is_seen) for one in data.officers),
        documents=tuple(
            access.AuthorityDocument(one.kind, one.number, units.get(one.unit, ""), one.issued, one.sha256)
            for one in data.papers
        ),
        is_urgent=data.is_urgent,
        wants_forward=data.wants_forward,
        recipients=frozenset(data.recipients) - {""},
        other_law=other_law(data.exemption) if data.exemption and data.exemption.confirmed_by else None,
    )


def officer_of(one: Officer, units: dict[UUID | None, str], *, is_seen: bool) -> access.Officer:
    card, shown = one.card, None
    if card is not None:
        held = bool(one.seen_by) or not is_seen
        number = plain_number(card.number)
        shown = access.Certificate(card.kind, number, card.issuer, card.valid_to, held)
    return access.Officer(str(one.person), one.name, units.get(one.unit, ""), shown, one.undertaking)


def plain_number(number: str) -> str:
    """The same certificate has one number, whichever width, case and spaces it is written with."""
    folded = unicodedata.normalize("NFKC", number).casefold()
    return "".join(one for one in folded if one.isalnum())


def other_law(opened: OpenedExemption) -> refusing.OtherLaw:
    return refusing.OtherLaw(
        ground=opened.ground,
        citation=opened.citation,
        reason=opened.reason,
        opened_by=str(opened.opened_by),
        confirmed_by=str(opened.confirmed_by or ""),
        drops=frozenset(opened.drops),
    )


def wished(data: Request, wish: Narrow) -> AccessGrant:
    """The grant as the custodian wants it."""
    return AccessGrant(
        purpose=data.purpose or "",
        verbs=frozenset(wish.verbs or data.verbs),
        cameras=frozenset(map(str, wish.cameras or data.cameras)),
        begin=wish.begin or data.begin,
        end=wish.end or data.end,
        officers=frozenset(str(one.person) for one in data.officers),
        expires=wish.expires,
        has_whole_edges=wish.has_whole_edges,
        may_forward=wish.may_forward,
        recipients=frozenset(data.recipients) - {""} if wish.may_forward else frozenset(),
    )


def may_decide(step: Step, data: Request) -> Grant | Refusal:
    """Nobody decides their own request: neither who wrote it, nor who is to look (section 4)."""
    case = Case(step.law)
    for person in {data.applicant, *(one.person for one in data.officers)}:
        deed = Deed(
            person=str(step.actor.id),
            organisation=str(step.actor.organisation or ""),
            roles=(Held(DECIDER, step.now),),
            act=DECIDING,
            target=str(step.record.id),
            purpose=data.purpose or step.record.title,
            met=frozenset({"area"}),  # what lies outside it was not there for this person
            asked_by=str(person),
        )
        case.join(may_do(step.law, rights(), deed, step.now))
    return case.answer()


def is_respected(law: Law, data: Request, now: datetime) -> Grant | Refusal | None:
    """Whether a refusal rests on what was lacking (art. 31(10)); a late one is told by its duty. None: no
    refusal."""
    if data.refused is None or data.submitted is None:
        return None
    asked = refusing.Asked(
        by=data.refused.asked_by,
        received=data.submitted,
        answered=data.submitted,
        refused_items=frozenset(data.refused.items),
        lacking_items=frozenset(data.refused.lacking),
    )
    return refusing.is_use_respected(law, asked, now)


async def rules_version(session: AsyncSession, keeper: UUID) -> str:
    """Of the rules of use that a body has in force; empty: none are."""
    found = [data_of(row, Rules) for row in await current(session, RULES, keeper)]
    versions = [version for one in found if one.of == USE for version in one.versions]
    return versions[-1].version if versions else ""


async def names_of(session: AsyncSession, ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    query = select(OrganisationRow.id, OrganisationRow.name).where(OrganisationRow.id.in_(set(ids) - {None}))
    return {row.id: row.name for row in await session.execute(query)}


async def named_officer(step: Step, person: UUID, card: Card | None) -> Officer:
    row = await step.session.get(PersonRow, person)
    if row is None:  # the console has no account
        return Officer(person=person, name=step.actor.name, unit=step.actor.organisation, card=card)
    return Officer(person=person, name=row.name, unit=row.organisation, card=card)


async def scan_of(session: AsyncSession, document: UUID) -> str:
    """SHA-256 of a paper's newest version."""
    row = await session.get_one(DocumentRow, document)
    return (await session.get_one(DocumentVersionRow, (document, row.version))).sha256


async def division_of(session: AsyncSession, cameras: Iterable[UUID]) -> str:
    """Whose custodians decide: the district of all cameras; of several districts, the city's."""
    query = select(CameraFileRow.division).where(CameraFileRow.id.in_(list(cameras))).distinct()
    found = list(await session.scalars(query))
    return found[0] or CITY if len(found) == 1 else CITY


async def exemptions_of_month(session: AsyncSession, kind: str, now: datetime) -> int:
    """How many were confirmed in this calendar month (R22.7)."""
    today = civil_date(now)
    start = datetime(today.year, today.month, 1, tzinfo=CHINA)
    query = select(RecordRow.data_json).where(RecordRow.kind == kind, RecordRow.changed_at >= start)
    texts = await session.scalars(query.where(RecordRow.data_json.contains('"confirmed_by":"')))
    opened = [Request.model_validate_json(text).exemption for text in texts]
    return refusing.exceptions_in_month([one.confirmed_at for one in opened if one and one.confirmed_at], now)


def authority_of(body: str, known: Iterable[str]) -> str:
    """Who asks, as art. 31(10) tells them apart."""
    return body if body in known else "administrative_department"
