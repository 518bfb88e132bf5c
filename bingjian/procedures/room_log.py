"""The log of a watch room (art. 31(3)): one a shift, of who came in and went out, and why if not of it.

Who is on the shift's list enters; a visitor does once somebody of the shift has asked for them and somebody
else has approved. A passage is entered as it happens; what is found later is entered as found, beside the
rest, and nothing is rewritten. Closing judges everybody's passages: each that does not match is an alert.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from bingjian.access.decisions import Role
from bingjian.access.models import PersonRow
from bingjian.duties.models import Obligation
from bingjian.inventory.history import HistoryRow
from bingjian.procedures import shift
from bingjian.procedures.alert import ADMITTING, ROOM, Alert
from bingjian.procedures.by_platform import raise_alert
from bingjian.procedures.kinds import STAYS, Kind, Move, Nothing, Opening
from bingjian.procedures.models import RecordRow
from bingjian.procedures.room_log_data import (
    Admit,
    Anomaly,
    Approve,
    Decline,
    Found,
    Passage,
    RoomLog,
    Visit,
    Way,
    Who,
    signed,
)
from bingjian.procedures.step import Step, data_of
from bingjian.rules.decision import Case, Grant, Refusal, all_of, consistent
from bingjian.rules.decisions import conduct
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

CODE = shift.ROOM_CODE
KIND, OPEN, CLOSED, ODD = "room_log", "open", "closed", "not_whole"
MOST = 2_000  # visits, and passages, of one shift
PASSED = ("enter", "leave", "note")  # steps that add one passage each
Listed = Mapping[UUID, str]  # names of accounts


async def begin(step: Step, wish: Opening) -> RoomLog:
    """Of a shift that holds and has no log yet; from now on it is owed that it be closed."""
    of = await shift_of(step)
    consistent(of.state == shift.PUBLISHED, "the shift is not published")
    consistent(not await step.about(of.id, KIND), "the shift has its log already")
    rostered = data_of(of, shift.Shift)
    step.record.division, step.record.organisation = of.division, of.organisation
    log = RoomLog(start=rostered.start, end=rostered.end)
    await step.meet(CODE, subject=of.id)
    if step.law.binds(CODE):
        until = conduct.room_log_until(step.law, log.hours)
        await step.owe(Obligation(CODE, step.subject, of.organisation, step.now, until))
    return log


# --- visitors


async def admit(step: Step, log: RoomLog, wish: Admit) -> RoomLog:
    """Somebody of the shift asks for a visitor."""
    consistent(len(log.visits) < MOST, f"more than {MOST} visits")
    visit = Visit(**wish.model_dump(), asked=signed(step))
    asked = conduct.Visitor(wish.name, wish.reason, asked_by=str(step.actor.id))
    step.require(conduct.may_ask_in(step.law, asked, ids_of(await listed(step))))
    return log.model_copy(update={"visits": (*log.visits, visit)})


async def approve(step: Step, log: RoomLog, wish: Approve) -> RoomLog:
    """Neither whoever asked nor the visitor."""
    visit = asked_for(log, wish.visit)
    who = str(visit.person) if visit.person is not None else visit.name
    by, asked_by = str(step.actor.id), str(visit.asked.by)
    step.require(conduct.may_admit(step.law, conduct.Visitor(who, visit.reason, by, asked_by)))
    return answered(log, wish.visit, visit.model_copy(update={"approved": signed(step)}))


async def decline(step: Step, log: RoomLog, wish: Decline) -> RoomLog:
    visit = asked_for(log, wish.visit)
    told = {"declined": signed(step), "answer": wish.reason}
    return answered(log, wish.visit, visit.model_copy(update=told))


def asked_for(log: RoomLog, number: int) -> Visit:
    """A visit that nobody has answered. Raises UsageError."""
    visit = log.visit(number)
    consistent(visit is not None, f"there is no visit {number}")
    assert visit is not None
    consistent(visit.approved is None and visit.declined is None, f"visit {number} has its answer")
    return visit


def answered(log: RoomLog, number: int, visit: Visit) -> RoomLog:
    visits = list(log.visits)
    visits[number - 1] = visit
    return log.model_copy(update={"visits": tuple(visits)})


# --- passages


async def enter(step: Step, log: RoomLog, wish: Who) -> RoomLog:
    """Who is on the shift's list, or an approved visitor."""
    on = await listed(step)
    passage = await passage_of(step, log, wish, on, Way.IN)
    step.require(may_come_in(step.law, log, passage, on))
    return passed(log, passage)


