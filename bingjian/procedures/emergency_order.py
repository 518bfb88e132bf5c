"""Emergency orders (art. 13¶1): public security requires a connection or the footage, for a time that ends.

The order is opened only if it is one: by public security, for an event, with systems, contact and end. Each
system's owner owes it, whatever the others did, until a picture of that system has come over its link, or
footage of it that verifies was handed over and entered in the register. The order is met when all have.
"""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from bingjian.access.decisions import SUPERVISORS, Role
from bingjian.duties.models import Obligation, Subject
from bingjian.procedures.errors import RefersToNothing
from bingjian.procedures.kinds import (
    STAYS,
    Data,
    DocumentId,
    Kind,
    Line,
    Move,
    Opening,
    OrganisationId,
    Ref,
    Text,
    said,
)
from bingjian.procedures.models import RecordRow
from bingjian.procedures.service import OWN_ONLY
from bingjian.procedures.step import Step
from bingjian.rules.decision import Grant, Refusal, consistent
from bingjian.rules.decisions import emergency
from bingjian.rules.edition import Words

ORDER, MET = "R13.3", "R13.5"
SystemId = Annotated[UUID, Ref("record:system")]
SYSTEMS_MOST, TITLE_MOST = 200, 200
WAYS = {
    emergency.MetBy.LINK.value: ("接入", "the link"),
    emergency.MetBy.DELIVERY.value: ("交付资料", "a delivery"),
}
DONE = ("first_picture", "seconds", "handed")  # of a whole order, as older records have it


class Handed(Data):
    """Footage handed over in place of a connection."""

    package: Line = said("资料包编号", "Package", min_length=1)
    document: DocumentId | None = said("交接材料", "Paper of the hand-over", default=None)
    register_entry: Line = said("登记编号", "Register entry", default="")
    at: datetime | None = said("交付时间", "Handed over", default=None)
    is_verified: bool | None = said("校验通过", "It verifies", default=None)


class Answer(Data):
    """What one system has done to meet the order."""

    system: SystemId = said("系统", "System")
    owner: OrganisationId | None = said("应履行单位", "Who owes it", default=None)
    met_by: str = said("履行方式（空：尚未履行）", "Met by (empty: still owed)", choices=WAYS, default="")
    first_picture: datetime | None = said("首帧图像时间", "First picture", default=None)
    seconds: float | None = said("首帧用时（秒）", "Seconds to the first picture", default=None)
    handed: tuple[Handed, ...] = said("交付资料", "Handed over", default=())


class EmergencyOrder(Data):
    issuer: str = said("发出单位", "Issued by", of="emergency_issuer,department")
    event: Line = said("突发事件编号", "Emergency")
    systems: tuple[SystemId, ...] = said("接入的系统", "Systems")
    start: datetime = said("开始时间", "From")
    end: datetime = said("结束时间", "Until, and not at")
    contact: Line = said("联系人", "Contact")
    answers: tuple[Answer, ...] = said("各系统履行情况", "What each system has done")
    ended: datetime | None = said("提前结束时间", "Ended early", default=None)
    why_ended: Text = said("结束原因", "Why it ended", default="")

    @model_validator(mode="before")
    @classmethod
    def _said_once_of_all(cls, values: dict[str, Any]) -> dict[str, Any]:
        """An older record says once what was done: so it was settled, for all of its systems together."""
        if "answers" in values:
            return values
        done = {name: values[name] for name in DONE if name in values}
        picture, handed = done.get("first_picture"), done.get("handed") or ()
        way = emergency.met_by(picture, delivered(tuple(map(Handed.model_validate, handed))))
        answers = [{"system": system, "met_by": way or "", **done} for system in values["systems"]]
        return {name: value for name, value in values.items() if name not in DONE} | {"answers": answers}


