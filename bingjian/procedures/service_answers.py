"""Of the questions that a system is asked before it enters service, those about the bodies' own rules.

For ``answers`` of ``rules.decisions.service.Readiness``; session-level, in the transaction of whoever asks.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.procedures.rule_papers import rules_of, systems_of
from bingjian.rules.decision import Grant, Refusal
from bingjian.rules.decisions.keeping import has_keeping_rules
from bingjian.rules.decisions.staffing import has_management_systems
from bingjian.rules.law import Law


async def answers_of(
    session: AsyncSession, law: Law, responsible: UUID | None, user: UUID | None, now: datetime
) -> dict[str, Grant | Refusal]:
    """By the code of the duty.

    Args:
        responsible: the body responsible for maintenance, or the firm it entrusts (R25.1); None: nobody is.
        user: the body that uses the system (R28.10); None: not known, then the responsible one is asked.
    """
    keeper = user or responsible
    systems = await systems_of(session, responsible) if responsible is not None else []
    rules = await rules_of(session, keeper) if keeper is not None else []
    return {
        "R25.1": has_management_systems(law, systems, now),
        "R28.10": has_keeping_rules(law, rules),
    }
