"""Acceptance (art. 16, Decree 799 art. 11): every attempt stays, the last decides; without it no service."""

from datetime import datetime

from bingjian.access.decisions import SUPERVISORS, Role
from bingjian.procedures.acceptance_data import (
    Acceptance,
    AcceptanceOpening,
    Conclude,
    Items,
    Participant,
    Report,
    Revoke,
    TakePart,
)
from bingjian.procedures.consequences import bring, bring_cameras
from bingjian.procedures.errors import RefersToNothing
from bingjian.procedures.kinds import STAYS, Kind, Move
from bingjian.procedures.models import RecordRow
from bingjian.procedures.papers import hash_of
from bingjian.procedures.specification import judged_by
from bingjian.procedures.step import Step, data_of
from bingjian.procedures.system_data import System
from bingjian.procedures.system_facts import Facts, attempt_of, facts_of
from bingjian.rules.decision import Case, Grant, Refusal, consistent
from bingjian.rules.decisions import acceptance, qualification
from bingjian.rules.decisions.lifecycle import PATH, State, may_become
from bingjian.rules.edition import Words

FINISHED = PATH[PATH.index(State.TRIAL) :]  # there is something to accept


async def begin(step: Step, wish: AcceptanceOpening) -> Acceptance:
    """Of a system whose works are finished; of all its cameras (those added, if supplementary) or of those
    named."""
    record = await system_of(step)
    facts = await facts_of(step.session, step.law, record)
    if record.state not in FINISHED:
        step.require(may_become(step.law, facts.life(step.now), State.ACCEPTED))
    own = {row.id for row in facts.files}
    accepted = {row.id for row in facts.accepted_files(step.now)} if wish.is_supplementary else set()
    if not own.issuperset(wish.cameras):
        raise RefersToNothing("cameras", "camera of this system")
    return Acceptance(
        is_supplementary=wish.is_supplementary,
        cameras=wish.cameras or tuple(sorted(own - accepted)),
        built=data_of(record, System).built_at or step.now,
    )


async def record_items(step: Step, data: Acceptance, wish: Items) -> Acceptance:
    return data.model_copy(update={"standards": wish.standards, "items": wish.items})


async def take_part(step: Step, data: Acceptance, wish: TakePart) -> Acceptance:
    """Somebody of one's own body; nobody speaks for another (R5.4)."""
    one = Participant(body=step.body, organisation=step.actor.organisation, name=wish.name)
    return data.model_copy(update={"participants": (*data.participants, one)})


async def attach_report(step: Step, data: Acceptance, wish: Report) -> Acceptance:
    """As it is now: a later version of the paper is not what was brought."""
    hash_ = await hash_of(step.session, wish.report)
    return data.model_copy(update={"report": wish.report, "report_hash": hash_})


# --- conclusion


async def may_pass(step: Step, data: Acceptance) -> Grant | Refusal:
    """A whole record, everybody there who must be, no mandatory item failed (R15.1, R16.1, R16.2)."""
    case = Case(step.law)
    case.join(await may_fail(step, data, "passed"))
    facts = await facts_of(step.session, step.law, await system_of(step), files=())
    case.join(acceptance.took_part(step.law, facts.kind, tried(step, data, "passed")))
    if not data.is_supplementary or data.items:
        case.join(qualification.are_standards_met(step.law, [item.check() for item in data.items]))
    return case.answer()


async def may_fail(step: Step, data: Acceptance, state: str = "failed") -> Grant | Refusal:
    """A failed attempt stays on record too, so it is as whole."""
    facts = await facts_of(step.session, step.law, await system_of(step), files=())
    return acceptance.is_record_complete(step.law, facts.kind, tried(step, data, state))


def tried(step: Step, data: Acceptance, state: str) -> acceptance.Attempt:
    """This attempt as it would be concluded."""
    held = data.model_copy(update={"held": data.held or max(step.now, data.built)})
    found = attempt_of(step.record.subject or step.record.id, held, state, {})
    assert found is not None
    return found


async def conclude_pass(step: Step, data: Acceptance, wish: Conclude) -> Acceptance:
    return await concluded(step, data, wish.held, "passed")