class EmergencyOpening(Opening):
    event: Line = said("突发事件编号", "Emergency", default="")
    systems: Annotated[tuple[SystemId, ...], Field(max_length=SYSTEMS_MOST)] = said(
        "接入的系统", "Systems", default=()
    )
    start: AwareDatetime | None = said("开始时间（空：立即）", "From (empty: at once)", default=None)
    end: AwareDatetime | None = said("结束时间", "Until, and not at", default=None)
    contact: Line = said("联系人", "Contact", default="")


class Connected(Data):
    system: SystemId = said("系统", "System")
    first_picture: AwareDatetime = said("首帧图像时间", "First picture")


class HandOver(Data):
    system: SystemId = said("系统", "System")
    package: Line = said("资料包编号", "Package", min_length=1)
    document: DocumentId | None = said("交接材料", "Paper of the hand-over", default=None)
    register_entry: Line = said("登记编号", "Register entry", default="")


class Verify(Data):
    system: SystemId = said("系统", "System")
    is_verified: bool = said("校验通过", "It verifies")


class End(Data):
    reason: Text = said("结束原因", "Why it ends", min_length=1)


async def begin(step: Step, wish: EmergencyOpening) -> EmergencyOrder:
    """Refused unless it is an order; then each system's owner owes it."""
    start = wish.start or step.now
    order = emergency.Order(
        step.body, wish.event, frozenset(map(str, wish.systems)), start, wish.end, wish.contact
    )
    step.require(emergency.may_order(step.law, order))
    consistent(wish.end is not None and wish.end > step.now, "it would have ended already")
    systems = tuple(dict.fromkeys(wish.systems))
    rows = [await step.get("system", system) for system in systems]
    if len({row.organisation for row in rows}) == 1:
        step.record.organisation = rows[0].organisation  # one owner sees it as theirs
    for row in rows:
        about = titled(step.subject, row)
        await step.owe(Obligation(MET, about, row.organisation, step.now, None, str(row.id)))
    answers = tuple(Answer(system=row.id, owner=row.organisation) for row in rows)
    told = wish.model_dump(include={"event", "contact", "end"})
    return EmergencyOrder(issuer=step.body, systems=systems, start=start, answers=answers, **told)


def titled(order: Subject, system: RecordRow) -> Subject:
    """The order, called by the system too: one owner may owe it of several."""
    name = f" · {system.number}"
    return replace(order, title=order.title[: TITLE_MOST - len(name)] + name)


async def is_running(step: Step, data: EmergencyOrder) -> Grant | Refusal:
    """While it runs, and for no system but those it names: asked of the first, for it names at least one."""
    order = order_of(data)
    return emergency.may_use_link(
        step.law, order, next(iter(order.systems)), carries_media=True, now=step.now
    )


async def connect(step: Step, data: EmergencyOrder, wish: Connected) -> EmergencyOrder:
    """The first picture of a system has come: how long it took is reported."""
    step.require(
        emergency.may_use_link(step.law, order_of(data), str(wish.system), carries_media=True, now=step.now)
    )
    consistent(wish.first_picture <= step.now, "a picture of a time to come")
    seconds = emergency.seconds_to_first_picture(data.start, wish.first_picture)
    answer = owed_of(step, data, wish.system)
    return await answered(
        step, data, answer.model_copy(update={"first_picture": wish.first_picture, "seconds": seconds})
    )


async def hand_over(step: Step, data: EmergencyOrder, wish: HandOver) -> EmergencyOrder:
    """Footage of a system: an owner's own people hand over what is theirs. Raises RefersToNothing."""
    answer = owed_of(step, data, wish.system)
    owner = answer.owner or step.record.organisation
    if step.actor.roles & OWNERS <= OWN_ONLY and owner != step.actor.organisation:
        raise RefersToNothing("system", "system")
    one = Handed(**wish.model_dump(exclude={"system"}), at=step.now)
    return await answered(step, data, answer.model_copy(update={"handed": (*answer.handed, one)}))