async def leave(step: Step, log: RoomLog, wish: Who) -> RoomLog:
    """Whoever it is, and whether or not they are known to be inside: it happened."""
    return passed(log, await passage_of(step, log, wish, await listed(step), Way.OUT))


async def note(step: Step, log: RoomLog, wish: Found) -> RoomLog:
    """What was found later: beside what was entered in time, with how it is known."""
    consistent(wish.at <= step.now, "it is still to come")
    passage = await passage_of(step, log, wish, await listed(step), wish.way)
    return passed(log, passage.model_copy(update={"at": wish.at, "found": wish.found}))


async def passage_of(step: Step, log: RoomLog, who: Who, on: Listed, way: Way) -> Passage:
    """Now, of whoever is meant. Raises UsageError: of a visit that is not there."""
    number, person = who.visit, who.person
    if who.name:
        number, person = named(log, who.name, on)
    elif number is None and person is None:
        person = step.actor.id
    if person is not None and person not in on:
        number = last_visit(log, person)
    visit = log.visit(number)
    consistent(number is None or visit is not None, f"there is no visit {number}")
    if visit is not None:
        name, person = visit.name, visit.person
    else:
        name = who.name if person is None else await name_of(step, person)
    now, by = step.now, step.actor.name
    return Passage(name=name, way=way, at=now, by=by, noted=now, visit=number, person=person)


def named(log: RoomLog, name: str, on: Listed) -> tuple[int | None, UUID | None]:
    """A visit and an account: of the shift's staff first, then of the last visitor; else neither."""
    person = next((person for person, known in on.items() if known == name), None)
    visits = [number for number, visit in enumerate(log.visits, 1) if visit.name == name]
    return (visits[-1] if visits and person is None else None), person


def last_visit(log: RoomLog, person: UUID) -> int | None:
    """Its number, of somebody with an account."""
    return next((n for n in range(len(log.visits), 0, -1) if log.visits[n - 1].person == person), None)


def passed(log: RoomLog, passage: Passage) -> RoomLog:
    consistent(len(log.passages) < MOST, f"more than {MOST} entries and exits")
    return log.with_passage(passage)


def may_come_in(law: Law, log: RoomLog, passage: Passage, on: Listed) -> Grant | Refusal:
    """Whether this entry is one that the shift's list, or an approval given before, allows."""
    case = Case(law)
    case.join(conduct.may_enter(law, log.visitor(passage), ids_of(on)))
    case.join(conduct.is_time_to_enter(law, log.hours, passage.person in on, passage.at))
    return case.answer()


# --- closing


async def is_over(step: Step, log: RoomLog) -> Grant | Refusal | None:
    """The shift has ended, or was withdrawn."""
    of = await shift_of(step)
    if of.state != shift.PUBLISHED:
        return None
    return conduct.may_close_room_log(step.law, log.hours, step.now)


async def close(step: Step, log: RoomLog, wish: Nothing) -> RoomLog:
    """Everybody's passages are judged; of each person whose do not match an alert is raised."""
    on, anomalies = await listed(step), list[Anomaly]()
    entries = await entries_of(step)
    for identity in dict.fromkeys(one.identity for one in log.passages):
        theirs = [one for one in log.passages if one.identity == identity]
        shown = [entry for one, entry in zip(log.passages, entries, strict=True) if one.identity == identity]
        if refusals := all_of(is_whole(step.law, log, theirs, on)):
            what = "；".join(f"{one.reason.zh} / {one.reason.en}" for one in refusals)
            anomalies.append(Anomaly(name=theirs[0].name, what=what))
            await report(step, what, theirs, shown)
    await step.meet(CODE)
    return log.model_copy(update={"closed": signed(step), "anomalies": tuple(anomalies)})


