"""A platform's shift (art. 24): who is on which post, as many as its cameras ask for, nobody twice."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import AwareDatetime, model_validator

from bingjian.access.decisions import Role
from bingjian.duties.models import Obligation
from bingjian.procedures.kinds import STAYS, Code, Data, Kind, Move, Opening, PersonId, said
from bingjian.procedures.models import RecordRow
from bingjian.procedures.posts import may_take_post
from bingjian.procedures.shift_posts import ShiftPostRow, elsewhere, forget
from bingjian.procedures.step import Step, subject_of
from bingjian.procedures.watched import Watched, watched_by
from bingjian.rules.decision import Grant, consistent
from bingjian.rules.decisions.staffing import headcount, is_staffed, may_roster
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

CODE = "R24.1"
ROOM_CODE = "R31.3"  # a shift that holds has its watch room's log
KIND, PUBLISHED = "shift", "published"


class Post(Data):
    post: Code = said("岗位", "Post")
    is_watch: bool = said("值班监看", "On the duty watch")


class Shift(Data):
    start: datetime = said("开始", "Start")
    end: datetime = said("结束", "End")
    needed: int = said("应有人数", "Staff needed", ge=0)
    cameras: int = said("摄像机", "Cameras", ge=0)
    key_cameras: int = said("重点摄像机", "Key cameras", ge=0)
    posts: Mapping[PersonId, Post] = said("当班人员", "On shift", default_factory=dict)
    untrained: tuple[PersonId, ...] = said("培训无效", "Without valid training", default=())

    @property
    def lacking(self) -> int:
        """How many are still missing."""
        return max(0, self.needed - len(self.posts))


class ShiftOpening(Opening):
    start: AwareDatetime = said("开始", "Start")
    end: AwareDatetime = said("结束", "End")

    @model_validator(mode="after")
    def _in_order(self) -> "ShiftOpening":
        if self.start >= self.end:
            raise ValueError("the shift ends before it starts")
        return self


class Assign(Data):
    person: PersonId = said("人员", "Person")
    post: Code = said("岗位", "Post", default="watch")
    is_watch: bool = said("值班监看", "On the duty watch", default=True)


class Release(Data):
    person: PersonId = said("人员", "Person")


async def begin(step: Step, wish: ShiftOpening) -> Shift:
    empty = Shift(start=wish.start, end=wish.end, needed=0, cameras=0, key_cameras=0)
    return await counted(step, empty)


async def counted(step: Step, shift: Shift) -> Shift:
    """With the staff that the platform's cameras in service ask for now."""
    return asked(step.law, shift, await watched_by(step.session, await platform_of(step)))


def asked(law: Law, shift: Shift, watched: Watched) -> Shift:
    needed = headcount(law, watched.cameras, watched.key_cameras)
    more = {"needed": needed, "cameras": watched.cameras, "key_cameras": watched.key_cameras}
    return shift.model_copy(update=more)


async def assign(step: Step, shift: Shift, wish: Assign) -> Shift:
    """Put somebody on: not while on shift at another platform, nor on another post beside the watch."""
    row = ShiftPostRow(
        shift=step.record.id,
        person=wish.person,
        platform=step.record.subject,
        post=wish.post,
        is_watch=wish.is_watch,
        start_at=shift.start,
        end_at=shift.end,
    )
    step.require(may_roster(step.law, row.judged, await elsewhere(step.session, row)))
    await forget(step.session, step.record.id, wish.person)
    step.session.add(row)
    trained = await may_take_post(step.session, step.law, wish.person, shift.start)
    untrained = {one for one in shift.untrained if one != wish.person}
    untrained |= set() if isinstance(trained, Grant) else {wish.person}
    posts = {**shift.posts, wish.person: Post(post=wish.post, is_watch=wish.is_watch)}
    return await settled(
        step, shift.model_copy(update={"posts": posts, "untrained": tuple(sorted(untrained))})
    )


async def release(step: Step, shift: Shift, wish: Release) -> Shift:
    await forget(step.session, step.record.id, wish.person)
    posts = {person: post for person, post in shift.posts.items() if person != wish.person}
    untrained = tuple(person for person in shift.untrained if person != wish.person)
    return await settled(step, shift.model_copy(update={"posts": posts, "untrained": untrained}))


async def publish(step: Step, shift: Shift, wish: Data) -> Shift:
    """It holds. A shortage does not bar it: it is owed until enough are on, and so is the room's log."""
    consistent(step.now < shift.end, "the shift is over")
    if step.law.binds(ROOM_CODE):
        owner = step.record.organisation
        await step.owe(Obligation(ROOM_CODE, step.subject, owner, step.now, shift.start))
    return await settled(step, shift, is_published=True)


async def withdraw(step: Step, shift: Shift, wish: Data) -> Shift:
    await forget(step.session, step.record.id)
    await step.drop(CODE, ROOM_CODE)
    return shift


async def settled(step: Step, shift: Shift, *, is_published: bool = False) -> Shift:
    """Counted anew. A published shift that is short owes the rest until it begins; having them meets it."""
    after = await counted(step, shift)
    if is_published or step.record.state == PUBLISHED:
        shortage = owed_by(step.law, step.record, after)
        await (step.meet(CODE) if shortage is None else step.owe(shortage))
    return after


def owed_by(law: Law, record: RecordRow, shift: Shift) -> Obligation | None:
    """The staff that a published shift still lacks; None: it has them."""
    persons = [str(person) for person in shift.posts]
    if isinstance(is_staffed(law, shift.cameras, shift.key_cameras, persons), Grant):
        return None
    return Obligation(CODE, subject_of(record), record.organisation, record.opened_at, shift.start)


async def platform_of(step: Step) -> RecordRow:
    assert step.record.subject is not None  # the kind has one
    return await step.get("platform", step.record.subject)


LEADERS = frozenset({Role.SHIFT_LEAD, Role.PUBLIC_SECURITY, Role.REGISTRAR})
SHIFT = Kind(
    name=KIND,
    path="shifts",
    words=Words("值班班次", "shift"),
    order=CODE,
    prefix="ZB",
    data=Shift,
    states={
        "drafted": Words("排班中", "being drawn up"),
        PUBLISHED: Words("已公布", "published"),
        "withdrawn": Words("已取消", "withdrawn"),
    },
    opening=ShiftOpening,
    openers=LEADERS,
    readers=LEADERS | {Role.WATCHER, Role.CUSTODIAN, Role.WORKGROUP_OFFICE, Role.INSPECTOR, Role.AUDITOR},
    open=begin,
    subject="record:platform",
    moves=(
        Move("assign", Words("排入", "put on"), ("drafted", PUBLISHED), STAYS, LEADERS, assign, Assign),
        Move("release", Words("移出", "take off"), ("drafted", PUBLISHED), STAYS, LEADERS, release, Release),
        Move("publish", Words("公布", "publish"), ("drafted",), PUBLISHED, LEADERS, publish),
        Move("withdraw", Words("取消", "withdraw"), ("drafted", PUBLISHED), "withdrawn", LEADERS, withdraw),
    ),
)
