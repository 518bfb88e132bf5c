"""Filing with the local police (art. 18, Decree 799 art. 14): filled in, handed in, corrected, receipted.

A late filing is accepted and marked. One filing answers both duties if it holds what each asks for (C1).
"""

from uuid import UUID

from bingjian.access.decisions import Role
from bingjian.duties.models import Evidence
from bingjian.duties.owing import meet
from bingjian.procedures.filing_changes import CHANGE, CODE, change_of, changes_begun, inventory_of
from bingjian.procedures.filing_facts import (
    DOCUMENTS,
    FIELDS,
    KIND,
    Codes,
    Filing,
    Handed,
    Late,
    Paper,
    answered,
    bodies_of,
    filings_of,
    obligation_of,
    submission_of,
)
from bingjian.procedures.kinds import STAYS, Data, Kind, Line, Move, Opening, Text, said
from bingjian.procedures.known_system import KnownSystem, area_of, system_about
from bingjian.procedures.service import next_number
from bingjian.procedures.step import Step, data_of
from bingjian.rules.decision import Case, Grant, Refusal, consistent
from bingjian.rules.decisions import filing
from bingjian.rules.decisions.submission import (
    DECREE,
    is_change_filed,
    is_complete,
    is_receipted,
    is_right_receiver,
    may_ask_for,
)
from bingjian.rules.edition import Words


class FilingOpening(Opening, Paper):
    pass


class Corrections(Data):
    note: Text = said("补正要求", "What is to be corrected", min_length=1)
    lacking: Codes = said(
        "缺少的资料或者内容", "Documents or content lacking", of=f"{DOCUMENTS},{FIELDS}", default=()
    )


class GiveReceipt(Data):
    number: Line = said("回执编号（空：自动编号）", "Number of the receipt (empty: the next)", default="")


async def begin(step: Step, wish: FilingOpening) -> Filing:
    step.record.division = (await system_about(step)).record.division
    return Filing(**{name: getattr(wish, name) for name in Paper.model_fields})


async def fill(step: Step, data: Filing, wish: Paper) -> Filing:
    return data.model_copy(update=dict(wish))


async def may_be_handed_in(step: Step, data: Filing) -> Grant | Refusal | None:
    """It answers at least one of the duties that are still to be met, or everything that is missing."""
    system, case = await system_about(step), Case(step.law)
    dues = await dues_to_meet(step, system)
    one = handed_now(step, data)
    bodies = await bodies_of(step.session, system, (), one.by, one.receiver)
    for due in dues:
        submission = submission_of(step.law, due, system, one, bodies)
        answer = is_complete(step.law, due, area_of(system.record), submission)
        if isinstance(answer, Grant):
            return answer
        case.join(answer)
    return case.answer() if dues else None


async def hand_in(step: Step, data: Filing, wish: Data) -> Filing:
    """The first complete submission counts; a late one is accepted and marked (R18.1, R18.6)."""
    system = await system_about(step)
    consistent(bool(dues_of(step, system)), "nothing is to be filed for this system")
    one = handed_now(step, data)
    inventory = await inventory_of(step.session, system)
    after = data.model_copy(update={"handed": (*data.handed, one), "inventory": inventory})
    return await settled(step, system, after)


async def ask_corrections(step: Step, data: Filing, wish: Corrections) -> Filing:
    """What the police find lacking was not handed in: the submission is complete only without it."""
    system = await system_about(step)
    await require_receiver(step, system, data)
    step.require(may_ask_for(step.law, wish.lacking, frozenset(data.shared)))
    *before, last = data.handed
    last = last.model_copy(update={"lacking": (*last.lacking, *wish.lacking)})
    return await settled(step, system, data.model_copy(update={"handed": (*before, last)}))


async def give_receipt(step: Step, data: Filing, wish: GiveReceipt) -> Filing:
    """With number and time (R18.6), by the organ that it was handed to."""
    await require_receiver(step, await system_about(step), data)
    number = wish.number or await next_number(step.session, "HZ", step.now)
    step.require(is_receipted(step.law, number, step.now))
    return data.model_copy(update={"receipt": number, "receipted_at": step.now})


async def file_change(step: Step, data: Filing, wish: Paper) -> Filing:
    """Number, types, term or place are no longer as filed (N14). A late one is accepted and marked."""
    system = await system_about(step)
    filled = data.model_copy(update=dict(wish))
    await require_decree_content(step, system, filled)
    inventory = await inventory_of(step.session, system)
    begun = (await changes_begun(step.session, system.record.id)).get(system.record.id, step.now)
    change = change_of(data, inventory, begun)
    in_time = is_change_filed(step.law, change, step.now, step.holidays, step.now)
    await step.meet(CODE, system.record.id, CHANGE)
    handed, late = (*data.handed, handed_now(step, filled)), (*data.late, *late_of(in_time, CHANGE))
    return filled.model_copy(update={"handed": handed, "inventory": inventory, "late": late})


async def require_decree_content(step: Step, system: KnownSystem, data: Filing) -> None:
    """A change is filed with all that the decree wants to know."""
    one = handed_now(step, data)
    bodies = await bodies_of(step.session, system, (), one.by, one.receiver)
    for due in dues_of(step, system):
        if due.clock in DECREE:
            submission = submission_of(step.law, due, system, one, bodies)
            step.require(is_complete(step.law, due, area_of(system.record), submission))


