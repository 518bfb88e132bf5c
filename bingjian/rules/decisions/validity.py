"""From when until when the city's measures are in force, and what goes on after them: art. 36."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bingjian.rules.civil import DAY, start_of_day
from bingjian.rules.decision import Case, Grant, Refusal, UsageError, aware, decides, named
from bingjian.rules.edition import Edition, Words
from bingjian.rules.law import Law, Standing, standing

VALIDITY = "measures.validity"
REMINDERS = "measures.reminder."  # keys of the days before the last one on which the end is announced
CHOICES = "after_end"


def measures(law: Law) -> Edition:
    """The edition that ends by itself. ``law`` is all of it, not what binds at an instant."""
    return law.edition_of(law.limit(VALIDITY).article)


@decides("R36.1")
def arises(law: Law, code: str, event: datetime) -> bool:
    """Whether a duty binds what happens at ``event``: not before 00:00 of its edition's first day, and of an
    edition that has ended only its protections. What stood before is filed all the same (R18.4)."""
    aware(event=event)
    return law.at(event).binds(code)


@dataclass(frozen=True, slots=True)
class Readings:
    """The last day in force, in both readings of "from the day of publication" (requirements 5.6)."""

    counted: date  # the day of publication counts; this one decides
    not_counted: date  # it does not: one day longer; recorded


@decides("R36.2")
def last_days(law: Law) -> Readings | None:
    """When the measures end; None while they are not published."""
    last = measures(law).expiry
    return None if last is None else Readings(last, last + DAY)


@dataclass(frozen=True, slots=True)
class Reminder:
    """That the measures are about to end."""

    days: int  # before the last day
    at: datetime  # 00:00 in China of that day, UTC


@decides("R36.2")
def reminders(law: Law) -> tuple[Reminder, ...]:
    """All announcements of the end, the first one in front; none while there is no end."""
    readings = last_days(law)
    if readings is None:
        return ()
    days = sorted(
        (limit.value for key, limit in law.limits.items() if key.startswith(REMINDERS)), reverse=True
    )
    return tuple(Reminder(each, start_of_day(readings.counted - each * DAY)) for each in days)


@decides("R36.2")
def reminded(law: Law, now: datetime) -> Reminder | None:
    """The announcement that stands at ``now``: the last one begun; none before them or after the end."""
    aware(now=now)
    begun = [reminder for reminder in reminders(law) if reminder.at <= now]
    return begun[-1] if begun and standing(measures(law), now) is Standing.IN_FORCE else None


@decides("R36.2")
def is_settled(law: Law, choice: str, now: datetime) -> Grant | Refusal:
    """Art. 36: once the measures have ended, the office must say what follows them.

    Args:
        choice: code of ``after_end``; empty: nothing said yet.
    """
    aware(now=now)
    readings, choices = last_days(law), named(law, CHOICES, law.codes(CHOICES))
    if choice and choice not in law.codes(CHOICES):
        raise UsageError(f"{CHOICES} has no code {choice!r}")
    last = None if readings is None else readings.counted
    case = Case(law)
    case.require(
        bool(choice) or standing(measures(law), now) is not Standing.EXPIRED,
        "R36.2",
        Words(f"本办法有效期已于 {last} 届满", f"the measures ended with {last}"),
        Words(f"请由专班办公室选择：{choices.zh}", f"the workgroup office chooses: {choices.en}"),
    )
    return case.answer()


class Basis(StrEnum):
    """What a duty rests on at an instant."""

    IN_FORCE = "in_force"
    HIGHER_LAW = "higher_law"  # of an edition that has ended: goes on under higher law (arts. 9, 27, 28, 31)
    NO_LOCAL_BASIS = "no_local_basis"  # its edition has ended; reported so
    NOT_YET = "not_yet"


@decides("R36.3")
def basis(law: Law, code: str, now: datetime) -> Basis:
    """Art. 36: after the end duties are reported without local basis, protections go on. Nothing is freed.

    Raises:
        UsageError: the law has no such duty.
    """
    aware(now=now)
    stands = standing(law.edition_of(law.duty(code).article), now)
    if stands is Standing.IN_FORCE:
        return Basis.IN_FORCE
    if stands is Standing.COMING:
        return Basis.NOT_YET
    return Basis.HIGHER_LAW if law.at(now).binds(code) else Basis.NO_LOCAL_BASIS