async def verify(step: Step, data: EmergencyOrder, wish: Verify) -> EmergencyOrder:
    """Of what was handed over last. What does not verify, or is in no register, leaves its system owing."""
    answer = owed_of(step, data, wish.system)
    consistent(bool(answer.handed), "nothing was handed over")
    last = answer.handed[-1].model_copy(update={"is_verified": wish.is_verified})
    return await answered(step, data, answer.model_copy(update={"handed": (*answer.handed[:-1], last)}))


def owed_of(step: Step, data: EmergencyOrder, system: UUID) -> Answer:
    """What a system that still owes it has done so far. Raises Refused, UsageError."""
    step.require(emergency.is_named(step.law, order_of(data), str(system)))
    answer = next(one for one in data.answers if one.system == system)
    consistent(not answer.met_by, "this system has met the order")
    return answer


async def answered(step: Step, data: EmergencyOrder, answer: Answer) -> EmergencyOrder:
    """With what a system has done now; what has met the order is owed no longer, of this system alone."""
    picture, delivery = answer.first_picture, delivered(answer.handed)
    is_met = isinstance(emergency.is_order_met(step.law, picture, delivery), Grant)
    if is_met and (way := emergency.met_by(picture, delivery)) is not None:
        answer = answer.model_copy(update={"met_by": way.value})
        await step.meet(MET, key=str(answer.system))
    answers = (answer if one.system == answer.system else one for one in data.answers)
    return data.model_copy(update={"answers": tuple(answers)})


async def end(step: Step, data: EmergencyOrder, wish: End) -> EmergencyOrder:
    """Public security ends it before its time; what was not met is owed no longer."""
    await step.drop(MET)
    return data.model_copy(update={"ended": step.now, "why_ended": wish.reason})


def order_of(data: EmergencyOrder) -> emergency.Order:
    systems = frozenset(map(str, data.systems))
    return emergency.Order(data.issuer, data.event, systems, data.start, data.end, data.contact)


def delivered(handed: tuple[Handed, ...]) -> emergency.Delivery | None:
    """What was handed over last."""
    if not handed:
        return None
    last = handed[-1]
    return emergency.Delivery(last.package, bool(last.is_verified), last.register_entry)


def met_or_open(data: EmergencyOrder) -> str:
    ways = {str(one.system): emergency.MetBy(one.met_by) if one.met_by else None for one in data.answers}
    return "open" if emergency.still_owing(ways) else "met"


POLICE = frozenset({Role.PUBLIC_SECURITY})
# Others may ask and are refused by the article: no other body issues such an order.
ASKING = POLICE | {Role.DEPARTMENT_USER, Role.CITY_DATA_AUTHORITY, Role.GOVERNMENT}
OWNERS = frozenset({Role.BUILDER, Role.CUSTODIAN, Role.REGISTRAR})
OPEN = ("open",)
EMERGENCY_ORDER = Kind(
    name="emergency_order",
    path="emergency-orders",
    words=Words("应急接入指令", "emergency order"),
    order=ORDER,
    prefix="YJ",
    data=EmergencyOrder,
    states={
        "open": Words("待履行", "to be met"),
        "met": Words("已履行", "met"),
        "ended": Words("已提前结束", "ended early"),
    },
    opening=EmergencyOpening,
    openers=ASKING,
    readers=ASKING | OWNERS | SUPERVISORS | {Role.AUDITOR},
    other_party="owner",  # of each answer
    open=begin,
    moves=(
        Move(
            "connect",
            Words("登记首帧图像", "record the first picture"),
            OPEN,
            "met",
            POLICE,
            connect,
            Connected,
            is_running,
            leads=met_or_open,
        ),
        Move("hand_over", Words("交付资料", "hand footage over"), OPEN, STAYS, OWNERS, hand_over, HandOver),
        Move(
            "verify",
            Words("校验资料", "verify the footage"),
            OPEN,
            "met",
            POLICE,
            verify,
            Verify,
            leads=met_or_open,
        ),
        Move("end", Words("提前结束", "end it early"), ("open", "met"), "ended", POLICE, end, End),
    ),
)
