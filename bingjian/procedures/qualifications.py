"""Qualifications of firms (art. 14): for which roles, until when; reminded of while a contract runs."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import BASE_READERS, Role
from bingjian.duties.models import Evidence, Obligation
from bingjian.duties.owing import meet, open_duties, owe
from bingjian.inventory.organisations import OrganisationRow
from bingjian.procedures.kinds import STAYS, Code, Data, DocumentId, Kind, Line, Move, Nothing, Opening, said
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of, subject_of
from bingjian.procedures.system_data import System, UnitUse
from bingjian.procedures.system_facts import rows_of
from bingjian.rules.civil import DAY, civil_date, start_of_day
from bingjian.rules.decisions import qualification
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

DUTY = "R14.3"


class Qualification(Data):
    covers: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)] = said(
        "资质范围", "What it is for", of="unit_role"
    )
    name: Line = said("资质名称", "Kind of qualification", min_length=1)
    certificate: Line = said("证书编号", "Number", min_length=1)
    issuer: Line = said("发证机构", "Issuer", default="")
    valid_to: date = said("有效期至", "Last day")
    document: DocumentId | None = said("证书", "Document", default=None)


class QualificationOpening(Opening, Qualification):
    pass


async def begin(step: Step, wish: QualificationOpening) -> Qualification:
    for role in wish.covers:
        step.law.words("unit_role", role)  # a role that there is
    return Qualification(**wish.model_dump(include=set(Qualification.model_fields)))


async def renew(step: Step, before: Qualification, wish: Qualification) -> Qualification:
    """The reminders of the one before are met; those of the new one begin."""
    evidence = Evidence(step.record.kind, step.record.id)
    for duty in await open_duties(step.session, step.record.id):
        await meet(step.session, step.record.id, duty.code, evidence, step.now, duty.key)
        await _remind_again(step, wish, UUID(duty.key))
    return wish


async def _remind_again(step: Step, data: Qualification, system: UUID) -> None:
    record = await step.session.get(RecordRow, system)
    for use in data_of(record, System).units if record is not None else ():
        if use.organisation == step.record.subject:
            await remind(step, step.record, data, system, use.contract_ends)


async def remind(
    step: Step, record: RecordRow, data: Qualification, system: UUID, contract_ends: date
) -> None:
    """Have the firm reminded if its qualification ends during the contract (R14.3)."""
    obligation = reminder_of(step.law, record, data, system, contract_ends, step.now)
    if obligation is not None:
        await owe(step.session, obligation)


def reminder_of(
    law: Law, record: RecordRow, data: Qualification, system: UUID, contract_ends: date, now: datetime
) -> Obligation | None:
    """What is owed of a qualification for one system; None: it outlasts the contract."""
    first = qualification.remind_on(law, data.valid_to, contract_ends)
    if first is None:
        return None
    return Obligation(
        DUTY,
        subject_of(record),
        record.subject,
        now,
        start_of_day(data.valid_to + DAY),
        key=str(system),
        reminders=(start_of_day(first),),
    )


async def withdraw(step: Step, data: Qualification, wish: Nothing) -> Qualification:
    await step.drop(DUTY)
    return data


async def take_on(step: Step, use: UnitUse, system: RecordRow) -> None:
    """A firm takes a job on a system: its qualification is for it and has not ended (R14.3)."""
    held = await held_by(step.session, [use.organisation])
    (unit,) = units_from([use], held, await names_of(step.session, [use.organisation]))
    step.require(qualification.may_take_job(step.law, unit, civil_date(step.now)))
    best = best_for(use.role, held.get(use.organisation, []))
    if best is not None and not use.exemption:
        await remind(step, *best, system.id, use.contract_ends)


async def units_of(session: AsyncSession, uses: Iterable[UnitUse]) -> tuple[qualification.Unit, ...]:
    """The firms of a system with the qualification that each has for its role."""
    several = tuple(uses)
    ids = [use.organisation for use in several]
    return units_from(several, await held_by(session, ids), await names_of(session, ids))


Held = dict[UUID, list[tuple[RecordRow, Qualification]]]


async def held_by(session: AsyncSession, firms: Iterable[UUID]) -> Held:
    """By firm, its qualifications that were not withdrawn."""
    query = select(RecordRow).where(
        RecordRow.kind == "qualification", RecordRow.state == "held", RecordRow.subject.in_(set(firms))
    )
    found = Held()
    for row in await session.scalars(query):
        if row.subject is not None:
            found.setdefault(row.subject, []).append((row, data_of(row, Qualification)))
    return found


async def names_of(session: AsyncSession, firms: Iterable[UUID]) -> dict[UUID, str]:
    return {row.id: row.name for row in await rows_of(session, OrganisationRow, firms)}


def best_for(
    role: str, held: Iterable[tuple[RecordRow, Qualification]]
) -> tuple[RecordRow, Qualification] | None:
    """Of those for this role the one that is valid for longest; without one for it any other."""
    return max(held, key=lambda one: (role in one[1].covers, one[1].valid_to), default=None)


def units_from(uses: Iterable[UnitUse], held: Held, names: dict[UUID, str]) -> tuple[qualification.Unit, ...]:
    return tuple(_unit(use, best_for(use.role, held.get(use.organisation, [])), names) for use in uses)


def _unit(
    use: UnitUse, best: tuple[RecordRow, Qualification] | None, names: dict[UUID, str]
) -> qualification.Unit:
    name = names.get(use.organisation, "")
    if best is None:
        return qualification.Unit(use.role, name, frozenset(), "", None, use.exemption)
    _, data = best
    covers = frozenset(data.covers)
    return qualification.Unit(use.role, name, covers, data.certificate, data.valid_to, use.exemption)


KEEPERS = frozenset({Role.BUILDER, Role.REGISTRAR, Role.CONSTRUCTION_UNIT, Role.MAINTAINER})
HELD = ("held",)
QUALIFICATION = Kind(
    name="qualification",
    path="qualifications",
    words=Words("单位资质", "qualification of a firm"),
    order="R14.2",
    prefix="ZZ",
    data=Qualification,
    states={"held": Words("有效登记", "on record"), "withdrawn": Words("已注销", "withdrawn")},
    opening=QualificationOpening,
    openers=KEEPERS,
    readers=BASE_READERS | KEEPERS,
    subject="organisation",
    open=begin,
    moves=(
        Move("renew", Words("续办", "renew"), HELD, STAYS, KEEPERS, renew, Qualification),
        Move("withdraw", Words("注销", "withdraw"), HELD, "withdrawn", KEEPERS, withdraw),
    ),
)
