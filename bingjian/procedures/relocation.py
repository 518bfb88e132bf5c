"""Moving, removing or turning what art. 8 protects (art. 19): a notice 30 days before, with what covers the
area afterwards; acknowledged, not approved; coverage restored within 24 h, shown and not claimed.
"""

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime

from bingjian.access.decisions import Role
from bingjian.duties.models import Obligation
from bingjian.inventory.organisations import body_id
from bingjian.procedures.kinds import STAYS, Data, Kind, Move, Opening, Text, said
from bingjian.procedures.relocation_facts import (
    KIND,
    LossData,
    NoticeData,
    ProofData,
    Relocation,
    protected_by,
)
from bingjian.procedures.step import Step
from bingjian.rules.civil import TICK, end_after_hours
from bingjian.rules.decision import Grant, Refusal, consistent
from bingjian.rules.decisions import moving, restoring
from bingjian.rules.edition import Words

RESTORE, OBJECTION = "R19.8", "R19.1"


class NoticeOpening(Opening, NoticeData):
    pass


class Receive(Data):
    received: AwareDatetime | None = said("收到时间（空：现在）", "Received at (empty: now)", default=None)


class Object(Data):
    objection: Text = said("异议", "Objection", min_length=1)


async def begin(step: Step, wish: NoticeOpening) -> Relocation:
    found = await protected_by(step)
    step.record.division = found.division
    return Relocation(**{name: getattr(wish, name) for name in NoticeData.model_fields})


async def revise(step: Step, data: Relocation, wish: NoticeData) -> Relocation:
    return data.model_copy(update=dict(wish))


async def may_be_sent(step: Step, data: Relocation) -> Grant | Refusal:
    """Art. 19¶2, as if the managing unit received it now: sooner it cannot."""
    return await judged(step, data, data.receiver, step.now)


async def send(step: Step, data: Relocation, wish: Data) -> Relocation:
    return data.model_copy(update={"sent_at": step.now})


async def receive(step: Step, data: Relocation, wish: Receive) -> Relocation:
    """The 30 days run from here. By the managing unit of that camera and nobody else."""
    at = wish.received or step.now
    consistent(data.sent_at is not None and data.sent_at <= at <= step.now, "received before sent, or later")
    await require_managing_unit(step, data, at)
    return data.model_copy(update={"received_at": at})


async def may_be_acknowledged(step: Step, data: Relocation) -> Grant | Refusal:
    assert data.received_at is not None
    return await judged(step, data, step.actor.organisation, data.received_at)


async def acknowledge(step: Step, data: Relocation, wish: Data) -> Relocation:
    return data.model_copy(update={"acknowledged_at": step.now})


async def object_to(step: Step, data: Relocation, wish: Object) -> Relocation:
    """Recorded, and reported to the work group's office; no bar."""
    assert data.received_at is not None
    await require_managing_unit(step, data, data.received_at)
    if step.law.binds(OBJECTION):
        office = body_id("workgroup_office")
        await step.owe(Obligation(OBJECTION, step.subject, office, step.now, None, "objection"))
    return data.model_copy(update={"objection": wish.objection})


async def note_objection(step: Step, data: Relocation, wish: Data) -> Relocation:
    await step.meet(OBJECTION, key="objection")
    return data


async def may_begin(step: Step, data: Relocation) -> Grant | Refusal:
    """Art. 19: not before the planned day."""
    assert data.received_at is not None
    camera, receiver = await named_units(step, data.receiver)
    return moving.may_move(step.law, camera, data.notice(receiver, data.received_at), step.now)


async def start(step: Step, data: Relocation, wish: Data) -> Relocation:
    return data.model_copy(update={"started_at": step.now})


async def lose(step: Step, data: Relocation, wish: LossData) -> Relocation:
    """From the first loss of coverage the hours run for the unit that does the works."""
    consistent(wish.reported <= step.now, "lost in the future")
    began = wish.loss.began
    if step.law.binds(RESTORE):
        limit = restoring.limit_of(step.law, is_planned_move=True, is_damage=False)
        due = end_after_hours(began, limit.value) + TICK
        await step.owe(Obligation(RESTORE, step.subject, step.record.organisation, began, due))
    return data.model_copy(update={"loss": wish})


async def restore(step: Step, data: Relocation, wish: ProofData) -> Relocation:
    """Cells and a picture say so, nobody's word (R19.8). A late one is accepted and the breach kept."""
    assert data.loss is not None
    limit = restoring.limit_of(step.law, is_planned_move=True, is_damage=False)
    owed = frozenset(range(data.loss.cells))
    proof = restoring.Proof(owed, frozenset(wish.covered), wish.picture is not None, None)
    step.require(restoring.may_claim(step.law, limit, proof))
    unit = step.acting.name if step.acting is not None else ""
    in_time = restoring.is_restored_in_time(step.law, data.loss.loss, limit, unit, step.now, step.now)
    await step.meet(RESTORE)
    told = in_time.reason if isinstance(in_time, Refusal) else Words("", "")
    return data.model_copy(
        update={"proof": wish, "restored_at": step.now, "breach_zh": told.zh, "breach_en": told.en}
    )


