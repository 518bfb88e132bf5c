"""Filing with the police: art. 18 and Decree 799 art. 14. Both clocks run, the earlier ends first (C1).

When it is due, and whether it was on time. What it must hold: ``submission``.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bingjian.rules.civil import DAY, TICK, civil_date, end_of_filing, end_of_natural_day, start_of_day
from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides
from bingjian.rules.edition import Words
from bingjian.rules.holidays import Holidays
from bingjian.rules.law import Law


class Clock(StrEnum):
    """Which duty to file runs."""

    NEW = "filing.new"  # art. 18: from the passed acceptance
    EXISTING = "filing.existing"  # art. 18, third sentence: from the first day of the measures
    USE = "filing.use"  # Decree 799 art. 14: from being put into use
    USED_BEFORE = "filing.used_before"  # the same, in use before the decree: from its first day


@dataclass(frozen=True, slots=True)
class Due:
    """One duty to file, and until when."""

    clock: Clock
    code: str
    begun: date  # the day of the event, which is not counted
    until: datetime  # first instant after the term, UTC
    is_provisional: bool  # the holidays of that year are not announced yet


@dataclass(frozen=True, slots=True)
class Filed:
    """A system as far as filing asks. Instants aware; a system that is not accepted or used yet has None."""

    is_government_invested: bool
    is_government_built: bool  # lies in an area of 10¶1
    is_decree_class_a: bool  # lies in a place of Decree 799 art. 7
    accepted: datetime | None
    used: datetime | None

    def __post_init__(self) -> None:
        aware(accepted=self.accepted, used=self.used)
        if self.accepted is not None and self.used is not None:
            consistent(self.accepted <= self.used, "in use before it was accepted")


@decides("R18.5")
def dues(law: Law, system: Filed, holidays: Holidays) -> tuple[Due, ...]:
    """Every duty to file that has begun, the one that ends first in front (C1, C5)."""
    begun = dict[Clock, datetime]()
    if system.accepted is not None and not (system.is_government_invested or system.is_government_built):
        begun |= _begun(law, system.accepted, Clock.NEW, Clock.EXISTING)
    if system.used is not None and system.is_decree_class_a:
        begun |= _begun(law, system.used, Clock.USE, Clock.USED_BEFORE)
    found = (_due(law, clock, event, holidays) for clock, event in begun.items())
    return tuple(sorted(found, key=lambda due: (due.until, due.clock)))


def _begun(law: Law, event: datetime, clock: Clock, before: Clock) -> dict[Clock, datetime]:
    """What happened before the edition began is filed from its first day on."""
    if clock not in law.limits:
        return {}
    effective = law.edition_of(law.limit(clock).article).effective
    if effective is not None and event < start_of_day(effective):
        return {before: start_of_day(effective)}
    return {clock: event}


def _due(law: Law, clock: Clock, event: datetime, holidays: Holidays) -> Due:
    limit = law.limit(clock)
    until = end_of_filing(event, limit.value, holidays)
    unrolled = end_of_natural_day(event, limit.value) - DAY
    return Due(clock, limit.code, civil_date(event), until, holidays.is_provisional(civil_date(unrolled)))


@decides("R18.1", "R18.4", "N14")
def reminders(law: Law, due: Due) -> tuple[date, ...]:
    """The days to remind of it, before the last day as the term counts it (a rest day may move that)."""
    days = law.number(due.clock)
    left = (law.number(f"filing.remind_{which}") for which in ("first", "again", "last"))
    return tuple(due.begun + (days - each) * DAY for each in left)


@decides("R18.1", "R18.4", "N14")
def is_on_time(law: Law, due: Due, filed: datetime | None, now: datetime) -> Grant | Refusal:
    """Whether a filing kept its term, or still can. A late one is accepted all the same, and is overdue.

    Args:
        filed: when the first complete submission was received (R18.6); None: not yet.
    """
    aware(filed=filed, now=now)
    consistent(filed is None or filed <= now, "filed in the future")
    done = filed if filed is not None else now
    last = civil_date(due.until - TICK)
    days = (civil_date(done) - last).days
    case = Case(law)
    case.require(
        done < due.until,
        due.code,
        Words(
            f"应在 {last} 24:00 前备案，已逾期 {days} 天", f"was due by 24:00 on {last}, {days} days overdue"
        ),
        Words("请立即备案；逾期备案仍会受理", "file now; a late filing is still accepted"),
    )
    return case.answer()
