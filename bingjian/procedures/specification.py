"""The city's technical specification (art. 15), by version: of the data authority with public security."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import EVERYBODY, Role
from bingjian.procedures.kinds import STAYS, Data, DocumentId, Kind, Line, Move, Nothing, Opening, said
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of
from bingjian.rules.decision import Grant, Refusal
from bingjian.rules.decisions import qualification
from bingjian.rules.edition import Words

ISSUED = "issued"


class Draft(Data):
    version: Line = said("版本", "Version", min_length=1)
    effective: date | None = said("施行日期", "First day", default=None)
    document: DocumentId | None = said("文本", "Text", default=None)


class Specification(Draft):
    author: str = said("制定机关", "Author", of="body", default="")
    coauthors: tuple[str, ...] = said("会同机关", "Together with", default=())

    @property
    def asked(self) -> qualification.Specification:
        return qualification.Specification(
            self.version, self.author, frozenset(self.coauthors), self.effective
        )


class SpecificationOpening(Opening, Draft):
    pass


async def begin(step: Step, wish: SpecificationOpening) -> Specification:
    """Its author is whoever submits it."""
    return Specification(author=step.body, **wish.model_dump(include=set(Draft.model_fields)))


async def change(step: Step, specification: Specification, wish: Draft) -> Specification:
    """Another text was not signed by anybody yet."""
    return Specification(author=specification.author, **wish.model_dump())


async def cosign(step: Step, specification: Specification, wish: Nothing) -> Specification:
    coauthors = tuple(dict.fromkeys((*specification.coauthors, step.body)))
    return specification.model_copy(update={"coauthors": coauthors})


async def may_be_issued(step: Step, specification: Specification) -> Grant | Refusal:
    return qualification.may_issue(step.law, specification.asked)


async def issue(step: Step, specification: Specification, wish: Nothing) -> Specification:
    return specification


async def judged_by(session: AsyncSession, accepted: datetime) -> str:
    """The version that a system accepted then is judged by, for good; empty: there was none yet (R15.3)."""
    query = select(RecordRow).where(RecordRow.kind == "specification", RecordRow.state == ISSUED)
    issued = [data_of(row, Specification).asked for row in await session.scalars(query)]
    found = qualification.judged_by(issued, accepted)
    return found.version if found is not None else ""


AUTHORS = frozenset({Role.CITY_DATA_AUTHORITY, Role.PUBLIC_SECURITY})
DRAFTED = ("drafted",)
SPECIFICATION = Kind(
    name="specification",
    path="specifications",
    words=Words("本市技术规范", "the city's technical specification"),
    order="R15.3",
    prefix="GF",
    data=Specification,
    states={"drafted": Words("起草中", "being drafted"), ISSUED: Words("已发布", "issued")},
    opening=SpecificationOpening,
    openers=AUTHORS,
    readers=EVERYBODY - {Role.SYSADMIN},
    open=begin,
    moves=(
        Move("change", Words("修改", "change"), DRAFTED, STAYS, AUTHORS, change, Draft),
        Move("cosign", Words("会签", "sign as co-author"), DRAFTED, STAYS, AUTHORS, cosign),
        Move("issue", Words("发布", "issue"), DRAFTED, ISSUED, AUTHORS, issue, check=may_be_issued),
    ),
)
