"""An entry of the share catalogue (art. 20): cameras, kinds of data, conditions and a period.

Whoever knows what there is drafts it; the city data authority alone publishes and withdraws.
"""

from typing import Annotated

from pydantic import Field

from bingjian.access.decisions import Role
from bingjian.db.areas import is_within
from bingjian.inventory.camera_files import levels_of
from bingjian.procedures.access_request_facts import division_of
from bingjian.procedures.fields import When
from bingjian.procedures.kinds import (
    STAYS,
    CameraId,
    Code,
    Data,
    Kind,
    Move,
    Opening,
    OrganisationId,
    Text,
    said,
)
from bingjian.procedures.step import Step
from bingjian.rules.decision import Case, Grant, Refusal, consistent
from bingjian.rules.decisions.secrecy import Parcel, may_leave
from bingjian.rules.decisions.sharing import CatalogueEntry, Scope, may_publish
from bingjian.rules.edition import Words

NAME, PUBLISHED = "share_entry", "published"
AUTHORITY, SHARING = "city_data_authority", "share"  # codes of ``body``, ``way_out``
MANY = 1000  # cameras of one entry; a larger group is several
Cameras = Annotated[tuple[CameraId, ...], Field(max_length=MANY)]
Kinds = Annotated[tuple[Code, ...], Field(max_length=20)]


class Offer(Data):
    keeper: OrganisationId = said("由哪个单位答复申请", "Body that answers requests")
    cameras: Cameras = said("摄像机", "Cameras", default=())
    kinds: Kinds = said("数据类型", "Kinds of data", of="share_kind", default=())
    conditions: Text = said("共享条件", "Conditions", default="")
    begin: When = said("共享开始时间", "Shared from")
    until: When = said("共享结束时间", "Shared until")
    earliest: When | None = said(
        "录像最早时间（空：共享开始时间）", "Footage from (empty: from when it is shared)", default=None
    )


class Entry(Offer):
    published: When | None = said("发布时间", "Published", default=None)
    withdrawn: Text = said("撤回原因", "Why it was withdrawn", default="")


class EntryOpening(Offer, Opening):
    pass


class Withdraw(Data):
    reason: Text = said("撤回原因", "Why it is withdrawn", min_length=1)


async def begin(step: Step, wish: EntryOpening) -> Entry:
    await place(step, wish)
    return Entry(**wish.model_dump(include=set(Offer.model_fields)))


async def amend(step: Step, data: Entry, wish: Offer) -> Entry:
    await place(step, wish)
    return data.model_copy(update=dict(wish))


async def place(step: Step, wish: Offer) -> None:
    """The entry lies where its cameras stand."""
    consistent(wish.begin <= wish.until, "the period ends before it begins")
    division = await division_of(step.session, wish.cameras)
    consistent(is_within(division, step.actor.areas), "cameras of several districts need several entries")
    step.record.division = division


async def is_publishable(step: Step, data: Entry) -> Grant | Refusal:
    """Art. 20, and nothing that never leaves (arts. 6, 27¶2)."""
    case = Case(step.law)
    cameras = frozenset(map(str, data.cameras))
    entry = CatalogueEntry(cameras, frozenset(data.kinds), data.conditions)
    case.join(may_publish(step.law, is_authority(step), entry))
    if cameras:
        case.join(await leave(step, data.cameras, str(data.keeper)))
    return case.answer()


async def may_withdraw(step: Step, data: Entry) -> Grant | Refusal:
    entry = CatalogueEntry(frozenset(map(str, data.cameras)), frozenset(data.kinds), data.conditions)
    return may_publish(step.law, is_authority(step), entry)


async def publish(step: Step, data: Entry, wish: Data) -> Entry:
    return data.model_copy(update={"published": step.now})


async def withdraw(step: Step, data: Entry, wish: Withdraw) -> Entry:
    """Nothing more is asked for by it; what was granted runs on, or is revoked by itself."""
    return data.model_copy(update={"withdrawn": wish.reason})


def is_authority(step: Step) -> bool:
    """By the role and by the body that the person acts for."""
    return Role.CITY_DATA_AUTHORITY in step.actor.roles and step.body == AUTHORITY


async def leave(step: Step, cameras: Cameras, to: str) -> Grant | Refusal:
    """Whether pictures of these may go to a body by way of sharing."""
    levels = await levels_of(step.session, cameras)
    return may_leave(step.law, Parcel(levels, SHARING, frozenset({to}), frozenset({to})))


def scope_of(data: Offer) -> Scope:
    """As the rules know it."""
    cameras, kinds = frozenset(map(str, data.cameras)), frozenset(data.kinds)
    return Scope(cameras, kinds, data.begin, data.until, data.earliest or data.begin)


AUTHORITIES = frozenset({Role.CITY_DATA_AUTHORITY})
DEPARTMENTS = frozenset({Role.DEPARTMENT_USER, Role.CUSTODIAN, Role.PUBLIC_SECURITY})
DRAFTERS = AUTHORITIES | DEPARTMENTS
SHARE_ENTRY = Kind(
    name=NAME,
    path="share-entries",
    words=Words("共享目录条目", "entry of the share catalogue"),
    order="R20.1",
    prefix="ML",
    data=Entry,
    states={
        "drafted": Words("起草中", "being drafted"),
        PUBLISHED: Words("已发布", "published"),
        "withdrawn": Words("已撤回", "withdrawn"),
    },
    opening=EntryOpening,
    openers=DRAFTERS,
    readers=DRAFTERS
    | {Role.OFFICER, Role.GOVERNMENT, Role.WORKGROUP_OFFICE, Role.INSPECTOR, Role.AUDITOR, Role.REGISTRAR},
    open=begin,
    moves=(
        Move("amend", Words("修改", "change it"), ("drafted",), STAYS, DRAFTERS, amend, Offer),
        Move(
            "publish",
            Words("发布", "publish"),
            ("drafted",),
            PUBLISHED,
            DRAFTERS,  # the rules say who may: a department is refused by art. 20
            publish,
            check=is_publishable,
        ),
        Move(
            "withdraw",
            Words("撤回", "withdraw"),
            (PUBLISHED,),
            "withdrawn",
            DRAFTERS,
            withdraw,
            Withdraw,
            may_withdraw,
        ),
    ),
)
