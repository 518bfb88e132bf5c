"""What the log of a watch room holds: the visitors asked for and answered, and who went in and out when."""

from datetime import datetime
from enum import StrEnum

from pydantic import model_validator

from bingjian.procedures.fields import When
from bingjian.procedures.kinds import Data, Line, PersonId, Text, said
from bingjian.procedures.step import Step
from bingjian.rules.decisions import conduct
from bingjian.rules.spans import Span


class Way(StrEnum):
    IN = "in"
    OUT = "out"


WAYS = {Way.IN.value: ("进入", "in"), Way.OUT.value: ("离开", "out")}


class Signed(Data):
    """Who did something to the log. The name too: few may look up whose account it is."""

    by: PersonId = said("账号", "Account")
    name: str = said("姓名", "Name")
    at: datetime = said("时间", "When")


class Visit(Data):
    """Somebody who is not on the shift's list, asked for by one of the shift, answered by another."""

    name: str = said("来访人", "Visitor")
    unit: str = said("来访人单位", "The visitor's unit", default="")
    person: PersonId | None = said("来访人的账号", "Account of the visitor", default=None)
    reason: str = said("来访理由", "Reason")
    visits: str = said("被访人", "Whom they visit")
    asked: Signed = said("申请人", "Asked by")
    approved: Signed | None = said("批准人", "Approved by", default=None)
    declined: Signed | None = said("未予批准", "Declined by", default=None)
    answer: str = said("未批准的理由", "Why it was declined", default="")


class Passage(Data):
    """Somebody came in or went out; nothing here is ever changed."""

    name: str = said("姓名", "Name")
    way: Way = said("进出", "In or out", choices=WAYS)
    at: datetime = said("时间", "When")
    by: str = said("登记人", "Entered by")
    noted: datetime = said("登记时间", "Entered")
    found: str = said("事后补登的依据", "Entered afterwards, known from", default="")
    visit: int | None = said("第几次来访", "Number of the visit", default=None)
    person: PersonId | None = said("账号", "Account", default=None)

    @property
    def identity(self) -> str:
        """The same for all passages of one person."""
        return str(self.person) if self.person is not None else f"{self.visit or '-'} {self.name}"

    @property
    def judged(self) -> conduct.Passage:
        """As the rules ask about it."""
        return conduct.Passage(self.identity, self.at, self.way is Way.IN)


class Anomaly(Data):
    name: str = said("姓名", "Name")
    what: str = said("情况", "What is odd")


class RoomLog(Data):
    start: datetime = said("班次开始", "Start of the shift")
    end: datetime = said("班次结束", "End of the shift")
    inside: tuple[str, ...] = said("现在室内", "Inside now", default=())
    anomalies: tuple[Anomaly, ...] = said("异常", "Anomalies", default=())
    closed: Signed | None = said("关闭登记", "Closed by", default=None)
    visits: tuple[Visit, ...] = said("来访", "Visits", default=())
    passages: tuple[Passage, ...] = said("进出记录", "Entries and exits", default=())

    @property
    def hours(self) -> Span:
        return Span(self.start, self.end)

    def visit(self, number: int | None) -> Visit | None:
        """By its number, from 1."""
        return self.visits[number - 1] if number is not None and 1 <= number <= len(self.visits) else None

    def visitor(self, passage: Passage) -> conduct.Visitor:
        """Who it is, as the rules ask at the instant of the passage: an approval counts once given."""
        visit = self.visit(passage.visit)
        if visit is None:
            return conduct.Visitor(passage.identity)
        signed = visit.approved if visit.approved is not None and visit.approved.at <= passage.at else None
        by = str(signed.by) if signed is not None else ""
        return conduct.Visitor(passage.identity, visit.reason, by, str(visit.asked.by))

    def with_passage(self, passage: Passage) -> "RoomLog":
        passages = (*self.passages, passage)
        inside, _ = conduct.gone_through(one.judged for one in passages)
        names = {one.identity: one.name for one in passages if one.identity in inside}
        return self.model_copy(update={"passages": passages, "inside": tuple(names.values())})


# --- what steps bring


class Admit(Data):
    name: Line = said("来访人", "Visitor", min_length=1)
    unit: Line = said("来访人单位", "The visitor's unit", default="")
    person: PersonId | None = said("来访人的账号（如有）", "Account of the visitor, if any", default=None)
    reason: Text = said("来访理由", "Reason", default="")
    visits: Line = said("被访人", "Whom they visit", min_length=1)


class Approve(Data):
    visit: int = said("第几次来访", "Number of the visit", ge=1)


class Decline(Approve):
    reason: Text = said("理由", "Why", min_length=1)


class Who(Data):
    """Whoever goes in or out: a visitor, an account, somebody by name; without any of these, oneself."""

    name: Line = said("姓名（都不填：本人）", "Name (nothing filled in: oneself)", default="")
    visit: int | None = said("第几次来访", "Number of the visit", default=None, ge=1)
    person: PersonId | None = said("账号", "Account", default=None)

    @model_validator(mode="after")
    def _one(self) -> "Who":
        if sum(map(bool, (self.name, self.visit, self.person))) > 1:
            raise ValueError("a name, the number of a visit or an account: one of them")
        return self


class Found(Who):
    way: Way = said("进出", "In or out", choices=WAYS)
    at: When = said("实际时间", "When it was")
    found: Text = said("依据", "How it is known", min_length=1)


def signed(step: Step) -> Signed:
    return Signed(by=step.actor.id, name=step.actor.name, at=step.now)
