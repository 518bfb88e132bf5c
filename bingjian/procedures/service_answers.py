"""Of the questions that a system is asked before it enters service, those about the bodies' own rules.

The catalogue hangs them in where a system asks; session-level, in the transaction of its step.
"""

from uuid import UUID

from bingjian.procedures.contract import firms_of
from bingjian.procedures.known_system import known
from bingjian.procedures.models import RecordRow
from bingjian.procedures.responsibility_facts import responsible_for
from bingjian.procedures.rule_papers import rules_of, systems_of
from bingjian.procedures.step import Step
from bingjian.rules.decision import Grant, Refusal
from bingjian.rules.decisions.keeping import has_keeping_rules
from bingjian.rules.decisions.staffing import has_management_systems


async def management_answer(step: Step, system: RecordRow) -> Grant | Refusal:
    """Art. 25(1): the five management systems of the responsible body, or of the firm it entrusts."""
    responsible = await responsible_for(step.session, system.id, step.now)
    firms = await firms_of(step.session, responsible, system.id) if responsible is not None else []
    every = [await systems_of(step.session, body) for body in keepers(responsible, firms)]
    return has_management_systems(step.law, [one for several in every for one in several], step.now)


async def keeping_answer(step: Step, system: RecordRow) -> Grant | Refusal:
    """Art. 28¶1: the rules of the body that uses the system; where none is named, of whoever answers."""
    user = known(system).user or await responsible_for(step.session, system.id, step.now)
    there = await rules_of(step.session, user) if user is not None else []
    return has_keeping_rules(step.law, there)


def keepers(responsible: UUID | None, firms: list[UUID]) -> list[UUID]:
    return [*firms, responsible] if responsible is not None else firms
