"""Orders, incidents, cases and works by random steps over the real service, against their plan."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from bingjian.access.decisions import Actor, Role
from bingjian.db.session import Database
from bingjian.inventory.history import history_of
from bingjian.inventory.organisations import Organisations, body_id
from bingjian.journal.append import Journal
from bingjian.procedures.catalogue import KINDS
from bingjian.procedures.kinds import Kind, Move
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.procedures.service import Procedures
from bingjian.rules.decision import Refused
from tests.backend import StillClock, kinds, sqlite_as_new

BODIES = {  # of each kind: who acts, how it begins, and what its steps bring
    "rectification": "workgroup_office",
    "incident": "public_security",
    "case": "public_security",
    "support_request": "housing",
}
LATER, EARLIER = "2026-01-01T05:00:00Z", "2026-01-01T03:00:00Z"
OPENINGS: Mapping[str, dict[str, Any]] = {
    "rectification": {
        "organisation": str(body_id("workgroup_office")),
        "theme": "use",
        "text": "改",
        "due": LATER,
    },
    "incident": {"act": "block_device", "happened": EARLIER},
    "case": {"code": "R28.1", "facts": [{"text": "x"}]},
    "support_request": {"works": ["pipeline"]},
}
# What a step brings, beside what every text, number and flag of a form may be.
MADE: Mapping[str, Any] = {
    "due": LATER,
    "fact": {"text": "y"},
    "help": "power",
    "works": "pipeline",
    "paper": {"works": "pipeline", "body": "housing", "reference": "1"},
    "is_given": True,
    "is_verified": True,
}
SEED = {"rectification": "issued", "incident": "opened", "case": "opened", "support_request": "asked"}
NAMED = {kind.name: kind for kind in KINDS}


@asynccontextmanager
async def service(folder: Path) -> AsyncIterator[tuple[Procedures, Database, Journal]]:
    clock = StillClock()
    database = await sqlite_as_new()
    journal = Journal.open(folder / "journal", clock)
    await Organisations(database, journal, clock).seed()
    yield Procedures(database, journal, clock, KINDS, Lawbook(None)), database, journal
    journal.close()
    await database.close()


def brought(move: Move) -> dict[str, Any] | None:
    """A body for a step; None: it wants a paper or a record, which there is none of here."""
    made = {}
    for name, field in move.body.model_fields.items():
        if not field.is_required():
            continue
        if name not in MADE and field.annotation is not str:
            return None
        made[name] = MADE.get(name, "一")
    return made


async def walk(folder: Path, name: str, steps: list[int]) -> None:
    kind = NAMED[name]
    actor = Actor(uuid4(), "甲", frozenset(Role), "zh", organisation=body_id(BODIES[name]))
    able = [move for move in kind.moves if brought(move) is not None]
    async with service(folder) as (procedures, database, journal):
        row = await procedures.open(
            kind, kind.opening.model_validate({"title": "走", **OPENINGS[name]}), actor
        )
        state, version = SEED[name], 1
        for number in steps:
            move = able[number % len(able)]
            taken = await tried(procedures, kind, row.id, move, version, actor)
            if taken is None:
                assert (await kinds(journal))[-1] == "refusal"
            else:
                assert state in move.source, (state, move.name)
                state, version = move.target or state, version + 1
            now = await read(database, row.id)
            assert (now.state, now.version) == (state, version)
        async with database.read() as session:
            history = await history_of(session, row.id)
        assert [one.version for one in history] == list(range(version, 0, -1))


async def tried(
    procedures: Procedures, kind: Kind, record: UUID, move: Move, version: int, actor: Actor
) -> RecordRow | None:
    wish = move.body.model_validate(brought(move))
    try:
        return await procedures.move(kind, record, move.name, version, wish, actor)
    except Refused:
        return None


async def read(database: Database, record: UUID) -> RecordRow:
    async with database.read() as session:
        return await session.get_one(RecordRow, record)


@given(st.sampled_from(sorted(BODIES)), st.integers(0, 2**32), st.integers(1, 12))
@settings(max_examples=16, deadline=None)
def test_random_steps_keep_to_the_plan_of_their_kind(name: str, seed: int, length: int) -> None:
    numbers = random.Random(seed)  # a walk, not a secret
    with TemporaryDirectory() as folder:
        asyncio.run(walk(Path(folder), name, [numbers.randrange(100) for _ in range(length)]))
