"""The consent of military zones and organs with secrets to what is installed near (Decree 799 art. 10)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.inventory.place_rows import PlaceRow
from bingjian.inventory.siting import Registered
from bingjian.procedures.kinds import Data, DocumentId, Kind, Move, Opening, Ref, Text, said
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of
from bingjian.rules.decisions.places import Neighbour, have_consented
from bingjian.rules.edition import Words

SystemId = Annotated[UUID, Ref("record:system")]


class Consent(Data):
    system: SystemId | None = said(
        "针对的视频系统（空：周边所有系统）", "For which system (empty: all)", default=None
    )
    document: DocumentId | None = said("同意文件", "Letter of consent", default=None)
    consented_at: AwareDatetime | None = said("同意时间", "Consented at", default=None)
    note: Text = said("说明", "Note", default="")


class ConsentOpening(Opening):
    system: SystemId | None = said(
        "针对的视频系统（空：周边所有系统）", "For which system (empty: all)", default=None
    )
    note: Text = said("说明", "Note", default="")


class Give(Data):
    document: DocumentId | None = said("同意文件", "Letter of consent", default=None)
    consented_at: AwareDatetime | None = said("同意时间", "Consented at", default=None)


class Why(Data):
    note: Text = said("说明", "Note", min_length=1)


async def ask(step: Step, wish: ConsentOpening) -> Consent:
    return Consent(system=wish.system, note=wish.note)


async def give(step: Step, data: Consent, wish: Give) -> Consent:
    """Refused by N10 without a letter, or with one of a time to come."""
    assert step.record.subject is not None
    place = await step.session.get(PlaceRow, step.record.subject)
    name = place.name if place is not None else step.record.title
    neighbour = Neighbour(name, str(wish.document or ""), wish.consented_at)
    step.require(have_consented(step.law, [neighbour], step.now))
    return data.model_copy(update=dict(wish))


async def note(step: Step, data: Consent, wish: Why) -> Consent:
    return data.model_copy(update={"note": wish.note})


async def consents_of(session: AsyncSession, now: datetime) -> Registered:
    """The consents that hold, by system and place; siting asks for them by itself."""
    query = select(RecordRow).where(RecordRow.kind == CONSENT.name, RecordRow.state == "given")
    found = dict[UUID | None, dict[UUID, tuple[str, datetime]]]()
    for row in await session.scalars(query.order_by(RecordRow.opened_at, RecordRow.id)):
        data = data_of(row, Consent)
        if row.subject is not None and data.consented_at is not None and data.consented_at <= now:
            found.setdefault(data.system, {})[row.subject] = str(data.document), data.consented_at
    return found


ASKERS = frozenset({Role.REGISTRAR, Role.PUBLIC_SECURITY, Role.CITY_DATA_AUTHORITY})
CONSENT = Kind(
    name="consent",
    path="consents",
    words=Words("涉密单位同意", "consent of a neighbour with secrets"),
    order="N10",
    prefix="TY",
    data=Consent,
    states={
        "asked": Words("已征求", "asked"),
        "given": Words("已同意", "given"),
        "declined": Words("不同意", "declined"),
        "withdrawn": Words("已撤回", "withdrawn"),
    },
    opening=ConsentOpening,
    openers=ASKERS,
    readers=ASKERS | {Role.INSPECTOR, Role.WORKGROUP_OFFICE, Role.ARCHIVIST},
    open=ask,
    subject="place",
    moves=(
        Move(
            "give",
            Words("登记同意", "record the consent"),
            ("asked", "declined"),
            "given",
            ASKERS,
            give,
            Give,
        ),
        Move("decline", Words("登记不同意", "record the refusal"), ("asked",), "declined", ASKERS, note, Why),
        Move(
            "withdraw", Words("登记撤回", "record the withdrawal"), ("given",), "withdrawn", ASKERS, note, Why
        ),
    ),
)
