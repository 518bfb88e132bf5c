"""What people in posts of watch and management have passed: trainings (art. 25(2)), vetting (Decree 16)."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from bingjian.access.decisions import Role
from bingjian.duties.models import Evidence
from bingjian.duties.owing import meet, owe
from bingjian.procedures.kinds import Code, Data, DocumentId, Kind, Move, Opening, PersonId, Text, said
from bingjian.procedures.posts import KIND, PASSED, POSTS, training_duties
from bingjian.procedures.step import Step
from bingjian.rules.civil import civil_date, start_of_day
from bingjian.rules.decision import consistent
from bingjian.rules.decisions import staffing
from bingjian.rules.edition import Words

Given = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Training(Data):
    what: Code = said(
        "项目", "What was passed", of="training,post_safeguard"
    )  # of ``training`` or ``post_safeguard``
    passed: date = said("合格日期", "Passed on")
    trainer: str = said("培训或者审查单位", "Trained or vetted by", default="")
    certificate: DocumentId | None = said("证明文件", "Certificate", default=None)
    confirmed_by: PersonId | None = said("确认人", "Confirmed by", default=None)
    note: str = said("说明", "Note", default="")


class TrainingOpening(Opening):
    what: Code = said("项目", "What was passed", of="training,post_safeguard")
    passed: date = said("合格日期", "Passed on")
    trainer: Given = said("培训或者审查单位", "Trained or vetted by")
    certificate: DocumentId = said("证明文件", "Certificate")


class Revoke(Data):
    note: Text = said("撤销原因", "Why it is revoked", min_length=1)


async def begin(step: Step, wish: TrainingOpening) -> Training:
    """Raises UsageError: a kind nobody knows, or a day to come."""
    known = {**step.law.codes("training"), **step.law.codes("post_safeguard")}
    consistent(wish.what in known, f"nothing that the law asks of a post: {wish.what}")
    consistent(wish.passed <= civil_date(step.now), "passed on a day that is still to come")
    return Training(what=wish.what, passed=wish.passed, trainer=wish.trainer, certificate=wish.certificate)


async def confirm(step: Step, training: Training, wish: Data) -> Training:
    """From now on it counts; what the person owes follows."""
    person = person_of(step)
    step.require(staffing.may_confirm_training(step.law, str(person), str(step.actor.id)))
    after = training.model_copy(update={"confirmed_by": step.actor.id})
    await settle(step, person, plus=staffing.Training(after.what, start_of_day(after.passed)))
    return after


async def revoke(step: Step, training: Training, wish: Revoke) -> Training:
    """It was not passed after all, or the proof was false."""
    if step.record.state == PASSED:
        passed = staffing.Training(training.what, start_of_day(training.passed))
        await settle(step, person_of(step), minus=passed)
    return training.model_copy(update={"note": wish.note})


async def settle(
    step: Step,
    person: UUID,
    plus: staffing.Training | None = None,
    minus: staffing.Training | None = None,
) -> None:
    """Have the person's duties follow one training more or less.

    The one that a duty waited for meets it; the next, the same kind again before it runs out, is owed then.
    """
    evidence = Evidence(step.record.kind, step.record.id)
    if plus is not None:
        await meet(step.session, person, "R25.3", evidence, step.now, plus.kind)
    for duty in await training_duties(step.session, step.law, person, step.now, plus, minus):
        await owe(step.session, duty)


def person_of(step: Step) -> UUID:
    assert step.record.subject is not None  # the kind has one
    return step.record.subject


OFFICE = frozenset({Role.SHIFT_LEAD, Role.REGISTRAR, Role.PUBLIC_SECURITY, Role.WORKGROUP_OFFICE})
TRAINING = Kind(
    name=KIND,
    path="trainings",
    words=Words("人员培训", "training"),
    order="R25.3",
    prefix="PX",
    data=Training,
    states={
        "recorded": Words("待确认", "to be confirmed"),
        PASSED: Words("合格", "passed"),
        "revoked": Words("已撤销", "revoked"),
    },
    opening=TrainingOpening,
    openers=OFFICE,
    readers=OFFICE | POSTS | {Role.INSPECTOR, Role.AUDITOR},
    open=begin,
    subject="person",
    moves=(
        Move("confirm", Words("确认", "confirm"), ("recorded",), PASSED, OFFICE, confirm),
        Move("revoke", Words("撤销", "revoke"), ("recorded", PASSED), "revoked", OFFICE, revoke, Revoke),
    ),
)
