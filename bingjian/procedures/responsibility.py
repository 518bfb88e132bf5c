"""Who answers for a system's upkeep: by agreement, by law, by the government's decision; handed over without
gap or overlap (arts. 10¶2 and 23, Decree 799 art. 7).
"""

from collections.abc import Sequence
from uuid import UUID

from pydantic import AwareDatetime

from bingjian.access.decisions import Role
from bingjian.duties.models import Obligation
from bingjian.inventory.organisations import body_id
from bingjian.procedures.errors import AlreadyOpen
from bingjian.procedures.kinds import STAYS, Data, DocumentId, Kind, Line, Move, Opening, OrganisationId, said
from bingjian.procedures.known_system import area_of, system_about
from bingjian.procedures.models import RecordRow
from bingjian.procedures.responsibility_facts import (
    KIND,
    Agreement,
    Answers,
    Holding,
    Period,
    Responsibility,
    facts_of,
    record_of,
)
from bingjian.procedures.step import Step
from bingjian.rules.decision import Grant, Refusal, consistent
from bingjian.rules.decisions import owners, upkeep
from bingjian.rules.decisions.building import Place
from bingjian.rules.edition import Words

UNCLEAR = "R23.2"
GOVERNMENTS = ("city_government", "district_government")  # codes of ``body``


class ResponsibilityOpening(Opening, Holding):
    pass


class Propose(Data):
    body: OrganisationId = said("负责建设和维护的单位", "Who builds and maintains")
    document: DocumentId | None = said("约定文件", "Document", default=None)


class Take(Data):
    contact: Line = said("联系方式", "Contact", default="")
    start: AwareDatetime | None = said("开始（空：现在）", "From (empty: now)", default=None)


class Appoint(Take):
    unit: OrganisationId = said("维护责任主体", "Responsible body")
    document: DocumentId | None = said("文件", "Document", default=None)


class HandOver(Appoint):
    end: AwareDatetime | None = said(
        "原主体结束时间（空：交接时）", "End of the one before (empty: then)", default=None
    )


class Decide(Data):
    unit: OrganisationId | None = said("维护责任主体", "Responsible body", default=None)
    contact: Line = said("联系方式", "Contact", default="")
    document: DocumentId | None = said("决定文件", "Decision", default=None)


async def begin(step: Step, wish: ResponsibilityOpening) -> Responsibility:
    """One record for each system."""
    system = await system_about(step)
    if await record_of(step.session, system.record.id) is not None:
        raise AlreadyOpen("the system has its record of who answers for it; go on with that one")
    step.record.division = system.record.division
    return Responsibility(**{name: getattr(wish, name) for name in Holding.model_fields})


async def describe(step: Step, data: Responsibility, wish: Holding) -> Responsibility:
    return data.model_copy(update=dict(wish))


async def propose(step: Step, data: Responsibility, wish: Propose) -> Responsibility:
    """What is proposed anew has to be signed anew."""
    return data.model_copy(update={"agreement": Agreement(body=wish.body, document=wish.document)})


async def sign(step: Step, data: Responsibility, wish: Data) -> Responsibility:
    """For the organisation that the person acts for; it counts if that is owner or user."""
    consistent(data.agreement is not None, "there is no agreement to sign")
    consistent(step.actor.organisation in {data.owner, data.user} - {None}, "you act for neither of the two")
    assert data.agreement is not None
    assert step.actor.organisation is not None
    signed = (*data.agreement.signed_by, step.actor.organisation)
    agreement = data.agreement.model_copy(update={"signed_by": tuple(dict.fromkeys(signed))})
    return data.model_copy(update={"agreement": agreement})


async def may_be_concluded(step: Step, data: Responsibility) -> Grant | Refusal:
    return owners.may_agree(step.law, holding_of(data))


async def derive(step: Step, data: Responsibility, wish: Take) -> Responsibility:
    """Who answers: by the agreement signed by both, else by law; under the decree the operator (C11)."""
    shown = await answering(step, data)
    consistent(unit_by_law(shown) is not None, "by law nobody answers: have the government decide")
    unit = unit_by_law(shown)
    assert unit is not None
    document = data.agreement.document if data.agreement is not None else None
    period = Period(
        unit=unit,
        contact=wish.contact,
        start=wish.start or step.now,
        basis=shown[-1].standing,
        document=document,
    )
    return await taken(step, data.model_copy(update={"answering": shown}), period)


async def find_unclear(step: Step, data: Responsibility, wish: Data) -> Responsibility:
    """It goes to the government of the same level, which owes a decision from now on (R23.2)."""
    shown = await answering(step, data)
    consistent(unit_by_law(shown) is None, "by law somebody answers: have it derived")
    if step.law.binds(UNCLEAR):
        await step.owe(Obligation(UNCLEAR, step.subject, government_of(step.record), step.now, None))
    return data.model_copy(update={"answering": shown, "unclear_since": step.now})


async def decide(step: Step, data: Responsibility, wish: Decide) -> Responsibility:
    """Art. 23: by the government of the system's own level and area, in writing."""
    acting = step.acting
    ruling = upkeep.Ruling(
        by_government=step.body in GOVERNMENTS,
        area=area_of(acting) if acting is not None else "",
        unit=str(wish.unit or ""),
        document=str(wish.document or ""),
    )
    step.require(upkeep.may_settle(step.law, area_of(step.record), ruling))
    assert wish.unit is not None
    await step.meet(UNCLEAR)
    period = Period(
        unit=wish.unit, contact=wish.contact, start=step.now, basis="decision", document=wish.document
    )
    return await taken(step, data.model_copy(update={"unclear_since": None}), period)


