"""May this system enter service: one question that lists everything that is missing.

Each part is a question of its own, here joined. Three duties are decided elsewhere (the body responsible for
maintenance, the management systems, the rules on keeping and use): their answers come in as facts.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime

from bingjian.rules.civil import civil_date
from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides
from bingjian.rules.decisions.acceptance import Attempt, is_accepted
from bingjian.rules.decisions.archive import ArchivedUnit, Paper, are_units_archived, is_archive_complete
from bingjian.rules.decisions.connection import Connection, is_tied_in
from bingjian.rules.decisions.qualification import (
    Check,
    Product,
    Unit,
    are_products_qualified,
    are_standards_met,
    are_units_qualified,
)
from bingjian.rules.decisions.surroundings import Place, are_signs_up
from bingjian.rules.decisions.systems import System
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

# Decided elsewhere, and what each asks.
ELSEWHERE = {
    "R23.1": Words("维护责任主体", "the body responsible for maintenance"),
    "R25.1": Words("各项管理制度", "the management systems"),
    "R28.10": Words("信息留存和使用规定", "the rules on keeping and use"),
}


@dataclass(frozen=True, slots=True)
class Readiness:
    """All that is known of a system before it enters service."""

    system: System
    cameras: Set[str]  # that are to be in service, by id
    places: tuple[Place, ...]  # the public ones
    templates: Set[str]  # versions of the uniform notice sign that are in use
    connection: Connection
    products: tuple[Product, ...]
    units: tuple[Unit, ...]
    checks: tuple[Check, ...]
    attempts: tuple[Attempt, ...]
    papers: tuple[Paper, ...]
    archived: tuple[ArchivedUnit, ...]
    jobs: int  # maintenance jobs done so far
    answers: Mapping[str, Grant | Refusal] = field(default_factory=dict)  # by code of ``ELSEWHERE``


@decides("R2.2", "R16.3", "N11", "R23.1", "R25.1", "R28.10")
def may_enter_service(law: Law, ready: Readiness, now: datetime) -> Grant | Refusal:
    """Arts. 2, 11, 13–17, 23, 25 and 28, Decree 799 arts. 11 and 12: everything that still bars service."""
    aware(now=now)
    system, case = ready.system, Case(law)
    case.require(
        bool(ready.cameras),
        "R2.2",
        Words("系统没有登记摄像机", "the system has no cameras"),
        Words("请先登记摄像机", "register its cameras first"),
    )
    for answer in (
        are_signs_up(law, ready.places, ready.templates),
        is_tied_in(law, system, ready.cameras, ready.connection, now),
        are_products_qualified(law, ready.products),
        are_units_qualified(law, ready.units, civil_date(now)),
        are_standards_met(law, ready.checks),
        is_accepted(law, system, ready.cameras, ready.attempts, now),
        is_archive_complete(law, system, ready.papers, ready.jobs),
        are_units_archived(law, system, ready.archived, ready.jobs),
    ):
        case.join(answer)
    for code, what in ELSEWHERE.items():
        _ask_elsewhere(case, code, what, ready.answers.get(code))
    return case.answer()


def _ask_elsewhere(case: Case, code: str, what: Words, answer: Grant | Refusal | None) -> None:
    """Join the answer to another question; what was not asked is refused."""
    if isinstance(answer, Grant) and case.law.binds(code):
        is_its_own = case.law.duty(code).article in answer.articles
        consistent(is_its_own, f"the grant given for {code} answers another question")
    case.require(
        answer is not None,
        code,
        Words(f"尚未核查{what.zh}", f"not looked at yet: {what.en}"),
        Words("请先完成核查", "have it looked at first"),
    )
    if answer is not None:
        case.join(answer)