async def call_back(step: Step, data: Relocation, wish: Data) -> Relocation:
    """To be changed; received again it is a new notice, and its days begin anew."""
    return data.model_copy(update={"sent_at": None, "received_at": None})


async def withdraw(step: Step, data: Relocation, wish: Data) -> Relocation:
    await step.drop()
    return data


async def keep(step: Step, data: Relocation, wish: Data) -> Relocation:
    return data


# --- who is the managing unit


async def judged(step: Step, data: Relocation, receiver: UUID | None, received: datetime) -> Grant | Refusal:
    """The notice as a whole: reason, time, plan, receiver."""
    camera, name = await named_units(step, receiver)
    return moving.is_notice_valid(step.law, camera, data.notice(name, received))


async def require_managing_unit(step: Step, data: Relocation, received: datetime) -> None:
    """Only the managing unit acts on a notice; refused by R19.7 like one that was sent elsewhere."""
    camera, name = await named_units(step, step.actor.organisation)
    step.require(moving.is_plan_good(step.law, camera, data.notice(name, received)))


async def named_units(step: Step, receiver: UUID | None) -> tuple[moving.Camera, str]:
    """The camera with its managing unit, and the receiver, by their names; others of one name by their id."""
    found = await protected_by(step)
    unit, other = await step.organisation(found.managing_unit), await step.organisation(receiver)
    name, told = unit.name if unit else "", other.name if other else ""
    if name == told and found.managing_unit != receiver:
        told = str(receiver)
    return found.camera(name), told


SENDERS = frozenset(
    {Role.BUILDER, Role.CONSTRUCTION_UNIT, Role.MAINTAINER, Role.DEPARTMENT_USER, Role.REGISTRAR}
)
UNITS = frozenset({Role.REGISTRAR, Role.PUBLIC_SECURITY, Role.DEPARTMENT_USER, Role.CITY_DATA_AUTHORITY})
OFFICE = frozenset({Role.WORKGROUP_OFFICE})
RELOCATION = Kind(
    name=KIND,
    path="relocations",
    words=Words("迁改报备", "notice of moving"),
    order="R19.1",
    prefix="QG",
    data=Relocation,
    states={
        "drafted": Words("起草中", "being drafted"),
        "sent": Words("已报送", "sent"),
        "received": Words("管理单位已收到", "received"),
        "acknowledged": Words("已确认", "acknowledged"),
        "started": Words("施工中", "works began"),
        "lost": Words("覆盖中断", "coverage lost"),
        "restored": Words("已恢复", "restored"),
        "finished": Words("已办结", "finished"),
        "withdrawn": Words("已撤回", "withdrawn"),
    },
    opening=NoticeOpening,
    openers=SENDERS,
    readers=SENDERS | UNITS | OFFICE | {Role.INSPECTOR},
    open=begin,
    subject="camera_or_system",
    moves=(
        Move("revise", Words("修改", "revise"), ("drafted",), STAYS, SENDERS, revise, NoticeData),
        Move("send", Words("报送", "send"), ("drafted",), "sent", SENDERS, send, check=may_be_sent),
        Move(
            "call_back",
            Words("收回修改", "call back"),
            ("sent", "received"),
            "drafted",
            SENDERS,
            call_back,
        ),
        Move("receive", Words("签收", "receive"), ("sent",), "received", UNITS, receive, Receive),
        Move(
            "acknowledge",
            Words("确认", "acknowledge"),
            ("received",),
            "acknowledged",
            UNITS,
            acknowledge,
            check=may_be_acknowledged,
        ),
        Move(
            "object",
            Words("提出异议", "object"),
            ("received", "acknowledged"),
            STAYS,
            UNITS,
            object_to,
            Object,
        ),
        Move(
            "note_objection",
            Words("知悉异议", "take note of the objection"),
            (),
            STAYS,
            OFFICE,
            note_objection,
        ),
        Move("start", Words("开工", "begin"), ("acknowledged",), "started", SENDERS, start, check=may_begin),
        Move("lose", Words("报告覆盖中断", "report the loss"), ("started",), "lost", SENDERS, lose, LossData),
        Move(
            "restore",
            Words("申报恢复", "claim restoration"),
            ("lost",),
            "restored",
            SENDERS,
            restore,
            ProofData,
        ),
        Move("finish", Words("办结", "finish"), ("started", "restored"), "finished", SENDERS, keep),
        Move(
            "withdraw",
            Words("撤回", "withdraw"),
            ("drafted", "sent", "received", "acknowledged"),
            "withdrawn",
            SENDERS,
            withdraw,
        ),
    ),
)
