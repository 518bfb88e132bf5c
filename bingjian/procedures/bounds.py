"""What binds those who supervise, beside their roles: no footage for the office, a period for an inspection.

The office's account belongs to the body that holds the appointment (art. 5¶2); supervision shows figures, and
never footage without a grant (arts. 5¶2, 21). An inspector's account reads, within the period and the area of
an inspection that names it (art. 32). Every refusal is written down before it is said.
"""

from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import EVERYBODY, Actor, Deed, Role, Verb, allowed
from bingjian.access.grants import holds_any
from bingjian.access.models import PersonRow
from bingjian.clock import Clock, utc_now
from bingjian.db.areas import common
from bingjian.db.session import Database
from bingjian.journal.append import Journal
from bingjian.journal.refusals import written_down
from bingjian.procedures.appointment import held_by, holders
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.supervision import inspections_of
from bingjian.procedures.validity import owe_choice
from bingjian.rules.decision import Grant, granted
from bingjian.rules.decisions import offices, supervision

FOOTAGE = frozenset({Verb.LIVE, Verb.PLAYBACK, Verb.PICTURE, Verb.COPY, Verb.CONTROL})
READINGS = {  # what an inspection reads (codes of ``inspection_reading``); procedures are registers
    Verb.REPORT_READ: "figures",
    Verb.BASE_READ: "registers",
    Verb.DUTY_LIST: "registers",
    Verb.DOCUMENT_READ: "proofs",
    Verb.DOCUMENT_ADD: "proofs",  # the papers of their own request to look (art. 22)
    Verb.REGISTER_READ: "registers",
    Verb.GRANT_READ: "registers",
    Verb.JOURNAL_PROVE: "proofs",
}
Some = TypeVar("Some")


class Bounds:
    """Asked before the door."""

    def __init__(self, database: Database, journal: Journal, clock: Clock, lawbook: Lawbook) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._book = lawbook

    async def bound(self, actor: Actor, verb: Verb | Deed) -> Actor:
        """The actor, with the areas that hold for this. Raises Refused."""
        if Role.WORKGROUP_OFFICE in actor.roles and verb in FOOTAGE and not actor.roles & allowed(verb):
            await self._told(actor, verb, self._no_footage())
        if not rests_on_inspection(actor, verb):
            return actor
        return await self._told(actor, verb, self._inspecting(actor, verb))

    async def require_office(self, actor: Actor, roles: frozenset[Role], organisation: UUID | None) -> None:
        """The office's role goes to the body that holds it, or may hold it. Raises Refused."""
        if Role.WORKGROUP_OFFICE in roles and organisation is not None:
            await self._told(actor, Verb.PEOPLE_CHANGE, self._holds_office(organisation))

    async def require_office_still(
        self, actor: Actor, person: UUID, roles: frozenset[Role] | None, organisation: UUID | None
    ) -> None:
        """The same of an account that is changed; what is None stays as it is. Raises Refused."""
        async with self._database.read() as session:
            row = await session.get(PersonRow, person)
        if row is not None:
            roles = row.role_set if roles is None else roles
            await self.require_office(actor, roles, organisation or row.organisation)

    async def announce_end(self) -> None:
        """Have the duty at the end of the measures, as their day of publication asks for it."""

        async def work(session: AsyncSession) -> None:
            await owe_choice(session, self._book, self._now)

        await self._database.run(work)

    @property
    def _now(self) -> datetime:
        return utc_now(self._clock)

    async def _told(self, actor: Actor, verb: Verb | Deed, work: Awaitable[Some]) -> Some:
        return await written_down(self._journal, work, actor, str(verb), None)

    async def _no_footage(self) -> None:
        granted(offices.may_office_view(self._book.whole, has_grant=False))

    async def _holds_office(self, organisation: UUID) -> None:
        async with self._database.read() as session:
            holding = await holders(session, self._book.whole)
        if holding[offices.OFFICE] != organisation:
            held = held_by(holding, organisation)
            granted(offices.may_appoint(self._book.whole, offices.OFFICE, held))

    async def _inspecting(self, actor: Actor, verb: Verb | Deed) -> Actor:
        async with self._database.read() as session:
            inspections = await inspections_of(session, actor.id)
            has_grant = verb in FOOTAGE and await holds_any(session, actor.id, self._now)
        law, now = self._book.at(self._now), self._now
        areas = [area for one in inspections for area in one.areas]
        looks = {area: look_at(verb, area, has_grant=has_grant) for area in [*areas, ""]}
        answers = {area: supervision.may_look(law, inspections, looks[area], now) for area in areas}
        inspected = [area for area, answer in answers.items() if isinstance(answer, Grant)]
        if not inspected:
            granted(next(iter(answers.values()), supervision.may_look(law, (), looks[""], now)))
        return replace(actor, areas=common(actor.areas, inspected))


def rests_on_inspection(actor: Actor, verb: Verb | Deed) -> bool:
    """Whether only the inspector's role could allow it."""
    if Role.INSPECTOR not in actor.roles or allowed(verb) == EVERYBODY:
        return False
    return not (actor.roles - {Role.INSPECTOR}) & allowed(verb)


def look_at(verb: Verb | Deed, area: str, *, has_grant: bool) -> supervision.Look:
    """What is asked for, as the rules want to know it.

    Args:
        has_grant: the account is named in a grant of art. 22 that holds; which one, and what it shows, is the
            door's to ask.
    """
    reads = "registers" if isinstance(verb, Deed) else READINGS.get(verb, "")
    if Role.INSPECTOR not in allowed(verb):
        reads = ""
    return supervision.Look(area, reads, verb in FOOTAGE, has_grant)