def is_whole(law: Law, log: RoomLog, theirs: Sequence[Passage], on: Listed) -> Grant | Refusal:
    """One person's passages, by the name that people know them by; an entry found later is judged now."""
    visit = log.visit(theirs[0].visit)
    name = f"{theirs[0].name}（{visit.unit}）" if visit is not None and visit.unit else theirs[0].name
    case = Case(law)
    case.join(
        conduct.is_room_log_whole(law, [replace(one.judged, person=name) for one in theirs], is_over=True)
    )
    for one in theirs:
        if one.found and one.way is Way.IN:
            case.join(may_come_in(law, log, one, on))
    return case.answer()


async def entries_of(step: Step) -> list[int]:
    """The journal's entry of each passage: of the steps that add one, in their order."""
    query = select(HistoryRow.entry).where(HistoryRow.subject == step.record.id, HistoryRow.act.in_(PASSED))
    return [entry or 0 for entry in await step.session.scalars(query.order_by(HistoryRow.version))]


async def report(step: Step, what: str, theirs: Sequence[Passage], entries: Sequence[int]) -> None:
    """To whoever looks at unusual conduct; it names the person, who never sees it."""
    at, person = [one.at for one in theirs], theirs[0].person
    alert = Alert(
        act=ADMITTING,
        sign=ROOM,
        what=f"{step.record.number} {what}",
        person=person,
        began=min(at),
        last=max(at),
        count=len(theirs),
        entries=tuple(entries),
    )
    await raise_alert(step.session, step.journal, alert, person, step.now)


# --- facts


async def shift_of(step: Step) -> RecordRow:
    assert step.record.subject is not None  # the kind has one
    return await step.get(shift.KIND, step.record.subject)


async def listed(step: Step) -> Listed:
    """Who is on the shift's list now; nobody once it was withdrawn."""
    of = await shift_of(step)
    posts = data_of(of, shift.Shift).posts if of.state == shift.PUBLISHED else {}
    query = select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(posts))
    return {row.id: row.name for row in await step.session.execute(query)}


def ids_of(on: Listed) -> frozenset[str]:
    return frozenset(map(str, on))


async def name_of(step: Step, person: UUID) -> str:
    row = await step.session.get(PersonRow, person)
    return row.name if row is not None else step.actor.name  # the console has no account


STAFF = shift.LEADERS | {Role.WATCHER, Role.CUSTODIAN}
NOW, LATER = (OPEN,), (OPEN, ODD)
ROOM_LOG = Kind(
    name=KIND,
    path="room-logs",
    words=Words("监看场所进出登记", "watch room log"),
    order=CODE,
    prefix="JK",
    data=RoomLog,
    states={
        OPEN: Words("登记中", "open"),
        CLOSED: Words("已关闭", "closed"),
        ODD: Words("已关闭，有异常", "closed with anomalies"),
    },
    opening=Opening,
    openers=shift.LEADERS,
    readers=STAFF | {Role.INSPECTOR, Role.AUDITOR},
    open=begin,
    subject=f"record:{shift.KIND}",
    moves=(
        Move("enter", Words("登记进入", "enter the room"), NOW, STAYS, STAFF, enter, Who),
        Move("leave", Words("登记离开", "leave the room"), NOW, STAYS, STAFF, leave, Who),
        Move("admit", Words("申请来访", "ask for a visitor"), NOW, STAYS, STAFF, admit, Admit),
        Move("approve", Words("批准来访", "approve a visit"), NOW, STAYS, shift.LEADERS, approve, Approve),
        Move("decline", Words("不批准来访", "decline a visit"), NOW, STAYS, shift.LEADERS, decline, Decline),
        Move("note", Words("补登进出", "add what was found later"), LATER, STAYS, STAFF, note, Found),
        Move(
            "close",
            Words("关闭登记", "close the log"),
            NOW,
            CLOSED,
            shift.LEADERS,
            close,
            check=is_over,
            leads=lambda log: ODD if log.anomalies else CLOSED,
        ),
    ),
)
