"""Appointments (art. 5¶2): which organisation is the data authority, and which is the workgroup's office."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.inventory.organisations import body_id
from bingjian.procedures.kinds import Code, Data, DocumentId, Kind, Move, Opening, OrganisationId, Text, said
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of
from bingjian.rules.decisions import offices
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

APPOINTERS = frozenset({Role.GOVERNMENT})


class Appointment(Data):
    appointment: str = said("职能", "Appointment")
    document: DocumentId = said("批准文件", "Decision")
    reason: Text = said("终止理由", "Why it ended", default="")


class AppointmentOpening(Opening):
    organisation: OrganisationId = said("承担单位", "Who holds it")
    appointment: Code = said("职能", "Appointment")
    document: DocumentId = said("批准文件", "Decision")


class End(Data):
    reason: Text = said("终止理由", "Why it ended", min_length=1)


async def appoint(step: Step, wish: AppointmentOpening) -> Appointment:
    held = held_by(await holders(step.session, step.book.whole), wish.organisation)
    step.require(offices.may_appoint(step.law, wish.appointment, held))
    return Appointment(appointment=wish.appointment, document=wish.document)


async def end(step: Step, data: Appointment, wish: End) -> Appointment:
    return data.model_copy(update={"reason": wish.reason})


async def holders(session: AsyncSession, law: Law) -> dict[str, UUID]:
    """Of each appointment who holds it: as last recorded, else the body that the law calls so."""
    found = {code: body_id(code) for code in law.codes("appointment")}
    query = select(RecordRow).where(RecordRow.kind == APPOINTMENT.name, RecordRow.state == "held")
    for row in await session.scalars(query.order_by(RecordRow.opened_at, RecordRow.id)):
        if row.organisation is not None:
            found[data_of(row, Appointment).appointment] = row.organisation
    return found


def held_by(holding: Mapping[str, UUID], organisation: UUID | None) -> set[str]:
    """The appointments that an organisation holds."""
    return {code for code, holder in holding.items() if holder == organisation}


APPOINTMENT = Kind(
    name="appointment",
    path="appointments",
    words=Words("职能任命", "appointment"),
    order="R5.2",
    prefix="RM",
    data=Appointment,
    states={"held": Words("任职中", "held"), "ended": Words("已终止", "ended")},
    opening=AppointmentOpening,
    openers=APPOINTERS,
    readers=APPOINTERS
    | {Role.CITY_DATA_AUTHORITY, Role.WORKGROUP_OFFICE, Role.PUBLIC_SECURITY, Role.INSPECTOR, Role.AUDITOR}
    | {Role.DEPARTMENT_USER, Role.REGISTRAR},
    open=appoint,
    moves=(Move("end", Words("终止", "end"), ("held",), "ended", APPOINTERS, end, End),),
)
