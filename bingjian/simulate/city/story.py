"""The whole city, from its first day to now."""

import asyncio
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from argon2 import PasswordHasher

from bingjian.access.passwords import Hasher, generate
from bingjian.access.service import People
from bingjian.access.sessions import actor_of
from bingjian.api.parts import Parts
from bingjian.clock import SystemClock, utc_now
from bingjian.documents.models import Kept
from bingjian.duties.service import JOB
from bingjian.processes.web import Services, open_services
from bingjian.rules.civil import civil_date
from bingjian.settings import Settings
from bingjian.simulate.city import care, ground, works
from bingjian.simulate.city.files import add_streams
from bingjian.simulate.city.office import City
from bingjian.simulate.city.people import ACCOUNTS, STAFF
from bingjian.simulate.city.sheet import DAYS, SYSTEMS
from bingjian.simulate.city.walk import Gathered, GatheredJournal, WalkingClock

SEED = 20260101


@dataclass(frozen=True, slots=True)
class Built:
    """What the demo needs to know of the city."""

    passwords: dict[str, str]  # of the accounts
    seconds: float  # that it took
    refused: tuple[str, ...]  # codes of what was tried and refused on the way


def is_fresh(settings: Settings) -> bool:
    """Whether nobody has used this state directory."""
    return not settings.journal_dir.exists()


async def build(settings: Settings, streams: list[str]) -> Built:
    """Into a fresh state directory, before the platform starts.

    Args:
        streams: names of the demo's own cameras that belong to the first system.
    """
    began, today = time.monotonic(), civil_date(utc_now(SystemClock()))
    start = today - timedelta(days=DAYS)
    clock = WalkingClock(utc_now(SystemClock()) - timedelta(days=DAYS))
    async with open_services(settings, clock) as services:
        passwords = await people(services, clock, settings.language)
        city = await city_of(services, settings.state_dir, clock, start)
        kept = await ground.kept_papers(city, await ground.drawn_papers(city))
        cameras = await add_streams(city, services.cameras, streams)
        await live(city, kept, cameras)
    return Built(passwords, time.monotonic() - began, tuple(city.refused))


async def people(services: Services, clock: WalkingClock, language: str) -> dict[str, str]:
    """Everybody who works there; the passwords of the accounts.

    Made-up passwords of 100 bits need no slow hash: nobody tries them all, however fast one is.
    """
    passwords = {one.name: generate() for one in ACCOUNTS}
    people = People(
        services.database,
        services.journal,
        Hasher(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)),
        clock,
    )

    await asyncio.gather(
        *(
            people.add_person(
                one.name,
                passwords.get(one.name),
                frozenset(one.roles),
                language,
                organisation=one.organisation,
                areas=one.areas,
            )
            for one in (*ACCOUNTS, *STAFF)
        )
    )
    return passwords


async def city_of(services: Services, folder: Path, clock: WalkingClock, start: date) -> City:
    database, journal = Gathered(services.database), GatheredJournal(services.journal)
    parts = Parts.open(database, journal, clock, folder, None)
    await parts.organisations.seed()
    everybody = await services.people.page(len(ACCOUNTS) + len(STAFF), None)
    people = {row.name: actor_of(row, "") for row in everybody.items}
    return City(parts, database, journal, clock, start, people, Random(SEED))  # noqa: S311  # no secret


async def live(city: City, kept: dict[str, Kept], cameras: list[UUID]) -> None:
    """Everything that is to happen, put on its day; then the days."""
    city.on(0, lambda: ground.keep_papers(city, kept))
    city.on(0, lambda: ground.found_bodies(city))
    city.on(0, lambda: ground.found_places(city))
    city.on(0, lambda: works.prepare_works(city))
    city.on(0, lambda: care.qualify(city))
    lives = {plan.site: works.Life(city, plan, cameras if plan.special == "live" else []) for plan in SYSTEMS}
    city.on(0, lambda: prepare_owners(city, lives))
    for one in lives.values():
        one.schedule()
        care.schedule_filing(one)
    care.schedule_ends(lives)
    care.schedule_notices(city)
    care.schedule_work(city)
    await city.live(DAYS)
    await city.database.together(lambda: finish(city))
    city.database.leave()


async def prepare_owners(city: City, lives: dict[str, works.Life]) -> None:
    """The rules of every body whose systems come into service."""
    done = dict[UUID, works.Life]()
    for one in lives.values():
        if one.plan.state in ("in_service", "suspended", "retired") and one.owner not in done:
            done[one.owner] = one
            await works.prepare_rules(city, one.owner, one.clerk(), one.division, len(done) - 1)


async def finish(city: City) -> None:
    """What everybody owes now."""
    await city.parts.recomputing.run(JOB)
    await city.remind()
