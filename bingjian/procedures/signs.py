"""Notice signs (art. 11¶1): the uniform template by version, and each sign that stands."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import BASE_READERS, EVERYBODY, Role
from bingjian.duties.models import Obligation
from bingjian.procedures.kinds import STAYS, Data, DocumentId, Kind, Line, Move, Nothing, Opening, said
from bingjian.procedures.models import RecordRow
from bingjian.procedures.papers import hash_of
from bingjian.procedures.step import Step, data_of
from bingjian.rules.civil import civil_date
from bingjian.rules.decision import consistent
from bingjian.rules.decisions import surroundings
from bingjian.rules.edition import Words

DUTY = "R11.1"


class Template(Data):
    version: Line = said("样式版本", "Version", min_length=1)
    document: DocumentId = said("样式文件", "Document")


class TemplateOpening(Opening, Template):
    pass


class PutUp(Data):
    template: Line = said("样式版本", "Version of the template")
    photo: DocumentId | None = said("照片", "Photograph")
    position: Line = said("设置位置", "Position")
    put_up: date = said("设置日期", "Put up on")


class Sign(PutUp):
    photo_hash: str = said("照片校验值", "Hash of the photograph", default="")
    found: str = said("最近检查", "Last inspection", default="")


class SignOpening(Opening, PutUp):
    pass


async def begin_template(step: Step, wish: TemplateOpening) -> Template:
    return Template(version=wish.version, document=wish.document)


async def keep(step: Step, data: Data, wish: Nothing) -> Data:
    return data


async def begin_sign(step: Step, wish: SignOpening) -> Sign:
    return await _put_up(step, wish)


async def replace(step: Step, sign: Sign, wish: PutUp) -> Sign:
    """A sign stands there again."""
    await step.meet(DUTY)
    return await _put_up(step, wish)


async def _put_up(step: Step, wish: PutUp) -> Sign:
    """By a template that is in use, told in full."""
    known = wish.model_dump(include=set(PutUp.model_fields))
    sign = Sign(photo_hash=await hash_of(step.session, wish.photo), **known)
    consistent(sign.put_up <= civil_date(step.now), "put up on a day to come")
    place = surroundings.Place(step.record.title, (told(sign),))
    step.require(surroundings.are_signs_up(step.law, [place], await templates(step.session)))
    return sign


async def inspect(step: Step, sign: Sign, wish: Nothing) -> Sign:
    step.require(surroundings.was_sign_found(step.law, step.record.title, True))
    return sign.model_copy(update={"found": step.now.isoformat()})


async def report_missing(step: Step, sign: Sign, wish: Nothing) -> Sign:
    """Whoever had it put up owes another at once: a ticket in the same transaction."""
    await step.owe(Obligation(DUTY, step.subject, step.record.organisation, step.now, None))
    return sign


async def templates(session: AsyncSession) -> frozenset[str]:
    """Versions of the template that are in use."""
    query = select(RecordRow).where(RecordRow.kind == "sign_template", RecordRow.state == "in_use")
    return frozenset(data_of(row, Template).version for row in await session.scalars(query))


async def signs_at(session: AsyncSession, places: list[UUID]) -> dict[UUID, list[surroundings.Sign]]:
    """The signs that stand, by place."""
    query = select(RecordRow).where(
        RecordRow.kind == "sign", RecordRow.state == "standing", RecordRow.subject.in_(places)
    )
    found: dict[UUID, list[surroundings.Sign]] = {place: [] for place in places}
    for row in await session.scalars(query):
        if row.subject is not None:
            found[row.subject].append(told(data_of(row, Sign)))
    return found


def told(sign: Sign) -> surroundings.Sign:
    return surroundings.Sign(sign.template, sign.photo_hash, sign.position, sign.put_up)


ISSUERS = frozenset({Role.CITY_DATA_AUTHORITY, Role.PUBLIC_SECURITY})
PUTTERS = frozenset({Role.BUILDER, Role.REGISTRAR})
LOOKERS = PUTTERS | {Role.MAINTAINER, Role.PUBLIC_SECURITY, Role.INSPECTOR}
SIGN_TEMPLATE = Kind(
    name="sign_template",
    path="sign-templates",
    words=Words("提示标识样式", "template of the notice sign"),
    order=DUTY,
    prefix="SY",
    data=Template,
    states={
        "drafted": Words("起草中", "being drafted"),
        "in_use": Words("使用中", "in use"),
        "withdrawn": Words("已停用", "withdrawn"),
    },
    opening=TemplateOpening,
    openers=ISSUERS,
    readers=EVERYBODY - {Role.SYSADMIN},
    open=begin_template,
    moves=(
        Move("issue", Words("启用", "issue"), ("drafted",), "in_use", ISSUERS, keep),
        Move("withdraw", Words("停用", "withdraw"), ("in_use",), "withdrawn", ISSUERS, keep),
    ),
)
SIGN = Kind(
    name="sign",
    path="signs",
    words=Words("提示标识", "notice sign"),
    order=DUTY,
    prefix="BS",
    data=Sign,
    states={
        "standing": Words("完好", "standing"),
        "missing": Words("缺失", "missing"),
        "removed": Words("已撤除", "removed"),
    },
    opening=SignOpening,
    openers=PUTTERS,
    readers=BASE_READERS | LOOKERS,
    subject="place",
    open=begin_sign,
    moves=(
        Move("inspect", Words("检查完好", "found standing"), ("standing",), STAYS, LOOKERS, inspect),
        Move(
            "report_missing",
            Words("报告缺失", "report missing"),
            ("standing",),
            "missing",
            LOOKERS,
            report_missing,
        ),
        Move(
            "replace",
            Words("重新设置", "put up again"),
            ("standing", "missing"),
            "standing",
            PUTTERS,
            replace,
            PutUp,
        ),
        Move("remove", Words("撤除", "take down"), ("standing", "missing"), "removed", PUTTERS, keep),
    ),
)
