"""Who may take a post of watch or management: both trainings of art. 25(2), the safeguards of Decree 16¶2."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import EVERYBODY, Actor, Deed, Role, Verb, allowed
from bingjian.access.models import PersonRow
from bingjian.access.service import CONSOLE
from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.duties.models import Obligation, Subject
from bingjian.journal.append import Journal
from bingjian.journal.refusals import written_down
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.procedures.stored import stored
from bingjian.rules.civil import start_of_day
from bingjian.rules.decision import Case, Grant, Refusal, all_of, granted
from bingjian.rules.decisions import entrusting, staffing
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

# Watch and management, as art. 25(2) means them (who R25.3 binds: watchers, administrators, custodians).
POSTS = frozenset({Role.WATCHER, Role.SHIFT_LEAD, Role.CUSTODIAN, Role.SYSADMIN})
KIND, PASSED = "training", "passed"
CODE = "R25.3"
DISTRICT = 6  # digits of a division's code (GB/T 2260)
TrainingMode = Literal["enforce", "warn"]


class Posts:
    """Bars posts to whoever is not trained (R25.3), or only says so."""

    def __init__(
        self, database: Database, journal: Journal, clock: Clock, lawbook: Lawbook, mode: TrainingMode
    ) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._lawbook = lawbook
        self._mode = mode

    async def missing(self, actor: Actor) -> tuple[Refusal, ...]:
        """What this person lacks for the posts that they hold; nothing if they hold none."""
        if not actor.roles & POSTS or actor.id == CONSOLE:
            return ()
        return all_of(await self._judge(actor.id))

    async def trained(self, person: UUID) -> list[tuple[str, Words, datetime | None]]:
        """Each kind of training that posts take, its words, and until when this person has it."""
        now = utc_now(self._clock)
        law = self._lawbook.at(now)
        async with self._database.read() as session:
            ends = staffing.trained(law, await trainings_of(session, person), now)
        return [(kind, law.words("training", kind), ends.get(kind)) for kind in law.codes("training")]

    async def require(self, actor: Actor, asked: Verb | Deed) -> None:
        """Raises Refused: only a post of theirs would let them, and they are not trained for it.

        What everybody may (signing out, reading the law) hangs on no post. The console is the machine itself.
        """
        may = allowed(asked)
        mine = actor.roles & may
        if self._mode == "warn" or may == EVERYBODY or not mine or mine - POSTS or actor.id == CONSOLE:
            return
        await written_down(self._journal, self._require(actor.id), actor, str(asked), None)

    async def _require(self, person: UUID) -> None:
        granted(await self._judge(person))

    async def _judge(self, person: UUID) -> Grant | Refusal:
        now = utc_now(self._clock)
        async with self._database.read() as session:
            return await may_take_post(session, self._lawbook.at(now), person, now)


async def may_take_post(session: AsyncSession, law: Law, person: UUID, now: datetime) -> Grant | Refusal:
    """Whether this person may work in a post of watch or management now; everything that is missing."""
    return judged(law, await trainings_of(session, person), now)


def judged(law: Law, passed: Sequence[staffing.Training], now: datetime) -> Grant | Refusal:
    """The same of what somebody has passed. The platform's posts are key posts as the decree means them."""
    case = Case(law)
    case.join(staffing.may_take_post(law, passed, now))
    kinds = frozenset(each.kind for each in passed if each.passed <= now)
    case.join(entrusting.may_take_post(law, True, entrusting.safeguards_of(kinds)))
    return case.answer()


async def trainings_of(session: AsyncSession, person: UUID) -> list[staffing.Training]:
    """What the person has passed, vetting included."""
    query = select(RecordRow.data_json).where(
        RecordRow.subject == person, RecordRow.kind == KIND, RecordRow.state == PASSED
    )
    return [training_of(text) for text in await session.scalars(query)]


def training_of(text: str) -> staffing.Training:
    """Of a record's data."""
    found = stored(text)
    return staffing.Training(found["what"], start_of_day(found.date("passed")))


# --- what is owed


async def training_duties(
    session: AsyncSession,
    law: Law,
    person: UUID,
    now: datetime,
    plus: staffing.Training | None = None,
    minus: staffing.Training | None = None,
) -> list[Obligation]:
    """What the person owes with one training more, or less, than the records have."""
    row = await session.get(PersonRow, person)
    if row is None:
        return []
    passed = await trainings_of(session, person)
    passed += [plus] if plus is not None else []
    if minus in passed:
        passed.remove(minus)
    return list(owed_by(law, row, passed, now))


def owed_by(
    law: Law, person: PersonRow, passed: Sequence[staffing.Training], now: datetime
) -> Iterable[Obligation]:
    """Each training again before it runs out; what was never passed is due at once.

    Only while the person holds the roles: not before their contract begins, nor after it has ended.
    """
    if not law.binds(CODE) or not person.is_open(now) or not person.role_set & POSTS:
        return
    area = person.area_codes[0] if len(person.area_codes) == 1 else ""
    subject = Subject("person", person.id, person.name, area if len(area) == DISTRICT else "")
    ends = staffing.trained(law, passed, now)
    for kind in law.codes("training"):
        end, since = ends.get(kind), [each.passed for each in passed if each.kind == kind]
        yield Obligation(
            code=CODE,
            subject=subject,
            owner=person.organisation,
            begun=max(since, default=person.created_at),
            due=end,
            key=kind,
            reminders=() if end is None else (staffing.remind_at(law, "training.remind", end),),
        )


async def every_person_owes(session: AsyncSession, law: Law, now: datetime) -> AsyncIterator[Obligation]:
    """What all people with a post owe, as their records are."""
    passed = dict[UUID, list[staffing.Training]]()
    query = select(RecordRow.subject, RecordRow.data_json)
    query = query.where(RecordRow.kind == KIND, RecordRow.state == PASSED)
    for person, text in await session.execute(query):
        if person is not None:
            passed.setdefault(person, []).append(training_of(text))
    for row in await session.scalars(select(PersonRow).order_by(PersonRow.id)):
        for obligation in owed_by(law, row, passed.get(row.id, []), now):
            yield obligation
