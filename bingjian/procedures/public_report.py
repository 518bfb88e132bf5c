"""Reports from the public of unlawful cameras (Decree 799 arts. 24, 25): taken, looked at, answered.

Who reports need not say who they are. What public security does with a report is in its history and in the
journal, with a reason.
"""

from datetime import datetime

from bingjian.access.decisions import Role
from bingjian.procedures.fields import Papers, When
from bingjian.procedures.kinds import Code, Data, Kind, Line, Move, Opening, Text, said
from bingjian.procedures.step import Step
from bingjian.procedures.supervision import require_territory
from bingjian.rules.decision import consistent
from bingjian.rules.decisions import supervision
from bingjian.rules.edition import Words


class PublicReport(Data):
    kind: str = said("举报情形", "What is unlawful")
    place: Text = said("地点", "Where")
    description: Text = said("情况", "What is reported", default="")
    contact: Line = said("举报人联系方式（可不填）", "How to reach who reports (may be empty)", default="")
    received: datetime = said("受理时间", "Received")
    is_unlawful: bool | None = said("查实", "Found unlawful", default=None)
    findings: Text = said("核查情况", "What was found", default="")
    documents: Papers = said("证明材料", "Evidence", default=())
    answer: Text = said("答复", "Answer", default="")
    reasons: tuple[str, ...] = said("办理事由", "Reasons of each step", default=())


class PublicReportOpening(Opening):
    kind: Code = said("举报情形", "What is unlawful")
    place: Text = said("地点", "Where")
    description: Text = said("情况", "What is reported", default="")
    contact: Line = said("举报人联系方式（可不填）", "How to reach who reports (may be empty)", default="")
    received: When | None = said("收到时间（空：现在）", "Received (empty: now)", default=None)


class LookInto(Data):
    is_unlawful: bool = said("查实", "Found unlawful")
    findings: Text = said("核查情况", "What was found", min_length=1)
    documents: Papers = said("证明材料", "Evidence", default=())
    reason: Text = said("办理事由", "Reason", default="")


class Settle(Data):
    answer: Text = said("答复", "Answer", min_length=1)
    reason: Text = said("办理事由", "Reason", default="")


async def take(step: Step, wish: PublicReportOpening) -> PublicReport:
    require_territory(step, step.record.division)
    received = wish.received or step.now
    consistent(received <= step.now, "received in the future")
    receiver = str(step.actor.id) if Role.PUBLIC_SECURITY in step.actor.roles else ""
    report = supervision.Report(wish.kind, wish.place, received, receiver)
    step.require(supervision.may_take_report(step.book.whole, report))
    return PublicReport(
        kind=wish.kind,
        place=wish.place,
        description=wish.description,
        contact=wish.contact,
        received=received,
    )


async def look_into(step: Step, data: PublicReport, wish: LookInto) -> PublicReport:
    require_reason(step, wish.reason)
    found = wish.model_dump(exclude={"reason"})
    return data.model_copy(update={**found, "reasons": (*data.reasons, wish.reason)})


async def settle(step: Step, data: PublicReport, wish: Settle) -> PublicReport:
    require_reason(step, wish.reason)
    return data.model_copy(update={"answer": wish.answer, "reasons": (*data.reasons, wish.reason)})


def require_reason(step: Step, reason: str) -> None:
    """Decree 799 art. 25: the act is journaled under this record, with its reason. Raises Refused."""
    is_police = Role.PUBLIC_SECURITY in step.actor.roles
    answer = supervision.is_police_act_recorded(step.book.whole, is_police, str(step.record.id), reason)
    step.require(answer)


POLICE = frozenset({Role.PUBLIC_SECURITY})
PUBLIC_REPORT = Kind(
    name="public_report",
    path="public-reports",
    words=Words("群众举报", "report from the public"),
    order="N24",
    prefix="JB",
    data=PublicReport,
    states={
        "received": Words("已受理", "received"),
        "looked_into": Words("已核查", "looked into"),
        "settled": Words("已答复", "answered"),
    },
    opening=PublicReportOpening,
    openers=POLICE,
    readers=POLICE | {Role.INSPECTOR, Role.AUDITOR},
    open=take,
    moves=(
        Move(
            "look_into",
            Words("核查", "look into it"),
            ("received",),
            "looked_into",
            POLICE,
            look_into,
            LookInto,
        ),
        Move("settle", Words("答复", "answer"), ("looked_into",), "settled", POLICE, settle, Settle),
    ),
)