async def appoint(step: Step, data: Responsibility, wish: Appoint) -> Responsibility:
    """By the body that builds there anyway (art. 10¶1)."""
    start = wish.start or step.now
    period = Period(
        unit=wish.unit, contact=wish.contact, start=start, basis="appointed", document=wish.document
    )
    return await taken(step, data, period)


async def hand_over(step: Step, data: Responsibility, wish: HandOver) -> Responsibility:
    """The old one until T, the new one from T; a gap or an overlap is refused (R23.1)."""
    start = wish.start or step.now
    last = data.periods[-1].model_copy(update={"end": wish.end or start})
    before = data.model_copy(update={"periods": (*data.periods[:-1], last)})
    period = Period(
        unit=wish.unit, contact=wish.contact, start=start, basis="handover", document=wish.document
    )
    return await taken(step, before, period)


# --- inside


async def taken(step: Step, data: Responsibility, period: Period) -> Responsibility:
    """With this period behind the others, if the law lets it: one body at every moment, with a contact.

    It is judged from when somebody first answered: that nobody did before is owed and reported, not cured.
    """
    periods = (*data.periods, period)
    starts = [one.start for one in periods]
    until = max(step.now, *starts)
    step.require(upkeep.has_one_responsible_body(step.law, facts_of(periods), min(starts), until))
    await step.meet("R23.1", step.record.subject)
    return data.model_copy(update={"periods": periods})


async def answering(step: Step, data: Responsibility) -> tuple[Answers, ...]:
    """Who answers by law, each with the duty; raises UsageError where government builds."""
    consistent(
        not (await system_about(step)).is_government_built, "government builds there: appoint the body"
    )
    found = owners.responsible(step.law, Place(data.place_kind, is_public=True), holding_of(data))
    return tuple(
        Answers(standing=one.standing, unit=UUID(one.name) if one.name else None, code=one.code)
        for one in found
    )


def unit_by_law(shown: Sequence[Answers]) -> UUID | None:
    """Of several the operator, who answers under the decree (C11); it stands last. None: unclear."""
    return shown[-1].unit if shown else None


def holding_of(data: Responsibility) -> owners.Holding:
    """Organisations are told by their id."""
    own = data.agreement
    agreement = None
    if own is not None:
        agreement = owners.Agreement(str(own.body or ""), frozenset(map(str, own.signed_by)))
    return owners.Holding(
        str(data.owner or ""),
        str(data.user or ""),
        str(data.manager or ""),
        str(data.operator or ""),
        data.is_state_owned,
        agreement,
    )


def government_of(record: RecordRow) -> UUID:
    """Of the same level: the district's, or the city's."""
    division = record.division
    return body_id("district_government", division) if division else body_id("city_government")


KEEPERS = frozenset({Role.REGISTRAR, Role.CITY_DATA_AUTHORITY, Role.BUILDER})
DECIDERS = frozenset({Role.GOVERNMENT, Role.DEPARTMENT_USER, Role.CITY_DATA_AUTHORITY})
RESPONSIBILITY = Kind(
    name=KIND,
    path="responsibilities",
    words=Words("维护责任主体", "responsible body"),
    order="R23.1",
    prefix="ZR",
    data=Responsibility,
    states={
        "open": Words("待确定", "to be settled"),
        "unclear": Words("不明确", "unclear"),
        "settled": Words("已明确", "settled"),
    },
    opening=ResponsibilityOpening,
    openers=KEEPERS,
    readers=KEEPERS
    | DECIDERS
    | {Role.PUBLIC_SECURITY, Role.WORKGROUP_OFFICE, Role.INSPECTOR, Role.MAINTAINER, Role.AUDITOR},
    open=begin,
    subject="record:system",
    moves=(
        Move(
            "describe",
            Words("登记权属", "say whose it is"),
            ("open", "unclear"),
            STAYS,
            KEEPERS,
            describe,
            Holding,
        ),
        Move(
            "propose",
            Words("起草约定", "propose an agreement"),
            ("open", "settled"),
            STAYS,
            KEEPERS,
            propose,
            Propose,
        ),
        Move("sign", Words("签字", "sign"), ("open", "settled"), STAYS, KEEPERS | DECIDERS, sign),
        Move(
            "conclude",
            Words("约定生效", "put the agreement into effect"),
            ("open",),
            "settled",
            KEEPERS,
            derive,
            Take,
            check=may_be_concluded,
        ),
        Move("derive", Words("依法推定", "derive by law"), ("open",), "settled", KEEPERS, derive, Take),
        Move("appoint", Words("指定", "appoint"), ("open",), "settled", KEEPERS, appoint, Appoint),
        Move(
            "find_unclear",
            Words("报政府决定", "ask the government"),
            ("open",),
            "unclear",
            KEEPERS,
            find_unclear,
        ),
        Move("decide", Words("决定", "decide"), ("unclear",), "settled", DECIDERS, decide, Decide),
        Move("hand_over", Words("交接", "hand over"), ("settled",), STAYS, KEEPERS, hand_over, HandOver),
    ),
)
