"""Cases of breaches (arts. 33, 34): facts that stay, and a consequence that higher law may replace."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from pydantic import Field

from bingjian.access.decisions import Role
from bingjian.procedures.errors import RefersToNothing
from bingjian.procedures.fields import Fact, Facts, hash_of, papers_of
from bingjian.procedures.kinds import (
    STAYS,
    Data,
    DocumentId,
    Finding,
    Kind,
    Line,
    Move,
    Opening,
    Text,
    said,
)
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of
from bingjian.rules.decision import Grant, Refusal
from bingjian.rules.decisions import supervision
from bingjian.rules.edition import Words

DutyCode = Annotated[str, Field(pattern=r"^[A-Z][0-9.]{1,15}$")]


class Consequence(Data):
    """What follows from a breach, and the rule that says so."""

    zh: Text = said("后果", "Consequence, in Chinese", default="")
    en: Text = said("后果（英文）", "Consequence, in English", default="")
    citation: Line = said("依据的上位法", "Higher rule cited", default="")
    since: datetime | None = said("援引时间", "Cited", default=None)


class BreachCase(Data):
    code: str = said("违反的要求", "Duty breached")
    facts: tuple[Fact, ...] = said("事实", "Facts")
    facts_hash: str = said("事实摘要", "Hash of the facts")
    consequences: tuple[Consequence, ...] = said("后果", "Consequences", default=())  # the last one holds
    package: DocumentId | None = said("移送材料包", "Package", default=None)
    verifier: DocumentId | None = said("独立核验工具", "Verifier", default=None)
    is_verified: bool | None = said("核验通过", "Verified", default=None)
    receiver: Line = said("接收机关", "Receiver", default="")
    outcome: Text = said("处理结果", "Outcome", default="")


class CaseOpening(Opening):
    code: DutyCode = said("违反的要求", "Duty breached")
    facts: Facts = said("事实", "Facts", min_length=1)
    zh: Text = said("后果", "Consequence, in Chinese", default="")
    en: Text = said("后果（英文）", "Consequence, in English", default="")


class AddFact(Data):
    fact: Fact = said("事实", "Fact")


class Prove(Data):
    fact: int = said("第几项事实", "Number of the fact", ge=1, le=100)
    document: DocumentId = said("证明", "Proof")


class Cite(Data):
    citation: Line = said("上位法名称和条款", "Higher rule and its article")
    zh: Text = said("后果", "Consequence, in Chinese")
    en: Text = said("后果（英文）", "Consequence, in English")


class Verify(Data):
    package: DocumentId = said("移送材料包", "Package")
    verifier: DocumentId = said("独立核验工具", "Verifier")
    is_verified: bool = said("核验通过", "It verified")


class Refer(Data):
    receiver: Line = said("接收机关", "Receiver", min_length=1)


class Conclude(Data):
    outcome: Text = said("处理结果", "Outcome", min_length=1)


async def begin(step: Step, wish: CaseOpening) -> BreachCase:
    if not step.book.whole.binds(wish.code):
        raise RefersToNothing("code", "duty")
    first = Consequence(zh=wish.zh, en=wish.en)
    return BreachCase(code=wish.code, facts=wish.facts, facts_hash=hash_of(wish.facts), consequences=(first,))


async def add_fact(step: Step, data: BreachCase, wish: AddFact) -> BreachCase:
    return with_facts(data, (*data.facts, wish.fact))


async def prove(step: Step, data: BreachCase, wish: Prove) -> BreachCase:
    if wish.fact > len(data.facts):
        raise RefersToNothing("fact", "fact")
    facts = list(data.facts)
    proven = facts[wish.fact - 1]
    facts[wish.fact - 1] = proven.model_copy(update={"documents": (*proven.documents, wish.document)})
    return with_facts(data, tuple(facts))


async def cite(step: Step, data: BreachCase, wish: Cite) -> BreachCase:
    """Art. 33: the consequence of a higher rule takes the place of the one before; both stay on record."""
    old = breach_of(step, data)
    new = supervision.under_higher_law(old, wish.citation, Words(wish.zh, wish.en))
    step.require(supervision.may_cite_higher_law(step.book.whole, old, new))
    cited = Consequence(zh=wish.zh, en=wish.en, citation=wish.citation, since=step.now)
    return data.model_copy(update={"consequences": (*data.consequences, cited)})


async def verify(step: Step, data: BreachCase, wish: Verify) -> BreachCase:
    """What the verifier said of this package; a fact or proof that comes later asks for it again."""
    return data.model_copy(update=wish.model_dump())


async def may_refer(step: Step, data: BreachCase) -> Grant | Refusal:
    numbers = [str(number) for number in range(1, len(data.facts) + 1)]
    proofs = {number for number, fact in zip(numbers, data.facts, strict=True) if fact.documents}
    referral = supervision.Referral(
        frozenset(numbers), frozenset(proofs), data.verifier is not None, data.is_verified
    )
    return supervision.may_refer(step.book.whole, referral)


async def refer(step: Step, data: BreachCase, wish: Refer) -> BreachCase:
    return data.model_copy(update={"receiver": wish.receiver})


async def conclude(step: Step, data: BreachCase, wish: Conclude) -> BreachCase:
    return data.model_copy(update={"outcome": wish.outcome})


def with_facts(data: BreachCase, facts: tuple[Fact, ...]) -> BreachCase:
    after = {"facts": facts, "facts_hash": hash_of(facts), "is_verified": None}
    return data.model_copy(update=after)


def breach_of(step: Step, data: BreachCase) -> supervision.Breach:
    last = data.consequences[-1]
    article, evidence = step.book.whole.duty(data.code).article, tuple(papers_of(data.facts))
    words = Words(last.zh, last.en)
    return supervision.Breach(article, data.code, data.facts_hash, evidence, words, last.citation)


def findings(record: RecordRow, at: datetime) -> Iterator[Finding]:
    """With the consequence as it stood then."""
    data = data_of(record, BreachCase)
    if record.opened_at <= at:
        stood = [one for one in data.consequences if one.since is None or one.since <= at]
        evidence = (str(record.id), *papers_of(data.facts))
        last = stood[-1]
        words = Words(last.zh, last.en) if last.zh or last.en else None
        yield Finding(data.code, data.facts_hash, evidence, words, last.citation)


POLICE = frozenset({Role.PUBLIC_SECURITY, Role.WORKGROUP_OFFICE})
OPENED = ("opened",)
CASE = Kind(
    name="case",
    path="cases",
    words=Words("违规案件", "case"),
    order="R34.1",
    prefix="AJ",
    data=BreachCase,
    states={
        "opened": Words("办理中", "open"),
        "referred": Words("已移送", "referred"),
        "closed": Words("已结案", "closed"),
    },
    opening=CaseOpening,
    openers=POLICE,
    readers=POLICE | {Role.CITY_DATA_AUTHORITY, Role.INSPECTOR, Role.AUDITOR},
    open=begin,
    findings=findings,
    moves=(
        Move("add_fact", Words("补充事实", "add a fact"), OPENED, STAYS, POLICE, add_fact, AddFact),
        Move("prove", Words("补充证明", "add a proof"), OPENED, STAYS, POLICE, prove, Prove),
        Move("cite", Words("援引上位法", "cite a higher rule"), OPENED, STAYS, POLICE, cite, Cite),
        Move("verify", Words("登记核验结果", "record the check"), OPENED, STAYS, POLICE, verify, Verify),
        Move("refer", Words("移送", "refer"), OPENED, "referred", POLICE, refer, Refer, check=may_refer),
        Move("close", Words("结案", "close"), OPENED, "closed", POLICE, conclude, Conclude),
    ),
)