# --- inside


def dues_of(step: Step, system: KnownSystem) -> tuple[filing.Due, ...]:
    return filing.dues(step.law, system.filed, step.holidays)


async def dues_to_meet(step: Step, system: KnownSystem) -> tuple[filing.Due, ...]:
    """Those that no filing has answered; all of them if every one is."""
    rows = [row for row in await filings_of(step.session, system.record.id) if row.id != step.record.id]
    bodies, dues = await bodies_of(step.session, system, rows), dues_of(step, system)
    papers = [data_of(row, Filing) for row in rows]
    left = [
        due for due in dues if not any(answered(step.law, due, system, paper, bodies) for paper in papers)
    ]
    return tuple(left) or dues


def handed_now(step: Step, data: Filing) -> Handed:
    return Handed(
        received=step.now,
        by=filer_of(step),
        receiver=data.receiver,
        documents=tuple(sorted(data.documents)),
        absent=tuple(sorted(set(data.absent) - set(data.documents))),
        fields=tuple(sorted(data.told())),
        is_declared_true=data.is_declared_true,
        interface=data.interface,
    )


def filer_of(step: Step) -> UUID | None:
    """The organisation that hands it in; whoever else looks at what is missing sees it as its owner would."""
    return step.actor.organisation if step.actor.roles & FILERS else step.record.organisation


async def settled(step: Step, system: KnownSystem, data: Filing) -> Filing:
    """Duties closed by what was complete first, and opened again where nothing is."""
    rows = [row for row in await filings_of(step.session, system.record.id) if row.id != step.record.id]
    bodies = await bodies_of(step.session, system, rows, *bodies_in(data))
    others = [data_of(row, Filing) for row in rows]
    met, late = list[str](), [one for one in data.late if one.key]
    for due in dues_of(step, system):
        first = answered(step.law, due, system, data, bodies)
        if first is not None:
            evidence = Evidence(KIND, step.record.id)
            await meet(step.session, system.record.id, due.code, evidence, first.received)
            in_time = filing.is_on_time(step.law, due, first.received, step.now)
            met.append(due.code)
            late += late_of(in_time)
        elif not any(answered(step.law, due, system, other, bodies) for other in others):
            await step.owe(obligation_of(step.law, due, system, step.now))
    return data.model_copy(update={"met": tuple(met), "late": tuple(late)})


def bodies_in(data: Filing) -> tuple[UUID | None, ...]:
    return tuple(body for one in data.handed for body in (one.by, one.receiver))


def late_of(answer: Grant | Refusal, key: str = "") -> tuple[Late, ...]:
    """What is marked: nothing if it was in time."""
    if isinstance(answer, Grant):
        return ()
    return (Late(code=answer.code, key=key, zh=answer.reason.zh, en=answer.reason.en),)


async def require_receiver(step: Step, system: KnownSystem, data: Filing) -> None:
    """Only the police of the system's own district act on it (R18.3)."""
    one = data.handed[-1].model_copy(update={"receiver": step.actor.organisation})
    bodies = await bodies_of(step.session, system, (), one.by, one.receiver)
    for due in dues_of(step, system):
        submission = submission_of(step.law, due, system, one, bodies)
        step.require(is_right_receiver(step.law, due, area_of(system.record), submission))


FILERS = frozenset({Role.BUILDER, Role.REGISTRAR, Role.DEPARTMENT_USER})
POLICE = frozenset({Role.PUBLIC_SECURITY})
FILING = Kind(
    name=KIND,
    path="filings",
    words=Words("备案", "filing"),
    order="R18.6",
    prefix="BA",
    data=Filing,
    states={
        "drafted": Words("填报中", "being filled in"),
        "submitted": Words("已提交", "handed in"),
        "correcting": Words("待补正", "to be corrected"),
        "filed": Words("已备案", "filed"),
        "changed": Words("变更待受理", "change handed in"),
    },
    opening=FilingOpening,
    openers=FILERS,
    readers=FILERS | POLICE | {Role.INSPECTOR, Role.WORKGROUP_OFFICE, Role.CITY_DATA_AUTHORITY},
    open=begin,
    subject="record:system",
    moves=(
        Move("fill", Words("填写", "fill in"), ("drafted", "correcting"), STAYS, FILERS, fill, Paper),
        Move(
            "submit",
            Words("提交", "hand in"),
            ("drafted", "correcting"),
            "submitted",
            FILERS,
            hand_in,
            check=may_be_handed_in,
        ),
        Move(
            "ask_corrections",
            Words("要求补正", "ask for corrections"),
            ("submitted", "changed"),
            "correcting",
            POLICE,
            ask_corrections,
            Corrections,
        ),
        Move(
            "give_receipt",
            Words("出具回执", "give the receipt"),
            ("submitted", "changed"),
            "filed",
            POLICE,
            give_receipt,
            GiveReceipt,
        ),
        Move(
            "file_change",
            Words("变更备案", "file a change"),
            ("filed",),
            "changed",
            FILERS,
            file_change,
            Paper,
        ),
    ),
)
