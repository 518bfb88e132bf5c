"""The city while it is being made: its services, its people, and the days on which things happen."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from bingjian.access.decisions import Actor, Role
from bingjian.api.parts import Parts
from bingjian.inventory.organisations import body_id
from bingjian.inventory.place_rows import PartRow, PlaceRow
from bingjian.procedures.models import RecordRow
from bingjian.rules.civil import civil_date
from bingjian.rules.decision import Refused
from bingjian.simulate.city.walk import Gathered, GatheredJournal, WalkingClock

Deed = Callable[[], Awaitable[None]]
OPENS = timedelta(hours=1, minutes=5)  # 09:05 in China, in UTC
PAUSE_S = (40, 200)  # between two things that are done on one day


@dataclass
class City:
    """What the modules of the story share."""

    parts: Parts
    database: Gathered
    journal: GatheredJournal
    clock: WalkingClock
    start: date  # the first day
    people: dict[str, Actor]
    random: Random
    bodies: dict[str, UUID] = field(default_factory=dict)  # operators and firms, by key
    sites: dict[str, PlaceRow] = field(default_factory=dict)  # by name
    site_parts: dict[str, list[PartRow]] = field(default_factory=dict)
    papers: dict[tuple[str, str], UUID] = field(default_factory=dict)  # by key and division
    systems: dict[str, RecordRow] = field(default_factory=dict)  # by site
    cameras: dict[str, list[UUID]] = field(default_factory=dict)  # by site
    checks: dict[str, RecordRow] = field(default_factory=dict)  # daily ones, by site
    refused: list[str] = field(default_factory=list)  # what was tried and refused, by code
    _agenda: dict[int, list[Deed]] = field(default_factory=lambda: defaultdict(list))

    # --- days

    def on(self, day: int, deed: Deed) -> None:
        """Have something done on a day, counted from the first; after what is planned for it already."""
        self._agenda[day].append(deed)

    async def live(self, days: int) -> None:
        """Go through the days, each in one transaction; what is due is noted as the platform does."""
        for day in range(days):
            self.clock.walk_to(self.instant(day))
            if deeds := self._agenda.pop(day, []):
                await self.database.together(lambda deeds=deeds: self._done(deeds))  # type: ignore[misc]
            if day % 7 == 6:
                await self.database.together(self.remind)

    async def _done(self, deeds: list[Deed]) -> None:
        for deed in deeds:
            self.pause()
            await deed()
        await self.journal.settle()

    async def remind(self) -> None:
        """Note what is due, as the platform does at its instant."""
        while await self.parts.clockwork.round():
            pass
        await self.journal.settle()

    def pause(self) -> None:
        self.clock.walk(timedelta(seconds=self.random.randint(*PAUSE_S)))

    def instant(self, day: int) -> datetime:
        """When the offices open on a day."""
        midnight = datetime.combine(self.start + timedelta(days=day), datetime.min.time())
        return midnight.replace(tzinfo=self.clock.now.tzinfo) + OPENS

    def date(self, days: int = 0) -> str:
        """Today, or so many days later, as forms have it."""
        return (civil_date(self.clock.now) + timedelta(days=days)).isoformat()

    def paper(self, key: str, division: str = "") -> UUID:
        """The district's own, else the city's."""
        return self.papers.get((key, division)) or self.papers[key, ""]

    # --- people

    def acting(self, who: str, *roles: Role, body: UUID | None = None) -> Actor:
        """A person of the city; with another body's name on the desk where they act for it."""
        actor = self.people[who]
        return replace(actor, roles=frozenset(roles) or actor.roles, organisation=body or actor.organisation)

    # --- procedures

    async def open(self, who: Actor, kind: str, title: str, /, **wish: Any) -> RecordRow:
        found = self.parts.procedures.kinds[kind]
        return await self.parts.procedures.open(found, found.opening(title=title, **wish), who)

    async def step(self, who: Actor, record: RecordRow, name: str, /, **wish: Any) -> RecordRow:
        """Take a step on the newest version."""
        kind = self.parts.procedures.kinds[record.kind]
        async with self.database.read() as session:
            version = (await session.get_one(RecordRow, record.id)).version
        body = kind.move(name).body.model_validate(wish)
        return await self.parts.procedures.move(kind, record.id, name, version, body, who)

    async def refuse(self, tried: Awaitable[object]) -> None:
        """Have something tried that the law refuses; the refusal is in the journal."""
        try:
            await tried
        except Refused as refused:
            self.refused.append(refused.refusal.code)


def government(division: str) -> UUID:
    return body_id("district_government", division)


def police(division: str) -> UUID:
    return body_id("public_security", division)
