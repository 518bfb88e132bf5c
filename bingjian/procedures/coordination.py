"""The standing coordination body of the city or of a district (art. 5¶1): members, meetings, decisions."""

from typing import Annotated

from pydantic import Field

from bingjian.access.decisions import SUPERVISORS, Role
from bingjian.procedures.fields import Papers, When
from bingjian.procedures.kinds import (
    STAYS,
    Data,
    DocumentId,
    Kind,
    Line,
    Move,
    Opening,
    OrganisationId,
    Text,
    said,
)
from bingjian.procedures.step import Step
from bingjian.rules.edition import Words

OFFICES = frozenset({Role.GOVERNMENT, Role.CITY_DATA_AUTHORITY, Role.WORKGROUP_OFFICE})


class Member(Data):
    organisation: OrganisationId = said("成员单位", "Member body")
    name: Line = said("成员姓名", "Member", min_length=1)
    post: Line = said("职务", "Post", default="")


Members = Annotated[tuple[Member, ...], Field(max_length=200)]


class Meeting(Data):
    at: When = said("时间", "Time")
    topic: Line = said("议题", "Topic", min_length=1)
    minutes: Papers = said("会议纪要", "Minutes", default=())


class Decision(Data):
    text: Text = said("决定事项", "Decision", min_length=1)
    decided: When = said("作出时间", "Decided")
    document: DocumentId = said("决定文件", "Paper")


class Coordination(Data):
    members: Members = said("成员", "Members", default=())
    meetings: tuple[Meeting, ...] = said("会议", "Meetings", default=())
    decisions: tuple[Decision, ...] = said("决定", "Decisions", default=())
    document: DocumentId | None = said("成立文件", "Founding paper", default=None)


class CoordinationOpening(Opening):
    members: Members = said("成员", "Members", min_length=1)
    document: DocumentId | None = said("成立文件", "Founding paper", default=None)


class SetMembers(Data):
    members: Members = said("成员", "Members", min_length=1)


class Meet(Data):
    meeting: Meeting = said("会议", "Meeting")


class Decide(Data):
    decision: Decision = said("决定", "Decision")


async def found(step: Step, wish: CoordinationOpening) -> Coordination:
    return Coordination(members=wish.members, document=wish.document)


async def reseat(step: Step, data: Coordination, wish: SetMembers) -> Coordination:
    return data.model_copy(update={"members": wish.members})


async def meet(step: Step, data: Coordination, wish: Meet) -> Coordination:
    return data.model_copy(update={"meetings": (*data.meetings, wish.meeting)})


async def decide(step: Step, data: Coordination, wish: Decide) -> Coordination:
    return data.model_copy(update={"decisions": (*data.decisions, wish.decision)})


async def dissolve(step: Step, data: Coordination, wish: Data) -> Coordination:
    return data


STANDING = ("standing",)
COORDINATION = Kind(
    name="coordination",
    path="coordinations",
    words=Words("协调机制", "coordination body"),
    order="R5.2",
    prefix="XT",
    data=Coordination,
    states={"standing": Words("运行中", "standing"), "dissolved": Words("已撤销", "dissolved")},
    opening=CoordinationOpening,
    openers=OFFICES,
    readers=OFFICES | SUPERVISORS | {Role.DEPARTMENT_USER, Role.AUDITOR},
    open=found,
    moves=(
        Move("set_members", Words("调整成员", "set members"), STANDING, STAYS, OFFICES, reseat, SetMembers),
        Move("meet", Words("登记会议", "record a meeting"), STANDING, STAYS, OFFICES, meet, Meet),
        Move("decide", Words("登记决定", "record a decision"), STANDING, STAYS, OFFICES, decide, Decide),
        Move("dissolve", Words("撤销", "dissolve"), STANDING, "dissolved", OFFICES, dissolve),
    ),
)
