"""Emergency orders (art. 13¶1): public security requires a connection or the footage, for a time that ends.

The order is opened only if it is one: by public security, for an event, with systems, contact and end. Each
system's owner owes it until a picture has come over the link, or footage that verifies was handed over and
entered in the register.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from bingjian.access.decisions import SUPERVISORS, Role
from bingjian.duties.models import Obligation
from bingjian.procedures.kinds import STAYS, Data, DocumentId, Kind, Line, Move, Opening, Ref, Text, said
from bingjian.procedures.step import Step
from bingjian.rules.decision import Grant, Refusal, consistent
from bingjian.rules.decisions import emergency
from bingjian.rules.edition import Words

ORDER, MET = "R13.3", "R13.5"
SystemId = Annotated[UUID, Ref("record:system")]
SYSTEMS_MOST = 200


class Handed(Data):
    """Footage handed over in place of a connection."""

    package: Line = said("资料包编号", "Package", min_length=1)
    document: DocumentId | None = said("交接材料", "Paper of the hand-over", default=None)
    register_entry: Line = said("登记编号", "Register entry", default="")
    at: datetime | None = said("交付时间", "Handed over", default=None)
    is_verified: bool | None = said("校验通过", "It verifies", default=None)


class EmergencyOrder(Data):
    issuer: str = said("发出单位", "Issued by", of="emergency_issuer,department")
    event: Line = said("突发事件编号", "Emergency")
    systems: tuple[SystemId, ...] = said("接入的系统", "Systems")
    start: datetime = said("开始时间", "From")
    end: datetime = said("结束时间", "Until, and not at")
    contact: Line = said("联系人", "Contact")
    first_picture: datetime | None = said("首帧图像时间", "First picture", default=None)
    seconds: float | None = said("首帧用时（秒）", "Seconds to the first picture", default=None)
    handed: tuple[Handed, ...] = said("交付资料", "Handed over", default=())
    ended: datetime | None = said("提前结束时间", "Ended early", default=None)
    why_ended: Text = said("结束原因", "Why it ended", default="")


class EmergencyOpening(Opening):
    event: Line = said("突发事件编号", "Emergency", default="")
    systems: Annotated[tuple[SystemId, ...], Field(max_length=SYSTEMS_MOST)] = said(
        "接入的系统", "Systems", default=()
    )
    start: AwareDatetime | None = said("开始时间（空：立即）", "From (empty: at once)", default=None)
    end: AwareDatetime | None = said("结束时间", "Until, and not at", default=None)
    contact: Line = said("联系人", "Contact", default="")


class Connected(Data):
    first_picture: AwareDatetime = said("首帧图像时间", "First picture")


class HandOver(Data):
    package: Line = said("资料包编号", "Package", min_length=1)
    document: DocumentId | None = said("交接材料", "Paper of the hand-over", default=None)
    register_entry: Line = said("登记编号", "Register entry", default="")


class Verify(Data):
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
    owners = [(await step.get("system", system)).organisation for system in systems]
    if len(set(owners)) == 1:
        step.record.organisation = owners[0]  # one owner sees it as theirs
    for system, owner in zip(systems, owners, strict=True):
        await step.owe(Obligation(MET, step.subject, owner, step.now, None, str(system)))
    told = wish.model_dump(include={"event", "contact", "end"})
    return EmergencyOrder(issuer=step.body, systems=systems, start=start, **told)


async def is_running(step: Step, data: EmergencyOrder) -> Grant | Refusal:
    """While it runs, and for no system but those it names: asked of the first, for it names at least one."""
    order = order_of(data)
    return emergency.may_use_link(
        step.law, order, next(iter(order.systems)), carries_media=True, now=step.now
    )


async def connect(step: Step, data: EmergencyOrder, wish: Connected) -> EmergencyOrder:
    """The first picture has come: how long it took is reported."""
    consistent(wish.first_picture <= step.now, "a picture of a time to come")
    seconds = emergency.seconds_to_first_picture(data.start, wish.first_picture)
    await settle(step, data)
    return data.model_copy(update={"first_picture": wish.first_picture, "seconds": seconds})


async def hand_over(step: Step, data: EmergencyOrder, wish: HandOver) -> EmergencyOrder:
    one = Handed(**wish.model_dump(), at=step.now)
    return data.model_copy(update={"handed": (*data.handed, one)})


async def verify(step: Step, data: EmergencyOrder, wish: Verify) -> EmergencyOrder:
    """Of what was handed over last. What does not verify, or is in no register, leaves the order open."""
    consistent(bool(data.handed), "nothing was handed over")
    last = data.handed[-1].model_copy(update={"is_verified": wish.is_verified})
    after = data.model_copy(update={"handed": (*data.handed[:-1], last)})
    if isinstance(emergency.is_order_met(step.law, after.first_picture, delivered(after)), Grant):
        await settle(step, after)
    return after


async def end(step: Step, data: EmergencyOrder, wish: End) -> EmergencyOrder:
    """Public security ends it before its time; what was not met is owed no longer."""
    await step.drop(MET)
    return data.model_copy(update={"ended": step.now, "why_ended": wish.reason})


async def settle(step: Step, data: EmergencyOrder) -> None:
    for system in data.systems:
        await step.meet(MET, key=str(system))


def order_of(data: EmergencyOrder) -> emergency.Order:
    systems = frozenset(map(str, data.systems))
    return emergency.Order(data.issuer, data.event, systems, data.start, data.end, data.contact)


def delivered(data: EmergencyOrder) -> emergency.Delivery | None:
    """What was handed over last."""
    if not data.handed:
        return None
    last = data.handed[-1]
    return emergency.Delivery(last.package, bool(last.is_verified), last.register_entry)


def met_or_open(data: EmergencyOrder) -> str:
    return "met" if emergency.met_by(data.first_picture, delivered(data)) is not None else "open"


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
