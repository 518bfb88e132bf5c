"""What filing asks about: which duties a system has, and what was handed in (art. 18, N14).

A duty to file is about the system; the filing is its evidence. ``filing_due`` is called where a system is
accepted or put into use. Every system at once, and changes of what was filed: ``filing_changes``.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.duties.models import Obligation
from bingjian.inventory.organisations import OrganisationRow
from bingjian.procedures.kinds import Code, Data, DocumentId, Line, OrganisationId, Text, said
from bingjian.procedures.known_system import KnownSystem, area_of
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of, subject_of
from bingjian.procedures.system_data import System
from bingjian.rules.civil import start_of_day
from bingjian.rules.decisions import filing
from bingjian.rules.decisions.connection import Interface
from bingjian.rules.decisions.submission import Submission, first_complete
from bingjian.rules.law import Law

KIND = "filing"
CODES = ("R18.1", "R18.4", "N14")
HANDED_IN = ("submitted", "correcting", "filed", "changed")
COUNTY = "county"  # code of ``filing_level``
POLICE = "public_security"
DOCUMENTS, FIELDS = "filing_document", "filing_field"
Codes = Annotated[tuple[Code, ...], Field(max_length=20)]


class Kept(Data):
    """The interface that the system keeps ready (R13.2)."""

    protocol: Line = said("接口协议", "Protocol", of="interface_protocol", default="")
    address: Line = said("接口地址", "Address", default="")
    handshake: AwareDatetime | None = said("最近握手成功时间", "Last handshake", default=None)
    exemption: Text | None = said("免设依据", "Exemption, with citation", default=None)

    @property
    def facts(self) -> Interface:
        return Interface(self.protocol, self.address, self.handshake, self.exemption)


class Paper(Data):
    """What a filing holds; what is missing the rules refuse."""

    documents: Annotated[Mapping[Code, DocumentId], Field(max_length=20)] = said(
        "备案资料", "Documents", of=DOCUMENTS, default_factory=dict
    )
    absent: Codes = said("确实没有的资料", "Documents that do not exist", of=DOCUMENTS, default=())
    unit: Text = said("单位基本情况", "Basic data of the unit", default="")
    location: Text = said("系统位置", "Location", default="")
    device_count: int | None = said("设备数量", "Number of devices", default=None, ge=1)
    device_types: Line = said("设备类型", "Types of devices", default="")
    storage_days: int | None = said("保存期限（天）", "Storage term in days", default=None, ge=1)
    is_declared_true: bool = said("对真实性负责", "The filer answers for its truth", default=False)
    interface: Kept | None = said("预留接口", "Interface kept ready", default=None)
    receiver: OrganisationId | None = said("受理公安机关", "Filed with", default=None)
    shared: Codes = said(
        "可由其他部门共享的内容", "Shared by other departments", of=f"{DOCUMENTS},{FIELDS}", default=()
    )

    def told(self) -> frozenset[str]:
        """Codes of ``filing_field`` that it tells."""
        values = {
            "unit": self.unit,
            "location": self.location,
            "device_count": self.device_count,
            "device_types": self.device_types,
            "storage_term": self.storage_days,
        }
        return frozenset(code for code, value in values.items() if value)


class Handed(Data):
    """What was handed in at one time; what the police found lacking does not count."""

    received: AwareDatetime = said("提交时间", "Handed in at")
    by: OrganisationId | None = said("提交单位", "Handed in by")
    receiver: OrganisationId | None = said("受理机关", "Handed to")
    documents: tuple[str, ...] = said("资料", "Documents")
    absent: tuple[str, ...] = said("声明没有的资料", "Declared absent")
    fields: tuple[str, ...] = said("内容", "Content")
    is_declared_true: bool = said("对真实性负责", "Declared true")
    interface: Kept | None = said("预留接口", "Interface kept ready")
    lacking: tuple[str, ...] = said("公安机关认定缺少", "Found lacking by the police", default=())


class Late(Data):
    """A duty that was met after its term: accepted all the same, and marked."""

    code: str = said("条款", "Duty")
    key: str = said("变更", "Of a change", default="")
    zh: str = said("情况", "In Chinese")
    en: str = said("情况（英文）", "In English")


class Filing(Paper):
    handed: tuple[Handed, ...] = said("历次提交", "Handed in so far", default=())
    met: tuple[str, ...] = said("履行的备案义务", "Duties that it meets", default=())
    late: tuple[Late, ...] = said("逾期", "Late", default=())
    receipt: Line = said("回执编号", "Number of the receipt", default="")
    receipted_at: AwareDatetime | None = said("回执时间", "Receipt given at", default=None)
    inventory: Mapping[str, str] = said("备案时的台账", "As the inventory was", default_factory=dict)


# --- duties


async def filing_due(step: Step, data: System) -> None:
    """Open what the system of this step owes, now that it is accepted or in use, and no filing answers."""
    system = KnownSystem(step.record, data)
    filings = await filings_of(step.session, step.record.id)
    bodies = await bodies_of(step.session, system, filings)
    for obligation in still_owed(step.book, system, filings, bodies, step.now):
        await step.owe(obligation)


def still_owed(
    book: Lawbook,
    system: KnownSystem,
    filings: Iterable[RecordRow],
    bodies: Mapping[UUID, OrganisationRow],
    now: datetime,
) -> list[Obligation]:
    """The duties to file that no filing has answered yet."""
    law, papers = book.at(now), [data_of(row, Filing) for row in filings]
    found = []
    for due in filing.dues(law, system.filed, book.holidays):
        if not any(answered(law, due, system, data, bodies) for data in papers):
            found.append(obligation_of(law, due, system, now))
    return found


def answered(
    law: Law, due: filing.Due, system: KnownSystem, data: Filing, bodies: Mapping[UUID, OrganisationRow]
) -> Submission | None:
    """The submission of this filing that answers the duty: the first that was complete (R18.6)."""
    handed = [submission_of(law, due, system, one, bodies) for one in data.handed]
    return first_complete(law, due, area_of(system.record), handed)


def obligation_of(law: Law, due: filing.Due, system: KnownSystem, now: datetime) -> Obligation:
    subject = subject_of(system.record)
    days = (start_of_day(day) for day in filing.reminders(law, due))
    reminders = tuple(at for at in days if at > now)
    owner, begun = owner_of(law, due, system), start_of_day(due.begun)
    return Obligation(due.code, subject, owner, begun, due.until, "", reminders, due.is_provisional)


def owner_of(law: Law, due: filing.Due, system: KnownSystem) -> UUID | None:
    """Whose duty it is, by the clock's own list of filers."""
    by_role = roles_of(system)
    return next((by_role[code] for code in law.codes(f"{due.clock}.filer") if code in by_role), None)