async def conclude_fail(step: Step, data: Acceptance, wish: Conclude) -> Acceptance:
    return await concluded(step, data, wish.held, "failed")


async def concluded(step: Step, data: Acceptance, held: datetime | None, state: str) -> Acceptance:
    """Judged for good by the specification that was in force on that day (R15.3)."""
    at = held or step.now
    consistent(data.built <= at <= step.now, "held before it was built, or at a time to come")
    failed = qualification.warnings(item.check() for item in data.items)
    after = data.model_copy(
        update={
            "held": at,
            "specification": await judged_by(step.session, at),
            "warnings": tuple(f"{one.standard} {one.item}" for one in failed),
        }
    )
    await settle(step, after, state)
    return after


async def revoke(step: Step, data: Acceptance, wish: Revoke) -> Acceptance:
    after = data.model_copy(update={"revoked": step.now, "reason": wish.reason})
    await settle(step, after, "revoked")
    return after


async def settle(step: Step, data: Acceptance, state: str) -> None:
    """A system or camera whose acceptance does not stand any more leaves service, in this transaction."""
    record = await system_of(step)
    mine = (step.record.id, state, data)
    facts = await facts_of(step.session, step.law, record, concluded=mine)
    if record.state != State.IN_SERVICE:
        return
    serving = [row for row in facts.files if row.state == State.IN_SERVICE]
    if not stands(facts, step.now):
        await bring_cameras(step, serving, State.SUSPENDED)
        await bring(step, record, State.SUSPENDED, "acceptance_lost")
        return
    good = {row.id for row in facts.accepted_files(step.now)}
    await bring_cameras(step, [row for row in serving if row.id not in good], State.SUSPENDED)


def stands(facts: Facts, now: datetime) -> bool:
    """Whether the system as a whole is accepted, or need not be."""
    life = facts.life(now)
    return life.has_passed_acceptance or not life.needs_acceptance


async def system_of(step: Step) -> RecordRow:
    """Raises RefersToNothing."""
    if step.record.subject is None:
        raise RefersToNothing("subject", "system")
    return await step.get("system", step.record.subject)


HOLDERS = frozenset({Role.BUILDER, Role.REGISTRAR})
AUTHORITIES = frozenset({Role.CITY_DATA_AUTHORITY, Role.PUBLIC_SECURITY})
OTHERS = frozenset({Role.CONSTRUCTION_UNIT, Role.DEPARTMENT_USER})
OPENED = ("opened",)
ACCEPTANCE = Kind(
    name="acceptance",
    path="acceptances",
    words=Words("竣工验收", "acceptance"),
    order="R16.4",
    prefix="YS",
    data=Acceptance,
    states={
        "opened": Words("组织中", "being held"),
        "passed": Words("合格", "passed"),
        "failed": Words("不合格", "failed"),
        "revoked": Words("已撤销", "revoked"),
    },
    opening=AcceptanceOpening,
    openers=HOLDERS,
    readers=SUPERVISORS | HOLDERS | OTHERS | {Role.ARCHIVIST, Role.GOVERNMENT, Role.AUDITOR},
    subject="record:system",
    open=begin,
    moves=(
        Move(
            "record_items",
            Words("登记逐项结果", "record the items"),
            OPENED,
            STAYS,
            HOLDERS,
            record_items,
            Items,
        ),
        Move(
            "take_part",
            Words("参加验收", "take part"),
            OPENED,
            STAYS,
            HOLDERS | AUTHORITIES | OTHERS,
            take_part,
            TakePart,
        ),
        Move(
            "attach_report",
            Words("附验收报告", "attach the report"),
            OPENED,
            STAYS,
            HOLDERS,
            attach_report,
            Report,
        ),
        Move(
            "conclude_pass",
            Words("验收合格", "conclude: passed"),
            OPENED,
            "passed",
            HOLDERS,
            conclude_pass,
            Conclude,
            may_pass,
        ),
        Move(
            "conclude_fail",
            Words("验收不合格", "conclude: failed"),
            OPENED,
            "failed",
            HOLDERS,
            conclude_fail,
            Conclude,
            may_fail,
        ),
        Move("revoke", Words("撤销验收结论", "revoke"), ("passed",), "revoked", AUTHORITIES, revoke, Revoke),
    ),
)