def roles_of(system: KnownSystem) -> dict[str, UUID | None]:
    """By code of a clock's list of filers, who that is of this system."""
    return {"builder": system.organiser, "user_org": system.user, "operator": system.managing_unit}


# --- what was handed in, as the rules ask


def submission_of(
    law: Law, due: filing.Due, system: KnownSystem, one: Handed, bodies: Mapping[UUID, OrganisationRow]
) -> Submission:
    """As this duty sees it: the filer in the role that it asks for, if the filer has that role."""
    held = [role for role, body in roles_of(system).items() if body is not None and body == one.by]
    wanted = [role for role in held if role in law.codes(f"{due.clock}.filer")]
    user = bodies.get(system.user) if system.user is not None else None
    receiver = bodies.get(one.receiver) if one.receiver is not None else None
    is_county_police = receiver is not None and receiver.body == POLICE and bool(receiver.division)
    there = frozenset(one.documents) - frozenset(one.lacking)
    return Submission(
        received=one.received,
        documents=there,
        declared_absent=frozenset(one.absent) - there - frozenset(one.lacking),
        fields=frozenset(one.fields) - frozenset(one.lacking),
        is_declared_true=one.is_declared_true,
        filer=next(iter(wanted or held), ""),
        user=user.name if user is not None else "",
        receiver_district=receiver.division if receiver is not None else "",
        receiver_level=COUNTY if is_county_police else "",
        must_keep_interface=system.must_keep_interface,
        interface=one.interface.facts if one.interface is not None else None,
    )


async def bodies_of(
    session: AsyncSession, system: KnownSystem, filings: Iterable[RecordRow], *more: UUID | None
) -> dict[UUID, OrganisationRow]:
    """The organisations that these name."""
    named = {*roles_of(system).values(), *more}
    for row in filings:
        named |= {body for one in data_of(row, Filing).handed for body in (one.by, one.receiver)}
    wanted = [one for one in named if one is not None]
    rows = await session.scalars(select(OrganisationRow).where(OrganisationRow.id.in_(wanted)))
    return {row.id: row for row in rows}


async def filings_of(session: AsyncSession, system: UUID) -> list[RecordRow]:
    """The filings of a system that were handed in, oldest first."""
    query = select(RecordRow).where(RecordRow.kind == KIND, RecordRow.subject == system)
    query = query.where(RecordRow.state.in_(HANDED_IN)).order_by(RecordRow.opened_at, RecordRow.id)
    return list(await session.scalars(query))


async def all_filings(session: AsyncSession) -> dict[UUID, list[RecordRow]]:
    """By system."""
    query = select(RecordRow).where(RecordRow.kind == KIND, RecordRow.state.in_(HANDED_IN))
    found = dict[UUID, list[RecordRow]]()
    for row in await session.scalars(query.order_by(RecordRow.opened_at, RecordRow.id)):
        if row.subject is not None:
            found.setdefault(row.subject, []).append(row)
    return found
